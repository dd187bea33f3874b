"""A desk in one process without threads or sockets, its clock, its bells, and everything that may go wrong with it."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from io import StringIO
from itertools import chain
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection, Engine, event, text

import mailtix.app
from desk import templates_once
from mailtix import pipeline
from mailtix.app import App, open_app
from mailtix.config import load
from mailtix.ingest.accept import Parcel
from mailtix.log import open_log
from mailtix.model.mail import Envelope
from mailtix.store import journal, migrations, outbox
from mailtix.store.engine import DatabaseError, open_engine
from names import Names
from simulation.faults import KINDS, Faults, Killed, Smarthost
from simulation.people import Letter, People

BEGIN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SETTINGS = """
companies:
  - name: Example
    mailboxes: [{address: support@desk.example, name: Example Support}]
  - name: Other
    mailboxes: [{address: help@other.example, name: Other Help}]
agents:
  - {name: Bob Miller, email: bob@desk.example}
outbound: {maildir: sent}
sla: {targets: {medium: {first_response: 4h}}, warn_at: 0.5}
security: {secrets: ["0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"]}
"""
# In memory, where there is such a folder.
SHM = Path("/dev/shm")
# Steps of a seed: enough for each fault to meet each part of the way, few enough for thousands of seeds.
STEPS = 40
# What is still not done after so many moments never will be.
_PATIENCE = 400
_NEXT_DUE = """
SELECT min(at) FROM (
    SELECT next_at AS at FROM journal WHERE state IN ('new', 'scan', 'auth', 'parked')
    UNION ALL SELECT next_at FROM outbox WHERE state = 'queued')
"""


class _Migrated:
    """The tables are those of today already."""

    @staticmethod
    def upgrade(_engine: Engine) -> None:
        """Nothing is to be done."""


class Database:
    """One engine for all seeds of a process, each with a file of its own: what SQL its statements become is worked out
    once, and so are the tables."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="mailtix-simulation-", dir=SHM if SHM.is_dir() else None)
        self._made = Path(self._folder.name) / "empty.db"
        self.file = self._made
        self.engine = open_engine(f"sqlite:///{self._made}", 4)
        migrations.upgrade(self.engine)
        self.engine.dispose()
        event.listen(self.engine, "do_connect", self._connect)
        event.listen(self.engine, "connect", _careless)

    def empty(self, file: Path) -> Engine:
        """The engine, with that file for an empty database."""
        self.engine.dispose()
        self.file = file
        shutil.copy(self._made, file)
        return self.engine

    def _connect(self, _dialect: object, _record: object, arguments: list[Any], _options: object) -> None:
        arguments[0] = str(self.file)


def _careless(connection: Any, _record: object) -> None:
    """What is tested is not the disk."""
    connection.execute("PRAGMA synchronous=OFF")


@cache
def database() -> Database:
    """That of this process."""
    return Database()


