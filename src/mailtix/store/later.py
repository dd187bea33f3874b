"""Rows that nobody needs at once: those of a batch wait, and are written together at its end.

The driver takes longer over a statement than SQLite over its rows, and PostgreSQL is asked once instead of once for
each mail. What is dear to write among others, as the index of words is, comes last.

Nobody can tell. Before any statement that names a table, whoever sends it and in whatever way, the rows that wait for
that table are written; there are no views or triggers through which it would reach others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from operator import itemgetter
from typing import Any, Protocol

from sqlalchemy import Connection, event
from sqlalchemy.orm import Session, SessionTransaction

_KEY = "rows that wait"  # in `Session.info`
# What these touch they name. A DELETE reaches tables whose rows hang on those that go; what else there is, is rare.
_NAMING = ("SELECT", "INSERT", "UPDATE")


class Writer(Protocol):
    """What writes rows of one table. `last_by` is "", or their column in whose order they come, behind those of all
    other tables."""

    last_by: str

    def write(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Writes rows, which are all of one shape, in their order."""


class Waiting:
    """The rows that wait on a connection, by table. `within` is the savepoint that they belong to."""

    def __init__(self, connection: Connection, within: SessionTransaction | None) -> None:
        self.connection = connection
        self.within = within
        self._rows: dict[str, tuple[Writer, list[Mapping[str, Any]]]] = {}
        self._said = ""

    def add(self, table: str, writer: Writer, rows: Sequence[Mapping[str, Any]]) -> None:
        """These rows wait behind those that wait for the table already."""
        there = self._rows.get(table)
        if there is not None and (there[0] is not writer or there[1][0].keys() != rows[0].keys()):
            self._write([table])
            there = None
        if there is not None:
            there[1].extend(rows)
        elif rows:
            self._rows[table] = (writer, list(rows))

    def write(self) -> None:
        """Writes all that waits."""
        self._write(sorted(self._rows, key=lambda table: self._rows[table][0].last_by))

    def before(self, statement: str) -> None:
        """Writes what that statement, which is the next that is sent, might find or change."""
        self._make_way(statement)
        self._said = statement

    def hear(
        self, _connection: Connection, _cursor: object, statement: str, parameters: Any, *_: object
    ) -> tuple[str, Any]:
        """The same for whatever is sent on the connection without having been said."""
        said, self._said = self._said, ""
        if statement is not said:
            self._make_way(statement)
        return statement, parameters

    def _make_way(self, statement: str) -> None:
        if not self._rows:
            return
        named = _words(statement)
        if named is None:
            self.write()
        elif not named.isdisjoint(self._rows):
            self._write([table for table in self._rows if table in named])

    def _write(self, tables: Sequence[str]) -> None:
        for table in tables:
            # Taken away first, for what is sent now is heard as well; it may have named a table that comes later here.
            writer, rows = self._rows.pop(table, (None, []))
            if writer is None:
                continue
            if writer.last_by:
                rows.sort(key=itemgetter(writer.last_by))
            writer.write(self.connection, rows)


@lru_cache(maxsize=1024)
def _words(statement: str) -> frozenset[str] | None:
    """The words of a statement, among them the names of all tables that it touches; None when it may touch others."""
    return frozenset(re.findall(r"\w+", statement)) if statement.lstrip().startswith(_NAMING) else None


@contextmanager
def together(session: Session) -> Iterator[None]:
    """Within it rows wait, and at its end they are written; where it is left by an exception they never are. Whoever
    opens it takes all back then. Nothing is committed within it."""
    waiting = Waiting(session.connection(), session.get_nested_transaction())
    event.listen(waiting.connection, "before_cursor_execute", waiting.hear, retval=True)
    session.info[_KEY] = waiting
    try:
        yield
        waiting.write()
    finally:
        del session.info[_KEY]
        event.remove(waiting.connection, "before_cursor_execute", waiting.hear)


def waiting_of(session: Session) -> Waiting | None:
    """Where the rows of that session wait; None when they are written at once, as in a savepoint further in: that one
    may be taken back by itself."""
    waiting: Waiting | None = session.info.get(_KEY)
    return waiting if waiting is not None and session.get_nested_transaction() is waiting.within else None
