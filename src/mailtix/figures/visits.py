"""Tokens for visits, counted → the table of their report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mailtix.figures.counts import Spread, ratio
from mailtix.figures.definitions import FIGURES
from mailtix.figures.periods import By
from mailtix.figures.tables import TOTAL, Chart, Column, Row, Table

# What tokens have; they have no priority, status or team.
ROWS = (By.DAY, By.WEEK, By.MONTH, By.CATEGORY, By.AGENT)
_FIGURES = (
    "tokens_issued", "tokens_closed", "tokens_open", "with_ticket", "tokens_printed", "median", "mean", "p90",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Issued:
    """Tokens that were issued: all, those with a ticket, and those that have been printed."""

    all: int = 0
    with_ticket: int = 0
    printed: int = 0


@dataclass(frozen=True, slots=True)
class Visits:
    """What was counted of tokens, by the key of the row. `closed` says how long those were open that were closed (on
    the wall clock: a visit has no pauses), `open` how many were open at the end of the row's period."""

    issued: Mapping[str, Issued] = field(default_factory=dict)
    closed: Mapping[str, Spread] = field(default_factory=dict)
    open: Mapping[str, int] = field(default_factory=dict)


def tokens(visits: Visits, total: Visits, keys: Iterable[str], by: By) -> Table:
    """How many visits there were, and how long they took; `total` was counted on its own, under the key ""."""
    ordered = list(keys) if by.is_time else sorted(keys, key=lambda key: (not key, key))
    figures = (FIGURES[name] for name in _FIGURES)
    columns = (Column(str(by), by.capitalize()), *(Column(f.name, f.title, f.unit) for f in figures))
    rows = tuple((key or f"no {by}", *_figures(visits, key)) for key in ordered)
    totals = ((TOTAL, *_figures(total, "")),)
    return Table("tokens", "Tokens", columns, rows, totals, Chart(("tokens_issued", "tokens_closed"), "tokens_open"))


def _figures(visits: Visits, key: str) -> Row:
    issued, closed = visits.issued.get(key, Issued()), visits.closed.get(key)
    times: Sequence[int | None] = closed.wall if closed else (None, None, None)
    share = ratio(issued.with_ticket, issued.all)
    return (issued.all, closed.count if closed else 0, visits.open.get(key, 0), share, issued.printed, *times)
