"""Writers of one process take turns on SQLite, first come, first served.

SQLite lets one write at a time and makes the others sleep and try again, up to a tenth of a second each time and in no
order: an acceptor would hardly get in between the batches of the line. This is courtesy only; what keeps writers apart
is still SQLite, also between processes.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Hashable
from mmap import mmap


class Turns:
    """A lock that goes to whoever has waited longest. Owners are told apart by a key of their own."""

    def __init__(self) -> None:
        self._gate = threading.Lock()
        self._owner: Hashable | None = None
        self._waiting: deque[tuple[Hashable, threading.Event]] = deque()
        # A byte that processes forked later see, too: whether somebody waits.
        self._is_awaited = mmap(-1, 1)

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits for a turn."""
        return self._is_awaited[0] != 0

    def _show(self) -> None:
        self._is_awaited[0] = bool(self._waiting)

    def take(self, key: Hashable, seconds: float) -> bool:
        """Waits for the turn; False when it did not come within `seconds`. Who has it already keeps it."""
        with self._gate:
            if self._owner is None or self._owner == key:
                self._owner = key
                return True
            mine = (key, threading.Event())
            self._waiting.append(mine)
            self._show()
        if mine[1].wait(seconds):
            return True
        with self._gate:
            if mine in self._waiting:
                self._waiting.remove(mine)
                self._show()
            return self._owner == key

    def give(self, key: Hashable) -> None:
        """Ends the turn; nothing happens when it is not that one's."""
        with self._gate:
            if self._owner != key:
                return
            self._owner = None
            if self._waiting:
                self._owner, called = self._waiting.popleft()
                self._show()
                called.set()
