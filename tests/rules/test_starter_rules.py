"""The rules in deploy/rules do what their names say, and leave ordinary mail alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mailtix.model.ticket import Person, Status, Ticket
from mailtix.rules import EXAMPLE_RULES, Event, Known, MailView, RuleSet, load, run
from rules.desk import KNOWN, PLAIN, attachment, mail

FOLDER = Path(__file__).parents[2] / "deploy" / "rules"


@pytest.fixture
def starter(example_known: Known) -> RuleSet:
    return load([(file.name, file.read_text()) for file in sorted(FOLDER.glob("*.yaml"))], example_known)


def hits(rules: RuleSet, event: Event = "new", **fields: Any) -> list[str]:
    """The rules that hold; `kind`, `ticket` and `first_ticket` are what is known besides the mail."""
    known = {name: fields.pop(name) for name in ("kind", "ticket", "first_ticket") if name in fields}
    view = MailView(mail(**fields), "Example", "support@example.com", **known)
    return [hit.rule for hit in run(rules, view, event).hits]


PDF = replace(attachment("a.pdf"), mime="application/pdf")
SOLVED = Ticket(
    1, "Example", "T-1", "", Person(1, "ann@example.org"), "support@example.com", "email", PLAIN.envelope.received_at,
    status=Status.RESOLVED,
)  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        (
            {"headers": (("X-Spam-Status", "Yes, score=9"),), "subject": "Invoice"},
            ["Marked as spam by the mail server"],
        ),
        ({"headers": (("X-Spam-Status", "No, score=0"),), "subject": "Invoice"}, ["Money"]),
        ({"kind": "bulk", "subject": "Urgent"}, ["Newsletters and mailing lists"]),
        (
            {"kind": "bulk", "sender": "a@newsletter.example"},
            ["Newsletters that nobody needs", "Newsletters and mailing lists"],
        ),
        ({"reply": "I would like to request a full refund."}, ["Money", "Refunds"]),
        ({"reply": "Wo bleibt meine Rechnung?"}, ["Money"]),
        ({"reply": "About INV-2026-00017: is it paid?"}, ["Invoice numbers"]),
        ({"subject": "Account statement", "attachments": (PDF,)}, ["Statements sent as files"]),
        (
            {"subject": "Shop is down", "sender": "it@mail.bigcorp.example"},
            ["Somebody cannot work", "Key customers"],
        ),
        (
            {"subject": "A question", "sender": "it@bigcorp.example"},
            ["Key customers", "A key customer waits for nobody"],
        ),
        ({"reply": "Since this morning I can't log in."}, ["Somebody cannot work"]),
        ({"reply": "C'est inacceptable, répondez au plus vite."}, ["It hurries", "Angry"]),
        ({"subject": "About CVE-2026-12345"}, ["Security"]),
        ({"subject": "Hello", "first_ticket": True}, ["Somebody new"]),
        ({"subject": "How do I change my name?"}, []),
        ({"subject": "Where is the receiptionist?"}, []),
    ],
)
def test_a_new_mail_meets_the_rules_it_should(starter: RuleSet, fields: dict[str, Any], names: list[str]) -> None:
    assert hits(starter, **fields) == names


def test_no_starter_rule_stands_in_the_way_of_another(starter: RuleSet) -> None:
    assert starter.warnings == ()


def test_a_thank_you_closes_what_was_solved(starter: RuleSet) -> None:
    assert hits(starter, "reply", reply="Thank you!", ticket=SOLVED) == ["A customer is content"]
    assert hits(starter, "status", ticket=SOLVED) == ["Solved, so nobody waits"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Any news?", ["A customer asks again"]),
        ("??", ["A customer asks again"]),
        ("Thanks!", []),
        ("Thanks, but it still burns.", []),
    ],
)
def test_a_reply_meets_the_rules_it_should(starter: RuleSet, text: str, names: list[str]) -> None:
    assert hits(starter, "reply", reply=text) == names


def test_the_example_rules_do_what_their_names_say() -> None:
    rules = load([("example", EXAMPLE_RULES)], KNOWN)
    assert hits(rules, subject="Your bill is wrong, urgent") == ["Invoices and payments", "Somebody cannot work"]
    assert hits(rules, subject="A billboard") == []
