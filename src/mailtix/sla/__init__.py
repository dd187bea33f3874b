"""When a ticket should have its first answer and its solution, and when to warn (24 hours, 7 days)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailtix.model.change import TargetsSet
from mailtix.model.decision import TimerPlan
from mailtix.model.ticket import Priority, Ticket

__all__ = ["Targets", "Terms", "targets", "timers"]


@dataclass(frozen=True, slots=True)
class Targets:
    """How long a priority may wait for its first response and for its resolution."""

    first_response: timedelta
    resolution: timedelta


@dataclass(frozen=True, slots=True)
class Terms:
    """What was promised: targets by priority, and the share of the time (0 to 1) after which to warn."""

    by_priority: Mapping[Priority, Targets]
    warn_at: float = 0.75


def targets(ticket: Ticket, terms: Terms, restart: datetime | None = None) -> TargetsSet:
    """The due times of a ticket by its priority. The first response counts from the opening; the resolution from
    `restart` when the ticket is opened again just then, else from where it counted before."""
    start = restart or ticket.resolution_from or ticket.created_at
    promised = terms.by_priority.get(ticket.priority)
    if promised is None:
        return TargetsSet(None, None, start)
    return TargetsSet(ticket.created_at + promised.first_response, start + promised.resolution, start)


def timers(ticket: Ticket, terms: Terms) -> frozenset[TimerPlan]:
    """The moments at which a ticket's targets want attention, as the ticket stands: none once they are met."""
    if ticket.status.is_done:
        return frozenset()
    plans: set[TimerPlan] = set()
    if ticket.first_response_at is None and ticket.first_response_due:
        plans |= _pair("first_response", ticket.created_at, ticket.first_response_due, terms.warn_at)
    if ticket.resolution_due:
        start = ticket.resolution_from or ticket.created_at
        plans |= _pair("resolution", start, ticket.resolution_due, terms.warn_at)
    return frozenset(plans)


def _pair(name: str, start: datetime, due: datetime, share: float) -> set[TimerPlan]:
    return {TimerPlan(f"{name}_warning", start + (due - start) * share), TimerPlan(f"{name}_breach", due)}
