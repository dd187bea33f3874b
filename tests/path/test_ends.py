"""Every end of a ticket is a line about its status, for figures count by these."""

from __future__ import annotations

from desk import Desk
from mailtix.figures import Moves, Period
from mailtix.model.change import Merged, Restored
from mailtix.model.decision import Decision, Outcome, Step
from mailtix.model.ticket import Status, Ticket
from mailtix.save import Cause, save
from mailtix.store import figures, tickets
from mailtix.store.figures import Frame
from mailtix.tickets.evolve import evolve


def changed(desk: Desk, change: Merged | Restored) -> None:
    """The first ticket with one change, as a decision would make it."""
    before: Ticket = desk.ticket(1)
    after = evolve(before, change, before.company, desk.now)
    decision = Decision(Outcome.COMMANDED, "test", before, after, (Step(change, "bob@desk.example", "test"),))
    with desk.app.sessions.begin() as session:
        save(session, desk.app.house, 1, decision, Cause("J9"), desk.now)


def statuses(desk: Desk) -> list[tuple[str, str]]:
    with desk.app.sessions.begin() as session:
        lines = tickets.history_of(session, desk.ticket(1).id)
    return [(line.old, line.new) for line in lines if line.field == "status"]


def test_merging_and_taking_back_say_what_became_of_the_status(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("joe@example.net", "It burns here, too.")
    other = desk.ticket(2)
    opened = desk.ticket(1)

    changed(desk, Merged(other.id, other.number))
    assert statuses(desk) == [("open", "closed")]
    changed(desk, Restored((("status", Status.OPEN), ("merged_into", 0), ("closed_at", None), ("resolved_at", None))))
    assert statuses(desk) == [("open", "closed"), ("closed", "open")]

    period = Period("", opened.created_at, desk.now.replace(hour=23))
    with desk.app.sessions.begin() as session:
        assert figures.moves(session, Frame((1,), (period,), None)) == {"": Moves(1, 0, 1, 1, 1)}