class World:
    """One seed. `outside` are mails whose senders have not heard 250; `accepted` those of whom one has."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.dice = Random(f"{seed} course")
        self.now = BEGIN
        kinds = self.dice.sample(KINDS, self.dice.randrange(2, 6))
        self.faults = Faults(Random(f"{seed} faults"), frozenset(kinds))
        self.smarthost = Smarthost(self.faults, lambda: self.app.engine.pool.checkedout(), self._overtake)  # type: ignore[attr-defined]
        self.people = People(Random(f"{seed} people"))
        self.letters: list[Letter] = []
        self.parked: list[str] = []
        self.outside: list[Letter] = []
        self.accepted: list[Letter] = []
        self.bells: list[Callable[[], None]] = []
        self.log = StringIO()
        self.course: list[str] = [f"faults: {', '.join(sorted(kinds))}"]
        self._jitter = Random(f"{seed} jitter")
        # SQLite has one process, which knows at its start that whoever was sending is gone; others wait twenty minutes.
        self._is_alone = self.dice.random() < 0.5
        self._path = folder / "mailtix.yaml"
        self._path.write_text(f"database: sqlite:///{folder}/world.db\n{SETTINGS}", encoding="utf-8")
        self._config = load(self._path, {})
        self._engine = database().empty(folder / "world.db")
        self.faults.attach(self._engine)
        self._start()

    def run(self) -> None:
        """The whole course: while faults happen, and then until all is done."""
        self.faults.on = True
        steps = {"write": 6, "knock": 6, "bell": 8, "sweep": 8, "time": 8, "jump": 1, "trouble": 1, "kill": 1}
        for what in self.dice.choices(list(steps), list(steps.values()), k=STEPS):
            with patch.object(pipeline, "parse_with_files", self.faults.parse):
                self._do(what)
        self._settle()

    def close(self) -> None:
        self.app.close()
        self.faults.leave(self._engine)

    # the process

    def _start(self) -> None:
        with self.faults.paused():
            log = open_log("json", "info", self.log)
            names = Names()
            mailtix.app.load_templates = templates_once  # type: ignore[assignment]
            chance = patch.object(random, "SystemRandom", lambda: self._jitter)
            with chance, patch.multiple(mailtix.app, migrations=_Migrated, open_engine=lambda *_, **__: self._engine):
                self.app: App = open_app(
                    self._config, log, now=lambda: self.now, courier=self.smarthost, resolver=names
                )
            if self._is_alone:
                with self.app.sessions.begin() as session:
                    outbox.release(session, self.now)
        bells = self.app.bells
        bells.ring_mail = self._hear("mail")  # type: ignore[method-assign]
        bells.ring_delivery = self.app.live.ring_delivery = self._hear("deliver")  # type: ignore[method-assign]
        self.app.work.ring_delivery = bells.ring_delivery

    def _hear(self, what: str) -> Callable[[int], None]:
        def ring(number: int) -> None:
            if self.dice.random() < 0.8:  # else the broker has lost it
                self.bells.append(lambda: getattr(self.app.work, what)(number))

        return ring

    def _restart(self) -> None:
        self.course.append(f"{self._at} killed")
        with self.faults.paused():
            self.app.close()
            if self.dice.random() < 0.5:  # a broker of its own keeps them, one in the process does not
                self.bells.clear()
            self._start()

    # one step

    @property
    def _at(self) -> str:
        return f"{self.now:%d %H:%M:%S}"

    def _do(self, what: str) -> None:
        self.course.append(f"{self._at} {what}")
        try:
            getattr(self, f"_{what}")()
        except Killed:
            self._restart()

    def _write(self) -> None:
        if len(self.letters) < 9:
            letter = self.people.write(list(self.smarthost.mails.values()))
            self.letters.append(letter)
            self.outside.append(letter)

    def _knock(self) -> None:
        """Several senders at once, in any order; they share a commit as those do who come while one is under way."""
        self.dice.shuffle(self.outside)
        group, self.outside = self.outside[:4], self.outside[4:]
        unheard = group.copy()
        try:
            unheard = self._accept(group)
        finally:
            self.outside += unheard
        if self.accepted and self.dice.random() < 0.3:  # the same mail once more, by another door
            self.outside.append(self.people.again(self.dice.choice(self.accepted)))

    def _accept(self, group: list[Letter]) -> list[Letter]:
        """Returns those that were not accepted, and some whose 250 was lost on its way."""
        accepted = self._commit(group)
        self.accepted += accepted
        return [letter for letter in group if letter not in accepted or self.dice.random() < 0.1]

    def _commit(self, group: list[Letter]) -> list[Letter]:
        """Those of them that are durable: all at once, else each alone (ingest/accept.py does so in its thread)."""
        if not group:
            return []
        try:
            numbers = self.app.commit([Parcel(letter.raw, self._envelope(letter)) for letter in group])
        except DatabaseError:
            return [one for letter in group for one in self._commit([letter])] if len(group) > 1 else []
        for number in chain.from_iterable(numbers):
            self.app.bells.ring_mail(number)
        return group

    def _envelope(self, letter: Letter) -> Envelope:
        return Envelope(letter.sender, letter.to, self.now, letter.source, "127.0.0.1")

    def _bell(self) -> None:
        """Any of them: bells come in any order."""
        if self.bells:
            self.bells.pop(self.dice.randrange(len(self.bells)))()

    def _sweep(self) -> None:
        self.app.work.unheard()

    def _overtake(self) -> None:
        """A booking runs out while its mail is being sent, and another process finds it due."""
        self.now += timedelta(minutes=21)
        self._sweep()

    def _time(self) -> None:
        self.now += timedelta(seconds=self.dice.choice((1, 2, 15, 60, 600, 3600, 5 * 3600)))

    def _jump(self) -> None:
        """Somebody sets the clock."""
        self.now += timedelta(minutes=self.dice.choice((-90, -15, -1, 30, 600)))

    def _trouble(self) -> None:
        """The disk is full or the database away, or no more."""
        if self.faults.disk_full or self.faults.away:
            self.faults.disk_full = self.faults.away = False
        elif self.dice.random() < 0.5:
            self.faults.disk_full = True
        else:
            self.faults.away = True

    def _kill(self) -> None:
        raise Killed

    # and then all is well

    def _settle(self) -> None:
        """Nothing fails any more, senders try until they are heard, an admin retries what is parked, and time goes by
        until nothing is left to do."""
        self.course.append(f"{self._at} all is well")
        self.faults.on = False
        for _ in range(_PATIENCE):
            while self.outside:
                group, self.outside = self.outside[:10], self.outside[10:]
                self.outside += self._accept(group)
            with self.app.sessions.begin() as session:
                self.parked += [mail.error for mail in journal.parked(session)]
                journal.retry(session, None, self.now)
            self.app.work.everything()
            due = self._next_due()
            if due is None:
                return
            self.now = max(self.now, due) + timedelta(microseconds=1)

    def _next_due(self) -> datetime | None:
        """When something is to be done that is not done yet."""
        with self.looking() as connection:
            at = connection.execute(text(_NEXT_DUE)).scalar_one()
        return None if at is None else datetime.fromisoformat(at).replace(tzinfo=UTC)

    def looking(self) -> Connection:
        """A connection that only reads."""
        return self.app.engine.connect().execution_options(mailtix_reads=True)
