"""Finds out who wrote the mails whose decision rests on it: book → ask → record, with no transaction open while the DNS
is asked."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailtix.evidence.auth.dns import Lookups, Resolver
from mailtix.evidence.auth.verify import Trust, authenticate
from mailtix.evidence.scan import Events
from mailtix.model.auth import Authentication, not_asked
from mailtix.parsing import parse
from mailtix.store import authentication, evidence
from mailtix.store.engine import Sessions
from mailtix.store.evidence import WaitsFor
from mailtix.store.journal import Entry

# Mails that are booked together, and of how many the DNS is asked at once: it is mostly waited for.
_BATCH = 32
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Authenticating:
    """The mails that wait to be authenticated; each may take so many seconds. Safe to use from one thread at a time."""

    sessions: Sessions
    resolver: Resolver
    trust: Trust
    seconds: float
    clock: Callable[[], datetime]
    events: Events

    def round(self) -> int:
        """Finds out about the mails that wait, and returns how many were dealt with. What the DNS does not say in time
        is written down as not known: nobody waits for it twice."""
        now = self.clock()
        # Twice the time of a whole round: only after a crash in the middle of it does anybody wait so long.
        until = now + timedelta(seconds=2 * self.seconds * _BATCH / _AT_ONCE)
        with self.sessions.begin() as session:
            booked = evidence.book(session, WaitsFor.AUTH, _BATCH, now, until)
        if booked:
            with ThreadPoolExecutor(min(_AT_ONCE, len(booked))) as pool:
                for entry, auth in zip(booked, pool.map(self._ask, booked), strict=True):
                    self._record(entry, auth)
        return len(booked)

    def _ask(self, entry: Entry) -> Authentication:
        """What is found out; when nothing is by our fault, the mail goes on as one of which nothing is known."""
        try:
            lookups = Lookups(self.resolver, self.seconds)
            return authenticate(entry.raw, parse(entry.raw, entry.envelope), self.trust, lookups)
        except Exception as error:
            self.events.event("not_authenticated", number=f"J{entry.id}", because=f"{type(error).__name__}: {error}")
            return not_asked(f"an error of ours ({type(error).__name__})")

    def _record(self, entry: Entry, auth: Authentication) -> None:
        with self.sessions.begin() as session:
            authentication.keep_auth(session, entry, auth, self.clock())
        self.events.event("authenticated", number=f"J{entry.id}", author=auth.author, found=auth.line)
