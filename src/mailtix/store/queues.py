"""Tickets that wait because nobody of their team could take them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import case, exists, select
from sqlalchemy.orm import Session, aliased

from mailtix.model.ticket import Priority, Status
from mailtix.store.tables import history, tickets

_OPEN = [status for status in Status if not status.is_done]
_RANK = case({priority: rank for rank, priority in enumerate(Priority)}, value=tickets.c.priority)


def waiting(session: Session, company_id: int, teams: Iterable[str], limit: int) -> list[tuple[int, str]]:
    """Up to `limit` of them as (id, team), the most urgent first, then the oldest. What an agent has put back into the
    queue waits for somebody to take it, and is not among them."""
    tried, later = aliased(history), aliased(history)
    given = exists().where(later.c.ticket_id == tried.c.ticket_id, later.c.field == "assignee", later.c.id > tried.c.id)
    nobody = exists().where(tried.c.ticket_id == tickets.c.id, tried.c.field == "nobody", ~given)
    query = (
        select(tickets.c.id, tickets.c.team)
        .where(
            tickets.c.company_id == company_id,
            tickets.c.assignee == "",
            tickets.c.team.in_(list(teams)),
            tickets.c.status.in_(_OPEN),
            nobody,
        )
        .order_by(_RANK.desc(), tickets.c.id)
        .limit(limit)
    )
    return [(row.id, row.team) for row in session.execute(query)]
