"""Carries out the commands of an agent's mail, one after the other, each on the ticket as the one before left it."""

from __future__ import annotations

from collections.abc import Iterable

from mailtix.authorise.permissions import no_command
from mailtix.commands.grammar import Command
from mailtix.commands.meaning import understand
from mailtix.commands.wrong import Wrong
from mailtix.desk import (
    canned,
    elsewhere,
    escalating,
    handing,
    held,
    helping,
    looking,
    mine,
    overtaken,
    resuming,
    several,
    undo,
)
from mailtix.desk.errand import Errand, Handlers
from mailtix.model.change import StatusChanged
from mailtix.model.copies import replace
from mailtix.tickets.describe import describe
from mailtix.tickets.moves import refusal


def obey(errand: Errand, commands: Iterable[Command]) -> None:
    """Does what the commands say, and notes in the errand what was done and what is wrong."""
    company, permissions = errand.facts.company, errand.policy.commands.permissions
    for command in commands:
        if no := no_command(errand.agent, command.word, company, permissions):
            errand.wrong.append(f"{command.shown}: {no}")
            continue
        said = _HANDLERS.get(command.word, _change)(errand, command)
        (errand.wrong if isinstance(said, Wrong) else errand.done).append(f"{command.shown}: {said}")


def _change(errand: Errand, command: Command) -> str | Wrong:
    """A command that only changes the ticket."""
    meaning = understand(command, errand.situation)
    if isinstance(meaning, Wrong):
        return meaning
    lines, before = [], errand.ticket
    for change in meaning:
        if isinstance(change, StatusChanged) and (no := refusal(errand.ticket.status, change.to)):
            return Wrong(no)
        lines.append(describe(errand.ticket, change).text)
        errand.asked.append(change)
        errand.draft.change(change, errand.agent.key, errand.because(command))
    same = " (as it was already)" if replace(errand.ticket, updated_at=before.updated_at) == before else ""
    return "; ".join(lines) + same


def _note(errand: Errand, command: Command) -> str | Wrong:
    """The whole mail stays among colleagues."""
    if not (command.argument or errand.words[-1] or errand.facts.mail.attachments):
        return Wrong("#note needs a text, behind it or below it")
    errand.internal = True
    errand.words.insert(0, command.argument)
    return "a note that only the desk sees"


_HANDLERS: Handlers = {
    "note": _note,
    **canned.HANDLERS,
    **escalating.HANDLERS,
    **handing.HANDLERS,
    **helping.HANDLERS,
    **looking.HANDLERS,
    **mine.HANDLERS,
    **overtaken.HANDLERS,
    **several.HANDLERS,
    **elsewhere.HANDLERS,
    **held.HANDLERS,
    **resuming.HANDLERS,
    **undo.HANDLERS,
}
