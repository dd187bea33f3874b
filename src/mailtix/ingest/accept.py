"""Mail becomes durable here: parcels that arrive while a commit runs share the next one (group commit)."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from mailtix.ingest.events import Courteous, Events
from mailtix.model.mail import Envelope
from mailtix.model.origin import Origin

# One fsync for 64 mails is already 64 times cheaper; a longer transaction only makes the first of them wait longer.
GROUP_PARCELS = 64
# A transaction's bytes are held in memory by the database driver once more.
GROUP_BYTES = 16 * 1024 * 1024
# A bell says that there is work, not what: whoever hears it takes some mails at once. One for each would cost the
# acceptor more than the mail; one for a whole group would leave the other workers asleep.
_MAILS_OF_A_BELL = 10
_MOMENT = 0.02  # seconds; a sender with one connection takes a few milliseconds from one mail to the next


@dataclass(frozen=True, slots=True)
class Parcel:
    """One mail as a door received it. `origin` is its place in a mailbox, if it comes from one."""

    raw: bytes
    envelope: Envelope
    origin: Origin | None = None


Commit = Callable[[Sequence[Parcel]], Sequence[tuple[int, ...]]]
"""Writes all to the journal in one transaction; returns each parcel's numbers. If it raises, nothing was kept."""


class AcceptorClosedError(Exception):
    """The acceptor takes no more mail; the sender should try again later."""


_Settled = tuple[int, ...] | Exception
"""The journal numbers of a parcel, or why it could not be written."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """`done` belongs to `loop`, or to a thread when that is None."""

    parcel: Parcel
    done: Future[tuple[int, ...]] | asyncio.Future[tuple[int, ...]]
    loop: asyncio.AbstractEventLoop | None


class Acceptor:
    """One thread that commits parcels in groups. It never waits for a group to fill."""

    def __init__(self, commit: Commit, ring: Callable[[int], None], events: Events) -> None:
        self._commit = commit
        self._ring = ring
        self._events = Courteous(events)
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._gate = threading.Lock()
        self._open = False
        self._taken = 0
        self._last = -math.inf
        self._thread = threading.Thread(target=self._run, name="acceptor")

    def start(self) -> None:
        self._open = True
        self._thread.start()

    def close(self) -> None:
        """Refuses new parcels, commits those that are queued, and returns when that is done."""
        with self._gate:
            if not self._open:
                return
            self._open = False
            self._queue.put(None)
        self._thread.join()

    @property
    def busy(self) -> bool:
        """Whether mail is pouring in: some waits for its commit, or did a moment ago. What can wait should then leave
        it the processor and the database, but not for ever: it may go on for hours."""
        return not self._queue.empty() or time.monotonic() - self._last < _MOMENT

    @property
    def taken(self) -> int:
        """How many mails were accepted since the start."""
        return self._taken

    async def accept(self, parcel: Parcel) -> tuple[int, ...]:
        """The journal numbers, once the parcel is durable; raises what the commit raised."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[tuple[int, ...]] = loop.create_future()
        self._enqueue(_Waiting(parcel, done, loop))
        return await done

    def accept_now(self, parcel: Parcel) -> tuple[int, ...]:
        """As `accept`, for threads."""
        return self._put(parcel).result()

    def accept_all(self, parcels: Sequence[Parcel]) -> list[tuple[int, ...] | Exception]:
        """As `accept_now`, for several at once: the journal numbers of each, or what was against it."""
        settled: list[tuple[int, ...] | Exception] = []
        for done in [self._put(parcel) for parcel in parcels]:
            error = done.exception()
            settled.append(error if isinstance(error, Exception) else done.result())
        return settled

    def _put(self, parcel: Parcel) -> Future[tuple[int, ...]]:
        done: Future[tuple[int, ...]] = Future()
        self._enqueue(_Waiting(parcel, done, None))
        return done

    def _enqueue(self, waiting: _Waiting) -> None:
        with self._gate:
            if not self._open:
                raise AcceptorClosedError("closing down")
            self._queue.put(waiting)

    def _run(self) -> None:
        more = True
        while more:
            group, more = self._gather()
            # A sender who hung up before his group began was told nothing, so nothing need be kept for him.
            self._settle([waiting for waiting in group if not waiting.done.cancelled()])
            self._last = time.monotonic()

    def _gather(self) -> tuple[list[_Waiting], bool]:
        """What is queued now, at least one parcel, up to a group's limits; and whether more may come."""
        group: list[_Waiting] = []
        size = 0
        item = self._queue.get()
        while item is not None:
            group.append(item)
            size += len(item.parcel.raw)
            if len(group) >= GROUP_PARCELS or size >= GROUP_BYTES:
                return group, True
            try:
                item = self._queue.get_nowait()
            except Empty:
                return group, True
        return group, False

    def _settle(self, group: list[_Waiting]) -> None:
        if not group:
            return
        try:
            numbers = self._commit([waiting.parcel for waiting in group])
            settled: list[tuple[_Waiting, _Settled]] = list(zip(group, numbers, strict=True))
        except Exception as error:
            self._settle_failed(group, error)
            return
        self._taken += len(group)
        _hand_out(settled)
        self._ring_for([number for journal in numbers for number in journal])

    def _settle_failed(self, group: list[_Waiting], error: Exception) -> None:
        """One mail that cannot be written must not fail those that share its commit: each is tried alone, once."""
        if len(group) == 1:
            _hand_out([(group[0], error)])
            return
        for waiting in group:
            self._settle([waiting])

    def _ring_for(self, journal: list[int]) -> None:
        for number in journal[::_MAILS_OF_A_BELL]:
            try:
                self._ring(number)
            except Exception as error:  # the bell is a courtesy; the sweep finds what was not heard
                self._events.event("ring_failed", journal=number, error=repr(error))


def _hand_out(settled: list[tuple[_Waiting, _Settled]]) -> None:
    """Tells all who wait; each event loop is woken once for all of its sessions."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[_Waiting, _Settled]]] = {}
    for waiting, outcome in settled:
        if waiting.loop is None:
            _tell(waiting, outcome)
        else:
            loops.setdefault(waiting.loop, []).append((waiting, outcome))
    for loop, those in loops.items():
        with suppress(RuntimeError):  # it was closed, and with it whoever waited
            loop.call_soon_threadsafe(_tell_all, those)


def _tell_all(settled: list[tuple[_Waiting, _Settled]]) -> None:
    for waiting, outcome in settled:
        _tell(waiting, outcome)


def _tell(waiting: _Waiting, outcome: _Settled) -> None:
    if waiting.done.done():  # the sender hung up during the commit
        return
    if isinstance(outcome, Exception):
        waiting.done.set_exception(outcome)
    else:
        waiting.done.set_result(outcome)
