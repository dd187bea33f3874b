"""`mailtix rules backtest` with teams that give tickets away by themselves, and with moments."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from desk import Desk
from mailtix.clock import clock
from running import called

TEAM = """
companies: [{name: Example, mailboxes: [{address: support@desk.example}], categories: [{name: money, team: billing}]}]
agents:
  - {name: Ann, email: ann@desk.example, teams: [billing], max: 2}
  - {name: Bob, email: bob@desk.example, teams: [billing]}
  - {name: Cy, email: cy@desk.example, teams: [technical]}
teams: [{name: billing, strategy: round_robin, sticky: false}]
"""
NOW = "- {name: Money, when: {subject: invoice}, then: {team: billing}}\n"
Ruled = Callable[..., Desk]


@pytest.fixture
def ruled(new_desk: Callable[..., Desk], tmp_path: Path) -> Ruled:
    def make(rules: str, other: str) -> Desk:
        for name, text in (("now", rules), ("other", other)):
            (tmp_path / name).mkdir()
            (tmp_path / name / "10.yaml").write_text(text)
        return new_desk(f"rules: [now/*.yaml]\n{TEAM}")

    return make


def backtest(desk: Desk, *arguments: str) -> dict[str, Any]:
    said = called(
        desk.folder / "mailtix.yaml", "rules", "backtest", "--json", "--rules", str(desk.folder / "other"), *arguments
    )
    assert said.code == 0, said.err
    found: dict[str, Any] = json.loads(said.out)
    return found


def given(found: dict[str, Any], when: str) -> dict[str, int]:
    return {agent.partition("@")[0]: load[when] for agent, load in found["loads"].items() if load[when]}


def ask(desk: Desk, times: int, subject: str = "My invoice") -> None:
    for number in range(times):
        desk.receive(f"c{number}@example.org", "Please.", subject=subject)
        desk.wait(minutes=1)


def test_a_team_gives_the_tickets_of_the_past_to_whom_it_gave_them(ruled: Ruled) -> None:
    desk = ruled(NOW, NOW)
    ask(desk, 5)
    was = [ticket.assignee.partition("@")[0] for ticket in desk.tickets()]

    found = backtest(desk)
    assert given(found, "before") == given(found, "after") == {name: was.count(name) for name in ("ann", "bob")}
    assert found["loads"]["ann@desk.example"]["most_before"] == 2
    assert found["changed"] == 0


def test_other_rules_give_other_people_more_to_do(ruled: Ruled) -> None:
    desk = ruled(NOW, "- {name: Money, when: {subject: invoice}, then: {team: technical, strategy: least_busy}}")
    ask(desk, 4)

    found = backtest(desk)
    assert (given(found, "before"), given(found, "after")) == ({"ann": 2, "bob": 2}, {"cy": 4})
    assert given(found, "most_after") == {"cy": 4}
    assert found["moves"] == [{"field": "team", "from": "billing", "to": "technical", "mails": 4}]


def test_who_has_his_hands_full_gets_one_when_another_is_done(ruled: Ruled) -> None:
    desk = ruled(NOW, NOW)
    desk.configure(f"rules: [now/*.yaml]\n{TEAM.replace('teams: [billing]}', 'teams: [billing], max: 1}')}")
    ask(desk, 2)
    his = desk.notice_to("bob")
    ask(desk, 2)
    desk.receive("bob@desk.example", "#resolve\nDone.", reply_to=his)
    desk.wait(minutes=1)

    found = backtest(desk)
    assert given(found, "before") == {"ann": 2, "bob": 2}
    assert found["loads"]["bob@desk.example"]["most_before"] == 1


def test_a_part_of_the_past_begins_with_what_people_had(ruled: Ruled) -> None:
    desk = ruled(NOW, NOW)
    desk.now = clock() - timedelta(days=100)
    ask(desk, 4)
    desk.now = clock() - timedelta(days=1)
    ask(desk, 2)

    assert given(backtest(desk), "before") == {"ann": 2, "bob": 4}
    late = backtest(desk, "--since", "30d")
    assert (given(late, "before"), late["loads"]["bob@desk.example"]["most_before"]) == ({"bob": 2}, 4)


SILENT = "- {name: Lost, on: {idle: 2d}, then: {tag: lost}}\n"


def test_moments_that_have_come_meet_other_rules_too(ruled: Ruled) -> None:
    desk = ruled(SILENT, "- {name: Lost, on: {idle: 2d}, when: {status: open}, then: {tag: forgotten}}")
    desk.receive("joe@example.org", "It burns.")
    desk.wait(days=3)
    assert desk.ticket(1).tags == {"lost"}

    found = backtest(desk)
    assert (found["mails"], found["asked"], found["changed"]) == (1, 2, 1)
    assert found["moves"] == [{"field": "tags", "from": "lost", "to": "forgotten", "mails": 1}]
    assert [sample["name"][0] for sample in found["samples"]] == ["T"]


def test_moments_for_which_neither_has_a_rule_are_left_out(ruled: Ruled) -> None:
    desk = ruled(SILENT, NOW)
    desk.receive("joe@example.org", "It burns.")
    desk.wait(days=3)

    found = backtest(desk)
    assert (found["asked"], found["lost"]) == (2, {"Lost": 1})
