"""docs/reports.md says of each figure what the program means by it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from desk import CONFIG, Desk
from mailtix.figures import FIGURES, REPORTS, Figure
from mailtix.recurring import Job
from running import asked

DOCS = (Path(__file__).parents[2] / "docs" / "reports.md").read_text("utf-8")


@pytest.mark.parametrize("figure", FIGURES.values(), ids=lambda figure: figure.name)
def test_each_figure_is_defined_in_the_same_words(figure: Figure) -> None:
    assert f"| `{figure.name}` | {figure.title} | {figure.unit} | {figure.meaning} |" in DOCS


@pytest.mark.parametrize("name", [*REPORTS, *Job])
def test_each_report_and_each_recurring_mail_is_explained(name: str) -> None:
    assert re.search(rf"^\| `{name}` \| \S", DOCS, re.MULTILINE)


def test_the_small_week_of_the_page_is_counted_as_it_says(new_desk: Callable[..., Desk]) -> None:
    """The three tickets are lived through by mail, and the whole line writes what is counted."""
    targets = "sla: {targets: {medium: {first_response: 1h, resolution: 24h}}}\n"
    desk = new_desk(targets + CONFIG)
    for name in ("Fire", "Parcel", "Advert"):
        desk.receive("ann@example.org", "Please help.", subject=name)
    fire, parcel, advert = ([m for m in desk.courier.sent if m.to.startswith(who) and name in m.subject][-1]
                            for who, name in (("bob", "Fire"), ("carla", "Parcel"), ("bob", "Advert")))  # fmt: skip
    desk.receive("bob@desk.example", "#status cancelled", reply_to=advert)
    desk.wait(hours=1)
    [answer] = desk.receive("bob@desk.example", "Use water.", reply_to=fire)
    desk.wait(hours=1)
    desk.receive("carla@desk.example", "It is on its way.", reply_to=parcel)
    desk.wait(hours=1)
    desk.receive("bob@desk.example", "#resolve", reply_to=fire)
    desk.wait(hours=3)
    desk.receive("carla@desk.example", "#close\nIt has arrived.", reply_to=parcel)
    desk.wait(hours=24)
    desk.receive("ann@example.org", "It burns again.", reply_to=answer)
    assert [ticket.status for ticket in desk.tickets()] == ["reopened", "closed", "cancelled"]

    since = ("--since", "2026-11-20", "--until", "2026-11-21")
    first, second = asked(desk.folder / "mailtix.yaml", "report", "volume", *since)["rows"]
    targets_kept = asked(desk.folder / "mailtix.yaml", "report", "sla", *since)["totals"]

    expected = {"day": "2026-11-20", "new": 3, "handled": 2, "resolved": 2, "resolution_rate": 0.3333, "reopened": 0}
    expected |= {"reopen_rate": 0, "one_touch_rate": 0.5, "backlog": 0}
    assert {key: first[key] for key in expected} == expected
    assert first["first_response_median"] == timedelta(hours=1, minutes=30).total_seconds()
    assert (second["reopened"], second["backlog"]) == (1, 1)
    [answers] = [row for row in targets_kept if row["target"] == "first_response"]
    assert (answers["met"], answers["missed"], answers["sla_share"]) == (1, 1, 0.5)
