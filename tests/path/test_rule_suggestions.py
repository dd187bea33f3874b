"""The category of similar tickets, suggested to agents or set by a rule that wants it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from desk import CONFIG, Desk

Ruled = Callable[..., Desk]
ASKED = "- {name: As before, then: {category: suggested}}"
SORT = "- {name: %s, when: {header: {X-Sort: %s}}, then: {category: %s}}"
BY_HAND = "\n".join(SORT % (name, name, name) for name in ("billing", "technical"))
PAST = [
    ("billing", "Refund of my invoice", "The invoice was paid twice, please refund it."),
    ("billing", "Invoice paid twice", "I would like a refund for the second payment."),
    ("technical", "Refund page is broken", "The invoice download shows an error, the refund button too."),
    ("billing", "Wrong invoice", "My refund for the invoice is missing."),
    ("technical", "Printer burns", "There is smoke."),
]
NEW = {"subject": "Another refund", "text": "You charged the invoice twice."}


@pytest.fixture
def ruled(new_desk: Callable[..., Desk], tmp_path_factory: pytest.TempPathFactory) -> Ruled:
    def make(rules: str = "", config: str = "") -> Desk:
        file: Path = tmp_path_factory.mktemp("rules") / "10.yaml"
        file.write_text(f"{BY_HAND}\n{rules}")
        desk = new_desk(f"rules: [{file}]\n{config}\n{CONFIG}")
        for number, (category, subject, text) in enumerate(PAST):
            desk.receive(f"c{number}@example.org", text, subject=subject, X_Sort=category)
        return desk

    return make


def test_a_rule_may_set_the_category_that_similar_tickets_have(ruled: Ruled) -> None:
    desk = ruled(ASKED.replace("then", "when: {header: {X-Sort: false}}, then"))
    desk.receive("joe@example.net", **NEW)

    assert desk.ticket(6).category == "billing"
    numbers = ", ".join(desk.ticket(number).number for number in (2, 1, 4))
    [line] = [line for line in desk.history(6) if "As before" in line]
    assert line.endswith(f"; like {numbers}: billing 3 of 4")


def test_without_a_rule_an_agent_is_shown_what_it_may_be_and_sets_it_with_a_tap(ruled: Ruled) -> None:
    desk = ruled(config="suggest: {category: true}")
    desk.receive("joe@example.net", **NEW)

    assert desk.ticket(6).category == ""
    assert any(line.startswith("the category may be billing, like ") for line in desk.history(6))
    notice = desk.notice_to("bob")
    assert "command" not in notice.link("#category billing").lower()
    desk.receive("bob@desk.example", "#category billing", reply_to=notice)
    assert desk.ticket(6).category == "billing"


def test_nothing_is_looked_up_or_said_unless_somebody_wants_it(ruled: Ruled) -> None:
    desk = ruled()
    desk.receive("joe@example.net", **NEW)

    assert desk.ticket(6).category == ""
    assert not any("may be" in line for line in desk.history(6))


def test_what_is_like_nothing_before_gets_no_category(ruled: Ruled) -> None:
    desk = ruled(ASKED.replace("then", "when: {header: {X-Sort: false}}, then"))
    desk.receive("joe@example.net", "Where are you located?", subject="Visiting tomorrow")

    assert desk.ticket(6).category == ""
    assert any(line.endswith("; no similar tickets suggest a category") for line in desk.history(6))


def test_another_companys_tickets_suggest_nothing(new_desk: Callable[..., Desk], tmp_path: Path) -> None:
    (tmp_path / "10.yaml").write_text(BY_HAND)
    two = CONFIG.replace("agents:", "  - {name: Two, mailboxes: [{address: help@two.example}]}\nagents:")
    desk = new_desk(f"rules: [10.yaml]\nsuggest: {{category: true}}\n{two}")
    for number, (category, subject, text) in enumerate(PAST):
        desk.receive(f"c{number}@example.org", text, subject=subject, X_Sort=category)
    desk.receive("joe@example.net", to="help@two.example", **NEW)

    assert not any("may be" in line for line in desk.history(6))
