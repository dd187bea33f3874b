"""The table of targets: what mailtix is to reach, and what it reached today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Row:
    """One target. `ratio` is the figure divided by that of Postfix in the same run; `met` is None where it could not be
    judged: Postfix is not there, or this was a quick run of what needs a long one."""

    what: str
    at_least: str
    aim: str
    measured: str
    ratio: float | None = None
    met: bool | None = None


def against_postfix(what: str, rate: float, anchor: float | None, wanted: tuple[float, float]) -> Row:
    """A rate in mails a second that is to reach `wanted` (at least, aim) times what Postfix does."""
    least, aim = (f"{factor:g} x Postfix" for factor in wanted)
    ratio = rate / anchor if anchor else None
    return Row(what, least, aim, f"{rate:,.0f}/s", ratio, None if ratio is None else ratio >= wanted[0])


def below(what: str, value: float, limit: float, unit: str, note: str = "") -> Row:
    """A value that is to stay under a limit."""
    return Row(what, f"under {limit:g} {unit}", "", f"{value:,.1f} {unit}{note}", None, value < limit)


def show(rows: Sequence[Row], console: Console) -> None:
    """Prints the table."""
    table = Table(title="Targets, medians; Postfix keeps its mail on hold, durable, and does no more")
    for name in ("what", "at least", "aim", "measured", "times Postfix", "met?"):
        table.add_column(name, justify="right" if name == "times Postfix" else "left")
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        table.add_row(row.what, row.at_least, row.aim, row.measured, ratio, _word(row.met))
    console.print(table)


def _word(met: bool | None) -> str:
    return {True: "yes", False: "no", None: "not judged"}[met]
