"""mailtix sla simulate: tickets of the past under other promises."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk import CONFIG, Desk
from mailtix.cli import main
from mailtix.sla import Policy, Target, Terms
from mailtix.store import promises
from mailtix.verbs.rehearsal import FIELDS, Tally, rehearse

SAME = "sla: {}\n"
OFFICE = "calendars: [{name: office, zone: Europe/Berlin, hours: {mon-fri: 09:00-17:00}}]\nsla: {calendar: office}\n"
Simulated = Callable[..., dict[tuple[str, str | None], Any]]


@pytest.fixture
def past(new_desk: Callable[..., Desk]) -> Desk:
    """A desk with four tickets, from Friday, 16:00 in Berlin. The first is answered on Monday at 10:00, the second
    within an hour, then asked again and solved; the third by nobody; the fourth is three hours old."""
    desk = new_desk(CONFIG)
    desk.now = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    for name in ("ann", "eve", "joe"):
        desk.receive(f"{name}@example.org", "It burns.", subject=f"Help {name}")
        desk.now += timedelta(microseconds=1)
    notices = [mail for mail in desk.courier.sent if mail.to == "bob@desk.example"]
    desk.now += timedelta(minutes=50)
    desk.receive("bob@desk.example", "#priority high\nUse water.", reply_to=notices[1])
    desk.now += timedelta(hours=30)
    desk.receive("eve@example.org", "It still burns.", reply_to=desk.notice_to("eve"))
    desk.now += timedelta(minutes=20)
    desk.receive("bob@desk.example", "#resolve\nUse more.", reply_to=notices[1])
    desk.now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    desk.receive("bob@desk.example", "Use water.", reply_to=notices[0])
    desk.receive("kim@example.org", "It burns.", subject="Help kim")
    desk.now += timedelta(hours=3)
    return desk


@pytest.fixture
def simulated(past: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Simulated:
    """The rows of a simulation with that file, by target and priority."""
    monkeypatch.setattr("mailtix.verbs.sla.clock", lambda: past.now)

    def run(policy: str, *arguments: str) -> dict[tuple[str, str | None], Any]:
        (past.folder / "other.yaml").write_text(policy)
        capsys.readouterr()
        config, file = str(past.folder / "mailtix.yaml"), str(past.folder / "other.yaml")
        assert main(["--config", config, "sla", "simulate", "--policy", file, "--json", *arguments]) == 0
        told = json.loads(capsys.readouterr().out)
        return {(row["target"], row["priority"]): row for row in told["targets"]} | {("tickets", None): told["tickets"]}

    return run


def counts(row: dict[str, Any], which: str) -> tuple[int, int]:
    return row[which]["kept"], row[which]["made"]


def test_the_promises_that_were_made_come_out_as_they_were(simulated: Simulated) -> None:
    rows = simulated(SAME)

    assert rows["tickets", None] == 4
    # The first was answered two days late, the third never, the second in time; the fourth has an hour left.
    assert counts(rows["first_response", None], "simulated") == (1, 3)
    assert counts(rows["first_response", "high"], "simulated") == (1, 1)
    assert counts(rows["first_response", "medium"], "simulated") == (0, 2)
    assert counts(rows["resolution", None], "simulated") == (1, 3)


def test_under_the_same_promises_the_past_comes_out_as_it_was(simulated: Simulated) -> None:
    for key, row in simulated(SAME).items():
        if key[0] != "tickets":
            assert counts(row, "was") == counts(row, "simulated"), key


def test_other_hours_and_targets_would_have_been_kept_more_often(simulated: Simulated) -> None:
    rows = simulated(OFFICE)
    # Friday, 16:00 to 17:00 and Monday, 9:00 to 10:00 are two hours; only the third has waited for four.
    assert counts(rows["first_response", None], "simulated") == (2, 3)
    assert counts(rows["first_response", None], "was") == (1, 3)
    next_response = "sla: {targets: {high: {next_response: 10m}, medium: {next_response: 10m}}}\n"
    assert counts(simulated(next_response)["next_response", "high"], "simulated") == (0, 1)


def test_only_the_tickets_since_then_are_counted(simulated: Simulated) -> None:
    assert simulated(SAME, "--since", "4h")["tickets", None] == 1


def test_nothing_is_written(past: Desk, simulated: Simulated) -> None:
    before = [past.history(n) for n in (1, 2, 3, 4)]
    simulated(OFFICE)
    assert [past.history(n) for n in (1, 2, 3, 4)] == before


def test_people_see_shares_beside_each_other(
    past: Desk, simulated: Simulated, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    simulated(SAME)
    monkeypatch.setenv("COLUMNS", "200")
    config, file = str(past.folder / "mailtix.yaml"), str(past.folder / "other.yaml")
    main(["--config", config, "sla", "simulate", "--policy", file])
    words = " ".join(capsys.readouterr().out.split())

    assert "4 tickets since 2026-08-25" in words
    assert "first response │ high │ 100.0% (1/1) │ 100.0% (1/1) │ +0.0" in words


def test_mistakes_in_the_file_are_all_told_at_their_lines(past: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    file = past.folder / "other.yaml"
    file.write_text("calendar: []\nsla: {calendar: office, preset: rigid}\n")
    capsys.readouterr()
    assert main(["--config", str(past.folder / "mailtix.yaml"), "sla", "simulate", "--policy", str(file)]) == 2
    told = capsys.readouterr().err

    assert "other.yaml:1:1: unknown key 'calendar'" in told
    assert "other.yaml:2:17: there is no calendar 'office'" in told
    assert "other.yaml:2:33: 'preset' cannot be 'rigid'" in told


def test_a_file_that_is_not_there_is_told(past: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", str(past.folder / "mailtix.yaml"), "sla", "simulate", "--policy", "none.yaml"]) == 2
    assert "none.yaml: the file cannot be read: No such file or directory" in capsys.readouterr().err


def test_a_life_lived_again_under_its_own_terms_ends_as_it_did(past: Desk) -> None:
    terms: Terms = past.app.house.policy.sla
    nothing = Terms(Policy("nothing", {}))
    with past.app.sessions.begin() as session:
        lives = promises.lives(session, past.now - timedelta(days=90), FIELDS, 0, 100)
    tally, none = Tally.empty(), Tally.empty()
    rehearse(lives, terms, tally, past.now)
    rehearse(lives, nothing, none, past.now)

    assert tally.made[Target.FIRST_RESPONSE.value, ""] == 3
    assert not none.made
