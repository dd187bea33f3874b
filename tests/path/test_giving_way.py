"""Mail that is pouring in goes first; the line gives way to it, and still does its work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from desk import Desk
from mailtix import pipeline, workers
from mailtix.store import journal
from smarthost import PATIENCE


def put_ten(desk: Desk) -> None:
    for number in range(10):
        desk.put(*desk.compose(f"ann{number}@example.org", f"It burns, {number}."))


def unprocessed(desk: Desk) -> int:
    with desk.app.sessions() as session:
        return journal.waiting(session)


def answers(said: Iterator[bool]) -> Callable[[], bool]:
    return lambda: next(said)


def test_the_line_begins_when_the_crowd_is_gone(desk: Desk) -> None:
    put_ten(desk)
    seen = []

    def crowd() -> Iterator[bool]:
        for _ in range(3):
            seen.append(unprocessed(desk))
            yield True
        while True:
            yield False

    desk.app.work.crowded = answers(crowd())
    desk.app.work.mails()

    assert seen == [10, 10, 10]
    assert unprocessed(desk) == 0


def test_the_line_is_not_held_up_for_ever_and_takes_small_bites_meanwhile(desk: Desk) -> None:
    put_ten(desk)
    bites = []
    whole = pipeline.process_mails

    def counted(*arguments: object) -> object:
        results = whole(*arguments)  # type: ignore[arg-type]
        bites.append(len(results))
        return results

    desk.app.work.crowded = lambda: True
    pipeline.process_mails = counted  # type: ignore[assignment]
    try:
        desk.app.work.mails()
    finally:
        pipeline.process_mails = whole

    assert sum(bites) == 10
    assert max(bites) <= 3
    assert unprocessed(desk) == 0


def test_a_load_that_does_not_end_does_not_hold_the_line_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    put_ten(desk)
    looks = []
    desk.app.work.crowded = lambda: looks.append(True) or True
    monkeypatch.setattr(workers, "_BURST", -1.0)  # it has gone on for longer

    desk.app.work.mails()

    assert unprocessed(desk) == 0
    assert len(looks) <= 40, "a breath between bites, no more: one that gives way looks fifty times for each"


def test_answers_that_gave_way_leave_when_the_crowd_is_gone(desk: Desk) -> None:
    put_ten(desk)
    desk.app.work.mails()
    looks = iter([True] * 60)
    desk.app.work.crowded = lambda: next(looks, False)

    desk.app.work.deliver(0)

    assert next(looks, None) is None, "it has looked whether mail was pouring in"
    assert len(desk.courier.sent) == 30, "ten receipts and twenty notices"


def test_answers_leave_when_the_line_has_done_what_is_more_than_a_batch(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_PATIENCE", PATIENCE)
    put_ten(desk)
    desk.put(*desk.compose("eve@example.org", "It burns, too."))
    left: list[int] = []
    with ThreadPoolExecutor() as pool:

        def ring(number: int) -> None:
            if not left:
                pool.submit(desk.app.work.deliver, number)
            left.append(len(desk.courier.sent))

        desk.app.work.ring_delivery = ring
        desk.app.work.mails()

    assert left[:30] == [0] * 30, "the first batch has rung, and the second was not done"
    assert len(desk.courier.sent) == 33


def test_answers_do_not_wait_for_a_line_that_is_busy_for_longer(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_BURST", -1.0)  # it has gone on for longer
    put_ten(desk)
    left: list[int] = []

    def ring(number: int) -> None:
        desk.app.work.deliver(number)
        left.append(len(desk.courier.sent))

    desk.app.work.ring_delivery = ring
    desk.app.work.mails()

    assert left[0] == 30, "all that is due, at the first bell"
