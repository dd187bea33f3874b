"""What the desk is still to be told of moments that came late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailtix.model.decision import Notice
from mailtix.store.tables import late_notices, timers


@dataclass(frozen=True, slots=True)
class LateNotice:
    """A notice to somebody at the desk that was put off; `due_at` is when its moment was, `cause` the timer's name."""

    id: int
    ticket: int
    reader: str
    reader_name: str
    template: str
    reason: str
    because: str
    cause: str
    due_at: datetime


def keep(
    session: Session, company_id: int, ticket_id: int, notices: Sequence[Notice], cause: str, due_at: datetime
) -> None:
    """Puts notices about a ticket off. Of what they pass on only the reason is kept."""
    rows = [
        {
            "company_id": company_id,
            "ticket_id": ticket_id,
            "reader": notice.to,
            "reader_name": notice.to_name,
            "template": notice.template,
            "reason": notice.said.reason,
            "because": notice.because,
            "cause": cause,
            "due_at": due_at,
        }
        for notice in notices
    ]
    if rows:
        session.execute(late_notices.insert(), rows)


def readers(session: Session, limit: int, late: datetime) -> list[tuple[int, str]]:
    """Up to `limit` of those who are to be told, with their companies; nobody while timers that were due before `late`
    are still at work, for they may be told of these as well."""
    if session.execute(_WAITING.where(timers.c.due_at < late)).first() is not None:
        return []
    query = select(late_notices.c.company_id, late_notices.c.reader).where(late_notices.c.told_at.is_(None))
    rows = session.execute(query.distinct().order_by(*query.selected_columns).limit(limit))
    return [(row.company_id, row.reader) for row in rows]


_WAITING = select(timers.c.id).where(timers.c.fired_at.is_(None)).limit(1)


def take(session: Session, company_id: int, reader: str, now: datetime) -> list[LateNotice]:
    """All that one reader is to be told, the oldest first; whoever takes it tells him. Empty when somebody else has."""
    his = (late_notices.c.company_id == company_id) & (late_notices.c.reader == reader)
    waiting = late_notices.update().where(his, late_notices.c.told_at.is_(None)).values(told_at=now)
    columns = [late_notices.c[name] for name in ("id", "ticket_id", "reader", "reader_name", "template", "reason")]
    columns += [late_notices.c[name] for name in ("because", "cause", "due_at")]
    rows = session.execute(waiting.returning(*columns))
    return sorted((LateNotice(*row) for row in rows), key=lambda notice: (notice.due_at, notice.id))
