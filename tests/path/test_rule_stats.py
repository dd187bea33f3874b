"""What rules have done so far, and what those on trial would have done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desk import CONFIG, Desk
from running import asked, called

RULES = """
- {name: Invoices, when: {subject: invoice}, then: {category: billing}}
- {name: Never, when: {subject: unheard of}, then: {tag: never}}
- {name: Trial, shadow: true, when: {subject: invoice}, then: {priority: urgent, tag: [trial, more], stop: true}}
- {name: "50%_off: adverts", when: {subject: buy}, then: {drop: true}}
- {name: Off, enabled: false, then: {tag: x}}
"""


@pytest.fixture
def ruled(new_desk: Callable[..., Desk], tmp_path: Path) -> Desk:
    (tmp_path / "10.yaml").write_text(RULES)
    return new_desk(f"rules: [10.yaml]\n{CONFIG}")


def stats(desk: Desk, *arguments: str) -> dict[str, dict[str, Any]]:
    found = asked(desk.folder / "mailtix.yaml", "rules", "stats", *arguments)
    return {row["rule"]: row for row in found}


def test_each_rule_is_counted_with_its_last_hit_also_those_that_drop(ruled: Desk) -> None:
    ruled.receive("ann@example.org", "1", subject="Invoice 1")
    ruled.wait(hours=1)
    ruled.receive("ann@example.org", "2", subject="Invoice 2")
    ruled.receive("joe@example.net", "3", subject="Buy this")

    rows = stats(ruled)
    assert {name: (row["state"], row["hits"]) for name, row in rows.items()} == {
        "Invoices": ("on", 2),
        "Never": ("on", 0),
        "Trial": ("shadow", 2),
        "50%_off: adverts": ("on", 1),
        "Off": ("off", 0),
    }
    assert rows["Invoices"]["last_at"] == rows["50%_off: adverts"]["last_at"] == "2026-11-20T10:00:00+00:00"
    assert rows["Never"]["last_at"] is None
    assert rows["Invoices"]["place"] == f"{ruled.folder}/10.yaml:2"
    assert "never" in called(ruled.folder / "mailtix.yaml", "rules", "stats").out


def test_rejected_mails_and_rejected_replies_count_once_each(ruled: Desk) -> None:
    (ruled.folder / "10.yaml").write_text(
        "- {name: No, on: [new, reply], when: {body: refuse}, then: {reject: 'No, thank you.'}}\n"
    )
    ruled.configure(f"rules: ['{ruled.folder}/10.yaml']\nsecurity: {{verify: never}}\n{CONFIG}")
    ruled.receive("joe@example.net", "Please refuse this.")
    [created, *_] = [mail for mail in ruled.receive("ann@example.org", "Help.") if mail.to == "ann@example.org"]
    ruled.receive("ann@example.org", "Please refuse this.", reply_to=created)

    assert stats(ruled)["No"]["hits"] == 2


def test_rules_that_are_no_more_are_still_told_of(ruled: Desk) -> None:
    ruled.receive("ann@example.org", "1", subject="Invoice 1")
    (ruled.folder / "10.yaml").write_text("- {name: New, then: {tag: new}}\n")

    rows = stats(ruled)
    assert (rows["Invoices"]["state"], rows["Invoices"]["hits"], rows["Invoices"]["place"]) == ("was on", 1, "")
    assert rows["Trial"]["state"] == "was shadow"


def test_a_shadow_rule_changes_nothing_and_is_reported_with_what_it_wanted(ruled: Desk) -> None:
    ruled.receive("ann@example.org", "1", subject="Invoice 1")
    ticket = ruled.ticket(1)
    assert (ticket.priority, ticket.tags, ticket.category) == ("medium", frozenset(), "billing")

    [trial] = asked(ruled.folder / "mailtix.yaml", "rules", "shadow")
    assert (trial["rule"], trial["ticket"], trial["cause"]) == ("Trial", ticket.number, "J1")
    assert trial["would"] == ("rule Trial would have done (shadow): priority: medium → urgent; tag trial; tag more")
    assert trial["because"] == "subject contains 'invoice'"
    words = " ".join(called(ruled.folder / "mailtix.yaml", "rules", "shadow").out.split())
    assert ticket.number in words


def test_nothing_on_trial_says_so(ruled: Desk) -> None:
    said = called(ruled.folder / "mailtix.yaml", "rules", "shadow", "--since", "1h")

    assert (said.code, said.out) == (0, "No shadow rule has held.\n")
    assert called(ruled.folder / "mailtix.yaml", "rules", "stats", "--since", "ages").code == 2
