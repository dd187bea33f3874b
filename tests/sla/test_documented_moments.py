"""docs/sla.md names every kind of moment, and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailtix.config.timing import SlaConfig, terms
from mailtix.facts import Policy
from mailtix.model.ticket import Person, Status, Ticket
from mailtix.moments import plans, why
from mailtix.rules import RuleSet
from mailtix.surveys import Terms

DOCS = (Path(__file__).parents[2] / "docs" / "sla.md").read_text(encoding="utf-8")
TABLE = DOCS.partition("## What happens by itself")[2].partition("\n## ")[0]
NAMED = {kind for line in re.findall(r"^\| (`.*?) \|", TABLE, re.MULTILINE) for kind in re.findall(r"`(\w+)`", line)}
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
DAY = timedelta(days=1)
POLICY = Policy(
    RuleSet(), terms(SlaConfig.model_validate({"targets": {"medium": {"next_response": "2h"}}}), ()), Terms()
)
OPEN = Ticket(
    1, "Example", "1", "Help", Person(1, "ann@example.org"), "support@desk.example", "email", NOW,
    status_since=NOW, owner_since=NOW, waiting_since=NOW, resolution_from=NOW, due_at=NOW + DAY,
    first_response_due=NOW + DAY, resolution_due=NOW + DAY, next_response_due=NOW + DAY,
)  # fmt: skip
TICKETS = (
    OPEN,
    replace(OPEN, first_response_at=NOW),
    replace(OPEN, snoozed_until=NOW + DAY),
    replace(OPEN, status=Status.WAITING_CUSTOMER),
    replace(OPEN, status=Status.RESOLVED, resolved_at=NOW),
    replace(OPEN, status=Status.CLOSED, resolved_at=NOW, closed_at=NOW),
)
KINDS = {plan.kind for ticket in TICKETS for plan in plans(ticket, POLICY)}


def test_every_kind_of_moment_is_explained() -> None:
    assert {re.sub(r"_escalation_\d+", "_escalation_1", kind) for kind in KINDS} == NAMED


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_its_reason_for_the_terminal(kind: str) -> None:
    assert why(kind) != kind
