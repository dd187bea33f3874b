"""What came of an attempt is written down once, by the one whose attempt it was."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError

from desk import Desk
from mailtix.model.outgoing import Deferred, Delivered, OutgoingMail, Rejected
from mailtix.store import outbox


def unheard_commit_after(desk: Desk, refused: str) -> None:
    """The courier refuses that receiver's mail for good; the commit that records it is done and not heard of."""
    deliver, left = desk.courier.deliver, [True]

    def refuse(mail: OutgoingMail) -> object:
        if mail.rcpt_to != refused or not left:
            return deliver(mail)
        event.listen(desk.app.engine, "commit", lose, once=True)
        left.clear()
        return Rejected("550 5.1.1 nobody here")

    def lose(connection: Connection) -> None:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.execute("COMMIT") if desk.database.startswith("sqlite") else raw.commit()  # type: ignore[attr-defined]
        raise OperationalError("COMMIT", {}, sqlite3.OperationalError("the answer was lost"))

    desk.courier.deliver = refuse  # type: ignore[method-assign, assignment]


def states(desk: Desk) -> dict[str, str]:
    """The state of each mail by its receiver."""
    with desk.app.engine.connect() as connection:
        rows = connection.execute(text("SELECT rcpt_to, state FROM outbox WHERE template IN ('created', 'new_ticket')"))
        return {row.rcpt_to: row.state for row in rows}


def test_a_refusal_whose_record_was_committed_and_not_heard_of_stands_in_the_history_once(desk: Desk) -> None:
    unheard_commit_after(desk, "ann@example.org")
    desk.receive("ann@example.org", "It burns.")
    desk.wait(seconds=5)

    assert states(desk)["ann@example.org"] == "failed"
    assert len([line for line in desk.history() if "nobody here" in line]) == 1


@pytest.mark.parametrize("late", [Deferred("451 later"), Rejected("550 no"), Delivered("250 ok")], ids=repr)
def test_who_is_late_changes_nothing_of_what_another_attempt_has_come_to(desk: Desk, late: object) -> None:
    deliver = desk.courier.deliver
    again = []

    def slow(mail: OutgoingMail) -> object:
        """While it is under way its booking runs out, and somebody else sends the mail."""
        if mail.rcpt_to != "ann@example.org" or again:
            return deliver(mail)
        again.append(mail)
        desk.now += timedelta(minutes=21)
        desk.app.work.unheard()
        return late

    desk.courier.deliver = slow  # type: ignore[method-assign, assignment]
    desk.receive("ann@example.org", "It burns.")
    desk.wait(days=1)

    assert states(desk)["ann@example.org"] == "sent"
    assert [mail.to for mail in desk.courier.sent].count("ann@example.org") == 1
    assert not any("refused" in line for line in desk.history())


def test_a_late_deferral_leaves_the_booking_of_the_attempt_that_is_under_way(desk: Desk) -> None:
    desk.put(*desk.compose("ann@example.org", "It burns."))
    desk.app.work.mails()
    until = desk.now + timedelta(minutes=20)
    with desk.app.sessions.begin() as session:
        slow = outbox.book(session, desk.now, until)
        while outbox.book(session, desk.now, until):
            pass  # all others, too: then the first whose booking runs out is the one that is slow
        other = outbox.book(session, until, until + timedelta(minutes=20))
        assert slow is not None
        assert other is not None
        assert other.id == slow.id

        assert not outbox.record(session, slow, "queued", "451 later", until, until)
        assert outbox.record(session, other, "sent", "250 ok", until)
