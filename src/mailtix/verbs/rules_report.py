"""What a backtest found, for people: in the terminal, and as a page of HTML that stands alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape as as_text

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mailtix.rules import RuleSet
from mailtix.rules.backtest import Difference, Load, Tally

Row = tuple[str, ...]
_STYLE = (
    "body{font:15px sans-serif;margin:2em}table{border-collapse:collapse}"
    "td,th{border:1px solid #ccc;padding:.3em .6em;text-align:left}"
)


def _summary(tally: Tally) -> str:
    asked = f"{tally.mails:,} mails; rules were asked {tally.asked:,} times"
    return f"{asked}; {tally.changed:,} would come out otherwise ({tally.share:.1f} %)"


def _tables(tally: Tally) -> Iterator[tuple[str, Row, Sequence[Row]]]:
    """Each table that has something to tell: title, heads, rows."""
    moves = [(field, old or "none", new or "none", f"{n:,}") for (field, old, new), n in tally.moves.most_common()]
    yield "Fields", ("Field", "From", "To", "Mails"), moves
    yield "Would match", ("Rule", "Mails"), [(rule, f"{n:,}") for rule, n in tally.gained.most_common()]
    yield "Would match no more", ("Rule", "Mails"), [(rule, f"{n:,}") for rule, n in tally.lost.most_common()]
    moved = [load for load in tally.loads if (load.before, load.most_before) != (load.after, load.most_after)]
    yield "New tickets by agent", ("Agent", "Before", "After", "Change", "Most at once"), [_load(m) for m in moved]
    yield "Some of them", ("Mail or moment", "Ticket", "From", "Subject", "What"), [_sample(s) for s in tally.samples]


def _load(load: Load) -> Row:
    most = f"{load.most_before:,} → {load.most_after:,}" if load.agent else ""
    change = f"{load.after - load.before:+,}"
    return load.agent or "nobody", f"{load.before:,}", f"{load.after:,}", change, most


def _sample(sample: Difference) -> Row:
    what = [f"{field}: {old or 'none'} → {new or 'none'}" for field, old, new in sample.fields]
    what += [f"no more: {rule}" for rule in sample.lost] + [f"now: {rule}" for rule in sample.gained]
    return sample.name, sample.ticket, sample.sender, sample.subject, "; ".join(what)


def show(tally: Tally, console: Console) -> None:
    """Prints the summary and the tables."""
    console.print(_summary(tally))
    for title, heads, rows in _tables(tally):
        if rows:
            table = Table(*heads, title=title, title_justify="left")
            for row in rows:
                table.add_row(*(escape(cell) for cell in row))
            console.print(table)


def as_html(tally: Tally, before: RuleSet, after: RuleSet) -> str:
    """The same as a page; it loads nothing from elsewhere."""
    parts = [
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Backtest of rules</title><style>{_STYLE}</style>',
        f"<h1>Backtest of rules</h1><p>{as_text(_summary(tally))}</p>",
        f"<p>{_rules('Before', before)} {_rules('After', after)}</p>",
    ]
    for title, heads, rows in _tables(tally):
        if rows:
            lines = [_line("th", heads), *(_line("td", row) for row in rows)]
            parts.append(f"<h2>{as_text(title)}</h2><table>{''.join(lines)}</table>")
    return "\n".join([*parts, "</html>", ""])


def _rules(when: str, rules: RuleSet) -> str:
    return f"{when}: {len(rules.rules)} rules ({rules.version[:12]})."


def _line(tag: str, cells: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{as_text(cell)}</{tag}>' for cell in cells)}</tr>"
