"""`mailtix rules explain` and `backtest` on what mails have changed, and on what was known of their writers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desk import CONFIG, Desk
from running import asked

RULES = """
- {name: Waits, on: status, when: {status: resolved, field: {plan: false}}, then: {tag: solved, field: {plan: gold}}}
- {name: Carla has it, on: assigned, when: {assignee: carla@desk.example}, then: {priority: raise}}
- {name: Unhappy, on: rated, when: {rating: '<=2'}, then: {tag: unhappy}}
- {name: Forged, when: {not: {auth: {dmarc: pass}}}, then: {tag: forged}}
"""
FIELDS = "fields: [{name: plan}]\n"


@pytest.fixture
def desk(new_desk: Callable[..., Desk], tmp_path: Path) -> Desk:
    (tmp_path / "10.yaml").write_text(RULES)
    return new_desk(f"rules: [{tmp_path}/10.yaml]\n{CONFIG}{FIELDS}")


def explained(desk: Desk, what: str) -> list[tuple[str, list[str], list[str]]]:
    """The event, the rules that fired, and the changes."""
    found: list[dict[str, Any]] = asked(desk.folder / "mailtix.yaml", "rules", "explain", what)
    return [
        (
            each.get("event", "none"),
            [rule["rule"] for rule in each.get("rules", []) if rule["fired"]],
            [row["change"] for row in each.get("result", [])],
        )
        for each in found
    ]


def test_what_an_agents_mail_has_changed_is_explained_with_the_ticket_as_he_left_it(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#assign carla@desk.example\n", reply_to=desk.notice_to("bob"))
    desk.receive("carla@desk.example", "#resolve\nDone.", reply_to=desk.notice_to("carla"))

    assert explained(desk, "J1") == [("new", ["Forged"], ["tag forged"])]
    assert explained(desk, "J2") == [
        ("status", [], []),
        ("assigned", ["Carla has it"], ["priority: medium → high"]),
    ]
    [(event, fired, changes)] = explained(desk, "J3")
    assert (event, fired) == ("status", ["Waits"])
    assert set(changes) == {"tag solved", "field.plan: none → gold"}


def test_a_mark_is_explained_as_an_event(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#close\nDone.", reply_to=desk.notice_to("bob"))
    desk.wait(days=3)
    survey = next(mail for mail in reversed(desk.courier.sent) if mail.to == "ann@example.org")
    desk.receive("ann@example.org", "1", reply_to=survey)

    assert explained(desk, "J3") == [("rated", ["Unhappy"], ["tag unhappy"])]


def test_a_backtest_counts_what_mails_have_changed(desk: Desk, tmp_path: Path) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#assign carla@desk.example\n", reply_to=desk.notice_to("bob"))
    other = tmp_path / "other.yaml"
    other.write_text(RULES.replace("priority: raise", "priority: critical"))

    found = asked(desk.folder / "mailtix.yaml", "rules", "backtest", "--rules", str(other))

    assert found["moves"] == [{"field": "priority", "from": "high", "to": "critical", "mails": 1}]
