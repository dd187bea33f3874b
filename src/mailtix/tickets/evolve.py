"""ticket, change → ticket."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from mailtix.model.change import (
    AddressFailed,
    AddressWorks,
    Assigned,
    CategoryChanged,
    Change,
    MessageAdded,
    MessageReleased,
    Noted,
    Opened,
    ParticipantJoined,
    PriorityChanged,
    Rated,
    RequesterChanged,
    Responded,
    StatusChanged,
    Tagged,
    TargetsSet,
    TeamChanged,
    Unanswered,
    Untagged,
)
from mailtix.model.ticket import Person, Status, Ticket


def evolve(ticket: Ticket | None, change: Change, company: str, now: datetime) -> Ticket:
    """The ticket with one change applied. Only `Opened` may (and must) come to no ticket.

    Whether a move is legal is asked before (tickets.moves); what was decided is applied as it is.
    """
    if ticket is None:
        if not isinstance(change, Opened):
            raise ValueError(f"{type(change).__name__} needs a ticket; only Opened begins one")
        return _opened(change, company, now)
    return replace(_changed(ticket, change, now), updated_at=now)


def _opened(change: Opened, company: str, now: datetime) -> Ticket:
    requester = change.requester.email
    return Ticket(
        id=0,
        company=company,
        number="",
        subject=change.subject,
        requester=change.requester,
        mailbox=change.mailbox,
        source=change.source,
        created_at=now,
        updated_at=now,
        participants=(requester,) if requester else (),
        answerable=change.answerable,
    )


def _changed(ticket: Ticket, change: Change, now: datetime) -> Ticket:
    match change:
        case MessageAdded() | MessageReleased() | Noted():
            return ticket
        case StatusChanged(to=status):
            return _in_status(ticket, status, now)
        case PriorityChanged(to=priority):
            return replace(ticket, priority=priority)
        case CategoryChanged(to=category):
            return replace(ticket, category=category)
        case Assigned(to=assignee):
            status = Status.ASSIGNED if assignee and ticket.status is Status.OPEN else ticket.status
            return replace(ticket, assignee=assignee, status=status)
        case TeamChanged(to=team):
            return replace(ticket, team=team)
        case Tagged(tag=tag):
            return replace(ticket, tags=ticket.tags | {tag})
        case Untagged(tag=tag):
            return replace(ticket, tags=ticket.tags - {tag})
        case ParticipantJoined(email=email):
            return replace(ticket, participants=tuple(dict.fromkeys((*ticket.participants, email))))
        case Responded(at=at):
            return replace(ticket, first_response_at=ticket.first_response_at or at)
        case Unanswered():
            return replace(ticket, first_response_at=None)
        case AddressFailed(email=email, reason=reason):
            return _marked(ticket, email, reason)
        case AddressWorks(email=email):
            return _marked(ticket, email, "")
        case RequesterChanged(email=email, name=name):
            others = tuple(p for p in ticket.participants if p not in (ticket.requester.email, email))
            return replace(ticket, requester=Person(0, email, name), participants=(email, *others), answerable=True)
        case TargetsSet(first_response_due=first, resolution_due=resolution, resolution_from=start):
            return replace(ticket, first_response_due=first, resolution_due=resolution, resolution_from=start)
        case Rated(rating=rating, feedback=feedback):
            return replace(ticket, rating=rating, feedback=feedback)
        case Opened():
            raise ValueError("a ticket is opened only once")
        case _:
            assert_never(change)


def _marked(ticket: Ticket, email: str, reason: str) -> Ticket:
    if email != ticket.requester.email:
        return ticket
    return replace(ticket, requester=replace(ticket.requester, undeliverable=reason))


def _in_status(ticket: Ticket, status: Status, now: datetime) -> Ticket:
    """resolved_at and closed_at say since when; reopening clears both. Closing unresolved work resolves it too."""
    resolved, closed = ticket.resolved_at, ticket.closed_at
    if status is Status.RESOLVED:
        resolved, closed = now, None
    elif status is Status.CLOSED:
        resolved, closed = resolved or now, now
    elif status is not Status.CANCELLED:
        resolved = closed = None
    return replace(ticket, status=status, resolved_at=resolved, closed_at=closed)
