"""What goes wrong: a database that fails at any statement, a smarthost of many moods, and a process that ends anywhere.

Everything is thrown with one seed's dice, so that a seed goes the same way each time.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any
from zlib import crc32

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from mailtix.model.mail import Envelope, InboundMail
from mailtix.model.outgoing import Deferred, Delivered, DeliveryOutcome, OutgoingMail, Rejected
from mailtix.parsing import parse_with_files

# What can go wrong, and how often at most: at one statement, one commit or one delivery. Each seed takes some of them.
AT_STATEMENT = {"locked": 0.02, "broken": 0.01, "lost": 0.01, "killed": 0.005}
AT_COMMIT = {"commit refused": 0.04, "commit unheard": 0.04, "killed before commit": 0.02, "killed after commit": 0.02}
AT_DELIVERY = {
    "unreachable": 0.2,
    "4xx": 0.2,
    "5xx": 0.1,
    "timeout": 0.1,
    "half-closed": 0.1,
    "slow": 0.1,
    "killed before DATA": 0.05,
    "killed before 250": 0.1,
    "killed after 250": 0.05,
}
# A mistake of ours that some mails bring to light, until somebody mends it.
AT_MAIL = {"bug": 1.0}
KINDS = (*AT_STATEMENT, *AT_COMMIT, *AT_DELIVERY, *AT_MAIL)
_WRITES = ("INSERT", "UPDATE", "DELETE", "COMMIT")


class Killed(BaseException):
    """The process ends here: nobody may catch it but whoever starts it anew."""


@dataclass
class Faults:
    """Which faults a seed has, and whether they happen now. `disk_full` and `away` last until they are taken back."""

    dice: Random
    kinds: frozenset[str]
    on: bool = False
    disk_full: bool = False
    away: bool = False
    happened: Counter[str] = field(default_factory=Counter)

    def attach(self, engine: Engine) -> None:
        """From now on the database of this engine fails."""
        event.listen(engine, "before_cursor_execute", self._statement)
        event.listen(engine, "commit", self._commit)

    def leave(self, engine: Engine) -> None:
        """The database of this engine is well again."""
        event.remove(engine, "before_cursor_execute", self._statement)
        event.remove(engine, "commit", self._commit)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Meanwhile nothing fails."""
        before, self.on = self.on, False
        try:
            yield
        finally:
            self.on = before

    def happens(self, what: str, chances: dict[str, float]) -> bool:
        """Whether it goes wrong in that way now."""
        if not self.on or what not in self.kinds or self.dice.random() >= chances[what]:
            return False
        self.happened[what] += 1
        return True

    def parse(self, raw: bytes, envelope: Envelope) -> tuple[InboundMail, tuple[bytes, ...]]:
        """What the line reads of a mail, if no bug comes to light."""
        if crc32(raw) % 3 == 0 and self.happens("bug", AT_MAIL):
            raise ValueError("a bug that this mail has brought to light")
        return parse_with_files(raw, envelope)

    def _statement(self, _connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if not self.on:
            return
        if self.away:
            raise failure("server closed the connection unexpectedly", lost=True)
        if self.disk_full and statement.startswith(_WRITES):
            raise failure("database or disk is full")
        for what, raises in _STATEMENT.items():
            if self.happens(what, AT_STATEMENT):
                raise raises()

    def _commit(self, connection: Connection) -> None:
        if self.on and self.disk_full:
            raise failure("database or disk is full")
        for what in ("commit refused", "killed before commit", "commit unheard", "killed after commit"):
            if self.happens(what, AT_COMMIT):
                if what in ("commit unheard", "killed after commit"):
                    connection.connection.dbapi_connection.execute("COMMIT")  # type: ignore[union-attr]
                raise Killed if what.startswith("killed") else failure("disk I/O error", lost=what == "commit unheard")


def failure(text: str, *, lost: bool = False) -> OperationalError:
    """What SQLAlchemy raises when the database says that. `lost`: the connection is gone with it."""
    return OperationalError("", {}, sqlite3.OperationalError(text), connection_invalidated=lost)


_STATEMENT: dict[str, Callable[[], BaseException]] = {
    "locked": lambda: failure("database is locked"),
    "broken": lambda: failure("disk I/O error"),
    "lost": lambda: failure("server closed the connection unexpectedly", lost=True),
    "killed": Killed,
}


@dataclass
class Smarthost:
    """A courier that remembers what it took, whatever it said."""

    faults: Faults
    busy: Callable[[], int]
    """How many transactions are open."""
    meanwhile: Callable[[], None]
    """What others do while one delivery takes longer than its booking lasts."""
    taken: Counter[str] = field(default_factory=Counter)
    """How often each mail was taken, by its Message-ID."""
    mails: dict[str, OutgoingMail] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    """What nobody may do to a courier, and somebody did."""

    def deliver(self, mail: OutgoingMail) -> DeliveryOutcome:
        if self.busy():
            self.wrong.append(f"a transaction was open while {mail.message_id} was being sent")
        refusal = self._refusal()
        if refusal is not None:
            return refusal
        if self._is("slow"):
            self.meanwhile()
        self._take(mail)
        if self._is("killed before 250"):
            raise Killed
        if self._is("half-closed"):
            return Deferred("outcome unknown: connection closed after the whole mail was sent", unknown=True)
        if self._is("killed after 250"):
            raise Killed
        return Delivered("250 2.0.0 taken")

    def _refusal(self) -> DeliveryOutcome | None:
        if self._is("killed before DATA"):
            raise Killed
        if self._is("unreachable"):
            return Deferred("cannot use smarthost.test:25: connection refused")
        if self._is("timeout"):
            return Deferred("no answer in time")
        if self._is("4xx"):
            return Deferred("451 4.3.0 come again")
        return Rejected("550 5.1.1 nobody here") if self._is("5xx") else None

    def _take(self, mail: OutgoingMail) -> None:
        self.taken[mail.message_id] += 1
        before = self.mails.setdefault(mail.message_id, mail)
        if before != mail:
            self.wrong.append(f"{mail.message_id} came twice and was not the same mail")

    def _is(self, what: str) -> bool:
        return self.faults.happens(what, AT_DELIVERY)

    def close(self) -> None:
        """Nothing is kept open."""
