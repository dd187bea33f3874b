"""A sign of life in the database, once a minute, for whoever asks whether the daemon runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from mailtix.store import nodes
from mailtix.store.engine import Sessions

# A commit a minute costs nothing, and who asks can wait that long for the answer.
INTERVAL = timedelta(minutes=1)


class Pulse:
    """The sign of one process. `beat` is called by its sweep, so a sweep that is stuck gives no sign."""

    def __init__(self, sessions: Sessions, name: str, doors: bool, clock: Callable[[], datetime]) -> None:
        self._sessions = sessions
        self._name = name
        self._doors = doors
        self._clock = clock
        self._last: datetime | None = None

    def begin(self, *, alone: bool) -> None:
        """The first sign. `alone`: no other process works with this database."""
        with self._sessions.begin() as session:
            if alone:
                nodes.only(session, self._name)
        self.beat()

    def beat(self) -> None:
        """Gives a sign when the last one is a minute old (or the clock was put back)."""
        now = self._clock()
        if self._last is None or not self._last <= now < self._last + INTERVAL:
            with self._sessions.begin() as session:
                nodes.beat(session, self._name, self._doors, now)
            self._last = now

    def end(self) -> None:
        """The process leaves, and nobody shall miss it."""
        with self._sessions.begin() as session:
            nodes.gone(session, self._name)
