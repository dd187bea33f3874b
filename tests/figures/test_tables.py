"""Counts in tables, and the forms that tables are written in."""

from __future__ import annotations

import csv
import io
import json

import pytest

from mailtix import charts
from mailtix.figures import (
    REPORTS,
    By,
    Chart,
    Column,
    Counts,
    Created,
    Kept,
    Marks,
    Moves,
    Spread,
    Table,
    Unit,
    backlog,
    sla,
    volume,
)
from mailtix.figures.formats import as_csv, as_html, as_json, as_text, shown, span

DAYS = ["2026-11-19", "2026-11-20"]
COUNTS = Counts(
    created={DAYS[0]: Created(4, 1), DAYS[1]: Created(1, 1)},
    handled={DAYS[0]: 3},
    moves={DAYS[0]: Moves(resolved=2, one_touch=1, reopened=1, left=2, back=1)},
    backlog={DAYS[0]: 3, DAYS[1]: 4},
    spreads={(DAYS[0], "first_response"): Spread(3, (3900, 4000, 5000), (60, 61, 62))},
)
TOTAL = Counts(created={"": Created(5, 2)}, moves={"": Moves(2, 1, 1, 2, 1)}, backlog={"": 4})
HOSTILE = '=HYPERLINK("x") <b>&"\'$'


def one(table: Table, key: str) -> dict[str, object]:
    [row] = [row for row in table.rows if row[0] == key]
    return dict(zip((column.name for column in table.columns), row, strict=True))


def test_rates_are_shares_of_the_same_row_and_unknown_where_there_is_nothing_to_share() -> None:
    table = volume(COUNTS, TOTAL, DAYS, By.DAY)

    first, second = one(table, DAYS[0]), one(table, DAYS[1])
    # One of four is done; one of two resolved took one answer, and one came back.
    assert (first["resolution_rate"], first["one_touch_rate"], first["reopen_rate"]) == (0.25, 0.5, 0.5)
    assert (first["handled"], first["backlog"], first["first_response_median"]) == (3, 3, 3900)
    assert (second["handled"], second["one_touch_rate"], second["first_response_median"]) == (0, None, None)
    assert table.totals[0][:2] == ("total", 5)


def test_a_backlog_is_counted_back_day_by_day() -> None:
    # 7 are open now, 1 more than at the end of the second day. On that day 1 came: at the end of the first 5 were open.
    assert backlog(7, DAYS, COUNTS.created, COUNTS.moves, 1) == {DAYS[0]: 5, DAYS[1]: 6}


def test_rows_stand_in_the_order_of_what_they_are() -> None:
    def keys(by: By, *found: str) -> list[object]:
        counts = Counts(created={key: Created(1) for key in found})
        return [row[0] for row in volume(counts, Counts(), found, by).rows]

    assert keys(By.PRIORITY, "low", "critical", "medium") == ["critical", "medium", "low"]
    assert keys(By.STATUS, "closed", "open", "resolved") == ["open", "resolved", "closed"]
    assert keys(By.CATEGORY, "", "zoo", "art") == ["art", "zoo", "no category"]
    assert keys(By.DAY, *reversed(DAYS)) == list(reversed(DAYS))


def test_promises_have_a_row_for_each_target_that_ran() -> None:
    counts = Counts(
        kept={("high", "resolution"): Kept(3, 1), ("high", "first_response"): Kept(1, 0)},
        spreads={("low", "resolution"): Spread(1, (10, 10, 10), (5, 5, 5))},
    )
    table = sla(counts, Counts(), ["low", "high"], By.PRIORITY)

    assert [row[:6] for row in table.rows] == [
        ("high", "first_response", 1, 0, 1.0, 0),
        ("high", "resolution", 3, 1, 0.75, 0),
        ("low", "resolution", 0, 0, None, 1),
    ]
    assert table.rows[2][6:] == (10, 10, 10, 5, 5, 5)


