"""mailtix tickets sla: every minute of a ticket is told, and the sums are right."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk import CONFIG, Desk
from mailtix.cli import main
from mailtix.model.outgoing import Rejected

OFFICE = """
calendars:
  - name: office
    zone: Europe/Berlin
    hours: {mon-fri: "09:00-12:30, 13:30-17:30"}
    holidays: {country: DE}
sla:
  calendar: {medium: office, low: office}
  policies:
    - {name: gold, when: {requester: "*@gold.example"}, preset: strict}
    - {name: billing, when: {category: billing}, targets: {medium: {first_response: 2h, next_response: 1h}}}
"""
Told = Callable[..., Any]


@pytest.fixture
def office(new_desk: Callable[..., Desk]) -> Desk:
    """A desk with hours; it is Friday, 16:30 in Berlin."""
    desk = new_desk(OFFICE + CONFIG)
    desk.now = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
    return desk


@pytest.fixture
def told(office: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Told:
    """What the verb prints about the ticket, now."""
    monkeypatch.setattr("mailtix.verbs.tickets.clock", lambda: office.now)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> Any:
        capsys.readouterr()
        config = str(office.folder / "mailtix.yaml")
        assert main(["--config", config, "tickets", "sla", office.ticket(1).number, *arguments]) == 0
        printed = capsys.readouterr().out
        return json.loads(printed) if "--json" in arguments else " ".join(printed.split())

    return run


def live(desk: Desk) -> None:
    """Asked on Friday, sorted and answered on Monday, asked again on Tuesday, answered, asked, and solved."""
    desk.receive("ann@example.org", "It burns.")
    desk.now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    desk.receive("bob@desk.example", "#category billing\nUse water.", reply_to=desk.notice_to("bob"))
    desk.now = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    desk.receive("ann@example.org", "It still burns.", reply_to=desk.notice_to("ann"))
    desk.now += timedelta(hours=3)
    desk.receive("bob@desk.example", "Use more.", reply_to=desk.notice_to("bob"))
    desk.now += timedelta(hours=1)
    desk.receive("ann@example.org", "Thanks.", reply_to=desk.notice_to("ann"))
    desk.now += timedelta(minutes=30)
    desk.receive("bob@desk.example", "#resolve\nFine.", reply_to=desk.notice_to("bob"))


def test_a_life_is_told_with_the_policy_the_stretches_and_what_was_missed(office: Desk, told: Told) -> None:
    live(office)
    story = told("--json")

    assert (story["policy"], story["because"]) == ("billing", "category billing")
    assert [refused["policy"] for refused in story["refused"]] == ["gold"]
    assert story["calendar"] == {"name": "office", "zone": "Europe/Berlin"}
    first, resolution = story["targets"]
    assert (first["state"], first["used_seconds"], first["due_at"]) == ("met", 7200, "2026-11-23T09:00:00+00:00")
    assert resolution["state"] == "met"
    assert [(s["paused_because"], s["working_seconds"] / 3600) for s in resolution["stretches"]] == [
        (None, 2.0),  # Friday 16:30 to 17:30, Monday 9:00 to 10:00
        ("waiting_customer", 6.5 + 2.0),  # Monday 10:00 to Tuesday 11:00
        (None, 2.0),  # Tuesday 11:00 to 14:00 with the break
        ("waiting_customer", 1.0),
        (None, 0.5),
    ]
    assert [(row["target"], row["missed"], row["working_seconds"]) for row in story["log"]] == [
        ("first_response", False, 7200),
        ("resolution", False, 4.5 * 3600),
        ("next_response", True, 7200),
        ("next_response", False, 1800),
    ]


def test_sums_add_up_and_stretches_leave_no_gap(office: Desk, told: Told) -> None:
    live(office)
    for target in told("--json")["targets"]:
        stretches = target["stretches"]
        assert sum(s["working_seconds"] for s in stretches if not s["paused_because"]) == target["used_seconds"]
        assert [s["begin"] for s in stretches] == [target["started_at"], *(s["end"] for s in stretches[:-1])]
        assert stretches[-1]["end"] == target["stopped_at"]


def test_people_read_times_on_the_clock_of_the_calendar(office: Desk, told: Told) -> None:
    live(office)
    words = told()

    assert "Policy billing (category billing), priority medium" in words
    assert "not gold: its requester ann@example.org is not *@gold.example" in words
    assert "mon 09:00-12:30, 13:30-17:30" in words
    assert "first response: met, due 2026-11-23 10:00:00" in words
    assert "2h of 2h" in words
    assert "left out: waiting_customer" in words


def test_a_ticket_that_sleeps_over_a_target_stands_still(office: Desk, told: Told) -> None:
    office.receive("ann@example.org", "It burns.")
    office.now += timedelta(minutes=30)
    assert [target["state"] for target in told("--json")["targets"]] == ["running", "running"]

    office.receive("bob@desk.example", "#status waiting_customer", reply_to=office.notice_to("bob"))
    office.now += timedelta(days=30)
    first, resolution = told("--json")["targets"]

    assert (first["state"], first["due_at"], first["used_seconds"]) == ("stands still", None, 1800)
    assert resolution["used_seconds"] == 1800


def test_what_was_due_and_is_not_done_is_overdue(office: Desk, told: Told) -> None:
    office.receive("ann@example.org", "It burns.")
    office.now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    first, resolution = told("--json")["targets"]

    assert (first["state"], resolution["state"]) == ("overdue", "running")
    assert first["due_at"] == "2026-11-23T11:00:00+00:00"  # one hour on Friday, three on Monday


def test_a_critical_ticket_is_counted_around_the_clock(office: Desk, told: Told) -> None:
    office.receive("ann@gold.example", "It burns.")
    office.receive("bob@desk.example", "#priority critical", reply_to=office.notice_to("bob"))
    story = told("--json")

    assert (story["policy"], story["calendar"]["name"]) == ("gold", "24/7")
    assert story["targets"][1]["due_at"] == "2026-11-20T17:30:00+00:00"
    assert story["history"][-1]["because"] == "priority critical"


def test_an_answer_that_did_not_arrive_is_none(office: Desk, told: Told) -> None:
    office.receive("ann@example.org", "It burns.")
    office.courier.outcomes = [Rejected("550 5.1.1 unknown")]
    office.receive("bob@desk.example", "Use water.", reply_to=office.notice_to("bob"))
    first, _ = told("--json")["targets"]

    assert (first["state"], first["stopped_at"]) == ("running", None)


def test_when_a_later_answer_did_not_arrive_the_customer_waits_since_he_wrote(office: Desk, told: Told) -> None:
    office.receive("ann@example.org", "It burns.")
    office.receive("bob@desk.example", "Use water.", reply_to=office.notice_to("bob"))
    office.now += timedelta(minutes=10)
    office.receive("ann@example.org", "It still burns.", reply_to=office.notice_to("ann"))
    office.now += timedelta(minutes=5)
    office.courier.outcomes = [Rejected("550 5.1.1 unknown")]
    office.receive("bob@desk.example", "Use more.", reply_to=office.notice_to("bob"))
    office.now += timedelta(minutes=20)
    first, following, _ = told("--json")["targets"]

    assert first["state"] == "met"
    assert (following["target"], following["used_seconds"]) == ("next_response", 1500)


def test_a_number_that_no_ticket_has_is_told(office: Desk) -> None:
    assert main(["--config", str(office.folder / "mailtix.yaml"), "tickets", "sla", "TKT-2026-000099"]) == 1
