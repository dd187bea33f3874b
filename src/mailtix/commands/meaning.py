"""What a command means for a ticket: changes, or the mistake in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mailtix.commands import people, sorting, waiting
from mailtix.commands.grammar import Command
from mailtix.commands.situation import Held as Held
from mailtix.commands.situation import Situation as Situation
from mailtix.commands.wrong import Wrong as Wrong
from mailtix.model.change import Change, MessageReleased, ParticipantJoined, StatusChanged
from mailtix.model.ticket import Status

Meaning = Callable[[Command, Situation], "tuple[Change, ...] | Wrong"]


def understand(command: Command, situation: Situation) -> tuple[Change, ...] | Wrong:
    """The changes that the command asks for, or what is wrong with it (a sentence for the agent)."""
    meaning = _MEANINGS.get(command.word)
    return meaning(command, situation) if meaning else Wrong(f"#{command.word} does nothing here")


def _status(status: Status) -> Meaning:
    return lambda command, situation: (StatusChanged(status),)


def _allow(command: Command, situation: Situation) -> tuple[Change, ...] | Wrong:
    """One sender is let in at a time: who allows the one he was told of must not let in another with him. A mail that
    only claims to be from an agent is never let in; the agent himself says it again, with his key."""
    waiting = [held for held in situation.held if situation.company.agent(held.sender) is None]
    if not waiting:
        return Wrong("nothing waits beside this ticket, so there is nothing to allow")
    senders = sorted({held.sender for held in waiting})
    wanted = command.argument.lower().strip("<>") or senders[0]
    if not command.argument and len(senders) > 1:
        return Wrong(f"more than one sender waits; say whom to let in: {' or '.join(f'#allow {s}' for s in senders)}")
    if wanted not in senders:
        return Wrong(f"nothing of {command.argument} waits beside this ticket; there waits: {', '.join(senders)}")
    changes: list[Change] = []
    for held in (held for held in waiting if held.sender == wanted):
        changes.append(MessageReleased(held.message, held.sender))
        if held.sender:
            changes.append(ParticipantJoined(held.sender))
    return tuple(changes)


_MEANINGS: Mapping[str, Meaning] = {
    "resolve": _status(Status.RESOLVED),
    "close": _status(Status.CLOSED),
    "reopen": _status(Status.REOPENED),
    "status": sorting.status,
    "priority": sorting.priority,
    "category": sorting.category,
    "tag": sorting.tag,
    "untag": sorting.untag,
    "field": sorting.field,
    "take": people.take,
    "assign": people.assign,
    "unassign": people.unassign,
    "watch": people.watch,
    "unwatch": people.unwatch,
    "cc": people.cc,
    "uncc": people.uncc,
    "requester": people.requester,
    "snooze": waiting.snooze,
    "due": waiting.due,
    "allow": _allow,
}
