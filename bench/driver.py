"""The load driver: many SMTP connections at once, in one asyncio loop, with as little work a mail as that allows."""

from __future__ import annotations

import asyncio
import gc
import resource
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe

from bench.mails import RECIPIENT, Mail, mails

# A driver that meets so many refusals has nothing to measure.
_MOST_REFUSED = 100


@dataclass(frozen=True, slots=True)
class Job:
    """What one driver process does: `count` mails of `seed` over `connections`, `per_connection` in each."""

    host: str
    port: int
    seed: int
    count: int
    connections: int
    per_connection: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Drive:
    """What a driver saw. Times in seconds of the monotonic clock; latencies in seconds from DATA to its last
    reply, `whole` from MAIL FROM on."""

    accepted: int
    refused: tuple[str, ...]
    began: float
    ended: float
    latencies: tuple[float, ...]
    cpu: float
    whole: tuple[float, ...]


@dataclass(slots=True)
class _Load:
    """What the connections share."""

    waiting: deque[Mail]
    latencies: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


class _Session(asyncio.Protocol):
    """One connection: greeting, EHLO, then MAIL, RCPT, DATA and the mail, each after the reply to the one before."""

    def __init__(self, load: _Load, per_connection: int) -> None:
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._load = load
        self._left = per_connection
        self._reply = b""
        self._next: Callable[[], None] = self._hello
        self._asked_at = self._began_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        if not self.over.done():
            if self._next != self._quit:
                self._load.refused.append(f"connection lost: {error}")
            self.over.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._reply += data
        while (end := self._reply.find(b"\r\n")) >= 0:
            line, self._reply = self._reply[:end], self._reply[end + 2 :]
            if line[3:4] == b"-":
                continue
            if line[:1] in b"45":
                self._load.refused.append(line.decode("ascii", "replace"))
                self._transport.close()
                self.over.set_result(None)
                return
            self._next()

    def _hello(self) -> None:
        self._say(b"EHLO bench.example\r\n", self._mail)

    def _mail(self) -> None:
        if not self._left or not self._load.waiting:
            self._say(b"QUIT\r\n", self._quit)
            return
        self._left -= 1
        mail = self._load.waiting.popleft()
        self._wire = mail.wire
        self._began_at = time.perf_counter()
        self._say(b"MAIL FROM:<%s>\r\n" % mail.sender.encode(), self._rcpt)

    def _rcpt(self) -> None:
        self._say(b"RCPT TO:<%s>\r\n" % RECIPIENT.encode(), self._data)

    def _data(self) -> None:
        self._asked_at = time.perf_counter()
        self._say(b"DATA\r\n", self._content)

    def _content(self) -> None:
        self._say(self._wire, self._taken)

    def _taken(self) -> None:
        at = time.perf_counter()
        self._load.latencies.append(at - self._asked_at)
        self._load.whole.append(at - self._began_at)
        self._mail()

    def _quit(self) -> None:
        self._transport.close()
        self.over.set_result(None)

    def _say(self, text: bytes, then: Callable[[], None]) -> None:
        self._next = then
        self._transport.write(text)


def process(job: Job, pipe: Pipe) -> None:
    """A driver process: makes its mails, says "ready", waits for the word, sends, and gives back a Drive."""
    written = mails(job.count, job.seed)
    gc.freeze()  # thousands of mails that stay need not be looked at by every collection
    pipe.send("ready")
    pipe.recv()
    pipe.send(drive(job, written))


def drive(job: Job, written: list[Mail]) -> Drive:
    """Sends these mails and tells what came of it."""
    load = _Load(deque(written))
    cpu, began = _cpu(), time.monotonic()
    try:
        asyncio.run(asyncio.wait_for(_everything(load, job), job.seconds))
    except TimeoutError:
        load.refused.append(f"not finished after {job.seconds:.0f} s")
    took = _cpu() - cpu
    seen = (began, time.monotonic(), tuple(load.latencies), took, tuple(load.whole))
    return Drive(len(load.latencies), tuple(load.refused), *seen)


async def _everything(load: _Load, job: Job) -> None:
    await asyncio.gather(*(_line(load, job) for _ in range(job.connections)))


async def _line(load: _Load, job: Job) -> None:
    """One connection after the other, until no mail is left."""
    loop = asyncio.get_running_loop()
    while load.waiting and len(load.refused) < _MOST_REFUSED:
        _, session = await loop.create_connection(lambda: _Session(load, job.per_connection), job.host, job.port)
        await session.over


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
