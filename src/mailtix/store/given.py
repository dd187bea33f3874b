"""What an agent was given lately and has not touched."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from mailtix.model.ticket import Status
from mailtix.store.tables import history, tickets

_OPEN = [status for status in Status if not status.is_done]
# So many are handed on at once; who is given more within an hour has a desk that he can tell by mail.
_MOST = 100


def just_given(session: Session, company_id: int, agent: str, since: datetime) -> tuple[int, ...]:
    """The open tickets that an agent (a key) has, that others gave him since then, and whose history he has no part in;
    the oldest first."""
    here = history.c.ticket_id == tickets.c.id
    given = exists().where(here, history.c.field == "assignee", history.c.new == agent, history.c.at >= since)
    touched = exists().where(here, history.c.actor == agent)
    query = select(tickets.c.id).where(
        tickets.c.company_id == company_id, tickets.c.assignee == agent, tickets.c.status.in_(_OPEN), given, ~touched
    )
    return tuple(session.execute(query.order_by(tickets.c.id).limit(_MOST)).scalars())
