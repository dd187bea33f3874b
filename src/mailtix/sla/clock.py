"""How long something has taken, and when it is due: working time, without the pauses of the ticket. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailtix.model.copies import replace
from mailtix.model.making import quickly_made
from mailtix.model.ticket import Pause, Ticket
from mailtix.sla.calendar import Calendar
from mailtix.sla.policy import TARGETS, Policy, Target


@quickly_made
@dataclass(frozen=True, slots=True)
class Clock:
    """The time of one target. `stopped_at` None: it is still to be reached; `allowed` None: nothing is promised."""

    target: Target
    started_at: datetime
    stopped_at: datetime | None
    allowed: timedelta | None
    calendar: Calendar
    pauses: tuple[Pause, ...] = ()

    def due_at(self) -> datetime | None:
        """When the allowed time is over. None when nothing is promised, or while a pause holds it up."""
        return None if self.allowed is None else self.after(self.allowed)

    def after(self, amount: timedelta) -> datetime | None:
        """When so much working time has been counted; None while a pause holds that up, or when it is too far ahead."""
        begin, left = self.started_at, amount
        if self.pauses:
            for begin, end in self.stretches():
                if end is None or (worked := self.calendar.working_between(begin, end)) >= left:
                    break
                left -= worked
            else:
                return None
        try:
            return self.calendar.add_working(begin, left)
        except OverflowError:
            return None

    def worked(self, now: datetime) -> timedelta:
        """The working time that it has counted until it stopped, or until `now`."""
        end = self.stopped_at or now
        begins = ((begin, min(stop or end, end)) for begin, stop in self.stretches() if begin < end)
        return sum((self.calendar.working_between(*stretch) for stretch in begins), timedelta(0))

    def stretches(self) -> Iterator[tuple[datetime, datetime | None]]:
        """The times that count, in order: between the pauses. The end of the last is None, when no pause goes on."""
        here = self.started_at
        if not self.pauses:
            yield here, None
            return
        # One that ended before it began, because the clock was put back meanwhile, has taken no time.
        lived = (pause for pause in self.pauses if pause.end is None or pause.end > pause.begin)
        for pause in sorted(lived, key=lambda pause: pause.begin):
            if pause.begin > here:
                yield here, pause.begin
            if pause.end is None:
                return
            here = max(here, pause.end)
        yield here, None


def clocks(ticket: Ticket, policy: Policy) -> tuple[Clock, ...]:
    """The clocks of a ticket. That for the next response is there only while a customer waits for one."""
    return tuple([clock_of(target, ticket, policy) for target in TARGETS if has_clock(target, ticket)])


def has_clock(target: Target, ticket: Ticket) -> bool:
    """Whether there is anything to count: a next response comes after a first one, to somebody who waits for it."""
    if target is not Target.NEXT_RESPONSE:
        return True
    return ticket.waiting_since is not None and ticket.first_response_at is not None


def is_running(target: Target, ticket: Ticket) -> bool:
    """Whether a target of a ticket is still to be reached."""
    return has_clock(target, ticket) and _times(target, ticket)[1] is None


def clock_of(target: Target, ticket: Ticket, policy: Policy) -> Clock:
    """The clock of one target. It must have one."""
    calendar, allowed = policy.calendar(ticket.priority), policy.allowed(target, ticket.priority)
    started, stopped = _times(target, ticket)
    return Clock(target, started, stopped, allowed, calendar, ticket.pauses)


def stopped(clock: Clock, at: datetime) -> Clock:
    """The clock as it was when its target was reached: a pause that went on then has ended with it."""
    pauses = [replace(p, end=min(p.end or at, at)) for p in clock.pauses if p.begin < at]
    return replace(clock, stopped_at=at, pauses=tuple(pauses))


def standing(pauses: Sequence[Pause]) -> Pause | None:
    """The pause that goes on, if any."""
    return next((pause for pause in pauses if pause.end is None), None)


def _times(target: Target, ticket: Ticket) -> tuple[datetime, datetime | None]:
    match target:
        case Target.FIRST_RESPONSE:
            # What was merged into the ticket may have waited for longer than the ticket itself.
            first = min(ticket.created_at, ticket.waiting_since or ticket.created_at)
            return first, ticket.first_response_at
        case Target.NEXT_RESPONSE:
            return ticket.waiting_since or ticket.created_at, None
        case Target.RESOLUTION:
            return ticket.resolution_from or ticket.created_at, _ended(ticket)


def _ended(ticket: Ticket) -> datetime | None:
    if not ticket.status.is_done:
        return None
    return ticket.resolved_at or ticket.closed_at or ticket.updated_at
