"""Which moves between statuses are legal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mailtix.model.change import Opened, StatusChanged, Tagged
from mailtix.model.ticket import Person, Status, Ticket
from mailtix.tickets.evolve import evolve
from mailtix.tickets.moves import MOVES, refusal

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def opened() -> Ticket:
    return evolve(None, Opened("Fire", Person(1, "ann@example.org"), "support@desk.example", "email"), "Example", NOW)


def test_every_status_has_its_moves_and_every_end_a_way_back() -> None:
    assert set(MOVES) == set(Status)
    assert all(Status.REOPENED in MOVES[end] for end in (Status.RESOLVED, Status.CLOSED, Status.CANCELLED))
    assert all(status not in moves for status, moves in MOVES.items())


def test_what_is_closed_can_only_be_opened_again() -> None:
    assert MOVES[Status.CLOSED] == {Status.REOPENED}
    assert refusal(Status.CLOSED, Status.RESOLVED).endswith("it can become: reopened")


@pytest.mark.parametrize("status", list(Status))
def test_staying_where_it_is_is_always_legal(status: Status) -> None:
    assert refusal(status, status) == ""


def test_the_times_of_resolving_and_closing_are_kept_and_cleared_by_reopening() -> None:
    closed = evolve(opened(), StatusChanged(Status.CLOSED), "Example", NOW)
    assert (closed.resolved_at, closed.closed_at) == (NOW, NOW)

    again = evolve(closed, StatusChanged(Status.REOPENED), "Example", NOW)
    assert (again.resolved_at, again.closed_at) == (None, None)


def test_only_opening_begins_a_ticket_and_only_once() -> None:
    with pytest.raises(ValueError, match="only Opened begins one"):
        evolve(None, Tagged("x"), "Example", NOW)
    with pytest.raises(ValueError, match="opened only once"):
        evolve(opened(), Opened("x", Person(1, "a@example.org"), "b@example.org", "email"), "Example", NOW)
