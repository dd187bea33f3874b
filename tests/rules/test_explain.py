"""Explaining: each rule, each condition with what it saw, and who had the last word."""

from __future__ import annotations

from typing import Any

from hypothesis import given, reject
from hypothesis import strategies as some

from mailtix.rules import BadRules, Event, MailView, load, run
from mailtix.rules.explain import Seen, Tried, explain, winners
from rules.desk import KNOWN, mail


def explained(rules: str, event: Event = "new", **fields: Any) -> list[Tried]:
    view = MailView(mail(**fields), "Example", "support@example.com")
    return explain(load([("rules.yaml", rules)], KNOWN), view, event)


def conditions(when: str, **fields: Any) -> list[Seen]:
    [tried] = explained(f"[{{name: It, when: {when}, then: {{stop: true}}}}]", **fields)
    return list(tried.conditions)


def test_each_condition_is_judged_by_itself_also_behind_one_that_fails() -> None:
    found = conditions("{from: '*@bigcorp.example', subject: hello, body: burns}")

    assert [(seen.key, seen.holds, seen.saw) for seen in found] == [
        ("from", False, "ann@example.org"),
        ("subject", True, "Hello"),
        ("body", True, "It burns."),
    ]
    assert found[0].because == "from is not *@bigcorp.example"


def test_each_header_field_is_shown_with_its_value() -> None:
    found = conditions("{header: {X-Loud: 'yes', X-Quiet: false}}", headers=(("x-loud", "no"),))

    assert [(seen.key, seen.holds, seen.saw) for seen in found] == [
        ("header X-Loud", False, "no"),
        ("header X-Quiet", True, ""),
    ]


def test_nested_conditions_are_a_tree_and_not_turns_its_part_round() -> None:
    either, unless = conditions("{any: [{subject: never}, {all: [{body: burns}, {body: it}]}], not: {subject: hello}}")

    assert (either.key, either.holds, [part.holds for part in either.parts]) == ("any", True, [False, True])
    assert [part.holds for part in either.parts[1].parts[0].parts] == [True, True]
    assert (unless.key, unless.holds, unless.parts[0].holds) == ("not", False, True)


def test_a_long_text_is_shown_in_part() -> None:
    [seen] = conditions("{body: x}", reply="word " * 1000)

    assert len(seen.saw) < 200
    assert seen.saw.endswith("…")


RULES = """
- {name: First, when: {subject: hello}, then: {category: billing, priority: low, tag: seen}}
- {name: Off, enabled: false, then: {tag: off}}
- {name: Replies, on: reply, then: {tag: reply}}
- {name: Past, until: 2020-01-01, then: {tag: past}}
- {name: Watching, shadow: true, then: {category: sales, stop: true}}
- {name: Second, then: {category: technical, untag: seen, stop: true}}
- {name: Third, then: {tag: late}}
"""


def test_who_was_not_asked_is_told_with_the_reason() -> None:
    tried = {each.rule.rule.name: each for each in explained(RULES)}

    assert {name: each.skipped for name, each in tried.items() if each.skipped} == {
        "Off": "it is switched off",
        "Replies": "it is for reply, and this is new",
        "Past": "its last day was 2020-01-01",
        "Third": "the rule Second ended it there",
    }
    assert [name for name, each in tried.items() if each.hit] == ["First", "Watching", "Second"]
    assert tried["First"].wants == ("category: billing", "priority: low", "tag: seen")


def test_the_last_word_is_told_with_those_it_went_over() -> None:
    view = MailView(mail(), "Example", "support@example.com")
    outcome = run(load([("rules.yaml", RULES)], KNOWN), view, "new")

    assert [(type(change).__name__, rule, lost) for change, rule, lost in winners(outcome)] == [
        ("CategoryChanged", "Second", ("First",)),
        ("PriorityChanged", "First", ()),
        ("Untagged", "Second", ("First",)),
    ]


def test_a_rule_sees_the_ticket_as_the_rules_before_it_left_it() -> None:
    rules = """
    - {name: Raise, then: {priority: urgent}}
    - {name: Urgent, when: {priority: ">=high"}, then: {tag: urgent}}
    """
    assert [each.hit is not None for each in explained(rules)] == [True, True]


words = some.sampled_from(["alpha", "beta", "gamma"])
whens = some.recursive(
    some.builds(lambda key, word: f"{{{key}: {word}}}", some.sampled_from(["subject", "body"]), words),
    lambda inner: some.one_of(
        some.builds(lambda one: f"{{not: {one}}}", inner),
        some.builds(lambda a, b: f"{{any: [{a}, {b}]}}", inner, inner),
        some.builds(lambda a, b: f"{{all: [{a}, {b}]}}", inner, inner),
    ),
    max_leaves=6,
)
thens = some.sampled_from(["{category: billing}", "{priority: raise}", "{tag: a, stop: true}", "{untag: a}"])


@given(some.lists(some.tuples(whens, thens), min_size=1, max_size=6), words, words)
def test_what_is_explained_is_what_the_engine_does(rules: list[tuple[str, str]], subject: str, body: str) -> None:
    text = "\n".join(f"- {{name: R{n}, when: {when}, then: {then}}}" for n, (when, then) in enumerate(rules))
    view = MailView(mail(subject=subject, reply=body), "Example", "support@example.com")
    try:
        loaded = load([("rules.yaml", text)], KNOWN)
    except BadRules:  # some of them contradict themselves
        reject()

    tried = explain(loaded, view, "new")
    assert tuple(each.hit for each in tried if each.hit) == run(loaded, view, "new").hits
    assert all(each.holds == all(seen.holds for seen in each.conditions) for each in tried)
