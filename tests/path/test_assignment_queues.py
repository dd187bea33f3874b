"""Tickets that nobody could take find their agent when somebody can."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from desk import Desk
from mailtix.model.desk import AgentState, Availability
from mailtix.store import staff

CONFIG = """
companies:
  - name: Example
    mailboxes: [{address: support@desk.example}]
    categories: [{name: billing, team: billing}]
agents:
  - {name: Bob, email: bob@desk.example, teams: [billing], max: 1}
  - {name: Cy, email: cy@desk.example, teams: [billing], max: 1, availability: away}
teams: [{name: billing, strategy: round_robin}]
"""
RULES = """
- {name: Bills, then: {team: billing}}
- {name: Hurry, when: {subject: urgent}, then: {priority: urgent}}
"""


@pytest.fixture
def desk(new_desk: Callable[..., Desk], tmp_path: Path) -> Desk:
    (tmp_path / "rules.yaml").write_text(RULES)
    desk = new_desk(f"rules: [{tmp_path}/rules.yaml]\n{CONFIG}")
    for subject in ("First", "Second", "Urgent"):
        desk.receive(f"{subject.lower()}@example.org", "It burns.", subject=subject)
        desk.wait(minutes=1)
    return desk


def owners(desk: Desk) -> list[str]:
    return [ticket.assignee.partition("@")[0] for ticket in desk.tickets()]


def set_state(desk: Desk, agent: str, state: AgentState) -> None:
    with desk.app.sessions.begin() as session:
        staff.set_state(session, f"{agent}@desk.example", state, desk.now)


def test_who_comes_back_gets_the_most_urgent_one_and_is_told(desk: Desk) -> None:
    assert owners(desk) == ["bob", "", ""]
    set_state(desk, "cy", AgentState(Availability.AVAILABLE))

    mails = desk.wait(seconds=10)

    assert owners(desk) == ["bob", "", "cy"]
    assert [mail.to for mail in mails] == ["cy@desk.example"]
    assert "assignee: none → cy@desk.example" in desk.history(3)


def test_who_has_become_free_gets_the_next_one(desk: Desk) -> None:
    desk.receive("bob@desk.example", "#resolve\nDone.", reply_to=desk.notice_to("bob"))
    desk.wait(seconds=10)

    assert owners(desk) == ["bob", "", "bob"]


def test_when_the_time_of_an_absence_is_over_the_queue_is_given_away(desk: Desk, tmp_path: Path) -> None:
    set_state(desk, "cy", AgentState(Availability.AWAY, desk.now + timedelta(hours=1)))
    desk.wait(seconds=10)
    assert owners(desk) == ["bob", "", ""]

    at_work = CONFIG.replace(", availability: away", "")
    desk.configure(f"rules: [{tmp_path}/rules.yaml]\n{at_work}")
    desk.wait(minutes=59)
    desk.wait(minutes=1)

    assert owners(desk) == ["bob", "", "cy"]


def test_what_an_agent_has_put_back_waits_for_somebody_to_take_it(desk: Desk) -> None:
    set_state(desk, "cy", AgentState(maximum=0))
    desk.receive("bob@desk.example", "#take\n", reply_to=desk.notice_to("bob"))
    set_state(desk, "bob", AgentState(maximum=5))
    desk.wait(seconds=10)
    assert owners(desk) == ["bob", "bob", "bob"]

    desk.receive("bob@desk.example", "#unassign\n", reply_to=desk.notice_to("bob"))
    desk.wait(minutes=1)

    assert owners(desk).count("") == 1
