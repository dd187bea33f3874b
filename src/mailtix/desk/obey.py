"""Carries out the commands of an agent's mail, one after the other, each on the ticket as the one before left it."""

from __future__ import annotations

from collections.abc import Iterable

from mailtix.commands.grammar import Command
from mailtix.commands.meaning import Situation, Wrong, understand
from mailtix.desk.errand import Errand, Handlers
from mailtix.model.change import StatusChanged
from mailtix.tickets.describe import describe
from mailtix.tickets.moves import refusal


def obey(errand: Errand, commands: Iterable[Command]) -> None:
    """Does what the commands say, and notes in the errand what was done and what is wrong."""
    for command in commands:
        said = _HANDLERS.get(command.word, _change)(errand, command)
        (errand.wrong if isinstance(said, Wrong) else errand.done).append(f"{command.line}: {said}")


def _change(errand: Errand, command: Command) -> str | Wrong:
    """A command that only changes the ticket."""
    held = errand.facts.held.get(errand.ticket.id, ())
    meaning = understand(command, Situation(errand.facts.company, errand.agent, held))
    if isinstance(meaning, Wrong):
        return meaning
    lines = []
    for change in meaning:
        if isinstance(change, StatusChanged) and (no := refusal(errand.ticket.status, change.to)):
            return Wrong(no)
        lines.append(describe(errand.ticket, change).text)
        errand.asked.append(change)
        errand.draft.change(change, errand.agent.key, errand.because(command))
    return "; ".join(lines)


def _note(errand: Errand, command: Command) -> str | Wrong:
    """The whole mail stays among colleagues."""
    errand.internal = True
    errand.words.insert(0, command.argument)
    return "a note that only the desk sees"


_HANDLERS: Handlers = {"note": _note}
