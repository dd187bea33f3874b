"""Other programs that are to be told of something: rows that outlive restarts, like those of the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailtix.store.tables import hooks


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was booked. `id` names it to whoever is called, the same at each attempt."""

    id: int
    ticket_id: int
    rule: str
    url: str
    body: str
    attempts: int


def add(session: Session, ticket_id: int, rule: str, url: str, body: str, now: datetime) -> None:
    """Somebody is to be called, as soon as possible."""
    row = {"ticket_id": ticket_id, "rule": rule, "url": url, "body": body, "state": "waiting", "created_at": now}
    session.execute(hooks.insert().values(**row, next_at=now))


def book(session: Session, now: datetime, until: datetime) -> Call | None:
    """The call that is due for longest, None if none is. Its attempt is counted, and nobody else tries it till then."""
    due = (hooks.c.state == "waiting") & (hooks.c.next_at <= now)
    query = select(hooks).where(due).order_by(hooks.c.next_at, hooks.c.id).limit(1).with_for_update(skip_locked=True)
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    # The condition once more: SQLite has no locks for rows, and somebody else may have been faster.
    mine = (hooks.c.id == row.id) & due
    booked = hooks.update().where(mine).values(attempts=row.attempts + 1, next_at=until).returning(hooks.c.id)
    if session.execute(booked).one_or_none() is None:
        return None
    return Call(row.id, row.ticket_id, row.rule, row.url, row.body, row.attempts + 1)


def done(session: Session, call: Call) -> None:
    """It was heard."""
    session.execute(hooks.update().where(hooks.c.id == call.id).values(state="sent", error=""))


def again(session: Session, call: Call, next_at: datetime, error: str) -> None:
    """It was not heard, and is tried again then."""
    session.execute(hooks.update().where(hooks.c.id == call.id).values(next_at=next_at, error=error))


def forget(session: Session, before: datetime, limit: int) -> int:
    """Deletes up to `limit` calls that were over before that moment, heard or given up. Returns how many."""
    done = hooks.c.state.in_(("sent", "failed")) & (hooks.c.next_at < before)
    old = list(
        session.execute(select(hooks.c.id).where(done).order_by(hooks.c.state, hooks.c.next_at).limit(limit)).scalars()
    )
    if old:
        session.execute(hooks.delete().where(hooks.c.id.in_(old)))
    return len(old)


def given_up(session: Session, call: Call, error: str) -> None:
    """It is not tried any more."""
    session.execute(hooks.update().where(hooks.c.id == call.id).values(state="failed", error=error))
