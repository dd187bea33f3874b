"""What the log of promises says of an answer that did not arrive."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from desk import Desk
from mailtix.model.outgoing import Rejected
from mailtix.store.tables import sla_log


def first_responses(desk: Desk) -> list[tuple[bool, bool]]:
    """(missed, met) of each first response in the log."""
    with desk.app.sessions.begin() as session:
        rows = session.execute(select(sla_log).where(sla_log.c.target == "first_response"))
        return [(row.missed, row.met_at is not None) for row in rows]


def test_an_answer_that_came_back_has_kept_no_promise(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.courier.outcomes = [Rejected("550 5.1.1 unknown")]
    desk.receive("bob@desk.example", "Use water.", reply_to=desk.notice_to("bob"))

    assert desk.ticket(1).first_response_at is None
    assert first_responses(desk) == [(False, False)]

    desk.wait(hours=5)
    assert first_responses(desk) == [(True, False)]

    desk.now += timedelta(hours=1)
    desk.receive("bob@desk.example", "Use sand.", reply_to=desk.notice_to("bob"))
    assert first_responses(desk) == [(True, True)]
