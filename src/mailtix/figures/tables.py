"""Counts → tables: which figures a report shows, and what of it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mailtix.figures.counts import Counts, Created, Kept, Marks, Moves, Spread, ratio
from mailtix.figures.definitions import FIGURES, Unit
from mailtix.figures.periods import By
from mailtix.model.ticket import Priority, Status

Value = str | int | float | None
Row = tuple[Value, ...]
# What names a row about everything.
TOTAL = "total"
TARGETS = ("first_response", "next_response", "resolution")
_ORDER: Mapping[By, Sequence[str]] = {By.PRIORITY: [str(p) for p in reversed(Priority)], By.STATUS: list(Status)}


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `name` is its key in CSV and JSON; `unit` None: it names the row."""

    name: str
    title: str
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """What of a table is drawn: these columns as bars (or lines, when rows are time), `over` as a line across them."""

    columns: tuple[str, ...]
    over: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A finished report. Shares are 0 to 1, times whole seconds; None is what cannot be said, such as the mean of
    nothing. `totals` are rows about everything, for medians and shares cannot be added up."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    totals: tuple[Row, ...]
    chart: Chart = field(default_factory=lambda: Chart(()))

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell: no row has any figure but 0."""
        units = [column.unit for column in self.columns]
        return not any(value for row in self.rows for value, unit in zip(row, units, strict=True) if unit)


def volume(counts: Counts, total: Counts, keys: Sequence[str], by: By) -> Table:
    """How much came in, was handled, resolved, and is left."""
    names = (
        "new", "handled", "resolved", "resolution_rate", "reopened", "reopen_rate", "one_touch_rate", "backlog",
        "first_response_median", "resolution_median",
    )  # fmt: skip
    rows = _rows(counts, total, keys, by, names)
    return Table("volume", "Volume", _columns(by, names), *rows, Chart(("new", "resolved"), "backlog"))


def agents(counts: Counts, total: Counts, keys: Sequence[str], by: By) -> Table:
    """Who did what, how fast and how well, and who has how much."""
    names = (
        "handled", "resolved", "resolution_rate", "reopen_rate", "one_touch_rate", "first_response_median",
        "resolution_median", "sla_share", "satisfaction", "answers", "open",
    )  # fmt: skip
    rows = _rows(counts, total, keys, by, names)
    return Table("agents", "Agents", _columns(by, names), *rows, Chart(("handled", "resolved", "open")))


def satisfaction(counts: Counts, total: Counts, keys: Sequence[str], by: By) -> Table:
    """What customers answered to surveys."""
    names = ("asked", "answers", "answer_rate", "satisfaction", "good_share", *(f"marks_{n}" for n in range(1, 6)))
    rows = _rows(counts, total, keys, by, names)
    return Table("satisfaction", "Satisfaction", _columns(by, names), *rows, Chart(("satisfaction",)))


def sla(counts: Counts, total: Counts, keys: Sequence[str], by: By) -> Table:
    """What was promised and kept, and how long things took; a row for each target of each key."""
    names = (
        "met", "missed", "sla_share", "reached", "median", "mean", "p90",
        "working_median", "working_mean", "working_p90",
    )  # fmt: skip
    rows = tuple((_shown(key, by), *row) for key in _ordered(keys, by) for row in _target_rows(counts, key))
    totals = tuple((TOTAL, *row) for row in _target_rows(total, ""))
    first, *others = _columns(by, names)
    return Table("sla", "SLA", (first, Column("target", "Target"), *others), rows, totals, Chart(("sla_share",)))


REPORTS: Mapping[str, Callable[[Counts, Counts, Sequence[str], By], Table]] = {
    "volume": volume,
    "agents": agents,
    "sla": sla,
    "satisfaction": satisfaction,
}


def _target_rows(counts: Counts, key: str) -> Iterable[Row]:
    for target in TARGETS:
        kept, spread = counts.kept.get((key, target), Kept()), counts.spreads.get((key, target))
        if spread is not None or kept.met or kept.missed:
            times: Row = (*spread.wall, *spread.working) if spread else (None,) * 6
            yield (target, kept.met, kept.missed, kept.share, spread.count if spread else 0, *times)


def _columns(by: By, names: Iterable[str]) -> tuple[Column, ...]:
    figures = (FIGURES[name] for name in names)
    return (Column(str(by), by.capitalize()), *(Column(f.name, f.title, f.unit) for f in figures))


def _rows(
    counts: Counts, total: Counts, keys: Sequence[str], by: By, names: Sequence[str]
) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """The rows and the totals; `total` was counted on its own, under the key ""."""
    rows = tuple((_shown(key, by), *(_READ[name](counts, key) for name in names)) for key in _ordered(keys, by))
    return rows, ((TOTAL, *(_READ[name](total, "") for name in names)),)


def _ordered(keys: Sequence[str], by: By) -> list[str]:
    """Time and what has an order of its own in that order, names by the alphabet, what has none last."""
    if by.is_time:
        return list(keys)
    order = _ORDER.get(by, ())
    return sorted(set(keys), key=lambda key: (not key, order.index(key) if key in order else len(order), key))


def _shown(key: str, by: By) -> str:
    return key or f"no {by}"


def _created(counts: Counts, key: str) -> Created:
    return counts.created.get(key, Created())


def _moves(counts: Counts, key: str) -> Moves:
    return counts.moves.get(key, Moves())


def _marks(counts: Counts, key: str) -> Marks:
    return counts.marks.get(key, Marks())


def _median(spread: Spread | None) -> int | None:
    return spread.wall[0] if spread else None


def _all_kept(counts: Counts, key: str) -> Kept:
    kept = [counts.kept.get((key, target), Kept()) for target in TARGETS]
    return Kept(sum(k.met for k in kept), sum(k.missed for k in kept))


def _given(mark: int) -> Callable[[Counts, str], Value]:
    return lambda counts, key: _marks(counts, key).by_mark[mark - 1]


# One figure of one row, by the figure's name.
_READ: Mapping[str, Callable[[Counts, str], Value]] = {
    "new": lambda counts, key: _created(counts, key).new,
    "handled": lambda counts, key: counts.handled.get(key, 0),
    "resolved": lambda counts, key: _moves(counts, key).resolved,
    "resolution_rate": lambda counts, key: ratio(_created(counts, key).done, _created(counts, key).new),
    "reopened": lambda counts, key: _moves(counts, key).reopened,
    "reopen_rate": lambda counts, key: ratio(_moves(counts, key).reopened, _moves(counts, key).resolved),
    "one_touch_rate": lambda counts, key: ratio(_moves(counts, key).one_touch, _moves(counts, key).resolved),
    "backlog": lambda counts, key: counts.backlog.get(key, 0),
    "open": lambda counts, key: counts.open.get(key, 0),
    "first_response_median": lambda counts, key: _median(counts.spreads.get((key, "first_response"))),
    "resolution_median": lambda counts, key: _median(counts.spreads.get((key, "resolution"))),
    "sla_share": lambda counts, key: _all_kept(counts, key).share,
    "asked": lambda counts, key: _marks(counts, key).asked,
    "answers": lambda counts, key: _marks(counts, key).answers,
    "answer_rate": lambda counts, key: ratio(_marks(counts, key).answers, _marks(counts, key).asked),
    "satisfaction": lambda counts, key: _marks(counts, key).mean,
    "good_share": lambda counts, key: _marks(counts, key).good,
    **{f"marks_{mark}": _given(mark) for mark in range(1, 6)},
}
