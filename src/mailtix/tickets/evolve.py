"""ticket, change → ticket."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from mailtix.model.change import (
    Absorbed,
    AddressFailed,
    AddressWorks,
    Assigned,
    CannedUsed,
    CategoryChanged,
    Change,
    CloseWarned,
    DueSet,
    Escalated,
    FieldSet,
    Linked,
    Merged,
    MessageAdded,
    MessageDiscarded,
    MessageReleased,
    MessageTaken,
    Noted,
    Opened,
    ParticipantJoined,
    ParticipantLeft,
    Paused,
    PolicyAsked,
    PriorityChanged,
    Rated,
    RequesterChanged,
    Responded,
    Restored,
    Resumed,
    Snoozed,
    StatusChanged,
    Tagged,
    TargetMet,
    TargetMissed,
    TargetsSet,
    TeamChanged,
    Unanswered,
    Untagged,
    Unwatched,
    Watched,
)
from mailtix.model.copies import replace
from mailtix.model.ticket import Author, Pause, Person, Status, Ticket, Visibility


def evolve(ticket: Ticket | None, change: Change, company: str, now: datetime) -> Ticket:
    """The ticket with one change applied. Only `Opened` may (and must) come to no ticket.

    Whether a move is legal is asked before (tickets.moves); what was decided is applied as it is.
    """
    if ticket is None:
        if not isinstance(change, Opened):
            raise ValueError(f"{type(change).__name__} needs a ticket; only Opened begins one")
        return _opened(change, company, now)
    changed = _changed(ticket, change, now)
    return changed if changed.updated_at == now else replace(changed, updated_at=now)


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
        status_since=now,
        owner_since=now,
        participants=(requester,) if requester else (),
        answerable=change.answerable,
    )


def _changed(ticket: Ticket, change: Change, now: datetime) -> Ticket:
    match change:  # what comes with every mail is asked first
        case MessageAdded():
            return _said(ticket, change, now)
        case TargetsSet():
            return _due(ticket, change)
        case Noted() | MessageReleased() | MessageDiscarded() | Linked() | TargetMet() | TargetMissed() | CannedUsed():
            return ticket
        case TeamChanged(to=team):
            return replace(ticket, team=team)
        case StatusChanged(to=status):
            return _in_status(ticket, status, now)
        case MessageTaken():  # what a customer wrote, and nobody has answered here
            return replace(ticket, waiting_since=ticket.waiting_since or now)
        case Absorbed():
            return _absorbed(ticket, change)
        case PriorityChanged(to=priority):
            return replace(ticket, priority=priority)
        case CategoryChanged(to=category):
            return replace(ticket, category=category)
        case Assigned(to=assignee):
            since = now if assignee != ticket.assignee else ticket.owner_since
            given = replace(ticket, assignee=assignee, owner_since=since)
            return _in_status(given, Status.ASSIGNED, now) if assignee and ticket.status is Status.OPEN else given
        case Tagged(tag=tag):
            return replace(ticket, tags=ticket.tags | {tag})
        case Untagged(tag=tag):
            return replace(ticket, tags=ticket.tags - {tag})
        case ParticipantJoined(email=email):
            return replace(ticket, participants=tuple(dict.fromkeys((*ticket.participants, email))))
        case ParticipantLeft(email=email):
            return replace(ticket, participants=tuple(p for p in ticket.participants if p != email))
        case Watched(agent=agent):
            return replace(ticket, watchers=tuple(dict.fromkeys((*ticket.watchers, agent))))
        case Unwatched(agent=agent):
            return replace(ticket, watchers=tuple(w for w in ticket.watchers if w != agent))
        case FieldSet(name=name, value=value):
            kept = {known: what for known, what in ticket.fields.items() if known != name}
            return replace(ticket, fields=kept | {name: value} if value else kept)
        case Snoozed(until=until):
            # what it waits for is waited for anew, once it is awake
            return replace(ticket if until else _anew(ticket, now), snoozed_until=until)
        case DueSet(at=due):
            return replace(ticket, due_at=due)
        case Escalated(level=level):
            return replace(ticket, escalation=level)
        case CloseWarned(at=at):
            return replace(ticket, close_warned_at=at)
        case Merged(into=into):
            return replace(_in_status(ticket, Status.CLOSED, now), merged_into=into)
        case Restored(values=values):
            back = replace(ticket, **dict(values))  # type: ignore[arg-type]  # the names and values of a ticket
            owner = ticket.owner_since if back.assignee == ticket.assignee else now
            return replace(back if back.status is ticket.status else _anew(back, now), owner_since=owner)
        case Paused(because=because):
            return ticket if _is_paused(ticket) else replace(ticket, pauses=(*ticket.pauses, Pause(now, None, because)))
        case Resumed():
            return replace(ticket, pauses=tuple(replace(p, end=p.end or now) for p in ticket.pauses))
        case PolicyAsked(policy=policy):
            return replace(ticket, sla_asked=policy)
        case Responded(at=at):
            return replace(ticket, first_response_at=ticket.first_response_at or at)
        case Unanswered():
            return replace(ticket, first_response_at=None, waiting_since=ticket.waiting_since or now)
        case AddressFailed(email=email, reason=reason):
            return _marked(ticket, email, reason)
        case AddressWorks(email=email):
            return _marked(ticket, email, "")
        case RequesterChanged(email=email, name=name):
            others = tuple(p for p in ticket.participants if p not in (ticket.requester.email, email))
            return replace(ticket, requester=Person(0, email, name), participants=(email, *others), answerable=True)
        case Rated(rating=rating, feedback=feedback):
            return replace(ticket, rating=rating, feedback=feedback)
        case Opened():
            raise ValueError("a ticket is opened only once")
        case _:
            assert_never(change)


_HEARD = (Visibility.PUBLIC, Visibility.INTERNAL)


def _said(ticket: Ticket, message: MessageAdded, now: datetime) -> Ticket:
    """The customer waits from his first word that nobody has answered. A machine's mail is neither word nor answer."""
    if message.kind != "human" or message.visibility not in _HEARD or message.author is Author.SYSTEM:
        return ticket
    if message.visibility is not Visibility.PUBLIC:
        return replace(ticket, spoken_at=now)
    if message.author is Author.CUSTOMER:
        return replace(ticket, spoken_at=now, waiting_since=ticket.waiting_since or now)
    asked = _anew(ticket, now) if ticket.status is Status.WAITING_CUSTOMER else ticket
    return replace(asked, spoken_at=now, waiting_since=None)


