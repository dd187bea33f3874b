"""`mailtix rules explain` on mail that was decided: as it was then, by the rules of then and of now."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desk import CONFIG, Desk
from running import asked, called

RULES = """
- name: Invoices
  when: {subject: invoice}
  then: {category: billing, tag: money}
- name: Impatient
  on: reply
  when: {body: waiting, priority: "<=medium"}
  then: {priority: raise}
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "10.yaml"
    path.write_text(RULES)
    return path


@pytest.fixture
def ruled(new_desk: Callable[..., Desk], rules: Path) -> Desk:
    return new_desk(f"rules: [{rules}]\n{CONFIG}")


def explained(desk: Desk, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = asked(desk.folder / "mailtix.yaml", "rules", "explain", *arguments)
    return found


def fired(explanation: dict[str, Any]) -> list[str]:
    return [rule["rule"] for rule in explanation["rules"] if rule["fired"]]


def test_a_ticket_is_explained_mail_by_mail_as_it_stood_before_each(ruled: Desk) -> None:
    [receipt, *_] = ruled.receive("ann@example.org", "Please pay.", subject="Invoice 12")
    ruled.receive("ann@example.org", "I am waiting.", reply_to=receipt)
    ruled.receive("ann@example.org", "I am still waiting.", reply_to=receipt)
    assert ruled.ticket(1).priority == "high"

    first, second, third = explained(ruled, ruled.ticket(1).number)
    assert (first["event"], fired(first)) == ("new", ["Invoices"])
    assert (second["event"], fired(second)) == ("reply", ["Impatient"])
    assert second["result"] == [{"change": "priority: medium → high", "rule": "Impatient", "over": []}]
    assert (third["mail"], fired(third)) == ("J3", [])


def test_the_rules_of_then_are_found_again_when_the_files_say_something_else(ruled: Desk, rules: Path) -> None:
    ruled.receive("ann@example.org", "Please pay.", subject="Invoice 12")
    rules.write_text(RULES.replace("subject: invoice", "subject: bill"))

    [now] = explained(ruled, "J1")
    [then] = explained(ruled, "J1", "--then")
    assert (fired(now), fired(then)) == ([], ["Invoices"])
    assert now["rules_version"] != then["rules_version"]


def test_mail_that_no_rule_was_asked_about_says_so(ruled: Desk) -> None:
    [receipt, *_] = ruled.receive("ann@example.org", "Hi")
    ruled.receive("mallory@example.net", "Me too.", subject=f"Re: {receipt.subject}")
    assert ruled.outcome(2)[0] == "held"

    said = called(ruled.folder / "mailtix.yaml", "rules", "explain", "J2")
    assert said.code == 1
    assert "rules were not asked: the mail was held" in said.out


def test_a_mail_in_a_file_is_explained_as_if_it_came_now(ruled: Desk, tmp_path: Path) -> None:
    raw, _, _ = ruled.compose("ann@example.org", "Please pay.", subject="Invoice 12")
    (tmp_path / "a.eml").write_bytes(raw)

    said = called(ruled.folder / "mailtix.yaml", "rules", "explain", str(tmp_path / "a.eml"))
    assert said.code == 0
    words = " ".join(said.out.split())
    assert "fired Invoices" in words
    assert "✓ subject contains 'invoice' saw: Invoice 12" in words
    assert "category: none → billing, by Invoices" in words
    assert ruled.tickets() == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nothing",), "nothing is no file, no ticket, and no journal number such as J12"),
        (("J99",), "there is no J99 in the journal"),
        (("J99", "--then", "--rules", "x"), "--then takes the rules of that time"),
        (("J1", "--rules", "nowhere"), "nowhere: there are no rule files"),
    ],
)
def test_what_cannot_be_explained_is_refused(ruled: Desk, arguments: tuple[str, ...], message: str) -> None:
    said = called(ruled.folder / "mailtix.yaml", "rules", "explain", *arguments)

    assert said.code == 2
    assert message in said.err
