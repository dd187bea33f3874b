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

from sqlalchemy import Column, Connection, Dialect, Insert, Select, Update, bindparam
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import TextualSelect

Values = Mapping[str, Any]
Statement = Select[Any] | TextualSelect | Insert | Update
_Change = Callable[[Any], Any]

# Of lists that are longer, as few mails have them, each length is not worth a plan of its own.
_LONGEST_LIST = 10
# Rows that are inserted by one statement: more than nearly any mail has of a kind.
_MOST_AT_ONCE = 10


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
    """A statement, or what makes it for the dialect of that name (sqlite, postgresql)."""

    def __init__(self, statement: Statement | Callable[[str], Statement]) -> None:
        self._statement = statement
        self._plans: dict[tuple[Any, ...], _Plan] = {}
        self._lists: tuple[str, ...] | None = None

    def all(self, session: Session, values: Values) -> list[Any]:
        """Every row that it finds or returns. An UPDATE or INSERT without RETURNING has none."""
        connection = session.connection()
        lists = self._lists if self._lists is not None else self._lists_of(connection.dialect)
        if any(len(values[name]) > _LONGEST_LIST for name in lists):
            return list(connection.execute(self.statement(connection.dialect), values))
        plan = self._plan(connection.dialect, values, lists)
        if lists:
            values = dict(values)
            for name in lists:
                values |= {f"{name}_{place}": value for place, value in enumerate(values[name], 1)}
        return plan.rows(_found(connection, plan, plan.parameters(values)))

    def one(self, session: Session, values: Values) -> Any:
        """The only row, None when there is none."""
        rows = self.all(session, values)
        if len(rows) > 1:
            raise ValueError(f"{len(rows)} rows where one was wanted")
        return rows[0] if rows else None

    def many(self, session: Session, rows: Sequence[Values]) -> None:
        """Inserts these rows, which are all of one shape. Some are one statement: on PostgreSQL each for itself would
        go there and back."""
        connection = session.connection()
        for start in range(0, len(rows), _MOST_AT_ONCE):
            some = rows[start : start + _MOST_AT_ONCE]
            values = {f"{name}_{place}": value for place, row in enumerate(some, 1) for name, value in row.items()}
            key = (connection.dialect.name, len(some), *rows[0])
            plan = self._plans.get(key)
            if plan is None:
                insert = _of_rows(self.statement(connection.dialect), tuple(rows[0]), len(some))
                plan = self._plans[key] = _planned(insert, connection.dialect, values, ())
            _found(connection, plan, plan.parameters(values))

    def statement(self, dialect: Dialect) -> Statement:
        """The statement itself, as SQLAlchemy would carry it out."""
        return self._statement(dialect.name) if callable(self._statement) else self._statement

    def _plan(self, dialect: Dialect, values: Values, lists: tuple[str, ...]) -> _Plan:
        key = (dialect.name, *values, *[len(values[name]) for name in lists])
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = _planned(self.statement(dialect), dialect, values, lists)
        return plan

    def _lists_of(self, dialect: Dialect) -> tuple[str, ...]:
        """The parameters that are lists, as those of IN are; only a SELECT has them."""
        statement = self.statement(dialect)
        binds = _compiled(statement, dialect, ()).binds if isinstance(statement, Select) else {}
        self._lists = tuple(name for name, bind in binds.items() if bind.expanding)
        return self._lists


def _of_rows(statement: Statement, names: Sequence[str], count: int) -> Statement:
    """The INSERT for so many rows; their values have the number of the row behind their name."""
    assert isinstance(statement, Insert)
    types = {name: statement.table.columns[name].type for name in names}
    return statement.values(
        [
            {name: bindparam(f"{name}_{place}", type_=type_) for name, type_ in types.items()}
            for place in range(1, count + 1)
        ]
    )


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