def test_marks_are_told_by_mean_and_share() -> None:
    marks = Marks(10, (1, 0, 0, 1, 2))
    # (1 + 4 + 5 + 5) / 4, and three of four are 4 or 5
    assert (marks.answers, marks.mean, marks.good) == (4, 3.75, 0.75)
    assert (Marks(3).mean, Marks(3).good) == (None, None)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, Unit.SHARE, "–"),
        (0.876, Unit.SHARE, "88 %"),
        (1234567, Unit.COUNT, "1,234,567"),
        (4.25, Unit.MARK, "4.2"),
        (59, Unit.SECONDS, "59 s"),
        (3900, Unit.SECONDS, "1 h 05 min"),
        ("billing", None, "billing"),
    ],
)
def test_values_are_shown_as_people_read_them(value: float | str | None, unit: Unit | None, text: str) -> None:
    assert shown(value, unit) == text


def test_lengths_of_time_take_two_units_at_most() -> None:
    assert [span(seconds) for seconds in (0, 60, 3570, 47 * 3600, 48 * 3600, 100 * 3600)] == [
        "0 s",
        "1 min",
        "1 h 00 min",
        "47 h 00 min",
        "2 d 0 h",
        "4 d 4 h",
    ]


def test_the_plain_text_lines_up() -> None:
    text = as_text(volume(COUNTS, TOTAL, DAYS, By.DAY))
    lines = text.splitlines()
    assert [line.split()[0] for line in lines] == ["Day", *DAYS, "total"]
    assert len({len(line) for line in lines}) == 1


def test_csv_holds_plain_figures_and_no_formula() -> None:
    counts = Counts(created={HOSTILE: Created(3, 1)})
    read = list(csv.DictReader(io.StringIO(as_csv(volume(counts, counts, [HOSTILE], By.CATEGORY)))))

    [row] = read
    assert (row["category"], row["new"], row["resolution_rate"]) == (f"'{HOSTILE}", "3", "0.3333")
    assert row["first_response_median"] == ""


def test_json_tells_totals_apart_from_rows() -> None:
    data = json.loads(as_json(volume(COUNTS, TOTAL, DAYS, By.DAY), {"zone": "UTC"}))

    assert (data["report"], data["zone"], [row["day"] for row in data["rows"]]) == ("volume", "UTC", DAYS)
    assert (data["totals"][0]["new"], data["rows"][1]["first_response_median"]) == (5, None)


def test_the_page_escapes_what_people_have_named() -> None:
    counts = Counts(created={HOSTILE: Created(1)})
    page = as_html(volume(counts, counts, [HOSTILE], By.CATEGORY), HOSTILE, "data:image/png;base64,AA==")
    assert "<b>" not in page
    assert page.count("&lt;b&gt;") == 2
    assert 'src="data:image/png;base64,AA=="' in page


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_can_be_made_of_nothing(name: str) -> None:
    table = REPORTS[name](Counts(), Counts(), DAYS, By.DAY)
    assert table.empty
    assert charts.draw(table) == b""
    assert as_csv(table).startswith("day,")


@pytest.mark.parametrize("by", [By.DAY, By.CATEGORY])
@pytest.mark.parametrize("report", [volume, sla])
def test_a_chart_is_a_png_that_is_the_same_each_time(by: By, report: object) -> None:
    counts = Counts(
        created={HOSTILE: Created(3)},
        kept={(HOSTILE, "resolution"): Kept(1, 2), (HOSTILE, "first_response"): Kept(2)},
    )
    table = report(counts, counts, [HOSTILE, "2026-11-20"], by)  # type: ignore[operator]
    picture = charts.draw(table)
    assert picture.startswith(b"\x89PNG\r\n")
    assert charts.draw(table) == picture


def test_names_in_a_script_that_the_font_lacks_are_drawn_without_a_warning() -> None:
    counts = Counts(created={"請求書": Created(3), "فاتورة": Created(1)})
    table = volume(counts, counts, ["請求書", "فاتورة"], By.CATEGORY)
    assert charts.draw(table, {"new": "新規 $x$"}).startswith(b"\x89PNG")


def test_a_chart_of_very_many_names_draws_the_first() -> None:
    rows = tuple((f"name {n}", n + 1) for n in range(5000))
    columns = (Column("category", "Category"), Column("new", "New", Unit.COUNT))
    picture = charts.draw(Table("x", "X", columns, rows, (), Chart(("new",))))
    assert 1_000 < len(picture) < 100_000
