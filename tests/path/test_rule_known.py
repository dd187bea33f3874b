"""Rules that ask what has to be known first, and rules that let a mail wait, on the whole path."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from desk import CONFIG, Desk
from mailtix.model.ticket import Priority

NewDesk = Callable[..., Desk]
Ruled = Callable[..., Desk]
MORE = (
    CONFIG
    + """
accounts:
  - {name: Bigcorp, match: ['*@bigcorp.example'], vip: true, reseller: joe@reseller.example}
fields: [{name: plan, type: choice, choices: [basic, gold]}]
calendars: [{name: support, zone: Europe/Berlin, hours: {mon-fri: '09:00-17:00'}}]
sla: {policies: [{name: gold, preset: strict}]}
"""
)


@pytest.fixture
def ruled(new_desk: NewDesk, tmp_path_factory: pytest.TempPathFactory) -> Ruled:
    def make(rules: str, config: str = CONFIG) -> Desk:
        file: Path = tmp_path_factory.mktemp("rules") / "10.yaml"
        file.write_text(rules)
        return new_desk(f"rules: [{file}]\n{config}")

    return make


def test_rules_know_accounts_fields_calendars_and_levels_of_the_settings(ruled: Ruled) -> None:
    desk = ruled(
        """
- name: Very important
  when: {customer: {vip: true, account: big*, reseller: '*@reseller.example'}, business_hours: support}
  then: {field: {plan: gold}, sla: gold, watch: Carla Reyes}
- {name: Golden, when: {field: {plan: gold}}, then: {priority: high}}
- {name: Plain, when: {customer: {vip: false}}, then: {tag: plain}}
""",
        MORE,
    )
    desk.receive("ann@bigcorp.example", "It burns.")
    desk.receive("joe@example.org", "It burns.")

    ticket = desk.ticket(1)
    assert (ticket.fields, ticket.sla_asked, ticket.sla_policy) == ({"plan": "gold"}, "gold", "gold")
    assert (ticket.priority, ticket.watchers) == (Priority.HIGH, ("carla@desk.example",))
    assert desk.ticket(2).tags == {"plain"}


FORGED = "- {name: Forged, when: {from: '*@bank.example', not: {auth: {dmarc: pass}}}, then: {tag: forged}}"


def test_a_mail_waits_for_what_is_known_of_its_writer_when_a_rule_asks(ruled: Ruled) -> None:
    desk = ruled(FORGED)
    desk.receive("ann@bank.example", "Your account.")

    assert desk.ticket(1).tags == {"forged"}
    assert "rule Forged matched: from is ann@bank.example (*@bank.example) and dmarc is none" in desk.history(1)
    assert '"awaiting"' in desk.log.getvalue()


def test_without_a_rule_that_asks_nobody_looks(ruled: Ruled) -> None:
    desk = ruled("- {name: All, then: {tag: x}}")
    desk.receive("ann@bank.example", "Your account.")

    assert '"awaiting"' not in desk.log.getvalue()


def test_with_no_looking_at_all_every_result_is_none(ruled: Ruled) -> None:
    desk = ruled(FORGED, f"security: {{verify: never}}\n{CONFIG}")
    desk.receive("ann@bank.example", "Your account.")

    assert desk.ticket(1).tags == {"forged"}


HOLD = """
- {name: Fraud, on: [new, reply], when: {body: account number}, then: {hold: It may be fraud., notify: Bob Miller}}
- {name: All, then: {tag: seen}}
"""


def test_a_mail_that_is_held_waits_until_a_person_lets_it_in(ruled: Ruled) -> None:
    desk = ruled(HOLD)
    [asked] = desk.receive("ann@example.org", "Please change the account number.", subject="A change")

    assert (asked.to, desk.tickets()) == ("bob@desk.example", [])
    assert "rule Fraud: It may be fraud." in asked.words
    assert asked.subject == "A mail waits"
    assert "A mail of ann@example.org (A change) waits" in asked.words

    desk.receive("bob@desk.example", "#resume", reply_to=asked)

    assert [(ticket.subject, ticket.tags) for ticket in desk.tickets()] == [("A change", {"seen"})]


def test_a_reply_that_is_held_joins_its_ticket_when_it_is_let_in(ruled: Ruled) -> None:
    desk = ruled(HOLD)
    [created] = [mail for mail in desk.receive("ann@example.org", "It burns.") if mail.to == "ann@example.org"]
    before = desk.ticket(1)
    [asked] = desk.receive("ann@example.org", "My new account number is 17.", reply_to=created)
    assert (desk.ticket(1), asked.to) == (before, "bob@desk.example")

    desk.receive("bob@desk.example", "#resume", reply_to=asked)

    assert ("customer", "public", "My new account number is 17.") in desk.messages(1)


def test_a_rule_on_trial_holds_nothing(ruled: Ruled) -> None:
    desk = ruled("- {name: Trial, shadow: true, then: {hold: true, escalate: true, snooze: 1d}}")
    desk.receive("ann@example.org", "It burns.")

    assert (desk.ticket(1).escalation, desk.ticket(1).snoozed_until) == (0, None)
    assert "rule Trial would have done (shadow): snooze 1d; escalate; hold" in desk.history(1)
