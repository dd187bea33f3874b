"""What a bulletin is made of, and figures in the words of its reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailtix import charts, figures
from mailtix.figures.formats import shown
from mailtix.figures.tables import TARGETS, Value
from mailtix.model.decision import Row, Table
from mailtix.render.words import Words

# Figures and columns whose name is another thing's already: `open` is a status.
_WORD = {"open": "open_now"}
_FIELDS = ("status", "priority", "category", "team")


@dataclass(frozen=True, slots=True)
class Content:
    """What one mail tells: about which time, in tables, and in pictures (what each shows, and its PNG)."""

    about: str
    tables: tuple[Table, ...]
    pictures: tuple[tuple[str, bytes], ...] = ()


def told(table: figures.Table, title: str, names: Sequence[str], words: Words) -> Table:
    """Some columns of a table of figures, those that name a row first."""
    columns = [column for column in table.columns if column.unit is None or column.name in names]
    places = [table.columns.index(column) for column in columns]
    named = _named(table, words)
    rows = ([shown(row[place], table.columns[place].unit) for place in places] for row in (*named.rows, *named.totals))
    return Table(title, tuple(label(column.name, words) for column in columns), tuple(Row(tuple(row)) for row in rows))


def _named(table: figures.Table, words: Words) -> figures.Table:
    """The table with its rows named in the reader's language: priorities, targets, and what has no name."""
    nameless = f"no {table.columns[0].name}"

    def named(row: tuple[Value, ...]) -> tuple[Value, ...]:
        pairs = zip(row, table.columns, strict=True)
        return tuple(value if column.unit else word(str(value)) for value, column in pairs)

    def word(name: str) -> str:
        return "–" if name == nameless else words.labels.get(name, name)

    return replace(table, rows=tuple(map(named, table.rows)), totals=tuple(map(named, table.totals)))


def compared(now: figures.Table, before: figures.Table, names: Sequence[str], words: Words) -> tuple[Row, ...]:
    """The totals of two tables side by side, a row for each figure."""
    places = {column.name: (place, column.unit) for place, column in enumerate(now.columns)}
    rows = []
    for name in names:
        place, unit = places[name]
        values = (shown(table.totals[0][place], unit) if table.totals else "–" for table in (now, before))
        rows.append(Row((label(name, words), *values)))
    return tuple(rows)


def picture(table: figures.Table, title: str, words: Words) -> tuple[tuple[str, bytes], ...]:
    """The table's chart with its title; nothing when there is nothing to draw."""
    titles = {name: label(name, words) for name in (*table.chart.columns, table.chart.over, *TARGETS) if name}
    png = charts.draw(_named(table, words), titles)
    return ((title, png),) if png else ()


def label(name: str, words: Words) -> str:
    """The word for a figure, or for what stands in a column."""
    return words.fields[name] if name in _FIELDS else words.label(_WORD.get(name, name))
