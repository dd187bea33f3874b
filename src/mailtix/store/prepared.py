"""Statements that each mail needs, worked out once.

SQLAlchemy takes some 15 to 30 us to find the compiled statement, to put its parameters in order and to wrap its rows,
several times what SQLite takes to carry it out. All of that is the same each time; what is prepared keeps it. The
transaction, events and errors are those of SQLAlchemy.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Insert, Select, Update
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import TextualSelect

from mailtix.store.later import waiting_of

Values = Mapping[str, Any]
Statement = Select[Any] | TextualSelect | Insert | Update
_Change = Callable[[Any], Any]

# Of lists that are longer, as few mails have them, each length is not worth a plan of its own.
_LONGEST_LIST = 10


@dataclass(frozen=True, slots=True)
class _Plan:
    """A statement as a database takes it. `taken` names the parameters in their order, each with what the driver wants
    done to it; `fixed` are those that stand in the statement."""

    sql: str
    positional: bool
    taken: tuple[tuple[str, _Change | None], ...]
    fixed: Mapping[str, Any]
    row: Callable[[Sequence[Any]], Any] | None
    changes: tuple[_Change | None, ...]

    def parameters(self, values: Values) -> tuple[Any, ...] | dict[str, Any]:
        """The parameters as the driver wants them."""
        given = {**self.fixed, **values} if self.fixed else values
        if self.positional:
            return tuple([change(given[name]) if change else given[name] for name, change in self.taken])
        return {name: change(given[name]) if change else given[name] for name, change in self.taken}

    def parameters_of(self, rows: Sequence[Values]) -> list[tuple[Any, ...]] | list[dict[str, Any]]:
        """The same for many rows, column by column, which is quicker."""
        columns = []
        for name, change in self.taken:
            given = [row[name] for row in rows] if name in rows[0] else [self.fixed[name]] * len(rows)
            columns.append(map(change, given) if change else given)
        if self.positional:
            return list(zip(*columns, strict=True))
        names = [name for name, _ in self.taken]
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]

    def rows(self, found: Sequence[Sequence[Any]]) -> list[Any]:
        """The rows with their columns by name, of the types that the tables say."""
        make = self.row
        if make is None:
            return []
        if not any(self.changes):
            return [make(row) for row in found]
        return [
            make([change(value) if change else value for change, value in zip(self.changes, row, strict=True)])
            for row in found
        ]


class Prepared:
    """A statement, or what makes it for the dialect of that name (sqlite, postgresql). `last_by`: what it writes at the
    end of a batch comes behind all else, in the order of that column."""

    def __init__(self, statement: Statement | Callable[[str], Statement], *, last_by: str = "") -> None:
        self.last_by = last_by
        self._statement = statement
        self._plans: dict[tuple[Any, ...], _Plan] = {}
        self._lists: tuple[str, ...] | None = None
        self._table: str | None = None

    def all(self, session: Session, values: Values) -> list[Any]:
        """Every row that it finds or returns. An UPDATE or INSERT without RETURNING has none."""
        waiting = waiting_of(session)
        connection = waiting.connection if waiting is not None else session.connection()
        lists = self._lists if self._lists is not None else self._lists_of(connection.dialect)
        if any(len(values[name]) > _LONGEST_LIST for name in lists):
            return list(connection.execute(self.statement(connection.dialect), values))
        plan = self._plan(connection.dialect, values, lists)
        if lists:
            values = dict(values)
            for name in lists:
                values |= {f"{name}_{place}": value for place, value in enumerate(values[name], 1)}
        if waiting is not None:
            waiting.before(plan.sql)
        return plan.rows(_found(connection, plan, plan.parameters(values)))

    def one(self, session: Session, values: Values) -> Any:
        """The only row, None when there is none."""
        rows = self.all(session, values)
        if len(rows) > 1:
            raise ValueError(f"{len(rows)} rows where one was wanted")
        return rows[0] if rows else None

    def many(self, session: Session, rows: Sequence[Values]) -> None:
        """Writes these rows, which are all of one shape, or changes those that they name; a batch does so at its end
        (`later`)."""
        if not rows:
            return
        waiting = waiting_of(session)
        if waiting is None:
            self.write(session.connection(), rows)
        else:
            waiting.add(self._table_of(waiting.connection.dialect), self, rows)

    def write(self, connection: Connection, rows: Sequence[Values]) -> None:
        """The same at once. Both drivers are at their best when they are given the statement for one row and all rows
        together: psycopg waits for no answer before it sends the next."""
        plan = self._plan(connection.dialect, rows[0], ())
        connection.exec_driver_sql(plan.sql, plan.parameters_of(rows))

    def statement(self, dialect: Dialect) -> Statement:
        """The statement itself, as SQLAlchemy would carry it out."""
        return self._statement(dialect.name) if callable(self._statement) else self._statement

    def _plan(self, dialect: Dialect, values: Values, lists: tuple[str, ...]) -> _Plan:
        key = (dialect.name, *values, *[len(values[name]) for name in lists])
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = _planned(self.statement(dialect), dialect, values, lists)
        return plan

    def _table_of(self, dialect: Dialect) -> str:
        if self._table is None:
            statement = self.statement(dialect)
            assert isinstance(statement, Insert | Update)
            self._table = statement.table.description
        return self._table

    def _lists_of(self, dialect: Dialect) -> tuple[str, ...]:
        """The parameters that are lists, as those of IN are; only a SELECT has them."""
        statement = self.statement(dialect)
        binds = _compiled(statement, dialect, ()).binds if isinstance(statement, Select) else {}
        self._lists = tuple(name for name, bind in binds.items() if bind.expanding)
        return self._lists


def _compiled(statement: Statement, dialect: Dialect, columns: Sequence[str], **options: Any) -> SQLCompiler:
    named = list(columns) if not isinstance(statement, Select) else None
    compiled = statement.compile(dialect=dialect, column_keys=named, compile_kwargs=options)
    assert isinstance(compiled, SQLCompiler)
    return compiled


def _planned(statement: Statement, dialect: Dialect, values: Values, lists: tuple[str, ...]) -> _Plan:
    if lists:
        assert isinstance(statement, Select)
        statement = statement.params(dict(values))  # their lengths become part of it
    compiled = _compiled(statement, dialect, tuple(values), render_postcompile=bool(lists))
    changes: dict[str, _Change | None] = {}
    fixed: dict[str, Any] = {}
    for name, bind in compiled.binds.items():
        change = bind.type.dialect_impl(dialect).bind_processor(dialect)
        names = [f"{name}_{place}" for place in range(1, len(values[name]) + 1)] if name in lists else [name]
        changes |= dict.fromkeys(names, change)
        if not bind.required:
            fixed[name] = bind.value
    fixed |= {column.key: _default(column) for column in compiled.insert_prefetch}
    columns = statement.exported_columns
    row: Any = namedtuple("Row", [str(name) for name, _ in columns.items()]) if columns else None
    return _Plan(
        str(compiled),
        compiled.positional,
        tuple((name, changes[name]) for name in (compiled.positiontup if compiled.positional else changes) or ()),
        fixed,
        row._make if row else None,
        tuple(column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns),
    )


def _default(column: Column[Any]) -> Any:
    default: Any = column.default
    if not default.is_scalar:
        raise TypeError(f"{column} has a default that is not the same each time")
    return default.arg


def _found(connection: Connection, plan: _Plan, parameters: Any) -> Sequence[Sequence[Any]]:
    """What the cursor finds. By these two of its methods SQLAlchemy lets its dialects carry out statements of their
    own: whoever listens to statements hears of them, and errors are those of any other."""
    cursor = connection.connection.cursor()
    connection._cursor_execute(cursor, plan.sql, parameters)
    try:
        found = cursor.fetchall() if plan.row is not None else ()
    except Exception as error:
        connection._handle_dbapi_exception(error, plan.sql, parameters, cursor, None)
    cursor.close()
    return found
