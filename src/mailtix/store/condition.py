"""The condition of the database and of what waits in it. Looks only: whatever is written is rolled back."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, FromClause, func, make_url, select, text
from sqlalchemy.orm import Session

from mailtix.store.engine import Engine, reading
from mailtix.store.tables import hooks, journal, outbox, settings, timers

# How long a look waits for who writes; a transaction of ours takes some 100 ms.
_LOCK_MILLISECONDS = 4000
# SQLite steps between two looks at the clock.
_STEPS = 10_000


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits, since when the oldest does, which that is, and what it last failed with ("" if it never did)."""

    count: int
    since: datetime | None
    number: int = 0
    error: str = ""


def sqlite_file(url: str) -> Path | None:
    """The file of that database; None when it is on a server or in memory."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return None
    return Path(parsed.database.removeprefix("file:"))


def try_to_write(engine: Engine) -> None:
    """Writes a row and takes it back. Raises DatabaseError when that cannot be done, or not within seconds."""
    with reading(engine).connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("ROLLBACK")  # the pragma counts from the next transaction on
            connection.exec_driver_sql(f"PRAGMA busy_timeout={_LOCK_MILLISECONDS}")
            connection.exec_driver_sql("BEGIN")
        else:
            connection.execute(text(f"SET LOCAL lock_timeout = {_LOCK_MILLISECONDS}"))
        try:
            connection.execute(settings.insert().values(key="doctor", value="was here"))
        finally:
            connection.rollback()


def damage(engine: Engine, seconds: float) -> str | None:
    """What is wrong with the pages of the database, "" when nothing is, None when there was no time to see.

    SQLite: PRAGMA quick_check. PostgreSQL: the pages whose checksums failed since its start (pg_stat_database)."""
    with reading(engine).connect() as connection:
        if connection.dialect.name != "sqlite":
            query = "SELECT coalesce(sum(checksum_failures), 0) FROM pg_stat_database"
            failed = int(connection.execute(text(query)).scalar_one())
            return f"the checksums of {failed} pages are wrong" if failed else ""
        until = time.monotonic() + seconds
        plain: Any = connection.connection.dbapi_connection
        plain.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
        try:
            said = str(plain.execute("PRAGMA quick_check(1)").fetchone()[0])
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
                return None
            raise
        except sqlite3.DatabaseError as error:
            return str(error)
        finally:
            plain.set_progress_handler(None, 0)
        return "" if said == "ok" else said


def its_clock(session: Session) -> datetime | None:
    """What time the database server thinks it is; None for SQLite, which asks this machine."""
    if session.get_bind().dialect.name == "sqlite":
        return None
    now: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return now.astimezone(UTC)


def newest_arrival(session: Session) -> datetime | None:
    """When the newest mail of the journal was received."""
    return session.execute(select(journal.c.received_at).order_by(journal.c.id.desc()).limit(1)).scalar_one_or_none()


def unprocessed(session: Session) -> Waiting:
    """Accepted mails that are not processed yet."""
    return _waiting(session, journal, journal.c.received_at, journal.c.state.in_(("new", "scan", "auth")))


def aside(session: Session, state: str) -> Waiting:
    """Mails that are parked, or held."""
    return _waiting(session, journal, journal.c.received_at, journal.c.state == state)


def undelivered(session: Session) -> Waiting:
    """Mails that were tried and could not be handed over yet; since they were written."""
    tried = (outbox.c.state == "queued") & (outbox.c.attempts > 0)
    return _waiting(session, outbox, outbox.c.created_at, tried, outbox.c.reply)


def unsent(session: Session, now: datetime) -> Waiting:
    """Mails that are due and that nobody tries to send; since they are due."""
    due = (outbox.c.state == "queued") & (outbox.c.next_at <= now)
    return _waiting(session, outbox, outbox.c.next_at, due, outbox.c.reply)


def overdue_timers(session: Session, now: datetime) -> Waiting:
    """Timers that should have fired; since then."""
    due = timers.c.fired_at.is_(None) & (timers.c.due_at <= now)
    return _waiting(session, timers, timers.c.due_at, due)


def uncalled(session: Session) -> Waiting:
    """Other programs that are to be told of something and have not heard it yet."""
    return _waiting(session, hooks, hooks.c.created_at, hooks.c.state == "waiting")


def _waiting(
    session: Session, table: FromClause, since: ColumnElement[datetime], which: ColumnElement[bool], error: Any = None
) -> Waiting:
    count = session.execute(select(func.count()).select_from(table).where(which)).scalar_one()
    if not count:
        return Waiting(0, None)
    said = table.c.error if error is None else error
    query = select(since, table.c.id, said).where(which).order_by(since, table.c.id).limit(1)
    row = session.execute(query).one_or_none()
    return Waiting(count, *row) if row else Waiting(0, None)
