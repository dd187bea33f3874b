"""An agent's out-of-office answer: he is away until his date, and what he was just given goes to others."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from desk import Desk, Sent
from mailtix.model.ticket import Status
from running import called

TEAM = """
companies:
  - name: Example
    mailboxes: [{address: support@desk.example, name: Example Support}]
    categories: [{name: billing, team: billing}]
agents:
  - name: Bob Miller
    email: bob@desk.example
    teams: [billing]
    shift: {hours: "00:00-24:00", days: mon-sun, zone: Europe/Berlin}
  - {name: Carla Reyes, email: carla@desk.example, teams: [billing]}
teams: [{name: billing, strategy: round_robin, sticky: false}]
"""
RULES = "rules: [{name: All, on: new, then: {category: billing}}]"
OUT = "I am out of the office until 27 November 2026. In urgent cases call my colleague."


@pytest.fixture
def team(new_desk: Callable[..., Desk]) -> Desk:
    """A desk whose tickets go to Bob and Carla in turn, Bob first."""
    desk = new_desk(TEAM)
    (desk.folder / "rules").mkdir()
    (desk.folder / "rules" / "a.yaml").write_text(RULES, encoding="utf-8")
    desk.configure(TEAM)
    return desk


def away(desk: Desk, notice: Sent, text: str = OUT, subject: str = "Out of office") -> list[Sent]:
    """Bob's mail program answers a notice as RFC 3834 section 4 wants it: to the return path, with the null sender."""
    headers = {"Auto_Submitted": "auto-replied", "In_Reply_To": f"<{notice.id}>"}
    raw, _, to = desk.compose("bob@desk.example", text, subject=subject, to=notice.envelope_from, **headers)
    return desk.accept(raw, "", to)


def state(desk: Desk) -> tuple[str, str | None]:
    """Bob's availability, and until when it holds."""
    listed = json.loads(called(desk.folder / "mailtix.yaml", "agents", "list", "--json").out)
    [bob] = [row for row in listed if row["email"] == "bob@desk.example"]
    return bob["availability"], bob["until"]


def given_to_bob(desk: Desk) -> Sent:
    desk.receive("ann@example.org", "It burns.", subject="Fire")
    assert desk.ticket(1).assignee == "bob@desk.example"
    return desk.notice_to("bob")


def test_he_is_away_until_the_end_of_that_day_and_what_he_was_given_goes_on(team: Desk) -> None:
    mails = away(team, given_to_bob(team))

    assert state(team) == ("away", datetime(2026, 11, 27, 22, 59, tzinfo=UTC).isoformat())
    assert team.ticket(1).assignee == "carla@desk.example"
    [told] = [mail for mail in mails if mail.to == "bob@desk.example"]
    assert "Until 2026-11-27 23:59 (Europe/Berlin) you are given no new tickets" in told.words
    assert told.message["Auto-Submitted"] == "auto-generated"
    [handed] = [mail for mail in mails if mail.to == "carla@desk.example"]
    assert handed.number == "TKT-2026-000001"
    assert "It burns." not in told.text
    history = team.history(1)
    assert any("Bob Miller is away until 2026-11-27 23:59" in line for line in history)
    assert "assignee: bob@desk.example → none" in history


def test_he_gets_no_new_tickets_until_then(team: Desk) -> None:
    away(team, given_to_bob(team))
    for _ in range(4):
        team.receive("joe@example.org", "Help!", subject="More")
    assert {ticket.assignee for ticket in team.tickets()} == {"carla@desk.example"}

    team.wait(days=8)
    for _ in range(2):
        team.receive("joe@example.org", "Help!", subject="Later")
    assert "bob@desk.example" in {ticket.assignee for ticket in team.tickets()}


