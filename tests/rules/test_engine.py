"""What the rules come to together."""

from __future__ import annotations

from mailtix.model.ticket import Assigned, CategoryChanged, Priority, PriorityChanged, Tagged, TeamChanged
from mailtix.rules import Hit, Outcome, RuleSet, run
from mailtix.rules.match import MailView
from rules.desk import PLAIN, outcome


def test_every_action_becomes_its_change() -> None:
    text = "[{name: A, then: {category: billing, priority: high, assign: Bob Miller, team: billing, tag: [x, Y]}}]"
    assert outcome(text).changes == (
        CategoryChanged("billing"),
        PriorityChanged(Priority.HIGH),
        TeamChanged("billing"),
        Assigned("bob@example.com"),
        Tagged("x"),
        Tagged("y"),
    )


def test_a_later_rule_has_the_last_word_on_a_field_and_tags_add_up() -> None:
    found = outcome("""
- {name: First, then: {priority: low, category: billing, tag: [a, b]}}
- {name: Second, then: {priority: urgent, tag: [b, c]}}
""")
    assert found.changes == (
        CategoryChanged("billing"),
        PriorityChanged(Priority.URGENT),
        Tagged("a"),
        Tagged("b"),
        Tagged("c"),
    )
    assert [hit.rule for hit in found.hits] == ["First", "Second"]


def test_the_history_keeps_what_every_rule_wanted_and_why() -> None:
    found = outcome(
        "- name: Burning\n  when: {body: burns}\n  then: {priority: low}\n\n- {name: All, then: {priority: high}}"
    )
    assert found.hits == (
        Hit("Burning", "rules.yaml", 1, "body contains 'burns'", (PriorityChanged(Priority.LOW),)),
        Hit("All", "rules.yaml", 5, "every mail", (PriorityChanged(Priority.HIGH),)),
    )


def test_stop_ends_the_rules_after_the_one_that_says_it() -> None:
    found = outcome("""
- {name: First, then: {tag: a}}
- {name: Second, then: {tag: b, stop: true}}
- {name: Third, then: {tag: c}}
""")
    assert found.changes == (Tagged("a"), Tagged("b"))


def test_a_stop_that_does_not_hold_stops_nothing() -> None:
    text = "[{name: A, when: {subject: no}, then: {stop: true}}, {name: B, then: {tag: b}}]"
    assert outcome(text).changes == (Tagged("b"),)


def test_a_rule_is_for_new_tickets_unless_it_says_otherwise() -> None:
    text = """
- {name: A, then: {tag: a}}
- {name: B, on: reply, then: {tag: b}}
- {name: C, on: [new, reply], then: {tag: c}}
"""
    assert outcome(text, "new").changes == (Tagged("a"), Tagged("c"))
    assert outcome(text, "reply").changes == (Tagged("b"), Tagged("c"))


def test_a_rule_that_is_switched_off_is_not_tried() -> None:
    assert outcome("[{name: A, enabled: false, then: {tag: a}}]") == Outcome()


def test_without_rules_nothing_happens() -> None:
    assert run(RuleSet(), MailView(PLAIN, "Example", "support@example.com"), "new") == Outcome()
