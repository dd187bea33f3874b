"""A mail whose sending came to no known end may come twice, and then the ticket says so."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import text

from desk import Desk
from mailtix.model.outgoing import Deferred, OutgoingMail
from mailtix.store import outbox


class Killed(BaseException):
    """The process ends here."""


def marked(desk: Desk) -> dict[str, bool]:
    """For each receiver, whether the outbox says that the outcome of an attempt is not known."""
    with desk.app.engine.connect() as connection:
        rows = connection.execute(text("SELECT rcpt_to, unknown_at FROM outbox WHERE state = 'sent'"))
        return {row.rcpt_to: row.unknown_at is not None for row in rows}


def told(desk: Desk) -> list[dict[str, str]]:
    """What the log says of it."""
    lines = [json.loads(line) for line in desk.log.getvalue().splitlines()]
    return [line for line in lines if line["event"] == "outcome_unknown"]


def doubts(desk: Desk) -> list[str]:
    """What the ticket's history says of it, and why."""
    with desk.app.sessions.begin() as session:
        rows = session.execute(text("SELECT text, because, cause FROM history WHERE field = 'outcome_unknown'"))
        return [f"{row.cause}: {row.text} ({row.because})" for row in rows]


def killed_after_sending_to_ann(desk: Desk) -> None:
    """Ann's receipt has left, and nobody has written that down."""
    deliver = desk.courier.deliver

    def die(mail: OutgoingMail) -> object:
        outcome = deliver(mail)
        if mail.rcpt_to == "ann@example.org":
            raise Killed
        return outcome

    desk.courier.deliver = die  # type: ignore[method-assign, assignment]
    with pytest.raises(Killed):
        desk.receive("ann@example.org", "It burns.")
    desk.courier.deliver = deliver  # type: ignore[method-assign]


def test_a_mail_that_was_being_sent_when_the_process_died_is_marked_when_it_is_sent_again(desk: Desk) -> None:
    killed_after_sending_to_ann(desk)
    assert doubts(desk) == []

    desk.wait(minutes=21)

    first, second = [mail for mail in desk.courier.sent if mail.to == "ann@example.org"]
    assert first.id == second.id
    assert marked(desk) == {"ann@example.org": True, "bob@desk.example": False, "carla@desk.example": False}
    [line] = doubts(desk)
    assert "it is not known whether the mail to ann@example.org arrived; it is sent again as the same mail" in line
    assert "outcome unknown: attempt 1 was begun and never recorded" in line
    assert [entry["to"] for entry in told(desk)] == ["ann@example.org"]


def test_a_start_that_releases_what_was_under_way_does_not_forget_it(desk: Desk) -> None:
    killed_after_sending_to_ann(desk)
    with desk.app.sessions.begin() as session:
        assert outbox.release(session, desk.now) == 1

    desk.wait(seconds=1)

    assert marked(desk)["ann@example.org"]
    assert len(doubts(desk)) == 1


def test_an_answer_that_was_lost_is_marked_at_once(desk: Desk) -> None:
    desk.courier.outcomes = [Deferred("outcome unknown: no reply in time after the whole mail was sent", unknown=True)]
    desk.receive("ann@example.org", "It burns.")
    [line] = doubts(desk)
    assert "no reply in time" in line

    desk.wait(minutes=1)

    assert sorted(marked(desk).values()) == [False, False, True]
    assert len(doubts(desk)) == 1
    assert len(told(desk)) == 1


def test_a_mail_that_was_refused_for_now_is_not_in_doubt(desk: Desk) -> None:
    desk.courier.outcomes = [Deferred("451 later")]
    desk.receive("ann@example.org", "It burns.")
    desk.wait(minutes=1)
    assert not any(marked(desk).values())
    assert doubts(desk) == []


def test_what_is_in_doubt_of_a_merged_ticket_stands_where_its_messages_are(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.courier.outcomes = [Deferred("451 later")] * 3
    desk.receive("ann@example.org", "It burns more.")
    desk.receive("bob@desk.example", f"#merge {desk.ticket(1).number}", reply_to=desk.notice_to("bob"))
    assert desk.ticket(2).number
    desk.courier.outcomes = [Deferred("outcome unknown: half-closed", unknown=True)] * 3
    desk.now += timedelta(minutes=2)
    desk.work()
    lines = [line for index in (1, 2) for line in desk.history(index) if "not known" in line]
    assert len(lines) == 3
