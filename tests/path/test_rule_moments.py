"""Rules at moments: silence, targets, marks, and times that come again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from desk import CONFIG, Desk
from mailtix.model.ticket import Priority, Status
from mailtix.store.tables import timers

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
    desk = ruled("- {name: Unhappy, on: rated, when: {rating: '<=2', body: slow}, then: {tag: unhappy}}")
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#close\nDone.", reply_to=desk.notice_to("bob"))
    desk.wait(days=3)
    survey = next(mail for mail in reversed(desk.courier.sent) if mail.to == "ann@example.org")

    desk.receive("ann@example.org", "2\nMuch too slow.", reply_to=survey)

    assert (desk.ticket(1).rating, desk.ticket(1).tags) == (2, {"unhappy"})
    assert "rule Unhappy matched: it is rated 2 of 5 and body contains 'slow'" in desk.history(1)


MONDAYS = "- {name: Monday, on: {time: '0 9 * * mon'}, when: {status: open}, then: {tag: monday}}"


def test_rules_at_a_time_meet_every_ticket_on_which_work_goes_on(ruled: Ruled) -> None:
    desk = ruled(MONDAYS, CONFIG.replace("- name: Example", "- name: Example\n    zone: Europe/Berlin"))
    desk.receive("ann@example.org", "It burns.")  # on a Friday
    desk.receive("joe@example.org", "Done already.")
    desk.receive("bob@desk.example", "#close", reply_to=desk.notice_to("bob"))

    desk.wait(days=2, hours=22, minutes=59)
    assert desk.ticket(1).tags == set()
    desk.wait(minutes=1)  # 08:00 UTC is nine o'clock in Berlin
    assert (desk.ticket(1).tags, desk.ticket(2).tags) == ({"monday"}, set())
    desk.wait(days=3)
    assert fired(desk, "Monday") == 1
    desk.wait(days=14)  # of two Mondays that were missed the newest counts
    assert fired(desk, "Monday") == 2


SIFTED = """
- {name: Raise, on: {time: '0 9 * * mon'}, when: {priority: high, assigned: false}, then: {status: escalated}}
- {name: Then, on: {time: '0 9 * * mon'}, when: {status: escalated}, then: {tag: then}}
- {name: Sorted, when: {subject: hurry}, then: {priority: high}}
"""


def test_only_tickets_that_such_a_rule_may_be_for_are_looked_at_and_a_rule_sees_what_one_before_it_did(
    ruled: Ruled,
) -> None:
    desk = ruled(SIFTED)
    desk.receive("ann@example.org", "It burns.", subject="Hurry")
    desk.receive("joe@example.org", "Some day.")
    desk.wait(days=3)

    assert [(ticket.status, ticket.tags) for ticket in desk.tickets()] == [
        (Status.ESCALATED, {"then"}),
        (Status.OPEN, set()),
    ]
    hurries = desk.ticket(1).id
    with desk.app.sessions() as session:
        mine = select(timers.c.ticket_id).where(timers.c.kind.startswith("rule_time_"))
        assert list(session.execute(mine).scalars()) == [hurries]


def test_what_was_due_before_a_rule_was_there_is_not_made_up_for(ruled: Ruled) -> None:
    desk = ruled("- {name: Tags, then: {tag: x}}")
    desk.receive("ann@example.org", "It burns.")
    desk.wait(days=6)

    (desk.folder / "late.yaml").write_text(MONDAYS)
    desk.configure(f"rules: [{desk.folder / 'late.yaml'}]\n{CONFIG}")
    desk.wait(hours=1)
    assert fired(desk, "Monday") == 0
    desk.wait(days=7)
    assert fired(desk, "Monday") == 1


def test_tickets_that_are_older_than_a_rule_wait_for_it_too(ruled: Ruled) -> None:
    desk = ruled("- {name: Tags, then: {tag: x}}")
    desk.receive("ann@example.org", "It burns.")
    desk.wait(days=2)

    (desk.folder / "late.yaml").write_text("- {name: Silent, on: {idle: 3d}, then: {tag: quiet}}")
    desk.configure(f"rules: [{desk.folder / 'late.yaml'}]\n{CONFIG}")
    desk.wait(hours=1)
    assert fired(desk, "Silent") == 0
    desk.wait(days=1)
    assert fired(desk, "Silent") == 1


def test_a_moment_of_a_rule_that_is_gone_does_nothing(ruled: Ruled) -> None:
    desk = ruled("- {name: Silent, on: {idle: 3d}, then: {tag: quiet}}")
    desk.receive("ann@example.org", "It burns.")

    desk.configure(CONFIG)
    desk.wait(days=4)

    assert desk.ticket(1).tags == set()
