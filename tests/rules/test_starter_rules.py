"""The rules in deploy/rules do what their names say, and leave ordinary mail alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mailtix.rules import EXAMPLE_RULES, Event, Known, MailView, RuleSet, load, run
from rules.desk import KNOWN, attachment, mail

FOLDER = Path(__file__).parents[2] / "deploy" / "rules"


@pytest.fixture
def starter(example_known: Known) -> RuleSet:
    return load([(file.name, file.read_text()) for file in sorted(FOLDER.glob("*.yaml"))], example_known)


def hits(rules: RuleSet, event: Event = "new", **fields: Any) -> list[str]:
    return [hit.rule for hit in run(rules, MailView(mail(**fields), "Example", "support@example.com"), event).hits]


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        (
            {"headers": (("X-Spam-Status", "Yes, score=9"),), "subject": "Invoice"},
            ["Marked as spam by the mail server"],
        ),
        ({"headers": (("X-Spam-Status", "No, score=0"),), "subject": "Invoice"}, ["Invoices and payments"]),
        ({"headers": (("List-Id", "<x.example.org>"),), "subject": "Urgent"}, ["Newsletters and mailing lists"]),
        ({"reply": "I would like to request a full refund."}, ["Refunds"]),
        ({"reply": "About INV-2026-00017: is it paid?"}, ["Invoice numbers"]),
        ({"subject": "Account statement", "attachments": (attachment("a.pdf"),)}, ["Statements sent as files"]),
        (
            {"subject": "Shop is down", "sender": "it@mail.bigcorp.example"},
            ["Somebody cannot work", "Key customers"],
        ),
        ({"reply": "Since this morning I can't log in."}, ["Somebody cannot work"]),
        ({"subject": "About CVE-2026-12345"}, ["Security"]),
        ({"subject": "How do I change my name?"}, []),
        ({"subject": "Where is the receiptionist?"}, []),
    ],
)
def test_a_new_mail_meets_the_rules_it_should(starter: RuleSet, fields: dict[str, Any], names: list[str]) -> None:
    assert hits(starter, **fields) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Any news?", ["A customer asks again"]),
        ("??", ["A customer asks again"]),
        ("Thanks!", ["A customer is content"]),
        ("Thanks, but it still burns.", []),
    ],
)
def test_a_reply_meets_the_rules_it_should(starter: RuleSet, text: str, names: list[str]) -> None:
    assert hits(starter, "reply", reply=text) == names


def test_the_example_rules_do_what_their_names_say() -> None:
    rules = load([("example", EXAMPLE_RULES)], KNOWN)
    assert hits(rules, subject="Your bill is wrong, urgent") == ["Invoices and payments", "Somebody cannot work"]
    assert hits(rules, subject="A billboard") == []
