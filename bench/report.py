"""The figures for people: one table, and the ratios to Postfix in the same run."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from bench.runs import Figures

_COLUMNS = (
    ("accepted/s", "accepted", ".0f"),
    ("ticketed/s", "ticketed", ".0f"),
    ("delivered/s", "delivered", ".0f"),
    ("p50 ms", "p50", ".1f"),
    ("p99 ms", "p99", ".1f"),
    ("CPU ms/mail", "server_cpu", ".2f"),
    ("driver's CPU", "driver_cpu", ".2f"),
    ("memory MB", "memory", ".0f"),
)

_TITLE = """Medians. load: connections x mails in each; latency: from DATA to its 250;
rates: from the first connection on; CPU: ms a mail; memory: of all processes, what they share counts once"""


def show(figures: Sequence[Figures], console: Console) -> None:
    """Prints the table, then what became of the mails and how mailtix stands beside Postfix."""
    table = Table(title=_TITLE)
    for name in ("server", "load", *(title for title, _, _ in _COLUMNS)):
        table.add_column(name, justify="left" if name == "server" else "right")
    for run in figures:
        table.add_row(run.server, run.load, *(_cell(getattr(run, name), form) for _, name, form in _COLUMNS))
    console.print(table)
    for run in figures:
        if run.outcomes:
            told = ", ".join(f"{count} {outcome}" for outcome, count in run.outcomes.items())
            console.print(f"mailtix {run.load}: {told}")
    for line in ratios(figures):
        console.print(line)


def ratios(figures: Sequence[Figures]) -> list[str]:
    """One line for each load that mailtix and Postfix both had."""
    held = {run.load: run for run in figures if run.server == "postfix hold"}
    return [
        f"{run.load}: accepted {run.accepted / held[run.load].accepted:.2f} x Postfix hold, "
        f"ticketed {run.ticketed / held[run.load].accepted:.2f} x Postfix hold"
        for run in figures
        if run.server == "mailtix" and run.load in held and run.ticketed is not None
    ]


def _cell(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)
