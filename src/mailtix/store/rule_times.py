"""What rules wait for besides the timers that each ticket plans by itself: times that come again, and new waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, false, literal, or_, select, true
from sqlalchemy.orm import Session

from mailtix.model.ticket import Status
from mailtix.store.directory import insert_new, upsert
from mailtix.store.tables import settings, tickets, timers

_DONE = [status for status in Status if status.is_done]
_KEYS = or_(
    settings.c.key.startswith("rule_time_", autoescape=True), settings.c.key.startswith("rule_idle_", autoescape=True)
)


@dataclass(frozen=True, slots=True)
class Silent:
    """A ticket on which work goes on: since when nobody has written, and until when it sleeps."""

    id: int
    spoken_at: datetime
    snoozed_until: datetime | None


def remembered(session: Session) -> dict[str, str]:
    """What was noted of rules' timers, by key."""
    return dict(session.execute(select(settings.c.key, settings.c.value).where(_KEYS)).all())


def remember(session: Session, key: str, value: str) -> None:
    """Notes that."""
    insert = upsert(session, settings).values(key=key, value=value)
    session.execute(insert.on_conflict_do_update(index_elements=[settings.c.key], set_={"value": value}))


def forget(session: Session, keys: Iterable[str]) -> None:
    """Takes these notes away."""
    session.execute(settings.delete().where(settings.c.key.in_(list(keys))))


def for_tickets(
    session: Session, company_id: int, kind: str, due_at: datetime, among: Sequence[Mapping[str, tuple[str, ...]]]
) -> None:
    """Sets that timer for the tickets of a company on which work goes on and that are like one of `among` (column to
    what it may hold); once, however often it is asked for."""
    mine = [tickets.c.company_id == company_id, tickets.c.status.not_in(_DONE), tickets.c.merged_into.is_(None)]
    mine.append(or_(false(), *(and_(true(), *(tickets.c[n].in_(v) for n, v in each.items())) for each in among)))
    chosen = select(tickets.c.id, literal(kind), literal(due_at, timers.c.due_at.type), literal(0), literal(""))
    columns = ["ticket_id", "kind", "due_at", "attempts", "error"]
    session.execute(upsert(session, timers).from_select(columns, chosen.where(*mine)).on_conflict_do_nothing())


def silent(session: Session, after: int, limit: int) -> list[Silent]:
    """Up to `limit` tickets on which work goes on, those whose ids come after that one."""
    query = select(tickets.c.id, tickets.c.spoken_at, tickets.c.created_at, tickets.c.snoozed_until)
    mine = (tickets.c.id > after, tickets.c.status.not_in(_DONE), tickets.c.merged_into.is_(None))
    rows = session.execute(query.where(*mine).order_by(tickets.c.id).limit(limit))
    return [Silent(row.id, row.spoken_at or row.created_at, row.snoozed_until) for row in rows]


def add(session: Session, plans: Mapping[int, tuple[tuple[str, datetime], ...]]) -> None:
    """Adds these timers (kind, moment) to tickets by id."""
    rows = [
        {"ticket_id": ticket, "kind": kind, "due_at": at, "attempts": 0, "error": ""}
        for ticket, own in plans.items()
        for kind, at in own
    ]
    if rows:
        session.execute(insert_new(session, timers), rows)
