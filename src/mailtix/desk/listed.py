"""Tickets in a table, each with what can be tapped. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from mailtix.model.decision import Row, Table, Tap
from mailtix.model.desk import Agent
from mailtix.model.ticket import Ticket

HEADS = ("Number", "Subject", "From", "Status", "Priority", "Age", "Due")


def as_table(tickets: Sequence[Ticket], title: str, agent: Agent, now: datetime) -> Table:
    """The tickets as that agent sees them, in their order."""
    return Table(title, HEADS, tuple(_row(ticket, agent, now) for ticket in tickets))


def _row(ticket: Ticket, agent: Agent, now: datetime) -> Row:
    requester = ticket.requester
    due = _due(ticket)
    cells = (
        ticket.number,
        ticket.subject or "(no subject)",
        requester.name or requester.email,
        ticket.status.replace("_", " "),
        ticket.priority,
        span(now - ticket.created_at),
        "" if due is None else (f"{span(now - due)} late" if due <= now else span(due - now)),
    )
    return Row(tuple(map(str, cells)), taps(ticket, agent))


def taps(ticket: Ticket, agent: Agent) -> tuple[Tap, ...]:
    """What that agent may want to do with a ticket that he sees in a list."""
    commands = {"Show": "#show"}
    if not ticket.status.is_done:
        own = ticket.assignee == agent.key
        commands = ({} if own else {"Take": "#take"}) | {"Resolve": "#resolve"} | commands
    return tuple(Tap(label, line, ticket.id, ticket.number, ticket.subject) for label, line in commands.items())


def _due(ticket: Ticket) -> datetime | None:
    """The moment that an open ticket is bound to first; the first answer binds until it is given."""
    if ticket.status.is_done:
        return None
    first = ticket.first_response_due if ticket.first_response_at is None else None
    moments = (first, ticket.next_response_due, ticket.resolution_due, ticket.due_at)
    return min((moment for moment in moments if moment is not None), default=None)


def span(length: timedelta) -> str:
    """A length of time in its largest unit: 12m, 5h, 3d."""
    minutes = max(0, int(length / timedelta(minutes=1)))
    if minutes < 60:
        return f"{minutes}m"
    return f"{minutes // 60}h" if minutes < 48 * 60 else f"{minutes // (24 * 60)}d"
