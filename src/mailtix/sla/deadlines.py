"""The moments at which a ticket's targets want attention. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from mailtix.model.decision import TimerPlan
from mailtix.model.ticket import Ticket
from mailtix.sla.clock import Clock, clocks
from mailtix.sla.policy import TARGETS, Target, Terms, policy_of


def timers(ticket: Ticket, terms: Terms) -> frozenset[TimerPlan]:
    """The warnings and the breach of each target that is still to be reached, as the ticket stands. None while the
    clock stands, for then nothing comes nearer."""
    if ticket.status.is_done:
        return frozenset()
    found: list[TimerPlan] = []
    for clock in clocks(ticket, policy_of(ticket, terms)):
        due = due_of(clock.target, ticket)
        if clock.stopped_at is None and due is not None:
            found += _plans(clock, due, terms)
    return frozenset(found)


def due_of(target: Target, ticket: Ticket) -> datetime | None:
    """When that target is due, by the ticket; None when nothing is promised, or while the clock stands."""
    due: datetime | None = getattr(ticket, _DUE[target])
    return due


_DUE = {target: f"{target.value}_due" for target in TARGETS}


def _plans(clock: Clock, due: datetime, terms: Terms) -> Iterator[TimerPlan]:
    yield TimerPlan(f"{clock.target}_breach", due)
    for early in terms.warn_at:
        at = None if clock.allowed is None else clock.after(_elapsed(clock.allowed, early))
        if at is not None and clock.started_at < at < due:
            yield TimerPlan(f"{clock.target}_warning", at)


def _elapsed(allowed: timedelta, early: float | timedelta) -> timedelta:
    """The working time after which to warn; negative where the whole target is shorter than the time before its end."""
    return allowed - early if isinstance(early, timedelta) else allowed * early
