"""Which recurring mail was sent, as rows that outlive restarts and that several nodes share.

There is a row for each reader and period. Whoever inserts it sends the mail in the same transaction; nobody else can
insert it again, whatever the clocks say.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from mailtix.recurring import Due
from mailtix.store.directory import insert_new
from mailtix.store.tables import jobs

# A clock that was wrong by less than that sends nothing twice.
_KEPT = timedelta(days=400)


def open_of(session: Session, company_id: int, due: Iterable[Due]) -> list[Due]:
    """Those of them that nobody has sent or passed over."""
    wanted = {(str(item.job), item.period, item.reader.key): item for item in due}
    periods = {(name, period) for name, period, _ in wanted}
    if not periods:
        return []
    either = or_(*(and_(jobs.c.name == name, jobs.c.period == period) for name, period in sorted(periods)))
    rows = session.execute(
        select(jobs.c.name, jobs.c.period, jobs.c.reader).where(jobs.c.company_id == company_id, either)
    )
    done = {(row.name, row.period, row.reader) for row in rows}
    return [item for key, item in wanted.items() if key not in done]


def claim(session: Session, company_id: int, item: Due, now: datetime, *, sends: bool) -> bool:
    """Takes it for this transaction, which `sends` it or passes over it. False: somebody else has taken it."""
    row = {
        "company_id": company_id,
        "name": str(item.job),
        "period": item.period,
        "reader": item.reader.key,
        "due_at": item.due_at,
        "fired_at": now if sends else None,
    }
    taken = session.execute(insert_new(session, jobs, jobs.c.period), row).one_or_none() is not None
    if taken:
        old = and_(_of(company_id, item), jobs.c.due_at < item.due_at - _KEPT)
        session.execute(jobs.delete().where(old))
    return taken


def has_begun(session: Session, company_id: int, item: Due) -> bool:
    """Whether there was an earlier one of that kind for that reader, sent or passed over."""
    earlier = and_(_of(company_id, item), jobs.c.due_at < item.due_at)
    return bool(session.execute(select(exists().where(earlier))).scalar_one())


def last_sent(session: Session, company_id: int, item: Due) -> datetime | None:
    """When that reader was sent the last one of that kind."""
    query = select(func.max(jobs.c.fired_at)).where(_of(company_id, item))
    found: datetime | None = session.execute(query).scalar_one()
    return found


def _of(company_id: int, item: Due) -> ColumnElement[bool]:
    return and_(jobs.c.company_id == company_id, jobs.c.name == str(item.job), jobs.c.reader == item.reader.key)
