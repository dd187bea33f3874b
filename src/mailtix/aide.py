"""A process that helps the one of the line: it reads the mails that come next, and writes the letters of those that are
decided, while the line decides and saves.

It changes nothing that lasts: it reads the database, and what it has read or written it keeps until it is asked for
it. So it may die at any moment; the line then does all by itself.
"""

from __future__ import annotations

import os
import select
import signal
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from mailtix.config import Config
from mailtix.house import House
from mailtix.letters import NotWritten, Writing, write
from mailtix.model.copies import packed, unpacked
from mailtix.model.decision import Notice
from mailtix.model.ticket import Ticket
from mailtix.pipeline import ReadMail, read_mails
from mailtix.store import journal
from mailtix.store.engine import DatabaseError, Engine, reading, sessions
from mailtix.store.journal import Entry
from mailtix.terms import load_rules, policy_of

# How many mails are read before they are asked for, and how many bytes they may have: what waits is kept in memory.
_MOST_READ = 50
_MOST_BYTES = 3_000_000
_AT_ONCE = 10
# With so many letters before it, whoever wants one more is sooner done by himself.
_MOST_LETTERS = 24
# To wake another process costs some 20 us, and so does to tell it anything.
_LETTERS_AT_ONCE = 8
# Whoever accepts mail has somebody waiting for the answer; nobody waits for what is read before its time.
_NICE = 19


@dataclass(frozen=True, slots=True)
class Change:
    """What may change while the daemon runs: the calendars in the settings, and the rules as (name, text)."""

    config: Config
    rules: tuple[tuple[str, str], ...]

    def made_to(self, house: House) -> House:
        return replace(house, policy=policy_of(self.config, load_rules(self.config, self.rules), house.policy.markers))


class Gone(Exception):
    """The other process has ended."""


@dataclass(frozen=True, slots=True)
class _Begin:
    """Letters that were written before are not wanted any more."""


@dataclass(frozen=True, slots=True)
class _Letters:
    """Letters that are to be written, each as its number, its notice and what `_taken_apart` gives; and whether all of
    them are wanted now."""

    new: list[tuple[Any, ...]]
    wanted: bool = False


@dataclass(frozen=True, slots=True)
class _Next:
    """The mails that were read are wanted; from now on those after a number are to be read."""

    after: int
    now: datetime


class Aide:
    """The other process, as seen from the line's: a `Scribe` that reads, too. When it has ended, it has read and
    written nothing, and `gone` says why."""

    def __init__(self, connection: Connection, done: Any) -> None:
        self._connection = connection
        self._done = done  # how many letters it has written, a number that both processes see
        self._given = 0
        self._here: dict[int, bytes] = {}
        self._new: list[tuple[Any, ...]] = []
        self._is_given = False  # whether it may have letters, or be at work on them
        self.gone: Gone | None = None

    def change(self, change: Change) -> None:
        """What was read before the change is forgotten."""
        self._say(change)

    def next(self, after: int, now: datetime) -> dict[int, ReadMail]:
        """The mails that were read so far, by journal number; those `after` that one are read from now on."""
        self._say(_Next(after, now))
        found: dict[int, ReadMail] = self._hear() or {}
        return found

    def begin(self) -> None:
        self._here, self._new = {}, []
        if self._is_given:
            self._say(_Begin())
        self._is_given = False

    def write(self, number: int, notice: Notice, writing: Writing) -> None:
        """Has the letter written there, or writes it here where that is sooner."""
        if self._given - self._done.value >= _MOST_LETTERS:
            self._here[number] = write(notice, writing).raw
            return
        self._given += 1
        self._is_given = True
        self._new.append((number, notice, *_taken_apart(writing)))
        if len(self._new) >= _LETTERS_AT_ONCE:
            new, self._new = self._new, []
            self._say(_Letters(new))

    def written(self) -> Mapping[int, bytes]:
        if not self._is_given:
            return self._here
        new, self._new = self._new, []
        self._say(_Letters(new, wanted=True))
        letters = self._hear()
        if self.gone is not None:
            raise NotWritten(str(self.gone))
        if isinstance(letters, NotWritten):
            raise letters
        self._is_given = False
        return {**letters, **self._here}

    def _say(self, request: object) -> None:
        if self.gone is None:
            try:
                self._connection.send_bytes(packed(request))
            except OSError as error:
                self.gone = Gone(f"{type(error).__name__}: {error}")

    def _hear(self) -> Any:
        if self.gone is None:
            try:
                return unpacked(self._connection.recv_bytes())
            except (EOFError, OSError) as error:
                self.gone = Gone(f"{type(error).__name__}: {error}")
        return None


