"""Opening the database so that a commit is durable, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from mailtix.store.turns import Turns

__all__ = [
    "DatabaseError",
    "DriverError",
    "Engine",
    "Session",
    "Sessions",
    "apart",
    "durability",
    "is_awaited",
    "is_disk_full",
    "is_passing",
    "open_engine",
    "reading",
    "sessions",
    "turn",
    "where",
]

DatabaseError = SQLAlchemyError
DriverError = DBAPIError
Sessions = sessionmaker[Session]

# How long a writer waits for another before it gives up. Longer than any transaction of ours, shorter than the
# 10 minutes a client waits for the answer to DATA (RFC 5321 section 4.5.3.2.6).
_BUSY_SECONDS = 30
# serialization failure, deadlock, lock not available; disk full, out of memory (PostgreSQL, appendix A)
_PASSING = frozenset({"40001", "40P01", "55P03"})
_FULL = frozenset({"53100"})

_DURABLE = {
    # With "local" the primary has it on its own disk; whether replicas have it is for who runs them to choose.
    "synchronous_commit": frozenset({"on", "local", "remote_write", "remote_apply"}),
    "fsync": frozenset({"on"}),
    "full_page_writes": frozenset({"on"}),
}
_TURNS = "mailtix_turns"  # the execution option that a SQLite engine has its turns in
_APART = "mailtix_apart"  # and that a PostgreSQL engine has the other one in
_SQLITE_FULL = 2  # SQLite, "PRAGMA synchronous": FULL and EXTRA sync at every commit


def open_engine(url: str, pool: int = 10) -> Engine:
    """The engine for that database URL. `pool` is how many connections are kept open at most."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return _open_postgres(parsed, pool)
    if parsed.database and parsed.database != ":memory:":
        _make_private(Path(parsed.database))
    turns = Turns()
    engine = create_engine(
        parsed,
        pool_size=pool,
        max_overflow=pool,
        pool_use_lifo=True,  # the one that was used last has the pages and statements at hand; each remembers its own
        connect_args={"timeout": _BUSY_SECONDS},
        json_serializer=_as_json,
        execution_options={_TURNS: turns},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite(turns))
    # After the commit is on the disk, unlike the event "commit".
    event.listen(engine, "checkin", lambda connection, _record: turns.give(id(connection)))
    event.listen(engine, "invalidate", lambda connection, _record, _error: turns.give(id(connection)))
    return engine


def _as_json(value: object) -> str:
    """As SQLAlchemy would write it; most lists of a ticket are empty."""
    return "[]" if value == [] else "{}" if value == {} else json.dumps(value)


def _make_private(file: Path) -> None:
    """Nobody else may read what is in it: all mail, and the secret that signs. SQLite gives the files beside it the
    same mode. A place that cannot be written to is told of when the database is opened."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):
        file.touch(mode=0o600, exist_ok=False)


def sessions(engine: Engine) -> Sessions:
    """`with sessions.begin() as session:` is one transaction: committed at the end, rolled back on an exception."""
    return sessionmaker(engine, expire_on_commit=False)


def _open_postgres(url: URL, pool: int) -> Engine:
    aside = create_engine(url, pool_size=1, max_overflow=pool, isolation_level="AUTOCOMMIT")
    event.listen(aside, "connect", _leave_to_next_commit)
    engine = create_engine(
        url,
        pool_size=pool,
        max_overflow=pool,
        pool_pre_ping=True,
        json_serializer=_as_json,
        execution_options={_APART: aside},
    )
    event.listen(engine, "engine_disposed", lambda _engine: aside.dispose())
    return engine


def apart(engine: Engine) -> Engine:
    """The same PostgreSQL for statements that are committed each by itself. Such a commit is durable as soon as a later
    one of any other transaction is: use it for what only those need (PostgreSQL, "Asynchronous Commit")."""
    found: Engine = engine.get_execution_options()[_APART]
    return found


def _leave_to_next_commit(connection: Any, _record: Any) -> None:
    connection.execute("SET synchronous_commit TO off")
    connection.commit()


@contextmanager
def turn(engine: Engine, key: str) -> Iterator[None]:
    """The turn to write, held for another process of ours; nothing where writers need no turns."""
    turns = engine.get_execution_options().get(_TURNS)
    if not isinstance(turns, Turns):
        yield
        return
    turns.take(key, _BUSY_SECONDS)
    try:
        yield
    finally:
        turns.give(key)


def is_awaited(engine: Engine) -> bool:
    """Whether somebody waits for the end of the transaction that writes; nobody does where writers need no turns, and
    then the shortest is the best."""
    turns = engine.get_execution_options().get(_TURNS)
    return turns.is_awaited if isinstance(turns, Turns) else True


def reading(engine: Engine) -> Engine:
    """The same engine for transactions that only read: on SQLite they wait for no writer."""
    return engine.execution_options(mailtix_reads=True)


def where(engine: Engine) -> str:
    """The database's URL as it may be shown: without its password."""
    return engine.url.render_as_string(hide_password=True)


def durability(connection: Connection) -> list[str]:
    """What keeps a commit of this connection from outlasting a power cut, each with what to do; empty when all is well
    (SQLite, "PRAGMA synchronous"; PostgreSQL, "Reliability and the Write-Ahead Log")."""
    if connection.dialect.name == "sqlite":
        return _sqlite_troubles(connection)
    found = {name: str(connection.exec_driver_sql(f"SHOW {name}").scalar_one()) for name in _DURABLE}
    return [
        f"PostgreSQL has {name} = {value}: a power cut can lose mail that was accepted; set {name} = on"
        for name, value in found.items()
        if value not in _DURABLE[name]
    ]


def _sqlite_troubles(connection: Connection) -> list[str]:
    troubles = []
    mode = str(connection.exec_driver_sql("PRAGMA journal_mode").scalar_one())
    if mode != "wal":
        troubles.append(
            f"SQLite cannot use its write-ahead log here (journal_mode is {mode}): a power cut can lose mail that was "
            f"accepted; put the database on a local file system"
        )
    if int(connection.exec_driver_sql("PRAGMA synchronous").scalar_one()) < _SQLITE_FULL:
        troubles.append("SQLite does not sync at every commit (synchronous is below FULL)")
    return troubles


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    """WAL lets readers read while one writes; FULL syncs at every commit, so that 250 means durable also when the power
    goes (SQLite, "PRAGMA synchronous")."""
    connection.isolation_level = None  # BEGIN is ours: the module's own begins too late for SAVEPOINT
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(turns: Turns) -> Callable[[Connection], None]:
    def begin(connection: Connection) -> None:
        """A writer takes the lock at once: a transaction that reads first and then writes could not be queued. What it
        needs to go back to a savepoint stays in memory, for each mail has one; what a reader sorts may be large."""
        plain: Any = connection.connection.dbapi_connection
        if connection.get_execution_options().get("mailtix_reads", False):
            plain.execute("PRAGMA temp_store=FILE")
            connection.exec_driver_sql("BEGIN")
            return
        turns.take(id(plain), _BUSY_SECONDS)
        plain.execute("PRAGMA temp_store=MEMORY")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return begin


def is_passing(error: BaseException) -> bool:
    """Whether the same work may well succeed when it is simply done again: a deadlock, a lock, a lost connection."""
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _PASSING:
        return True
    return isinstance(error, OperationalError) and any(word in str(error.orig) for word in ("locked", "busy"))


def is_disk_full(error: BaseException) -> bool:
    """Whether the database had no room to write."""
    if not isinstance(error, DBAPIError):
        return False
    return getattr(error.orig, "sqlstate", None) in _FULL or "disk is full" in str(error.orig)