def test_what_he_has_begun_stays_his(team: Desk) -> None:
    notice = given_to_bob(team)
    team.receive("bob@desk.example", "Use water.", reply_to=notice)
    team.receive("joe@example.org", "Help!", subject="Carla's")
    team.receive("joe@example.org", "Help!", subject="Bob's second")
    team.receive("ann@example.org", "Thank you.", reply_to=team.notice_to("ann"))

    away(team, team.notice_to("bob"))

    assert [ticket.assignee.partition("@")[0] for ticket in team.tickets()] == ["bob", "carla", "carla"]


def test_what_he_was_given_long_ago_stays_his(team: Desk) -> None:
    notice = given_to_bob(team)
    team.wait(minutes=61)

    away(team, notice)

    assert team.ticket(1).assignee == "bob@desk.example"
    assert state(team)[0] == "away"


def test_he_is_told_once(team: Desk) -> None:
    notice = given_to_bob(team)
    away(team, notice)

    assert away(team, notice, f"{OUT} Again.") == []
    [told] = away(team, notice, "I am out of the office until 2 December 2026.")
    assert "Until 2026-12-02 23:59" in told.words


def test_without_a_date_it_is_until_the_end_of_the_next_day(team: Desk) -> None:
    notice = given_to_bob(team)
    away(team, notice, "I am currently out of the office.")

    assert state(team) == ("away", datetime(2026, 11, 21, 22, 59, tzinfo=UTC).isoformat())
    assert away(team, notice, "I am currently out of the office, still.") == []


def test_what_his_mail_program_says_shortens_and_lengthens_it(team: Desk) -> None:
    notice = given_to_bob(team)
    called(team.folder / "mailtix.yaml", "agents", "set", "bob@desk.example", "--max", "7")
    away(team, notice)
    away(team, notice, "I am out of the office until 24 November 2026.")

    assert state(team)[1] == datetime(2026, 11, 24, 22, 59, tzinfo=UTC).isoformat()
    listed = json.loads(called(team.folder / "mailtix.yaml", "agents", "list", "--json").out)
    assert [row["max"] for row in listed] == [7, None]


def test_he_is_back_when_he_says_so(team: Desk) -> None:
    [told] = [mail for mail in away(team, given_to_bob(team)) if mail.to == "bob@desk.example"]

    team.receive("bob@desk.example", "#available", reply_to=told)

    assert state(team)[0] == "available"


def test_from_alone_sends_nobody_away(team: Desk) -> None:
    notice = given_to_bob(team)
    forged = {"subject": "Out of office: [TKT-2026-000001] Fire", "Auto_Submitted": "auto-replied"}

    team.receive("bob@desk.example", OUT, **forged)
    team.receive("bob@desk.example", OUT, In_Reply_To=f"<{notice.id}>", **forged)
    raw, _, _ = team.compose("mallory@evil.example", OUT, to=notice.reply_to, **forged)
    team.accept(raw, "", [notice.reply_to])
    raw, _, _ = team.compose("bob@desk.example", OUT, to=team.notice_to("ann").reply_to, **forged)
    team.accept(raw, "", [team.notice_to("ann").reply_to])

    assert state(team)[0] == "available"
    assert team.ticket(1).assignee == "bob@desk.example"


def test_his_own_words_about_an_absence_are_an_answer(team: Desk) -> None:
    notice = given_to_bob(team)

    [answer] = team.receive("bob@desk.example", "Dear Ann, the boss is away until 27 November 2026.", reply_to=notice)

    assert (answer.to, state(team)[0]) == ("ann@example.org", "available")


def test_another_automatic_mail_of_his_sends_him_nowhere(team: Desk) -> None:
    away(team, given_to_bob(team), "Your mail was received by our mail server.", "Received")

    assert state(team)[0] == "available"
    assert team.ticket(1).assignee == "bob@desk.example"


def test_a_ticket_without_a_team_waits_for_whoever_takes_it(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.", subject="Fire")
    desk.receive("carla@desk.example", "#assign bob", reply_to=desk.notice_to("carla"))

    mails = away(desk, desk.notice_to("bob"))

    assert desk.ticket(1).assignee == ""
    assert desk.ticket(1).status is not Status.CLOSED
    assert "carla@desk.example" in {mail.to for mail in mails}
