"""Batches of the line, in a process of their own: doors and couriers have one processor, the line has another.

The process is forked before there are threads, and connects for itself. It is asked for one batch at a time and answers
when that is committed. It knows nothing that is not in the tables, so it may die at any moment: its transaction is
rolled back, and whoever asked does the batch himself. It ends when whoever asked is gone.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from mailtix import pipeline
from mailtix.config import Config
from mailtix.house import House
from mailtix.log import MailLog
from mailtix.pipeline import ReadMail, Result
from mailtix.store import engine as database
from mailtix.store.engine import Engine, reading, sessions
from mailtix.terms import load_rules, policy_of

# How long the process may take to end what it is doing when the daemon stops.
_LAST_BATCH_SECONDS = 3.0


class Line:
    """`batch` does some mails in one transaction. `house` is asked at each batch, and `config` when the house has
    changed: they tell the other process what holds now."""

    def __init__(
        self,
        engine: Engine,
        house: Callable[[], House],
        config: Callable[[], Config],
        clock: Callable[[], datetime],
        log: MailLog,
    ) -> None:
        self._engine = engine
        self._house = house
        self._config = config
        self._clock = clock
        self._log = log
        self._here = _Bench(engine)
        self._far: _Far | None = None

    def start(self) -> None:
        """Forks. To be called before there are threads; open connections are closed first, for nobody may share one."""
        if sys.platform != "linux":  # elsewhere the system's own libraries may not survive a fork
            return
        self._engine.dispose()
        self._far = _Far(self._engine, self._house())

    def batch(self, limit: int) -> list[Result]:
        """Processes up to `limit` due mails in a transaction of their own and returns what became of them. One thread
        at a time may call it. Raises what the store raises; nothing was changed then."""
        house, now, not_done = self._house(), self._clock(), None
        if (far := self._far) is not None:
            try:
                far.change(house, self._config)
                far.read(limit, now)
                with database.turn(self._engine, "line"):
                    return far.process(limit, now)
            except _NotDone as error:
                not_done = error
            except (EOFError, OSError) as error:
                self._log.trouble("the line's process has ended; its work is done here from now on", error)
                self.stop()
        self._here.read(house, limit, now)
        results = self._here.process(house, limit, now)
        if not_done is not None:  # else it was the same here, and that is told by whoever asked
            self._log.trouble("a batch that the line's process could not do was done here", not_done)
        return results

    def stop(self) -> None:
        """Returns when the process has ended, or has had its time."""
        far, self._far = self._far, None
        if far is not None:
            far.stop()


class _Bench:
    """Does batches in the process that it stands in. What is read before the transaction begins does not keep other
    writers waiting: that matters where there can be only one, on SQLite."""

    def __init__(self, engine: Engine) -> None:
        self._writing = sessions(engine)
        self._reading = sessions(reading(engine)) if engine.dialect.name == "sqlite" else None
        self._read: dict[int, ReadMail] = {}

    def read(self, house: House, limit: int, now: datetime) -> None:
        if self._reading is not None:
            with self._reading.begin() as session:
                self._read = pipeline.read_mails(session, house, limit, now)

    def process(self, house: House, limit: int, now: datetime) -> list[Result]:
        read, self._read = self._read, {}
        with self._writing.begin() as session:
            return pipeline.process_mails(session, house, limit, now, read)


class _NotDone(Exception):
    """The other process could not do it; nothing was changed."""


@dataclass(frozen=True, slots=True)
class _Change:
    """What may change while the daemon runs: the calendars in the settings, and the rules as (name, text)."""

    config: Config
    rules: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Read:
    limit: int
    now: datetime


@dataclass(frozen=True, slots=True)
class _Process:
    limit: int
    now: datetime


class _Far:
    """The other process, as seen from the one that asks."""

    def __init__(self, engine: Engine, house: House) -> None:
        context = multiprocessing.get_context("fork")
        self._connection, far = context.Pipe()
        what = (far, self._connection, engine, house)
        self._process = context.Process(target=_answer, args=what, name="line", daemon=True)
        self._process.start()
        far.close()
        self._told = house

    def change(self, house: House, config: Callable[[], Config]) -> None:
        """The rules or calendars of now, if they are others than those it knows."""
        if house is not self._told:
            self._ask(_Change(config(), house.policy.rules.files))
            self._told = house

    def read(self, limit: int, now: datetime) -> None:
        self._ask(_Read(limit, now))

    def process(self, limit: int, now: datetime) -> list[Result]:
        results: list[Result] = self._ask(_Process(limit, now))
        return results

    def _ask(self, request: _Change | _Read | _Process) -> Any:
        self._connection.send(request)
        answer = self._connection.recv()
        if isinstance(answer, _NotDone):
            raise answer
        return answer

    def stop(self) -> None:
        self._connection.close()
        self._process.join(_LAST_BATCH_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _answer(connection: Connection, other_end: Connection, engine: Engine, house: House) -> None:
    """The life of the other process: one answer to each request, until nobody asks any more."""
    other_end.close()  # or the end of the process that asks would not be seen
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # they are told to the whole group; it decides
        signal.signal(number, signal.SIG_IGN)
    bench = _Bench(engine)
    while True:
        try:
            request = connection.recv()
        except (EOFError, OSError):
            return
        answer: Any = None
        try:
            match request:
                case _Change(config, rules):
                    house = _changed(house, config, rules)
                case _Read(limit, now):
                    bench.read(house, limit, now)
                case _Process(limit, now):
                    answer = bench.process(house, limit, now)
        except Exception as error:
            answer = _NotDone(f"{type(error).__name__}: {error}")
        try:
            connection.send(answer)
        except OSError:  # what it did is in the tables
            return


def _changed(house: House, config: Config, rules: tuple[tuple[str, str], ...]) -> House:
    return replace(house, policy=policy_of(config, load_rules(config, rules), house.policy.markers))
