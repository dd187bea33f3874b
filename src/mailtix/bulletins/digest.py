"""An agent's digest: what is overdue, due today, his turn, still open, nobody's, and what happened meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from mailtix.bulletins.content import Content
from mailtix.model.decision import Row, Table, Tap
from mailtix.model.desk import Agent
from mailtix.model.ticket import Status, Ticket
from mailtix.recurring import Due
from mailtix.render.words import Words
from mailtix.store import digests
from mailtix.store.engine import Session

# Of a longer list the rest is only counted: the mail is to be read in a minute.
_ROWS = 15
_HIS_TURN = (Status.WAITING_SUPPORT, Status.REOPENED)


def digest(
    session: Session, company_id: int, agent: Agent, item: Due, words: Words, since: datetime, now: datetime
) -> Content | None:
    """What the digest tells of the time since `since`; None when there is nothing to tell."""
    own = [ticket for ticket in digests.open_of(session, company_id, agent.key) if _is_awake(ticket, now)]
    free = digests.unassigned(session, company_id, agent.teams)
    tonight = datetime.combine(now.astimezone(item.zone).date() + timedelta(days=1), time(), item.zone)
    tables = [
        _listed(title, tickets, ("#resolve",), words, now) for title, tickets in sections(own, now, tonight) if tickets
    ]
    if free:
        tables.append(_listed("unassigned", free, ("#take",), words, now))
    happened = _happened(session, company_id, agent, own, (since, now))
    if any(number for _, number in happened):
        rows = tuple(Row((words.label(name), str(number))) for name, number in happened if number)
        tables.append(Table(words.label("happened"), (words.label("figure"), words.label("period")), rows))
    return Content(f"{now.astimezone(item.zone):%Y-%m-%d}", tuple(tables)) if tables else None


def sections(own: Sequence[Ticket], now: datetime, tonight: datetime) -> list[tuple[str, list[Ticket]]]:
    """An agent's open tickets, each where it is most urgent: overdue, due today, his turn, or none of these."""
    found: dict[str, list[Ticket]] = {name: [] for name in ("overdue", "due_today", "your_turn", "other_open")}
    for ticket in own:
        due = next_due(ticket)
        if due is not None and due <= now:
            found["overdue"].append(ticket)
        elif due is not None and due < tonight:
            found["due_today"].append(ticket)
        elif ticket.waiting_since is not None or ticket.status in _HIS_TURN:
            found["your_turn"].append(ticket)
        else:
            found["other_open"].append(ticket)
    for name in ("overdue", "due_today"):
        found[name].sort(key=lambda ticket: (next_due(ticket) or now, ticket.id))
    return list(found.items())


def next_due(ticket: Ticket) -> datetime | None:
    """When something is expected next: by the service level, or because an agent has promised it."""
    first = ticket.first_response_due if ticket.first_response_at is None else None
    moments = (first, ticket.next_response_due, ticket.resolution_due, ticket.due_at)
    return min((moment for moment in moments if moment is not None), default=None)


def _is_awake(ticket: Ticket, now: datetime) -> bool:
    return ticket.snoozed_until is None or ticket.snoozed_until <= now


def _listed(title: str, tickets: Sequence[Ticket], commands: tuple[str, ...], words: Words, now: datetime) -> Table:
    fields = words.fields
    heads = (fields["ticket"], words.label("subject"), fields["requester"], fields["priority"], fields["due"])
    rows = tuple(_row(ticket, commands, words, now) for ticket in tickets[:_ROWS])
    count = f" ({len(tickets)})" if len(tickets) > _ROWS else ""
    return Table(f"{words.label(title)}{count}", heads, rows)


def _row(ticket: Ticket, commands: tuple[str, ...], words: Words, now: datetime) -> Row:
    due, requester = next_due(ticket), ticket.requester
    cells = (
        ticket.number,
        ticket.subject,
        requester.name or requester.email,
        words.label(ticket.priority),
        words.relative(due, now) if due else "",
    )
    return Row(cells, tuple(Tap(c, c, ticket.id, ticket.number, ticket.subject) for c in commands))


def _happened(
    session: Session, company_id: int, agent: Agent, own: Sequence[Ticket], span: tuple[datetime, datetime]
) -> tuple[tuple[str, int], ...]:
    resolved, reopened = digests.moved(session, company_id, agent.key, *span)
    return (
        ("new_tickets", digests.opened(session, company_id, agent.teams, *span)),
        ("customer_mails", digests.heard(session, [ticket.id for ticket in own], *span)),
        ("resolved_by_you", resolved),
        ("reopened_of_yours", reopened),
    )
