"""docs/sla.md: its settings load, its sums are right, and its ticket lives as it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.settings import MINIMAL, loaded
from desk import CONFIG, Desk
from mailtix.cli import main
from mailtix.config.scalars import parse_duration
from mailtix.model.ticket import Priority
from mailtix.sla import ALWAYS

DOCS = (Path(__file__).parents[2] / "docs" / "sla.md").read_text(encoding="utf-8")
[SETTINGS] = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
[PRINTED] = re.findall(r"```text\n(.*?)```", DOCS, re.DOTALL)
CALENDARS = SETTINGS.partition("sla:")[0]
BERLIN = ZoneInfo("Europe/Berlin")
NOTHING = ""


def rows(begin: str) -> list[list[str]]:
    """The cells of the table whose heading begins so."""
    table = DOCS.partition(f"\n| {begin}")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def moment(text: str) -> datetime:
    """`Fri 2026-11-20 14:30` in Berlin; the day of the week must be right."""
    at = datetime.strptime(text[4:], "%Y-%m-%d %H:%M").replace(tzinfo=BERLIN)
    assert f"{at:%a}" == text[:3]
    return at


def shown(at: datetime | None) -> str:
    return f"{at.astimezone(BERLIN):%a %Y-%m-%d %H:%M}" if at else NOTHING


@pytest.mark.parametrize("row", rows("from |"), ids=lambda row: f"{row[0]} + {row[1]}")
def test_every_sum_of_working_time_is_right(tmp_path: Path, row: list[str]) -> None:
    calendars = {c.name: c.as_model() for c in loaded(tmp_path, MINIMAL + CALENDARS).calendars} | {ALWAYS.name: ALWAYS}
    begin, amount, end, name = row[:4]
    assert shown(calendars[name.strip("`")].add_working(moment(begin), parse_duration(amount))) == end


def happen(desk: Desk, what: str) -> None:
    match what:
        case "Ann asks":
            desk.receive("ann@example.org", "It burns.")
        case "Ann writes":
            desk.receive("ann@example.org", "It still burns.", reply_to=desk.notice_to("ann"))
        case "Ann's machine says that she is away":
            to = desk.notice_to("ann")
            desk.receive("ann@example.org", "I am away.", reply_to=to, Auto_Submitted="auto-replied")
        case "Bob answers":
            desk.receive("bob@desk.example", "Use water.", reply_to=desk.notice_to("bob"))
        case "Bob resolves it":
            desk.receive("bob@desk.example", "#resolve", reply_to=desk.notice_to("bob"))
        case _:
            raise AssertionError(what)


def test_the_ticket_of_the_page_is_due_when_it_says(
    new_desk: Callable[..., Desk], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, printed = new_desk(SETTINGS + CONFIG), ""
    monkeypatch.setattr("mailtix.verbs.tickets.clock", lambda: desk.now)
    story = rows("when |")
    assert len(story) == 7
    for when, what, first, following, resolution in story:
        desk.now = moment(when).astimezone(UTC)
        happen(desk, what)
        ticket = desk.ticket(1)
        due = (ticket.first_response_due, ticket.next_response_due, ticket.resolution_due)
        assert tuple(map(shown, due)) == (first, following, resolution), when
        if when == "Wed 2026-11-25 12:15":
            capsys.readouterr()
            assert main(["--config", str(desk.folder / "mailtix.yaml"), "tickets", "sla", ticket.number]) == 0
            printed = capsys.readouterr().out
    assert printed.startswith(PRINTED)


def test_the_hours_of_the_page_depend_on_the_priority_as_it_says(new_desk: Callable[..., Desk]) -> None:
    general = new_desk(SETTINGS + CONFIG).app.house.policy.sla.general
    assert [general.calendar(priority).name for priority in Priority] == ["office", "office", "office", "24/7", "24/7"]
