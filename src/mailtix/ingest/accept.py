"""Mail becomes durable here: parcels that arrive while a commit runs share the next one (group commit)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from mailtix.ingest.events import Courteous, Events
from mailtix.model.mail import Envelope
from mailtix.model.origin import Origin

# One fsync for 64 mails is already 64 times cheaper; a longer transaction only makes the first of them wait longer.
GROUP_PARCELS = 64
# A transaction's bytes are held in memory by the database driver once more.
GROUP_BYTES = 16 * 1024 * 1024


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


@dataclass(frozen=True, slots=True)
class _Waiting:
    parcel: Parcel
    done: Future[tuple[int, ...]]


class Acceptor:
    """One thread that commits parcels in groups. It never waits for a group to fill."""

    def __init__(self, commit: Commit, ring: Callable[[int], None], events: Events) -> None:
        self._commit = commit
        self._ring = ring
        self._events = Courteous(events)
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._gate = threading.Lock()
        self._open = False
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

    async def accept(self, parcel: Parcel) -> tuple[int, ...]:
        """The journal numbers, once the parcel is durable; raises what the commit raised."""
        return await asyncio.wrap_future(self._enqueue(parcel))

    def accept_now(self, parcel: Parcel) -> tuple[int, ...]:
        """As `accept`, for threads."""
        return self._enqueue(parcel).result()

    def accept_all(self, parcels: Sequence[Parcel]) -> list[tuple[int, ...] | Exception]:
        """As `accept_now`, for several at once: the journal numbers of each, or what was against it."""
        settled: list[tuple[int, ...] | Exception] = []
        for done in [self._enqueue(parcel) for parcel in parcels]:
            error = done.exception()
            settled.append(error if isinstance(error, Exception) else done.result())
        return settled

    def _enqueue(self, parcel: Parcel) -> Future[tuple[int, ...]]:
        waiting = _Waiting(parcel, Future())
        with self._gate:
            if not self._open:
                raise AcceptorClosedError("closing down")
            self._queue.put(waiting)
        return waiting.done

    def _run(self) -> None:
        more = True
        while more:
            group, more = self._gather()
            # A sender who hung up before his group began was told nothing, so nothing need be kept for him.
            self._settle([waiting for waiting in group if waiting.done.set_running_or_notify_cancel()])

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
            numbers = list(self._commit([waiting.parcel for waiting in group]))
            pairs = list(zip(group, numbers, strict=True))
        except Exception as error:
            self._settle_failed(group, error)
            return
        for waiting, journal in pairs:
            waiting.done.set_result(journal)
        for journal in numbers:
            self._ring_all(journal)

    def _settle_failed(self, group: list[_Waiting], error: Exception) -> None:
        """One mail that cannot be written must not fail those that share its commit: each is tried alone, once."""
        if len(group) == 1:
            group[0].done.set_exception(error)
            return
        for waiting in group:
            self._settle([waiting])

    def _ring_all(self, journal: tuple[int, ...]) -> None:
        for number in journal:
            try:
                self._ring(number)
            except Exception as error:  # the bell is a courtesy; the sweep finds what was not heard
                self._events.event("ring_failed", journal=number, error=repr(error))
