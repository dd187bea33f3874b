"""`mailtix rules test`: the examples that rules carry, run like tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from running import Said, called, settings

INVOICES = """
- name: Invoices
  when: {subject: invoice, not: {body: joke}}
  then: {category: billing, team: billing, tag: money}
  examples:
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return settings(tmp_path, f"sqlite:///{tmp_path}/mailtix.db", rules=["1*.yaml"])


def outcome(config: Path, rules: str, *arguments: str) -> Said:
    (config.parent / "10.yaml").write_text(rules)
    return called(config, "rules", "test", *arguments)


def as_json(config: Path, rules: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(outcome(config, rules, "--json").out)
    return found


def example(text: str) -> str:
    return f"{INVOICES}    - {text}\n"


def test_an_example_that_comes_out_as_it_should_passes(config: Path) -> None:
    said = outcome(config, example("{subject: Your INVOICE, expect: {category: billing, team: billing, tags: money}}"))

    assert (said.code, said.out) == (
        0,
        "passed Invoices: Your INVOICE\n1 passed, 0 failed; 1 of 1 rules reached\n",
    )


def test_an_example_that_does_not_is_shown_with_what_was_wanted_and_what_came(config: Path) -> None:
    said = outcome(config, example("{name: Loud, subject: invoice, expect: {priority: high, tags: [money, loud]}}"))

    assert said.code == 1
    assert "FAILED Invoices: Loud\n" in said.out
    assert f"{config.parent}/10.yaml:2: example 1 of 'Invoices'" in said.out
    assert "priority: want high, got medium" in said.out
    assert "tags: want loud, money, got money" in said.out
    assert "rules that held: Invoices" in said.out


def test_an_example_may_say_that_its_rule_must_not_hold(config: Path) -> None:
    rules = example("{subject: invoice, body: a joke, expect: {matches: false, category: ''}}")
    assert outcome(config, rules).code == 0

    said = outcome(config, rules.replace("a joke", "Pay!"))
    assert said.code == 1
    assert "matches: want the rule does not hold, got the rule holds" in said.out


def test_an_example_is_about_what_all_rules_come_to(config: Path) -> None:
    later = "- {name: Later, when: {body: burns}, then: {priority: urgent}}\n"
    rules = example("{subject: invoice, body: It burns., expect: {priority: urgent}}") + later
    found = as_json(config, rules)

    assert found["examples"][0]["hits"] == ["Invoices", "Later"]
    assert (found["failed"], found["not_reached"]) == (0, [])


def test_rules_that_no_example_reaches_are_named(config: Path) -> None:
    rules = (
        example("{subject: invoice, expect: {}}")
        + "- {name: Forgotten, when: {subject: never}, then: {tag: never}}\n"
        + "- {name: Off, enabled: false, then: {tag: off}}\n"
        + "- {name: Follows, on: status, then: {tag: follows}}\n"
    )

    assert [rule["rule"] for rule in as_json(config, rules)["not_reached"]] == ["Forgotten", "Follows"]
    assert "No example reaches:\n  Forgotten" in outcome(config, rules).out


def test_a_mail_in_a_file_is_found_beside_the_rules(config: Path) -> None:
    (config.parent / "pay.eml").write_bytes(b"From: ann@example.org\r\nSubject: =?utf-8?q?Invoice?=\r\n\r\nPay!\r\n")

    assert outcome(config, example("{eml: pay.eml, expect: {category: billing}}")).code == 0
    missing = outcome(config, example("{eml: gone.eml, expect: {category: billing}}"))
    assert missing.code == 2
    assert "gone.eml: No such file" in missing.err


def test_every_field_of_an_example_reaches_the_rules(config: Path) -> None:
    rules = """
- name: All
  when:
    from: '*@bigcorp.example'
    to: auditors@example.net
    header: {X-Loud: 'yes'}
    has_attachment: true
    company: Example
    mailbox: support@desk.example
    body: burns
  then: {tag: all}
  examples:
    - from: Ann <ann@bigcorp.example>
      to: support@desk.example
      cc: [auditors@example.net]
      header: {X-Loud: 'yes'}
      attachment: log.txt
      company: Example
      mailbox: support@desk.example
      body: It burns.
      at: '2026-11-20T09:00:00+01:00'
      expect: {tags: all}
"""
    assert outcome(config, rules).code == 0


def test_a_reply_meets_the_ticket_that_the_example_describes(config: Path) -> None:
    rules = """
- name: Impatient
  on: reply
  when: {body: still waiting}
  then: {priority: urgent}
  examples:
    - on: reply
      body: I am still waiting.
      ticket: {status: reopened, priority: low, category: billing, assign: Bob Miller, tags: old}
      expect: {priority: urgent, status: reopened, category: billing, assign: bob@desk.example, tags: [old]}
"""
    assert outcome(config, rules).code == 0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("{eml: a.eml, subject: x, expect: {}}", "`eml` is a whole mail; 'subject' cannot stand beside it"),
        ("{subject: invoice}", "the key 'expect' is missing"),
        ("{subject: x, ticket: {status: open}, expect: {}}", "a mail that opens a ticket finds none"),
        ("{subject: x, at: '2026-11-20', expect: {}}", "'2026-11-20' has no time zone"),
        ("{subject: x, at: soon, expect: {}}", "'soon' is no moment"),
        ('{subject: "a\\nb", expect: {}}', "a header field is one line"),
        ("{subject: x, expect: {categry: x}}", "unknown key 'categry'"),
    ],
)
def test_a_mistake_in_an_example_is_told_at_its_place(config: Path, wrong: str, message: str) -> None:
    said = outcome(config, example(wrong))

    assert said.code == 2
    assert message in said.err
    assert f"{config.parent}/10.yaml:6:" in said.err


def test_an_example_for_a_mailbox_that_is_nobodys_is_refused(config: Path) -> None:
    said = outcome(config, example("{subject: invoice, mailbox: else@desk.example, expect: {}}"))

    assert said.code == 2
    assert "else@desk.example is no mailbox of ours" in said.err


def test_a_moment_is_described_without_a_mail(config: Path) -> None:
    rules = "- {name: Lost, on: {idle: 3d}, then: {tag: lost}, examples: [{on: {idle: 3d}, %s expect: {tags: lost}}]}"

    assert outcome(config, rules % "subject: Help, from: ann@example.org,").code == 0
    refused = outcome(config, rules % "body: x,")
    assert "there is no mail at 'idle: 3d'" in refused.err
    assert "leave `body` out" in refused.err


def test_a_custom_field_that_comes_out_otherwise_is_shown(config: Path) -> None:
    said = outcome(config, example("{subject: invoice, expect: {field: {plan: gold}, mail: dropped}}"))

    assert "field plan: want gold, got nothing" in said.out
    assert "mail: want dropped, got kept" in said.out
