"""What the rules come to together."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.model.change import Assigned, CategoryChanged, Change, PriorityChanged, Tagged, TeamChanged, Untagged
from mailtix.model.mail import Envelope
from mailtix.model.ticket import Priority
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


@pytest.mark.parametrize(
    ("steps", "becomes"),
    [
        (["raise"], "high"),
        (["raise", "raise", "raise", "raise"], "critical"),
        (["lower"], "low"),
        (["lower", "lower"], "low"),
        (["critical", "lower"], "urgent"),
    ],
)
def test_priorities_move_step_by_step_from_where_the_rules_before_left_them(steps: list[str], becomes: str) -> None:
    text = "\n".join(f"- {{name: R{n}, then: {{priority: {step}}}}}" for n, step in enumerate(steps))
    assert outcome(text).changes == (PriorityChanged(Priority(becomes)),)


def test_a_rule_sees_what_the_rules_before_it_did_and_not_what_those_after_it_do() -> None:
    found = outcome("""
- {name: Too early, when: {tags: a}, then: {tag: early}}
- {name: Gives, then: {tag: a, category: billing, team: billing, assign: Bob Miller}}
- name: Sees
  when: {tags: a, category: billing, team: billing, assignee: Bob Miller, status: assigned}
  then: {tag: b}
- {name: Takes, then: {untag: a}}
- {name: Too late, when: {tags: a}, then: {tag: late}}
""")
    assert [hit.rule for hit in found.hits] == ["Gives", "Sees", "Takes"]
    assert found.changes[-2:] == (Untagged("a"), Tagged("b"))


def test_a_shadow_rule_is_only_recorded_and_stops_and_drops_nothing() -> None:
    found = outcome("""
- {name: Shadow, shadow: true, then: {tag: a, priority: critical, drop: true, stop: true}}
- {name: Real, when: {not: {tags: a}}, then: {tag: b}}
""")
    assert found.changes == (Tagged("b"),)
    assert [(hit.rule, hit.shadow) for hit in found.hits] == [("Shadow", True), ("Real", False)]
    assert found.hits[0].changes == (PriorityChanged(Priority.CRITICAL), Tagged("a"))
    assert found.dropped is None


def test_a_dropped_mail_asks_no_more_rules() -> None:
    found = outcome("[{name: A, then: {drop: true}}, {name: B, then: {tag: b}}]")
    assert found.dropped is not None
    assert [hit.rule for hit in found.hits] == ["A"]


def test_a_rule_holds_until_the_end_of_its_last_day() -> None:
    text = "[{name: A, until: 2026-01-02, then: {tag: a}}]"
    for at, holds in ((datetime(2026, 1, 2, 23, 59, tzinfo=UTC), True), (datetime(2026, 1, 3, tzinfo=UTC), False)):
        envelope = Envelope("ann@example.org", ("support@example.com",), at)
        assert bool(outcome(text, envelope=envelope).hits) is holds


ANY_RULES = st.lists(
    st.tuples(
        st.sampled_from(["{subject: a}", "{body: b}", "{tags: x}", "{priority: '>=high'}", "{not: {tags: y}}"]),
        st.sampled_from(
            ["{tag: x}", "{tag: y}", "{untag: x}", "{priority: raise}", "{priority: low}", "{tag: z, stop: true}"]
        ),
    ),
    max_size=12,
)


@given(ANY_RULES, st.sampled_from(["a", "b", "ab"]))
@settings(deadline=None)
def test_rules_run_in_order_each_once_and_none_after_a_stop(rules: list[tuple[str, str]], words: str) -> None:
    text = "\n".join(f"- {{name: R{n:02}, when: {when}, then: {then}}}" for n, (when, then) in enumerate(rules))
    found = outcome(text or "[]", subject=words, reply=words)
    names = [hit.rule for hit in found.hits]

    assert names == sorted(set(names))
    stops = [name for name in names if "stop" in rules[int(name[1:])][1]]
    assert stops in ([], names[-1:])
    fields = [change.tag if isinstance(change, Tagged | Untagged) else type(change) for change in found.changes]
    assert len(fields) == len(set(fields))
    for change in found.changes:
        assert change in next(hit.changes for hit in reversed(found.hits) if any(_same(change, c) for c in hit.changes))


def _same(one: Change, other: Change) -> bool:
    """Whether both are about the same field, or the same tag."""
    if isinstance(one, Tagged | Untagged):
        return isinstance(other, Tagged | Untagged) and one.tag == other.tag
    return type(one) is type(other)
