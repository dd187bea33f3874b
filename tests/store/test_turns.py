"""Writers on SQLite come on in the order they asked."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

from mailtix.store.engine import open_engine, reading
from mailtix.store.turns import Turns

SECONDS = 30.0


def test_a_turn_goes_to_whoever_has_waited_longest() -> None:
    turns, order = Turns(), []

    def write(name: str) -> None:
        assert turns.take(name, SECONDS)
        order.append(name)
        turns.give(name)

    turns.take("first", SECONDS)
    threads = []
    for name in ("second", "third", "fourth"):
        threads.append(threading.Thread(target=write, args=(name,)))
        threads[-1].start()
        _until(turns, len(threads))
    turns.give("first")
    for thread in threads:
        thread.join(SECONDS)

    assert order == ["second", "third", "fourth"]


def test_who_gives_a_turn_back_and_wants_another_stands_behind_those_who_wait() -> None:
    turns, order = Turns(), []
    turns.take("line", SECONDS)

    def accept() -> None:
        turns.take("acceptor", SECONDS)
        order.append("acceptor")
        turns.give("acceptor")

    thread = threading.Thread(target=accept)
    thread.start()
    _until(turns, 1)
    turns.give("line")
    turns.take("line", SECONDS)
    order.append("line")
    thread.join(SECONDS)

    assert order == ["acceptor", "line"]


def test_a_turn_that_does_not_come_is_given_up_and_holds_up_nobody() -> None:
    turns = Turns()
    turns.take("stuck", SECONDS)

    assert not turns.take("hurried", 0.01)
    turns.give("stuck")

    assert turns.take("next", 0.01)


def test_only_its_owner_ends_a_turn() -> None:
    turns = Turns()
    turns.take("owner", SECONDS)

    turns.give("somebody else")

    assert not turns.take("next", 0.01)
    assert turns.take("owner", 0.01)


def test_a_writer_waits_for_the_one_before_and_a_reader_for_nobody(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/mailtix.db")
    done = threading.Event()

    def write() -> None:
        with engine.begin():
            done.set()

    thread = threading.Thread(target=write)
    with engine.begin():
        thread.start()
        with reading(engine).connect() as reader:
            reader.exec_driver_sql("SELECT 1").scalar_one()
        assert not done.wait(0.05)
    thread.join(SECONDS)

    assert done.is_set()
    engine.dispose()


def test_a_transaction_that_fails_gives_its_turn_back(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/mailtix.db")
    with suppress(ZeroDivisionError), engine.begin():
        print(1 // 0)
    done = threading.Event()

    def write() -> None:
        with engine.begin():
            done.set()

    with engine.connect():  # the connection that failed is taken, so that the writer needs another
        thread = threading.Thread(target=write)
        thread.start()
        assert done.wait(5.0)
        thread.join(SECONDS)
    engine.dispose()


def _until(turns: Turns, waiting: int) -> None:
    """Returns when that many wait: only then is their order certain."""
    while len(turns._waiting) < waiting:
        threading.Event().wait(0.001)
