"""Has the files of accepted mails scanned: book → ask → record, with no transaction open while the scanner is asked."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from mailtix.attachments import worth_scanning
from mailtix.evidence.clamd import Unreachable
from mailtix.house import House
from mailtix.model.scan import Scan
from mailtix.parsing import attachments, parse
from mailtix.store import evidence
from mailtix.store.engine import Sessions
from mailtix.store.journal import Entry

# Mails that are booked together; they share one time limit, so that a slow scanner holds up no more than these.
_BATCH = 50


class Scanner(Protocol):
    """A virus scanner. `timeout` in seconds is the longest that one call may take."""

    @property
    def timeout(self) -> float: ...

    def scan(self, files: dict[str, bytes]) -> Scan: ...


class Events(Protocol):
    """Who is told what the scanner said."""

    def event(self, name: str, /, **fields: object) -> None: ...


@dataclass(frozen=True, slots=True)
class Scans:
    """The mails that wait for the virus scanner. Safe to use from one thread at a time."""

    sessions: Sessions
    house: Callable[[], House]
    scanner: Scanner
    clock: Callable[[], datetime]
    events: Events

    def round(self) -> int:
        """Has the mails scanned whose time has come, and returns how many were dealt with.

        A scanner that cannot be reached is asked once in a round: all that wait get the same answer.
        """
        now, began = self.clock(), time.monotonic()
        # Twice the time of a whole round: only after a crash in the middle of it does anybody wait so long.
        until = now + timedelta(seconds=4 * self.scanner.timeout)
        with self.sessions.begin() as session:
            booked = evidence.book(session, evidence.WaitsFor.SCAN, _BATCH, now, until)
        away = ""
        for number, entry in enumerate(booked):
            if time.monotonic() - began >= self.scanner.timeout and not away:
                self._give_back(booked[number:])
                return number
            match Unreachable(away) if away else self._ask(entry):
                case Scan() as scan:
                    self._record(entry, scan)
                case Unreachable() as error:
                    away = str(error)
                    self._failed(entry, away)
                case error:  # of ours, about this mail: it must not wait forever, nor the others because of it
                    self._failed(entry, f"{type(error).__name__}: {error}")
        return len(booked)

    def _ask(self, entry: Entry) -> Scan | Exception:
        """What the scanner says of a mail's files, or why it says nothing."""
        try:
            files = worth_scanning(parse(entry.raw, entry.envelope).attachments, self.house().policy.attachments)
            contents = attachments(entry.raw)
            return self.scanner.scan({file.sha256: contents[file.index] for file in files})
        except Exception as error:
            return error

    def _record(self, entry: Entry, scan: Scan) -> None:
        with self.sessions.begin() as session:
            evidence.keep(session, entry.raw_id, scan, self.clock())
        bad = "; ".join(dict.fromkeys(answer for answer in scan.answers.values() if answer))
        self.events.event("scanned", number=f"J{entry.id}", files=len(scan.answers), found=bad)

    def _failed(self, entry: Entry, reason: str) -> None:
        """Again later; after as many tries as a mail has, it is processed all the same, with its files held."""
        now = self.clock()
        next_at = self.house().next_try(entry.attempts, now)
        with self.sessions.begin() as session:
            if next_at is None:
                evidence.keep(session, entry.raw_id, Scan({}, reason), now)
            else:
                evidence.again(session, entry.raw_id, reason, next_at)
        self.events.event("not_scanned", number=f"J{entry.id}", because=reason, next_at=str(next_at or "no more"))

    def _give_back(self, entries: list[Entry]) -> None:
        """The time of this round is over: these were not asked about, and the attempt does not count."""
        with self.sessions.begin() as session:
            for entry in entries:
                evidence.unbook(session, entry, self.clock())
