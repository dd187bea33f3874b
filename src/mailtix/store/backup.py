"""Backups: one SQLite file with every table, whatever database the installation uses, written while it runs.

A backup is itself a database that mailtix can be started on (`database: sqlite:///backup.db`).
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, func, select, text
from sqlalchemy.orm import Session

from mailtix.store import fulltext, migrations
from mailtix.store.engine import open_engine, reading
from mailtix.store.tables import messages, metadata, nodes, raw_mails, tickets

# Rows that are held in memory at once; a raw mail may have 50 MB.
_ROWS = 200
_RAW_ROWS = 5
# Is called with the table's name and how many rows of it are done, of how many.
Progress = Callable[[str, int, int], None]


class BadBackup(Exception):
    """The file is no backup, or a damaged one, or cannot be put where it should go; the text says which."""


def write(engine: Engine, path: Path, progress: Progress = lambda table, done, total: None) -> dict[str, int]:
    """Writes the whole database into a new file, as it was at one moment, and returns how many rows of each table.

    Nobody waits for it. The file has its name only when it is whole and on the disk. Raises BadBackup when it is there
    already, OSError when it cannot be written.
    """
    if path.exists():
        raise BadBackup(f"{path} is there already; give another name, or move it away")
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        if engine.dialect.name == "sqlite":
            with reading(engine).connect() as connection:  # VACUUM INTO may not stand inside a transaction
                plain: Any = connection.connection.dbapi_connection
                connection.exec_driver_sql("ROLLBACK")
                plain.execute("VACUUM INTO ?", (str(part),))
        else:
            _copy_out(engine, part, progress)
        counts = check(part, progress)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return counts


def check(path: Path, progress: Progress = lambda table, done, total: None) -> dict[str, int]:
    """Reads a backup whole: its pages, its references, and that every raw mail still has the bytes that were accepted.
    Returns how many rows each table has. Raises BadBackup with what is wrong."""
    if not path.is_file():
        raise BadBackup(f"{path} is not there")
    with _opened(path) as engine:
        try:
            with reading(engine).connect() as connection:
                _check_structure(connection)
                _check_mails(connection, progress)
                return {t.name: _count(connection, t) for t in metadata.sorted_tables}
        except sqlite3.DatabaseError as error:
            raise BadBackup(f"{path} is no backup of mailtix, or it is damaged: {error}") from error
        except Exception as error:
            if isinstance(error, BadBackup):
                raise
            cause = getattr(error, "orig", error)
            raise BadBackup(f"{path} is no backup of mailtix, or it is damaged: {cause}") from error


def restore(path: Path, engine: Engine, progress: Progress = lambda table, done, total: None) -> dict[str, int]:
    """Puts a backup, which is checked first, into an empty database. Returns how many rows of each table.

    Raises BadBackup when the file is not right, or when there is anything in the database.
    """
    counts = check(path)
    migrations.upgrade(engine)
    with _opened(path) as source, reading(source).connect() as there, engine.begin() as here:
        if filled := [t.name for t in metadata.sorted_tables if t.name != "settings" and _count(here, t)]:
            raise BadBackup(f"the database is not empty (there is something in {filled[0]}); restore into a new one")
        for table in reversed(metadata.sorted_tables):
            here.execute(table.delete())
        _copy(there, here, progress)
        here.execute(nodes.delete())  # those processes worked somewhere else
        count_on(here)
    return counts


@contextmanager
def _opened(path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{path.resolve()}", pool=1)
    try:
        yield engine
    finally:
        engine.dispose()


def _copy_out(engine: Engine, part: Path, progress: Progress) -> None:
    with _opened(part) as target:
        migrations.upgrade(target)
        # one snapshot for all tables (PostgreSQL manual, "Repeatable Read Isolation Level")
        snapshot = engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with snapshot, target.begin() as here:
            _copy(snapshot, here, progress)
    for suffix in ("-wal", "-shm"):
        part.with_name(part.name + suffix).unlink(missing_ok=True)


def _copy(there: Connection, here: Connection, progress: Progress) -> None:
    """Every row of every table, those first that others refer to; then the index of words is made anew."""
    for table in metadata.sorted_tables:
        total, done = _count(there, table), 0
        loops = [key.parent for key in table.foreign_keys if key.column.table is table]
        later: list[dict[str, Any]] = []
        for rows in _batches(there, table):
            values = [dict(row._mapping) for row in rows]
            for column in loops:  # a row may refer to one of the same table that comes after it
                later += [{"row": v["id"], column.name: v[column.name]} for v in values if v[column.name] is not None]
                values = [v | {column.name: None} for v in values]
            here.execute(table.insert(), values)
            done += len(values)
            progress(table.name, done, total)
        for row in later:
            here.execute(table.update().where(table.c.id == row.pop("row")).values(row))
    _index(here)


def _batches(connection: Connection, table: Table) -> Iterator[Sequence[Row[Any]]]:
    size = _RAW_ROWS if {"data", "raw"} & set(table.c.keys()) else _ROWS
    query = select(table).order_by(*table.primary_key.columns)
    yield from connection.execution_options(yield_per=size).execute(query).partitions(size)


def _index(here: Connection) -> None:
    with Session(here, join_transaction_mode="conditional_savepoint") as session:
        for rows in session.execute(select(tickets.c.id, tickets.c.number, tickets.c.subject)).partitions(_ROWS):
            for row in rows:
                fulltext.index_ticket(session, row.id, row.number, row.subject)
        for rows in session.execute(select(messages.c.id, messages.c.text, messages.c.files)).partitions(_ROWS):
            for row in rows:
                fulltext.index_message(session, row.id, row.text, row.files)
        session.flush()


def count_on(here: Connection) -> None:
    """PostgreSQL numbers new rows after the ones that came with their numbers."""
    if here.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        if "id" in table.c:
            newest = f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}"
            here.execute(text(f"{newest} HAVING max(id) IS NOT NULL"))


def _check_structure(connection: Connection) -> None:
    [said] = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalars().all()
    if said != "ok":
        raise BadBackup(f"the file is damaged: {said}")
    if not migrations.is_current(connection.engine):
        raise BadBackup("the file is of another version of mailtix (its tables are not those of this one)")
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise BadBackup(f"the file is damaged: a row of {broken[0]} refers to one of {broken[2]} that is not there")


def _check_mails(connection: Connection, progress: Progress) -> None:
    total, done = _count(connection, raw_mails), 0
    for rows in _batches(connection, raw_mails):
        for row in rows:
            if hashlib.sha256(row.data).digest() != row.sha256:
                raise BadBackup(f"the file is damaged: raw mail {row.id} has not the bytes that were accepted")
        done += len(rows)
        progress("checking raw mails", done, total)


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()
