"""The story of a ticket's clocks: what counts, what stands and why, and how the sum compares with the promise. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from mailtix.model.ticket import Ticket
from mailtix.sla.clock import Clock, clocks, standing, stopped
from mailtix.sla.deadlines import due_of
from mailtix.sla.policy import Target, Terms, policy_of


class State(StrEnum):
    """How it stands with a target. STANDS: a pause holds it up; ENDED: the ticket is done and it was never reached."""

    MET = "met"
    MISSED = "missed"
    REACHED = "reached, nothing was promised"
    RUNNING = "running"
    OVERDUE = "overdue"
    STANDS = "stands still"
    ENDED = "never reached"
    UNPROMISED = "running, nothing is promised"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a clock's time. `because` says why it does not count, "" when it does; `working` is the working time in
    it, which of a pause is left out of the sum."""

    begin: datetime
    end: datetime
    because: str
    working: timedelta


@dataclass(frozen=True, slots=True)
class Story:
    """What a clock has seen until it stopped, or until now. `used` is the sum of the stretches that count."""

    target: Target
    state: State
    started_at: datetime
    stopped_at: datetime | None
    due_at: datetime | None
    allowed: timedelta | None
    used: timedelta
    stretches: tuple[Stretch, ...]


def stories(ticket: Ticket, terms: Terms, now: datetime) -> tuple[Story, ...]:
    """The story of each of a ticket's clocks, by the policy that is in force now."""
    policy = policy_of(ticket, terms)
    return tuple(_story(clock, ticket, now) for clock in clocks(ticket, policy))


def _story(clock: Clock, ticket: Ticket, now: datetime) -> Story:
    if clock.stopped_at is not None:
        clock = stopped(clock, clock.stopped_at)
    end = clock.stopped_at or now
    stretches = tuple(_stretches(clock, end))
    used = sum((stretch.working for stretch in stretches if not stretch.because), timedelta(0))
    due = due_of(clock.target, ticket)
    state = _state(clock, ticket, due, now)
    return Story(clock.target, state, clock.started_at, clock.stopped_at, due, clock.allowed, used, stretches)


def _stretches(clock: Clock, end: datetime) -> Iterator[Stretch]:
    """The time until `end` without a gap: what counts, and the pauses between."""
    here = clock.started_at
    for pause in sorted(clock.pauses, key=lambda pause: pause.begin):
        begin, stop = max(pause.begin, here), min(pause.end or end, end)
        if begin >= stop:
            continue
        if begin > here:
            yield Stretch(here, begin, "", clock.calendar.working_between(here, begin))
        yield Stretch(begin, stop, pause.because, clock.calendar.working_between(begin, stop))
        here = stop
    if here < end:
        yield Stretch(here, end, "", clock.calendar.working_between(here, end))


def _state(clock: Clock, ticket: Ticket, due: datetime | None, now: datetime) -> State:
    if clock.stopped_at is not None:
        if due is None:
            return State.REACHED
        return State.MET if clock.stopped_at <= due else State.MISSED
    if due is not None and due <= now:
        return State.MISSED if ticket.status.is_done else State.OVERDUE
    if ticket.status.is_done:
        return State.ENDED
    if clock.allowed is None:
        return State.UNPROMISED
    return State.STANDS if standing(ticket.pauses) else State.RUNNING
