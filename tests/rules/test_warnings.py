"""Rules that others leave nothing to do for are told, without being refused."""

from __future__ import annotations

import pytest

from mailtix.rules import load
from rules.desk import KNOWN


def told(rules: str) -> list[str]:
    return [f"{warning.line}: {warning.text}" for warning in load([("r.yaml", rules)], KNOWN).warnings]


def test_a_rule_behind_one_that_always_ends_them_is_never_reached() -> None:
    rules = """
- {name: All, then: {tag: a, stop: true}}
- {name: Never, when: {subject: refund}, then: {tag: b}}
"""
    assert told(rules) == ["3: this rule is never reached"]
    assert "r.yaml:2" in load([("r.yaml", rules)], KNOWN).warnings[0].hint


@pytest.mark.parametrize(
    "earlier",
    [
        "{subject: [refund, invoice]}",
        "{from: '*@example.org', subject: [money, refund]}",
        "{any: [{subject: refund}, {body: refund}]}",
    ],
)
def test_a_narrower_rule_behind_one_that_drops_is_never_reached(earlier: str) -> None:
    narrower = earlier.replace("[refund, invoice]", "refund").replace("[money, refund]", "refund")
    rules = f"- {{name: A, when: {earlier}, then: {{drop: true}}}}\n- {{name: B, when: {narrower}, then: {{tag: b}}}}"
    assert told(rules) == ["2: this rule is never reached"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("when: {subject: refund}, then: {stop: true}", "when: {subject: [refund, money]}, then: {tag: b}"),
        ("on: reply, then: {stop: true}", "then: {tag: b}"),
        ("on: [new, reply], until: 2026-12-31, then: {stop: true}", "then: {tag: b}"),
        ("shadow: true, then: {stop: true}", "then: {tag: b}"),
        ("enabled: false, then: {stop: true}", "then: {tag: b}"),
        ("when: {tags: x}, then: {stop: true}", "when: {tags: x}, then: {tag: b}"),
        ("when: {subject: refund}, then: {team: billing}", "when: {subject: invoice}, then: {team: sales}"),
        ("then: {team: billing}", "when: {subject: invoice}, then: {team: sales}"),
        ("then: {priority: high}", "then: {priority: raise}"),
        ("then: {team: billing}", "then: {team: billing}"),
    ],
)
def test_rules_that_may_both_have_their_say_are_told_nothing(first: str, second: str) -> None:
    assert told(f"- {{name: A, {first}}}\n- {{name: B, {second}}}") == []


def test_what_a_later_rule_always_sets_differently_has_no_effect() -> None:
    rules = """
- {name: A, when: {subject: refund}, then: {team: billing, priority: high, tag: x}}
- {name: B, when: {subject: [refund, invoice]}, then: {team: sales, priority: high}}
"""
    assert told(rules) == ["2: this has no effect: 'B' (r.yaml:3) sets the team to sales for every such mail"]


def test_a_stop_between_them_leaves_the_first_its_word() -> None:
    rules = """
- {name: A, when: {subject: refund}, then: {team: billing}}
- {name: B, when: {body: stop}, then: {stop: true}}
- {name: C, when: {subject: refund}, then: {team: sales}}
"""
    assert told(rules) == []
