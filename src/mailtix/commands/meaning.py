"""What a command means for a ticket: changes, or the mistake in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mailtix.commands import people, sorting, waiting
from mailtix.commands.grammar import Command
from mailtix.commands.situation import Held as Held
from mailtix.commands.situation import Situation as Situation
from mailtix.commands.wrong import Wrong as Wrong
from mailtix.model.change import Change, StatusChanged
from mailtix.model.ticket import Status

Meaning = Callable[[Command, Situation], "tuple[Change, ...] | Wrong"]


def understand(command: Command, situation: Situation) -> tuple[Change, ...] | Wrong:
    """The changes that the command asks for, or what is wrong with it (a sentence for the agent)."""
    meaning = _MEANINGS.get(command.word)
    return meaning(command, situation) if meaning else Wrong(f"#{command.word} does nothing here")


def _status(status: Status) -> Meaning:
    return lambda command, situation: (StatusChanged(status),)


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
}
