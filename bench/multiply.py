"""A database with very many tickets, or very many messages in one, made from real ones.

What a thousand mails became is copied row by row inside the database, each copy with numbers of its own, and its words
are indexed again. So every ticket has its messages, history, timers, thread and journal as the line writes them. Only
the texts and the bytes of mails and letters are cut short, and timers are put off, so that nothing is due.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from sqlalchemy import Column, Integer, Table, UniqueConstraint

from bench import queued
from bench.children import Failed
from mailtix.query import words
from mailtix.store import fulltext, tables

# Copied: what belongs to a ticket or to a mail. Each copy has people of its own, or a few hundred would have written
# everything; companies and settings are there once.
_SAID = (
    tables.raw_mails, tables.journal, tables.messages, tables.history, tables.message_ids, tables.identities,
    tables.outbox, tables.letters,
)  # fmt: skip
_COPIED = (*_SAID, tables.people, tables.tickets, tables.sla_log, tables.timers)
_BASE = 1000  # mails that go down the line
_SECONDS = 1800.0  # for a million; a quiet machine needs some minutes
_SHORT = 200  # bytes that are kept of each mail and letter
_TEXT = 400  # letters that are kept of each message, some 60 words


def database(folder: Path, tickets: int, tell: Callable[[str], None]) -> Path:
    """An SQLite database of the bench's settings with at least so many tickets; the one in `folder` if it is there."""
    path = folder / f"tickets-{tickets}.db"
    if not path.exists():
        part = path.with_suffix(".part")
        for old in folder.glob(f"{part.name}*"):
            old.unlink()
        queued.write(part, min(_BASE, max(20, tickets // 20)), 600)
        tell(f"writing {tickets:,} tickets")
        multiply(part, tickets)
        part.rename(path)
    return path


def multiply(path: Path, tickets: int, seconds: float = _SECONDS) -> None:
    """Copies what is in there until there are so many tickets. Raises Failed when that takes too long."""
    _fill(path, tables.tickets, tickets, seconds)


def lengthen(path: Path, messages: int, seconds: float = _SECONDS) -> None:
    """Copies what was said in there, each in its ticket, until there are so many messages. Raises Failed like that."""
    _fill(path, tables.messages, messages, seconds)


def _fill(path: Path, table: Table, count: int, seconds: float) -> None:
    copied = _COPIED if table is tables.tickets else _SAID
    connection = sqlite3.connect(path, isolation_level=None)
    end = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > end, 1_000_000)
    try:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-400000"):
            connection.execute(f"PRAGMA {pragma}")
        _cut(connection)
        here = int(connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0])
        copies = -(-count // here) - 1
        connection.execute("BEGIN")
        steps = {table.name: _step(connection, table) for table in copied if "id" in table.columns}
        _copy(connection, copied, steps, copies)
        _index(connection, steps, copies)
        connection.execute("COMMIT")
        connection.execute("ANALYZE")
        connection.execute("PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError as error:
        if time.monotonic() > end:
            raise Failed(f"after {seconds:.0f} s there are not {count:,} {table.name} yet") from error
        raise
    finally:
        connection.close()


def _cut(connection: sqlite3.Connection) -> None:
    """Nothing is due in what is copied, and its texts and bytes are short."""
    connection.execute("UPDATE journal SET state = 'done' WHERE state <> 'done'")
    connection.execute("UPDATE outbox SET state = 'sent'")
    connection.execute("UPDATE timers SET due_at = '2099' || substr(due_at, 5)")
    for table in (tables.raw_mails, tables.letters):
        for column in _bytes(table):
            connection.execute(f"UPDATE {table.name} SET {column} = substr({column}, 1, {_SHORT})")
    connection.execute(f"UPDATE messages SET text = substr(text, 1, {_TEXT})")


def _bytes(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.type.python_type is bytes]


def _copy(connection: sqlite3.Connection, copied: Sequence[Table], steps: dict[str, int], copies: int) -> None:
    copy = f"WITH RECURSIVE copy(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < {copies})"
    for table in copied:
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        values = ", ".join(_value(column, steps) for column in table.columns)
        rows = f"SELECT {values} FROM copy, {table.name} AS old"
        connection.execute(f"INSERT INTO {table.name} ({columns}) {copy} {rows}")


def _step(connection: sqlite3.Connection, table: Table) -> int:
    return int(connection.execute(f"SELECT max(id) FROM {table.name}").fetchone()[0] or 0)


def _value(column: Column[object], steps: dict[str, int]) -> str:
    """What a copy has there: ids are moved on with all that points at them; what must be unique is numbered."""
    name = f'old."{column.name}"'
    points_at = next((key.column.table.name for key in column.foreign_keys), "")
    step = steps.get(points_at) or (steps.get(column.table.name) if column.name == "id" else None)
    if step:
        return f"{name} + copy.n * {step}"
    if column.name in _unique(column.table) and not points_at:
        if column.type.python_type is bytes:
            return f"CAST(substr({name}, 1, 24) || printf('%08d', copy.n) AS BLOB)"
        if not isinstance(column.type, Integer):
            return f"{name} || '-' || copy.n"
    return name


def _unique(table: Table) -> Iterator[str]:
    """The columns that make a row different from all others, as far as its id does not do that already."""
    keys = [constraint.columns for constraint in table.constraints if isinstance(constraint, UniqueConstraint)]
    keys += [index.columns for index in table.indexes if index.unique] + [table.primary_key.columns]
    for key in keys:
        yield from (c.name for c in key if c.name not in ("kind", "target") and not c.name.endswith("_at"))


def _index(connection: sqlite3.Connection, steps: dict[str, int], copies: int) -> None:
    """The words of each copy under its own number; they are cut once."""
    said = connection.execute("SELECT id, text, files FROM messages WHERE id <= ?", [steps["messages"]]).fetchall()
    texts = [(id_, _words(text, files)) for id_, text, files in said]
    last = steps.get("tickets", 0)  # 0: there are no other tickets than before
    named = connection.execute("SELECT id, number, subject FROM tickets WHERE id <= ?", [last]).fetchall()
    names = [(id_, _words(number), _words(subject)) for id_, number, subject in named]
    insert = f"INSERT INTO {fulltext.NAME} (rowid, words) VALUES (?, ?)"
    for copy in range(1, copies + 1):
        connection.executemany(insert, ((id_ + copy * steps["messages"], text) for id_, text in texts))
        rows = ((-id_ - copy * last, f"{number} {copy} {subject}") for id_, number, subject in names)
        connection.executemany(insert, rows)


def _words(*texts: str) -> str:
    return " ".join(word for text in texts for word in words(text))
