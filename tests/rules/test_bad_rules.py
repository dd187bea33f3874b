"""Each file in bad/ is told exactly what the .expect file beside it says; each in good/ is told nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailtix.model.desk import Agent, Company
from mailtix.rules import EXAMPLE_RULES, BadRules, Known, load
from rules.desk import BOB, EVE, EXAMPLE, KNOWN

HERE = Path(__file__).parent
BAD = sorted((HERE / "bad").glob("*.yaml"))
GOOD = sorted((HERE / "good").glob("*.yaml"))
STARTER = sorted((HERE.parents[1] / "deploy" / "rules").glob("*.yaml"))


@pytest.mark.parametrize("file", BAD, ids=lambda file: file.stem)
def test_a_bad_file_is_told_all_its_mistakes_at_their_places(file: Path) -> None:
    with pytest.raises(BadRules) as caught:
        load([(file.name, file.read_bytes())], KNOWN)
    assert str(caught.value) + "\n" == file.with_suffix(".expect").read_text()


@pytest.mark.parametrize("file", GOOD, ids=lambda file: file.stem)
def test_a_good_file_is_told_nothing(file: Path) -> None:
    rules = load([(file.name, file.read_text())], KNOWN).rules
    assert [rule.file for rule in rules] == [file.name] * len(rules)


def test_there_are_enough_bad_files_to_trust_the_messages() -> None:
    assert len(BAD) >= 45
    assert {file.stem for file in BAD} == {file.stem for file in (HERE / "bad").glob("*.expect")}


def test_the_mistakes_of_all_files_are_told_in_the_order_of_the_files() -> None:
    files = [("b.yaml", "- {name: A, then: {tag: x}}\n- x"), ("a.yaml", "- {name: a, then: {team: none}}")]
    with pytest.raises(BadRules) as caught:
        load(files, KNOWN)
    assert [(mistake.file, mistake.line, mistake.text) for mistake in caught.value.mistakes] == [
        ("b.yaml", 2, "item 2 of 'rules' must be a mapping (key: value), not text"),
        ("a.yaml", 1, "the name 'a' is taken"),
        ("a.yaml", 1, "there is no team 'none'"),
    ]


def test_rules_stand_in_the_order_of_files_and_positions() -> None:
    files = [("20.yaml", "rules:\n- {name: A, then: {tag: x}}\n\n- {name: B, then: {tag: x}}"), ("10.yaml", ""),
             ("30.yaml", "- {name: C, then: {tag: x}}")]  # fmt: skip
    found = [(loaded.rule.name, loaded.file, loaded.line) for loaded in load(files, KNOWN).rules]
    assert found == [("A", "20.yaml", 2), ("B", "20.yaml", 4), ("C", "30.yaml", 1)]


def test_a_rule_for_every_company_cannot_hand_a_ticket_to_the_people_of_one() -> None:
    second = Company("Second", (), (Agent("Ann Lead", "ann@example.net", ("leads",)),))
    known = Known.of([EXAMPLE, second])
    rules = """
- {name: A, then: {assign: Bob Miller}}
- {name: B, then: {team: leads}}
- {name: C, when: {company: Example}, then: {assign: Bob Miller, team: billing}}
- {name: D, when: {company: [Example, Second]}, then: {assign: ann@example.net}}
"""
    with pytest.raises(BadRules) as caught:
        load([("r.yaml", rules)], known)
    assert [(mistake.line, mistake.text, mistake.hint) for mistake in caught.value.mistakes] == [
        (2, "bob@example.com does not work for Second", "limit the rule: add `company: [Example]` to its `when`"),
        (3, "nobody who works for Example is in the team 'leads'",
         "limit the rule: add `company: [Second]` to its `when`"),
        (5, "ann@example.net does not work for Example", "limit the rule: add `company: [Second]` to its `when`"),
    ]  # fmt: skip


def test_a_category_is_only_checked_where_a_company_lists_its_own() -> None:
    rule = [("r.yaml", "- {name: A, then: {category: anything}}")]
    free = Company("Free", (), (BOB,))
    limited = [("r.yaml", "- {name: A, when: {company: Free}, then: {category: anything}}")]
    assert load(limited, Known.of([EXAMPLE, free])).rules
    assert load(rule, Known.of([free])).rules
    with pytest.raises(BadRules, match="there is no category 'anything'"):
        load(rule, Known.of([EXAMPLE]))
    with pytest.raises(BadRules, match="Example has no category 'anything'"):
        load(rule, Known.of([EXAMPLE, free]))


def test_an_agent_is_named_by_address_or_by_name_and_becomes_his_key() -> None:
    for name in ("bob@example.com", "BOB@Example.com", "Bob Miller", "bob miller"):
        [loaded] = load([("r.yaml", f"- {{name: A, then: {{assign: {name}}}}}")], KNOWN).rules
        assert loaded.rule.then.assign == BOB.key == "bob@example.com"


def test_a_name_that_two_agents_have_is_not_enough() -> None:
    known = Known(agents=(BOB, EVE, Agent("Bob Miller", "bob2@example.com")))
    with pytest.raises(BadRules, match="more than one agent 'Bob Miller'"):
        load([("r.yaml", "- {name: A, then: {assign: Bob Miller}}")], known)


def test_the_example_rules_fit_the_example_settings(example_known: Known) -> None:
    assert len(load([("example", EXAMPLE_RULES)], example_known).rules) >= 2


def test_the_starter_rules_load_together_with_the_example_settings(example_known: Known) -> None:
    assert len(STARTER) >= 4
    assert len(load([(file.name, file.read_text()) for file in STARTER], example_known).rules) >= 8
