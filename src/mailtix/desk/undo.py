"""#undo: the last mail of an agent to a ticket is taken back, as far as nobody else has built on it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mailtix.commands.grammar import Command
from mailtix.commands.wrong import Wrong
from mailtix.desk.errand import Errand, Handlers
from mailtix.desk.restoring import restored
from mailtix.model.change import MessageDiscarded, Noted, Restored
from mailtix.model.conversation import Conversation, Spoken, Trace
from mailtix.model.copies import replace
from mailtix.model.decision import AskThread
from mailtix.model.ticket import Ticket, Visibility
from mailtix.tickets.describe import describe

# Fields that people know; others follow from them.
_NAMED = frozenset(
    {
        "status", "priority", "category", "assignee", "team", "tags", "participants", "watchers", "fields",
        "snoozed_until", "due_at", "escalation",
    }
)  # fmt: skip
# What a mail does that no field of the ticket holds, and that stays.
_STAYS = {
    "absorbed": "the merging stays, and what was done along with it",
    "link": "the link to {new} stays",
    "requester": "the requester stays {new}; say #requester {old}",
}


def undo(errand: Errand, command: Command) -> str | Wrong:
    """Fields go back where they still have the value that the mail gave them, and an answer that waits stays here."""
    found = errand.facts.conversations.get(errand.ticket.id)
    if found is None:
        errand.draft.ask(AskThread(errand.ticket.id))
        return "is still to be looked up"
    if errand.draft.changes or errand.draft.others or errand.words[-1]:
        return Wrong("#undo stands alone in a mail; nothing else is done along with it")
    cause = _last_of(errand, found)
    if isinstance(cause, Wrong):
        return cause
    asked = command.argument.upper()
    if asked and asked != cause:
        return Wrong(
            "you have written again since that mail, and only your last one can be taken back; say #undo for it"
        )
    return _take_back(errand, command, found, cause)


def _last_of(errand: Errand, found: Conversation) -> str | Wrong:
    """The last mail of the agent that has done something here."""
    own = [line for line in found.history if line.actor == errand.agent.key and line.cause.startswith("J")]
    own = [line for line in own if line.field != "refused"]
    if not own:
        return Wrong("no mail of yours has changed this ticket, so there is nothing to take back")
    last = [line for line in own if line.cause == own[-1].cause]
    if any(line.field == "undo" for line in last):
        return Wrong("your last mail here took another one back; that is not undone, give the commands again instead")
    if errand.draft.now - last[-1].at > errand.policy.undo:
        return Wrong(f"your last mail here is of {last[-1].at:%Y-%m-%d %H:%M} UTC, too long ago to take it back")
    return last[-1].cause


@dataclass(slots=True)
class _Report:
    """What goes back, and what does not, with the reasons."""

    back: list[str]
    stays: list[str]


def _take_back(errand: Errand, command: Command, found: Conversation, cause: str) -> str | Wrong:
    report = _Report([], [])
    lines = [line for line in found.history if line.cause == cause]
    waiting = [mail for mail in found.answers if mail.cause == cause and mail.waits]
    left = [mail for mail in found.answers if mail.cause == cause and not mail.waits]
    if left:
        report.stays.append(f"the answer to {_and(mail.to for mail in left)} has left and cannot be taken back")
        # what follows from the answer stays with it, what was ordered besides goes back
        lines = [line for line in lines if line.actor != errand.agent.key or line.because.startswith("#")]
    because, key = errand.because(command), errand.agent.key
    said = [] if left else _own_words(errand, found, cause)
    report.stays += [_STAYS[line.field].format(old=line.old, new=line.new) for line in lines if line.field in _STAYS]
    if any(line.field == "absorbed" for line in lines):
        lines = [line for line in lines if line.field == "first_response_at"]
    values = restored(errand.ticket, found.history, lines, report.stays)
    if said:
        values |= _unanswered(errand.ticket, found, said, lines)
    if not (values or said):
        return Wrong("; ".join(report.stays) or "your last mail here has changed nothing that could go back")
    errand.draft.change(Noted("undo", f"the mail {cause} was taken back"), key, because)
    errand.silent = bool(waiting)  # the customer has heard nothing of what is taken back
    for message in said:
        errand.draft.change(MessageDiscarded(message.id, message.sender, "was taken back"), key, because)
        kind = "your note" if message.visibility is Visibility.INTERNAL else "your answer"
        report.back.append(f"{kind} is taken back{', and nobody gets it' if waiting else ''}")
    if values:
        change = Restored(tuple(values.items()))
        report.back += [describe(errand.ticket, Restored((one,))).text for one in change.values if one[0] in _NAMED]
        errand.draft.change(change, key, because)
    errand.draft.take_back(mail.id for mail in waiting)
    return "; ".join([*report.back, *report.stays])


def _own_words(errand: Errand, found: Conversation, cause: str) -> list[Spoken]:
    """The messages of that mail that are still part of the conversation."""
    own = [message for message in found.messages if f"J{message.journal}" == cause]
    return [m for m in own if m.sender == errand.agent.key and m.visibility is not Visibility.DISCARDED]


def _unanswered(
    ticket: Ticket, found: Conversation, said: Sequence[Spoken], lines: Sequence[Trace]
) -> dict[str, object]:
    """Whose answer is taken back has not answered: the customer waits as before."""
    gone = {message.id for message in said}
    rest = replace(found, messages=tuple(message for message in found.messages if message.id not in gone))
    values: dict[str, object] = {}
    if rest.waiting_since != ticket.waiting_since:
        values["waiting_since"] = rest.waiting_since
    first = [line.new for line in lines if line.field == "first_response_at"]
    if ticket.first_response_at is not None and ticket.first_response_at.isoformat() in first:
        values["first_response_at"] = None
    return values


def _and(words: Iterable[str]) -> str:
    return " and ".join(dict.fromkeys(words))


HANDLERS: Handlers = {"undo": undo}
