"""A timer that was claimed may be gone when its turn comes."""

from __future__ import annotations

from datetime import timedelta

from desk import Desk
from mailtix.model.decision import TimerPlan
from mailtix.store import timers


def test_a_timer_that_took_the_number_of_one_that_is_gone_still_waits(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    ticket, then = desk.ticket().id, desk.now - timedelta(minutes=5)
    with desk.app.sessions.begin() as session:
        timers.plan(session, ticket, frozenset({TimerPlan("first", then)}))
        [claimed] = timers.claim(session, 10, desk.now)
        timers.plan(session, ticket, frozenset({TimerPlan("second", then)}))

        assert not timers.fired(session, claimed, desk.now)
        [waiting] = timers.claim(session, 10, desk.now)

    assert waiting.kind == "second"


def test_a_timer_fires_once(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    ticket = desk.ticket().id
    with desk.app.sessions.begin() as session:
        timers.plan(session, ticket, frozenset({TimerPlan("only", desk.now)}))
        [claimed] = timers.claim(session, 10, desk.now)

        assert timers.fired(session, claimed, desk.now)
        assert not timers.fired(session, claimed, desk.now)
