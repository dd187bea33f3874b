"""Rules at moments: silence, targets, marks, and times that come again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from desk import CONFIG, Desk
from mailtix.model.ticket import Priority, Status

NewDesk = Callable[..., Desk]
Ruled = Callable[..., Desk]
TEAMS = CONFIG + "teams: [{name: technical, strategy: round_robin}]\n"


@pytest.fixture
def ruled(new_desk: NewDesk, tmp_path_factory: pytest.TempPathFactory) -> Ruled:
    def make(rules: str, config: str = CONFIG) -> Desk:
        file: Path = tmp_path_factory.mktemp("rules") / "10.yaml"
        file.write_text(rules)
        return new_desk(f"rules: [{file}]\n{config}")

    return make


def fired(desk: Desk, rule: str) -> int:
    return len([line for line in desk.history(1) if line.startswith(f"rule {rule} matched")])


def test_a_rule_is_tried_once_when_nobody_has_written_for_so_long(ruled: Ruled) -> None:
    desk = ruled("- {name: Silent, on: {idle: 3d}, when: {subject: help}, then: {priority: raise, notify: Bob Miller}}")
    desk.receive("ann@example.org", "It burns.")

    desk.wait(days=2, hours=23)
    assert fired(desk, "Silent") == 0
    mails = desk.wait(hours=1)
    assert (fired(desk, "Silent"), desk.ticket(1).priority) == (1, Priority.HIGH)
    assert any(mail.to == "bob@desk.example" and "rule Silent" in mail.words for mail in mails)
    desk.wait(days=10)
    assert fired(desk, "Silent") == 1


def test_silence_begins_anew_with_each_word_of_a_person_and_not_with_what_rules_do(ruled: Ruled) -> None:
    desk = ruled("""
- {name: A day, on: {idle: 1d}, then: {note: Nobody writes., tag: quiet}}
- {name: Two days, on: {idle: 2d}, then: {reply: We have not forgotten you.}}
""")
    [created] = [mail for mail in desk.receive("ann@example.org", "It burns.") if mail.to == "ann@example.org"]
    desk.wait(hours=23)
    desk.receive("ann@example.org", "Still.", reply_to=created)
    desk.wait(hours=2)
    assert fired(desk, "A day") == 0

    desk.wait(hours=22)
    assert (fired(desk, "A day"), fired(desk, "Two days")) == (1, 0)
    mails = desk.wait(days=1)
    assert "We have not forgotten you." in next(mail.words for mail in mails if mail.to == "ann@example.org")
    desk.receive("bob@desk.example", "#note Me neither.", reply_to=desk.notice_to("bob"))
    desk.wait(days=1, hours=1)
    assert fired(desk, "A day") == 2


def test_what_is_done_or_sleeps_is_not_silent(ruled: Ruled) -> None:
    desk = ruled("""
- {name: Silent, on: {idle: 1d}, then: {tag: quiet}}
- {name: Later, when: {subject: later}, then: {snooze: 3d}}
""")
    desk.receive("ann@example.org", "It burns.", subject="Later")
    assert desk.ticket(1).snoozed_until == desk.now + timedelta(days=3)
    desk.wait(days=3, hours=23)
    assert desk.ticket(1).tags == set()
    desk.wait(hours=2)
    assert desk.ticket(1).tags == {"quiet"}

    desk.receive("joe@example.org", "It burns.")
    desk.receive("bob@desk.example", "#resolve", reply_to=desk.notice_to("bob"))
    desk.wait(days=2)
    assert desk.ticket(2).tags == set()


def test_rules_hear_of_targets_that_are_near_or_missed_and_hand_the_ticket_on(ruled: Ruled) -> None:
    desk = ruled(
        """
- {name: Near, on: sla_warning, when: {priority: medium}, then: {tag: near, team: technical}}
- {name: Missed, on: sla_breach, then: {escalate: Nobody has answered., watch: Bob Miller}}
""",
        TEAMS,
    )
    desk.receive("ann@example.org", "It burns.")

    desk.wait(hours=3, minutes=1)  # the first answer is promised within four hours
    ticket = desk.ticket(1)
    assert (ticket.tags, ticket.team, ticket.assignee) == ({"near"}, "technical", "carla@desk.example")
    assert any("round_robin" in line for line in desk.history(1)) or desk.notice_to("carla")

    desk.wait(hours=1)
    ticket = desk.ticket(1)
    assert (ticket.status, ticket.watchers) == (Status.ESCALATED, ("bob@desk.example",))
    assert any(line.endswith(": Nobody has answered.") for line in desk.history(1))


def test_rules_hear_of_a_customers_mark(ruled: Ruled) -> None:
    desk = ruled("- {name: Unhappy, on: rated, when: {rating: '<=2', body: slow}, then: {tag: unhappy, priority: high}}")
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#close\nDone.", reply_to=desk.notice_to("bob"))
    desk.wait(days=3)
    survey = next(mail for mail in reversed(desk.courier.sent) if mail.to == "ann@example.org")

    desk.receive("ann@example.org", "2\nMuch too slow.", reply_to=survey)

    assert (desk.ticket(1).rating, desk.ticket(1).tags) == (2, {"unhappy"})
    assert "rule Unhappy matched: it is rated 2 of 5 and body contains 'slow'" in desk.history(1)
