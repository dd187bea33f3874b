"""Batches of the line, in a process of their own: doors and couriers have one processor, the line has another.

The process is forked before there are threads, and connects for itself. It is asked for one batch at a time and answers
when that is committed. It knows nothing that is not in the tables, so it may die at any moment: its transaction is
rolled back, and whoever asked does the batch himself. It ends when whoever asked is gone.

On SQLite, where one line is all there can be, it has an aide (`aide.py`) where there is a second processor.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from mailtix import aide, pipeline
from mailtix.aide import Aide, Change, Gone
from mailtix.config import Config
from mailtix.house import House
from mailtix.letters import NotWritten
from mailtix.log import MailLog
from mailtix.pipeline import ReadMail, Result
from mailtix.store import engine as database
from mailtix.store import journal
from mailtix.store.engine import Engine, reading, sessions

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
                    done = far.process(limit, now)
            except _NotDone as error:
                not_done = error
            except (EOFError, OSError) as error:
                self._log.trouble("the line's process has ended; its work is done here from now on", error)
                self.stop()
            else:
                if done.lost is not None:
                    self._log.trouble("the process that helps the line has ended; the line does its work", done.lost)
                return done.results
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
    """Does batches in the process that it stands in, with the help of an aide if there is one. What is read before the
    transaction begins does not keep other writers waiting: that matters where there can be only one, on SQLite."""

    def __init__(self, engine: Engine, aide: Aide | None = None) -> None:
        self._engine = engine
        self._writing = sessions(engine)
        self._reading = sessions(reading(engine)) if engine.dialect.name == "sqlite" else None
        self._read: dict[int, ReadMail] = {}
        self._aide = aide
        self._last = 0  # the journal number of the newest mail that was done
        self._is_behind = False

    def change(self, change: Change) -> None:
        """The mails of the next batches are read anew: their kind may be another one."""
        self._read = {}
        if self._aide is not None:
            self._aide.change(change)

    def read(self, house: House, limit: int, now: datetime) -> None:
        if self._reading is None:
            return
        if self._aide is not None and self._is_behind:  # else it would read what is read here
            self._read |= self._aide.next(self._last, now)
        if not self._read:
            with self._reading.begin() as session:
                entries = journal.due_entries(session, "new", limit, now)
            self._read = pipeline.read_mails(house, entries)

    def process(self, house: House, limit: int, now: datetime) -> list[Result]:
        read, self._read = self._read, {}
        try:
            results = self._processed(replace(house, scribe=self._aide), limit, now, read)
        except NotWritten:  # nothing was changed
            results = self._processed(house, limit, now, read)
        self._last = max((int(result.cause.removeprefix("J")) for result in results), default=self._last)
        self._is_behind = len(results) >= limit
        self._read = {number: mail for number, mail in read.items() if number > self._last}
        return results

    def _processed(self, house: House, limit: int, now: datetime, read: Mapping[int, ReadMail]) -> list[Result]:
        is_awaited = partial(database.is_awaited, self._engine)
        with self._writing.begin() as session:
            return pipeline.process_mails(session, house, limit, now, read, is_awaited)

    def lost(self) -> Gone | None:
        """Why there is no aide any more: said once."""
        if self._aide is None or self._aide.gone is None:
            return None
        gone, self._aide = self._aide.gone, None
        return gone


class _NotDone(Exception):
    """The other process could not do it; nothing was changed."""


@dataclass(frozen=True, slots=True)
class _Read:
    limit: int
    now: datetime


@dataclass(frozen=True, slots=True)
class _Process:
    limit: int
    now: datetime


@dataclass(frozen=True, slots=True)
class _Done:
    """What became of some mails; and why there is no aide any more, if it was lost."""

    results: list[Result]
    lost: Gone | None


class _Far:
    """The other process, as seen from the one that asks."""

    def __init__(self, engine: Engine, house: House) -> None:
        context = multiprocessing.get_context("fork")
        helped = engine.dialect.name == "sqlite" and len(os.sched_getaffinity(0)) > 1
        self._processes: list[BaseProcess] = []
        near, end, written = None, None, context.RawValue("L", 0)
        if helped:  # before there is another pipe, whose ends it would keep open
            near, end = context.Pipe()
            self._begin(context.Process(target=aide.run, args=(end, near, engine, house, written), name="aide"))
            end.close()
        self._connection, far = context.Pipe()
        helper = Aide(near, written) if near is not None else None
        what = (far, self._connection, engine, house, helper)
        self._begin(context.Process(target=_answer, args=what, name="line"))
        far.close()
        if near is not None:
            near.close()
        self._told = house

    def _begin(self, process: BaseProcess) -> None:
        process.daemon = True
        process.start()
        self._processes.append(process)

    def change(self, house: House, config: Callable[[], Config]) -> None:
        """The rules or calendars of now, if they are others than those it knows."""
        if house is not self._told:
            self._ask(Change(config(), house.policy.rules.files))
            self._told = house

    def read(self, limit: int, now: datetime) -> None:
        self._ask(_Read(limit, now))

    def process(self, limit: int, now: datetime) -> _Done:
        done: _Done = self._ask(_Process(limit, now))
        return done

    def _ask(self, request: Change | _Read | _Process) -> Any:
        self._connection.send(request)
        answer = self._connection.recv()
        if isinstance(answer, _NotDone):
            raise answer
        return answer

    def stop(self) -> None:
        """The line ends when nobody asks any more, and then its aide."""
        self._connection.close()
        for process in reversed(self._processes):
            process.join(_LAST_BATCH_SECONDS)
            if process.is_alive():
                process.kill()
                process.join()


def _answer(connection: Connection, other_end: Connection, engine: Engine, house: House, helper: Aide | None) -> None:
    """The life of the other process: one answer to each request, until nobody asks any more."""
    other_end.close()  # or the end of the process that asks would not be seen
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # they are told to the whole group; it decides
        signal.signal(number, signal.SIG_IGN)
    bench = _Bench(engine, helper)
    while True:
        try:
            request = connection.recv()
        except (EOFError, OSError):
            return
        answer: Any = None
        try:
            match request:
                case Change():
                    house = request.made_to(house)
                    bench.change(request)
                case _Read(limit, now):
                    bench.read(house, limit, now)
                case _Process(limit, now):
                    answer = _Done(bench.process(house, limit, now), bench.lost())
        except Exception as error:
            answer = _NotDone(f"{type(error).__name__}: {error}")
        try:
            connection.send(answer)
        except OSError:  # what it did is in the tables
            return