class _Room:
    """What the process itself has before it."""

    def __init__(self, engine: Engine, house: House, done: Any) -> None:
        self._reading = sessions(reading(engine))
        self._house = house
        self._done = done
        self._letters: dict[int, bytes] = {}
        self._trouble: NotWritten | None = None
        self._read: dict[int, ReadMail] = {}
        self._size = 0
        self._due: deque[Entry] = deque()
        self._after = 0
        self._now: datetime | None = None  # None while nothing is to be read

    def answer(self, request: Any) -> Any:
        """Does what was asked for; None where no answer is wanted."""
        match request:
            case _Next(after, now):
                found, self._read, self._size = self._read, {}, 0
                # Of the next ones those that were not read in time are read by who asks, and are at work here no more.
                self._after, self._now = max(after + _MOST_READ, self._after), now
                self._due = deque(entry for entry in self._due if entry.id > after + _MOST_READ)
                return {number: mail for number, mail in found.items() if number > after}
            case _Begin():
                self._letters, self._trouble = {}, None
            case _Letters(new, wanted):
                for number, notice, *writing in new:
                    self._write(number, notice, _put_together(self._house, *writing))
                if wanted:
                    letters, self._letters = self._letters, {}
                    return self._trouble or letters
            case Change():
                self._house, self._read, self._now = request.made_to(self._house), {}, None
                self._due.clear()
        return None

    def _write(self, number: int, notice: Notice, writing: Writing) -> None:
        try:
            self._letters[number] = write(notice, writing).raw
        except Exception as error:  # the line meets it again, and tells which mail it was
            self._trouble = NotWritten(f"{type(error).__name__}: {error}")
        self._done.value += 1

    @property
    def reads(self) -> bool:
        """Whether more is to be read before it is asked for."""
        return self._now is not None and len(self._read) < _MOST_READ and self._size < _MOST_BYTES

    def read(self) -> None:
        """Reads one mail, if there is one more."""
        assert self._now is not None
        if not self._due:
            try:
                with self._reading.begin() as session:
                    self._due += journal.due_entries(session, "new", _AT_ONCE, self._now, self._after)
            except DatabaseError:  # the line has its own troubles with it
                pass
        if not self._due:
            self._now = None
            return
        entry = self._due.popleft()
        self._after = entry.id
        self._size += len(entry.raw)
        self._read |= read_mails(self._house, [entry])


def run(connection: Connection, other_end: Connection, engine: Engine, house: House, done: Any) -> None:
    """The life of the process."""
    other_end.close()  # or the end of the process that asks would not be seen
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # they are told to the whole group; others decide
        signal.signal(number, signal.SIG_IGN)
    os.nice(_NICE)
    with suppress(Exception):  # whatever it was, the line meets it itself
        serve(connection, engine, house, done)


def serve(connection: Connection, engine: Engine, house: House, done: Any) -> None:
    """Answers until nobody asks any more (EOFError or OSError), and reads meanwhile."""
    room, asked = _Room(engine, house, done), select.poll()
    asked.register(connection, select.POLLIN)
    with connection:
        while True:
            if room.reads and not asked.poll(0):
                room.read()
                continue
            answer = room.answer(unpacked(connection.recv_bytes()))
            if answer is not None:
                connection.send_bytes(packed(answer))


def _taken_apart(writing: Writing) -> tuple[Any, ...]:
    """What of a writing is not the house's."""
    known = (writing.told, writing.heard, writing.people, writing.enclosures, writing.held)
    there = writing.mailbox.address if writing.mailbox else ""
    return (writing.company.name, writing.ticket, writing.cause, writing.now, known, there, writing.answers)


def _put_together(
    house: House, company: str, ticket: Ticket | None, cause: str, now: datetime, known: Any, there: str, answers: str
) -> Writing:
    told, heard, people, enclosures, held = known
    ours = next(one for one in house.companies.values() if one.name == company)
    return Writing(
        company=ours,
        ticket=ticket,
        cause=cause,
        now=now,
        seal=house.seal,
        templates=house.templates,
        loop_mark=house.loop_mark,
        told=told,
        heard=heard,
        people=people,
        enclosures=enclosures,
        held=held,
        mailbox=ours.mailbox(there) if there else None,
        answers=answers,
    )
