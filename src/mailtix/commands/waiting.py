"""Commands about time: sleeping tickets, and what was promised."""

from __future__ import annotations

from datetime import time

from mailtix.commands.grammar import Command
from mailtix.commands.situation import Situation
from mailtix.commands.sorting import OFF
from mailtix.commands.times import moment
from mailtix.commands.wrong import Wrong
from mailtix.model.change import Change, DueSet, Snoozed

_MORNING, _EVENING = time(9), time(17)


def snooze(command: Command, situation: Situation) -> tuple[Change, ...] | Wrong:
    """#snooze WHEN: a day without an hour is the beginning of the agent's shift, else nine o'clock"""
    if command.name.lower() == OFF:
        return (Snoozed(None),)
    if situation.ticket.status.is_done:
        return Wrong(f"the ticket is {situation.ticket.status}, so nothing of it needs to sleep; #reopen it first")
    shift = situation.agent.shift
    until = moment(command.name, situation.now, situation.zone, shift.begin if shift else _MORNING)
    return until if isinstance(until, Wrong) else (Snoozed(until),)


def due(command: Command, situation: Situation) -> tuple[Change, ...] | Wrong:
    """#due WHEN: a day without an hour is the end of the agent's shift, else five o'clock"""
    if command.name.lower() == OFF:
        return (DueSet(None),)
    shift = situation.agent.shift
    evening = shift.end if shift and shift.end > shift.begin else _EVENING
    at = moment(command.name, situation.now, situation.zone, evening)
    return at if isinstance(at, Wrong) else (DueSet(at),)
