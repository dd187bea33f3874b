"""What the history says of a change is enough to make it again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mailtix.model.change import (
    Assigned,
    CategoryChanged,
    Change,
    Merged,
    Noted,
    ParticipantJoined,
    PolicyAsked,
    PriorityChanged,
    RequesterChanged,
    Responded,
    Restored,
    Snoozed,
    StatusChanged,
    Tagged,
    TeamChanged,
    Unanswered,
    Untagged,
)
from mailtix.model.ticket import Person, Priority, Status, Ticket
from mailtix.tickets.describe import describe
from mailtix.tickets.evolve import evolve
from mailtix.tickets.retrace import retraced

AT = datetime(2026, 11, 20, 9, 0, 0, 123456, tzinfo=UTC)
TICKET = Ticket(
    1, "Example", "TKT-1", "Help", Person(1, "ann@example.org", "Ann"), "support@desk.example", "email", AT,
    tags=frozenset({"a"}), category="billing", team="support", assignee="bob@desk.example", first_response_at=AT,
)  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        *map(StatusChanged, Status),
        *map(PriorityChanged, Priority),
        CategoryChanged("technical; or so"),
        CategoryChanged(""),
        TeamChanged("sales"),
        Assigned("carla@desk.example"),
        Assigned(""),
        Tagged("b"),
        Untagged("a"),
        RequesterChanged("eve@example.org", ""),
        Snoozed(AT),
        Snoozed(None),
        PolicyAsked("gold"),
        Responded(AT),
        Unanswered(),
    ],
    ids=str,
)
def test_a_change_is_read_from_its_line_of_history(change: Change) -> None:
    line = describe(TICKET, change)
    assert retraced(line.field, line.old, line.new, line.text) == (change,)


def test_a_merged_ticket_is_one_again() -> None:
    line = describe(TICKET, Merged(7, "TKT-7"))
    [change] = retraced(line.field, line.old, line.new, line.text)
    assert evolve(TICKET, change, "Example", AT).merged_into


def test_what_was_taken_back_is_taken_back_again() -> None:
    before = evolve(TICKET, StatusChanged(Status.RESOLVED), "Example", AT)
    values = (("status", Status.OPEN), ("priority", Priority.HIGH), ("assignee", ""), ("resolved_at", None))
    line = describe(before, Restored(values))
    changes = retraced(line.field, line.old, line.new, line.text)
    assert changes == (StatusChanged(Status.OPEN), PriorityChanged(Priority.HIGH), Assigned(""))


@pytest.mark.parametrize("change", [Noted("undelivered", "status: a → b"), ParticipantJoined("eve@example.org")])
def test_what_moves_no_clock_gives_nothing(change: Change) -> None:
    line = describe(TICKET, change)
    assert retraced(line.field, line.old, line.new, line.text) == ()
