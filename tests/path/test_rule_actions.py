"""What rules do beside sorting, on the whole path."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from desk import CONFIG, Desk
from mailtix.model.ticket import Priority, Status

NewDesk = Callable[..., Desk]


@pytest.fixture
def ruled(new_desk: NewDesk, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Desk]:
    def make(rules: str) -> Desk:
        file: Path = tmp_path_factory.mktemp("rules") / "10.yaml"
        file.write_text(rules)
        return new_desk(f"rules: [{file}]\n{CONFIG}")

    return make


def test_a_rules_answer_takes_the_place_of_the_confirmation_and_may_be_answered(ruled: Callable[[str], Desk]) -> None:
    desk = ruled("""
- name: Opening hours
  when: {subject: opening hours}
  then: {reply: {en: "Hello {name}, we are here from 9 to 5.", de: "Hallo {name}, wir sind von 9 bis 17 Uhr da."}}
""")
    [answer] = [m for m in desk.receive("Ann <ann@example.org>", "When?", subject="Opening hours") if "ann" in m.to]
    assert "Hello Ann, we are here from 9 to 5." in answer.words
    assert answer.message["Auto-Submitted"] == "auto-replied"
    assert ("system", "public", "Hello Ann, we are here from 9 to 5.") in desk.messages(1)

    desk.receive("ann@example.org", "Thanks", reply_to=answer)
    assert len(desk.tickets()) == 1

    german = desk.receive("eva@example.org", "Wann?", subject="Opening hours?", Accept_Language="de-AT")
    assert "Hallo eva@example.org, wir sind von 9 bis 17 Uhr da." in next(m for m in german if "eva" in m.to).words


def test_a_machine_never_gets_a_rules_answer(ruled: Callable[[str], Desk]) -> None:
    desk = ruled("- {name: All, then: {reply: Hello}}")

    mails = desk.receive("robot@example.org", "Beep", Auto_Submitted="auto-generated")

    assert "robot@example.org" not in {mail.to for mail in mails}
    assert desk.tickets()


def test_a_dropped_mail_opens_no_ticket_tells_nobody_and_stays_in_the_journal(ruled: Callable[[str], Desk]) -> None:
    desk = ruled("- {name: Junk, when: {subject: lottery}, then: {drop: true}}")

    assert desk.receive("joe@example.net", "You have won", subject="LOTTERY") == []
    assert desk.tickets() == []
    assert desk.outcome(1) == ("ignored", "dropped by rule Junk: subject contains 'lottery'")


def test_a_dropped_reply_leaves_its_ticket_alone(ruled: Callable[[str], Desk]) -> None:
    desk = ruled("- {name: Junk, on: reply, when: {body: unsubscribe}, then: {drop: true}}")
    [created] = [m for m in desk.receive("ann@example.org", "It burns.") if m.to == "ann@example.org"]
    before = desk.ticket(1)

    assert desk.receive("ann@example.org", "unsubscribe", reply_to=created) == []
    assert desk.ticket(1) == before


def test_a_shadow_rule_only_leaves_a_line(ruled: Callable[[str], Desk]) -> None:
    desk = ruled("- {name: Trial, shadow: true, then: {priority: critical, tag: x, notify: Bob Miller, drop: true}}")

    desk.receive("ann@example.org", "It burns.")

    assert (desk.ticket(1).priority, desk.ticket(1).tags) == (Priority.MEDIUM, set())
    assert "rule Trial would have matched (shadow): every mail" in desk.history(1)


def test_a_rule_tells_an_agent_who_does_not_have_the_ticket(ruled: Callable[[str], Desk]) -> None:
    desk = ruled("- {name: Money, when: {subject: invoice}, then: {team: billing, notify: [technical], note: Look!}}")

    mails = desk.receive("ann@example.org", "Please pay.", subject="Invoice")

    assert {mail.to for mail in mails} == {"ann@example.org", "bob@desk.example", "carla@desk.example"}
    assert "A rule asks you to look at this ticket (rule Money)" in desk.notice_to("carla").words
    assert ("system", "internal", "Look!") in desk.messages(1)
    assert "Look!" not in desk.notice_to("ann").words


def test_rules_follow_what_an_agents_mail_has_changed(ruled: Callable[[str], Desk]) -> None:
    desk = ruled("""
- {name: Done, on: status, when: {status: resolved}, then: {tag: solved, untag: waiting}}
- {name: Waits, then: {tag: waiting}}
- {name: Carla has it, on: assigned, when: {assignee: carla@desk.example}, then: {priority: raise}}
""")
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#assign carla@desk.example\n", reply_to=desk.notice_to("bob"))
    assert (desk.ticket(1).priority, desk.ticket(1).tags) == (Priority.HIGH, {"waiting"})

    desk.receive("carla@desk.example", "#resolve\nDone.", reply_to=desk.notice_to("carla"))
    assert desk.ticket(1).tags == {"solved"}


def test_a_move_that_is_not_legal_is_told_in_the_history_and_not_made(ruled: Callable[[str], Desk]) -> None:
    desk = ruled("- {name: Again, then: {status: reopened}}")

    desk.receive("ann@example.org", "It burns.")

    assert desk.ticket(1).status is Status.OPEN
    assert any(line.startswith("rule Again: a ticket that is open cannot become reopened") for line in desk.history(1))


def test_rules_know_whether_it_is_the_customers_first_ticket(ruled: Callable[[str], Desk]) -> None:
    desk = ruled("""
- {name: Newcomer, on: [new, reply], when: {customer: {first_ticket: true}}, then: {tag: newcomer}}
- {name: Regular, on: new, when: {customer: {first_ticket: false}}, then: {tag: regular}}
""")
    desk.receive("ann@example.org", "It burns.")
    desk.now += timedelta(days=1)
    desk.receive("ann@example.org", "It burns again.")

    assert [ticket.tags for ticket in desk.tickets()] == [{"newcomer"}, {"regular"}]


def test_two_programs_do_not_answer_each_other_for_ever(ruled: Callable[[str], Desk]) -> None:
    desk = ruled("- {name: Always, on: [new, reply], then: {reply: We are on it.}}")
    [answer] = [m for m in desk.receive("ann@example.org", "It burns.") if m.to == "ann@example.org"]

    again = desk.receive("ann@example.org", "I am a robot, but do not say so.", reply_to=answer)
    assert "ann@example.org" not in {mail.to for mail in again}
    assert "rule Always did not answer again: nobody has since" in desk.history(1)

    desk.receive("bob@desk.example", "Here is how.", reply_to=desk.notice_to("bob"))
    thanks = desk.receive("ann@example.org", "And now?", reply_to=answer)
    assert [mail.words for mail in thanks if mail.to == "ann@example.org"] == ["We are on it. Example Support"]
