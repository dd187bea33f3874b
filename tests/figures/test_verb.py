"""`mailtix report` as it is typed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from desk import CONFIG, Desk
from mailtix.figures import REPORTS
from running import asked, called

TWO = """
companies:
  - {name: One, zone: Europe/Berlin, mailboxes: [{address: support@desk.example}]}
  - {name: Two, zone: Europe/Berlin, mailboxes: [{address: help@two.example}]}
agents:
  - {name: Bob Miller, email: bob@desk.example}
"""


def settings(desk: Desk) -> Path:
    return desk.folder / "mailtix.yaml"


@pytest.mark.parametrize("name", REPORTS)
def test_an_empty_desk_is_told_so_in_words(desk: Desk, name: str) -> None:
    said = called(settings(desk), "report", name)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Nothing to tell yet: Example, ")


def test_a_desk_that_was_never_started_is_told_so_too(tmp_path: Path) -> None:
    (tmp_path / "mailtix.yaml").write_text(f"database: sqlite:///{tmp_path}/new.db\n{CONFIG}")
    said = called(tmp_path / "mailtix.yaml", "report", "volume")
    assert (said.code, said.out[:20]) == (0, "Nothing to tell yet:")


def test_the_same_figures_come_in_every_form(desk: Desk, tmp_path: Path) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#resolve\nUse water.", reply_to=desk.notice_to("bob"))
    when = ("--since", "2026-11-20", "--until", "2026-11-20")

    told = called(settings(desk), "report", "volume", *when, "--chart", str(tmp_path / "chart.png"))
    assert told.out.splitlines()[0] == "Volume: Example, 2026-11-20 (UTC)"
    assert told.out.splitlines()[3].split()[:4] == ["2026-11-20", "1", "1", "1"]
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")

    [row] = csv.DictReader(io.StringIO(called(settings(desk), "report", "volume", *when, "--format", "csv").out))
    assert (row["day"], row["new"], row["resolution_rate"]) == ("2026-11-20", "1", "1.0")
    data = asked(settings(desk), "report", "volume", *when)
    assert (data["rows"][0]["resolved"], data["since"], data["zone"]) == (1, "2026-11-20T00:00:00+00:00", "UTC")
    page = called(settings(desk), "report", "volume", *when, "--format", "html").out
    assert page.startswith("<!doctype html>")
    assert "data:image/png;base64," in page


def test_agents_who_did_nothing_have_a_row_too(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "Use water.", reply_to=desk.notice_to("bob"))

    rows = asked(settings(desk), "report", "agents", "--since", "2026-11-20", "--until", "2026-11-20")["rows"]

    assert [(row["agent"], row["handled"], row["open"]) for row in rows] == [
        ("bob@desk.example", 1, 1),
        ("carla@desk.example", 0, 0),
    ]


def test_what_the_line_writes_of_surveys_and_missed_targets_is_what_is_counted(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("joe@example.net", "And mine?")
    desk.receive("bob@desk.example", "#close\nUse water.", reply_to=desk.notice_to("bob"))
    survey = next(mail for mail in desk.wait(hours=24) if mail.to == "joe@example.net")
    desk.receive("joe@example.net", "4 thanks", reply_to=survey)
    when = ("--since", "2026-11-20", "--until", "2026-11-22")

    [liked] = asked(settings(desk), "report", "satisfaction", *when)["totals"]
    assert (liked["asked"], liked["answers"], liked["satisfaction"], liked["marks_4"]) == (1, 1, 4.0, 1)
    kept = {row["target"]: row for row in asked(settings(desk), "report", "sla", *when)["totals"]}
    # Joe was answered and helped at once; Ann was not answered within four hours, nor helped within a day.
    assert (kept["first_response"]["met"], kept["first_response"]["missed"]) == (1, 1)
    assert (kept["resolution"]["met"], kept["resolution"]["missed"]) == (1, 1)


def test_one_companys_figures_are_its_own_and_on_its_own_clock(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(TWO)
    desk.now = desk.now.replace(hour=23, minute=30)  # half past midnight of the 21st in Berlin
    desk.receive("ann@example.org", "It burns.")
    desk.receive("ann@example.org", "It burns there, too.", to="help@two.example")

    def new(*more: str) -> list[tuple[str, int]]:
        when = ("--since", "2026-11-20", "--until", "2026-11-21")
        return [(r["day"], r["new"]) for r in asked(settings(desk), "report", "volume", *when, *more)["rows"]]

    assert new() == [("2026-11-20", 0), ("2026-11-21", 2)]
    assert new("--company", "Two") == [("2026-11-20", 0), ("2026-11-21", 1)]


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("--since", "soon"), "write 30d, 12h, 4w, or a date"),
        (("--since", "2026-11-20", "--until", "2026-11-01"), "is not before --until 2026-11-01"),
        (("--company", "Nobody"), "there is no company 'Nobody'; there are: Example"),
        (("--since", "1999-01-01"), "ask --by month"),
        (("--chart", "picture.jpg"), "name the file so: picture.png"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_to_do(desk: Desk, arguments: tuple[str, ...], hint: str) -> None:
    said = called(settings(desk), "report", "volume", *arguments)
    assert (said.code, said.out) == (2, "")
    assert hint in said.err