def _anew(ticket: Ticket, now: datetime) -> Ticket:
    """It has its status from now on, whatever it has had before."""
    return replace(ticket, status_since=now, close_warned_at=None)


def _absorbed(ticket: Ticket, change: Absorbed) -> Ticket:
    return replace(
        ticket,
        first_response_at=change.first_response_at,
        waiting_since=change.waiting_since,
        resolution_from=change.resolution_from or ticket.resolution_from,
    )


def _is_paused(ticket: Ticket) -> bool:
    return any(pause.end is None for pause in ticket.pauses)


def _due(ticket: Ticket, targets: TargetsSet) -> Ticket:
    return replace(
        ticket,
        first_response_due=targets.first_response_due,
        next_response_due=targets.next_response_due,
        resolution_due=targets.resolution_due,
        resolution_from=targets.resolution_from,
        sla_policy=targets.policy,
    )


def _marked(ticket: Ticket, email: str, reason: str) -> Ticket:
    if email != ticket.requester.email:
        return ticket
    return replace(ticket, requester=replace(ticket.requester, undeliverable=reason))


def _in_status(ticket: Ticket, status: Status, now: datetime) -> Ticket:
    """resolved_at and closed_at say since when; reopening clears both, and an escalation begins anew. Closing
    unresolved work resolves it too."""
    resolved, closed = ticket.resolved_at, ticket.closed_at
    if status is Status.RESOLVED:
        resolved, closed = now, None
    elif status is Status.CLOSED:
        resolved, closed = resolved or now, now
    elif status is not Status.CANCELLED:
        resolved = closed = None
    level = 0 if ticket.status.is_done and not status.is_done else ticket.escalation
    moved = ticket if status is ticket.status else _anew(ticket, now)
    return replace(moved, status=status, resolved_at=resolved, closed_at=closed, escalation=level)
