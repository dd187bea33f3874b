"""Rules at work on real mail."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desk import CONFIG, Desk
from mailtix.model.ticket import Priority
from mailtix.rules import BadRules

RULES = """
- name: Invoices
  when: {subject: [invoice, Rechnung]}
  then: {category: billing, team: billing, tag: money}
- name: Big customer
  when: {from: "*@bigcorp.example"}
  then: {priority: high, assign: carla@desk.example, stop: true}
- name: Never reached for big customers
  when: {body: burns}
  then: {priority: critical}
"""


@pytest.fixture
def ruled(new_desk: Callable[..., Desk], tmp_path_factory: pytest.TempPathFactory) -> Desk:
    rules = tmp_path_factory.mktemp("rules") / "10.yaml"
    rules.write_text(RULES)
    return new_desk(f"rules: [{rules}]\n{CONFIG}")


def test_rules_sort_a_mail_and_only_the_team_hears_of_it(ruled: Desk) -> None:
    mails = ruled.receive("ann@example.org", "Please pay.", subject="Your invoice")

    ticket = ruled.ticket(1)
    assert (ticket.category, ticket.team, ticket.tags) == ("billing", "billing", {"money"})
    assert {mail.to for mail in mails} == {"ann@example.org", "bob@desk.example"}


def test_stop_ends_the_rules_and_the_history_names_each(ruled: Desk) -> None:
    mails = ruled.receive("joe@bigcorp.example", "It burns.", subject="Rechnung")

    ticket = ruled.ticket(1)
    assert (ticket.priority, ticket.assignee) == (Priority.HIGH, "carla@desk.example")
    assert {mail.to for mail in mails} == {"joe@bigcorp.example", "carla@desk.example"}
    assert [line for line in ruled.history(1) if line.startswith("rule")] == [
        "rule Invoices matched: subject contains 'Rechnung'",
        "rule Big customer matched: from is joe@bigcorp.example (*@bigcorp.example)",
    ]
    assert ticket.resolution_due is not None
    assert (ticket.resolution_due - ticket.created_at).total_seconds() == 8 * 3600


def test_an_unknown_assignee_in_a_rule_is_told_before_anything_runs(
    new_desk: Callable[..., Desk], tmp_path_factory: pytest.TempPathFactory
) -> None:
    rules = tmp_path_factory.mktemp("rules") / "10.yaml"
    rules.write_text("- name: R\n  when: {subject: x}\n  then: {assign: bobb@desk.example}\n")

    with pytest.raises(BadRules, match=r"10.yaml:3:\d+: .*bobb@desk.example"):
        new_desk(f"rules: [{rules}]\n{CONFIG}")
