"""Who writes again waits for an answer again, and the desk is told in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from desk import CONFIG, Desk

PROMISED = "sla: {targets: {medium: {next_response: 2h}}}\n"


def test_the_desk_is_warned_of_the_next_response_with_its_own_time(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(PROMISED + CONFIG)
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "Use water.", reply_to=desk.notice_to("bob"))
    assert desk.wait(days=3) == []
    desk.receive("ann@example.org", "It still burns.", reply_to=desk.notice_to("ann"))

    assert desk.wait(minutes=89) == []
    [warning] = desk.wait(minutes=1)
    assert warning.to == "bob@desk.example"
    assert "The next answer is due in 30 minutes" in warning.words
    [alert] = desk.wait(minutes=30)
    assert "The next answer is overdue" in alert.words
    assert "next response missed, due 2026-11-23 11:00:00 UTC" in desk.history(1)


def test_an_answer_in_time_ends_the_wait(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(PROMISED + CONFIG)
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "Use water.", reply_to=desk.notice_to("bob"))
    desk.receive("ann@example.org", "It still burns.", reply_to=desk.notice_to("ann"))
    desk.now += timedelta(minutes=80)
    desk.receive("bob@desk.example", "Use more.", reply_to=desk.notice_to("bob"))

    assert desk.wait(days=3) == []
