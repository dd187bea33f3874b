"""Tables → plain text, CSV, JSON and HTML."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from html import escape

from mailtix.figures.definitions import Unit
from mailtix.figures.tables import Table, Value

# A spreadsheet would carry these out as a formula (OWASP, "CSV Injection"); categories and names come from people.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_STYLE = """\
body { font: 15px/1.5 system-ui, sans-serif; color: #1f2530; margin: 2em; }
table { border-collapse: collapse; }
th, td { padding: .35em .8em; border-bottom: 1px solid #e2e5ea; text-align: right; }
th:first-child, td:first-child { text-align: left; }
tr:last-child td { font-weight: 600; }
"""


def shown(value: Value, unit: Unit | None) -> str:
    """A value as people read it: 87 %, 1 h 05 min, 4.3; "–" for what cannot be said."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    match unit:
        case Unit.SHARE:
            return f"{100 * value:.0f} %"
        case Unit.SECONDS:
            return span(round(value))
        case Unit.MARK:
            return f"{value:.1f}"
        case _:
            return f"{value:,}"


def span(seconds: int) -> str:
    """A length of time in the two largest units that say it: 42 s, 7 min, 1 h 05 min, 3 d 4 h."""
    if seconds < 60:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    if hours < 48:
        return f"{hours} h {minutes:02} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"


def cells(table: Table) -> list[list[str]]:
    """Every row as people read it, the totals last, without the headings."""
    units = [column.unit for column in table.columns]
    rows = (*table.rows, *table.totals)
    return [[shown(value, unit) for value, unit in zip(row, units, strict=True)] for row in rows]


def as_text(table: Table) -> str:
    """Columns that line up in a plain text, names to the left and figures to the right."""
    lines = [[column.title for column in table.columns], *cells(table)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lefts = [column.unit is None for column in table.columns]
    return "".join(f"{_in_line(line, widths, lefts)}\n" for line in lines)


def _in_line(line: list[str], widths: list[int], lefts: list[bool]) -> str:
    sides = zip(line, widths, lefts, strict=True)
    return "  ".join(cell.ljust(width) if left else cell.rjust(width) for cell, width, left in sides).rstrip()


def as_csv(table: Table) -> str:
    """Plain figures with a line of keys first, without totals; times in seconds, shares from 0 to 1. Lines end as RFC
    4180 has it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(column.name for column in table.columns)
    for row in table.rows:
        writer.writerow(_harmless(_plain(value)) for value in row)
    return out.getvalue()


def as_json(table: Table, about: Mapping[str, object]) -> str:
    """An object that says what the figures are about, with `rows` and `totals` as objects."""
    names = [column.name for column in table.columns]
    rows, totals = (
        [dict(zip(names, map(_plain, row), strict=True)) for row in part] for part in (table.rows, table.totals)
    )
    return json.dumps({"report": table.name, **about, "rows": rows, "totals": totals}, ensure_ascii=False, indent=2)


def as_html(table: Table, about: str, chart: str = "") -> str:
    """A page of its own. `chart` is the picture's URL, such as data:image/png;base64,…"""
    head = "".join(f"<th>{escape(column.title)}</th>" for column in table.columns)
    body = "\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in cells(table))
    picture = f'<p><img alt="{escape(table.title)}" src="{escape(chart)}"></p>\n' if chart else ""
    return f"""\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{escape(table.title)}</title>
<style>
{_STYLE}</style></head>
<body>
<h1>{escape(table.title)}</h1>
<p>{escape(about)}</p>
{picture}<table>
<thead><tr>{head}</tr></thead>
<tbody>
{body}
</tbody>
</table>
</body>
</html>
"""


def _plain(value: Value) -> Value:
    return round(value, 4) if isinstance(value, float) else value


def _harmless(value: Value) -> Value:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
