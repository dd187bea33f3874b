"""The running daemon: listeners, mailboxes, workers and the sweep, started and stopped in the right order."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import signal
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress

import dramatiq

from mailtix.app import App, NotReady
from mailtix.collecting import imap_doors
from mailtix.config import Endpoint
from mailtix.ingest.accept import Acceptor
from mailtix.ingest.backlog import Backlog
from mailtix.ingest.doorman import Limits
from mailtix.ingest.imap import ImapDoor
from mailtix.ingest.smtp import MailServer
from mailtix.pulse import Pulse
from mailtix.servers import hostname
from mailtix.store import outbox
from mailtix.store.engine import DatabaseError
from mailtix.workers import Sweep

# How long a mail that is being received may still take when the daemon is told to stop.
_GRACE_SECONDS = 5.0
# How long a batch or a delivery that is under way may then take. A delivery that takes longer is booked: it is tried
# again as after a crash.
_LAST_WORK_SECONDS = 3.0
_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3  # malloc.h
# Blocks from this size on are the system's again when they are freed. glibc begins with it, and raises it for good when
# a larger one is freed: then large mails leave holes.
_LARGE_BYTES = 128 * 1024
# What is accepted in between is counted by the acceptor.
_COUNT_SECONDS = 1.0


class Workers:
    """The threads that do the work: Dramatiq's, woken by bells, and the sweep."""

    def __init__(self, app: App, *, doors: bool) -> None:
        self._pulse = Pulse(app.sessions, f"{os.getpid()}@{socket.gethostname()}", doors, app.clock)
        app.work.beat = self._pulse.beat
        self._worker = dramatiq.Worker(app.broker, worker_threads=app.config.workers.threads, worker_timeout=100)
        self._sweep = Sweep(app.work)
        self._app = app

    def start(self) -> None:
        """Takes up what was left behind, then waits for bells."""
        embedded = self._app.engine.dialect.name == "sqlite"
        self._pulse.begin(alone=embedded)
        if embedded:
            # One process owns the file: attempts that are under way are those of one who is gone.
            with self._app.sessions.begin() as session:
                outbox.release(session, self._app.clock())
        self._worker.start()
        self._sweep.start()

    def stop(self) -> None:
        """Returns when all work at hand is finished or has had its time; what is left is in the tables."""
        self._app.work.leave_off()
        try:
            self._worker.stop(timeout=round(_LAST_WORK_SECONDS * 1000))
        except Exception as error:  # it gives unheard bells back, and without Redis there is nobody to take them
            self._app.log.trouble("leaving the broker", error)
        self._sweep.stop(_LAST_WORK_SECONDS)
        try:
            self._pulse.end()
        except Exception as error:  # the database is down: the row is forgotten in a day
            self._app.log.trouble("saying goodbye", error)


def spare_memory() -> None:
    """To be called before there are threads. glibc gives each an arena of its own, and large mails leave holes in all
    of them: two are enough where one thread at a time runs Python (mallopt(3), M_ARENA_MAX)."""
    with suppress(OSError, AttributeError):  # another C library
        library = ctypes.CDLL(None)
        library.mallopt(_M_ARENA_MAX, 2)
        library.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def share_memory() -> None:
    """To be called when everything is set up, before the line's process is forked. What is there now stays to the end,
    and is not looked at by the collector again: it would write to all of it, and both processes would have a copy of
    what they share until then (gc, "freeze")."""
    gc.collect()
    gc.freeze()


async def run(app: App, *, doors: bool, ready: Callable[[], None]) -> None:
    """Runs until SIGINT or SIGTERM; calls `ready` when everything works. Without `doors`, this is a worker only."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, app.live.ask)  # the rules are read again at the next sweep
    async with AsyncExitStack() as stack:
        workers = Workers(app, doors=doors)
        await asyncio.to_thread(workers.start)
        stack.push_async_callback(asyncio.to_thread, workers.stop)
        if doors:
            await _open_doors(app, stack)
        ready()
        app.log.info("ready", pid=os.getpid())
        await stop.wait()
        app.log.info("stopping")


async def _open_doors(app: App, stack: AsyncExitStack) -> None:
    """Listeners and mailboxes; closed in the opposite order, so that what was accepted is committed and processed."""
    acceptor = Acceptor(app.commit, app.bells.ring_mail, app.log)
    acceptor.start()
    app.work.crowded = lambda: acceptor.busy
    stack.push_async_callback(asyncio.to_thread, acceptor.close)
    listen = app.config.listen
    backlog = Backlog(listen.queue, lambda: acceptor.taken)
    counting = asyncio.create_task(_keep_count(app, backlog))
    stack.callback(counting.cancel)
    tls = _tls(app)
    for endpoint, lmtp in ((listen.smtp, False), (listen.lmtp, True)):
        if endpoint is not None:
            await _listen(app, stack, acceptor, backlog, endpoint, tls, lmtp=lmtp)
    mailboxes: list[ImapDoor] = []
    stack.push_async_callback(asyncio.to_thread, _stop, mailboxes)
    for door in imap_doors(app, acceptor):
        door.start()
        mailboxes.append(door)


def _stop(doors: list[ImapDoor]) -> None:
    """Stops all at the same time: each may take seconds when its server does not answer."""
    if doors:
        with ThreadPoolExecutor(len(doors)) as pool:
            list(pool.map(ImapDoor.stop, doors))


async def _keep_count(app: App, backlog: Backlog) -> None:
    """Counts the queue each second, so that a listener says "later" while it is too long."""
    while True:
        try:
            await asyncio.to_thread(backlog.count, app.backlog)
        except DatabaseError as error:  # then nothing can be accepted either, and that is told in its place
            app.log.trouble("counting mail that waits", error)
        await asyncio.sleep(_COUNT_SECONDS)


async def _listen(
    app: App,
    stack: AsyncExitStack,
    acceptor: Acceptor,
    backlog: Backlog,
    endpoint: Endpoint,
    tls: ssl.SSLContext | None,
    *,
    lmtp: bool,
) -> None:
    listen = app.config.listen
    server = MailServer(
        endpoint.host,
        endpoint.port,
        lmtp=lmtp,
        ours=app.ours,
        acceptor=acceptor,
        tls=tls,
        size_limit=listen.size_limit,
        hostname=hostname(app.config),
        clock=app.clock,
        events=app.log,
        limits=Limits(
            connections=listen.connections,
            connections_of_one_peer=listen.per_address,
            silence=listen.silence.total_seconds(),
            mail=listen.mail_time.total_seconds(),
            session=listen.session_time.total_seconds(),
        ),
        is_full=lambda: backlog.is_full,
        reuse_port=listen.reuse_port,
    )
    try:
        await server.start()
    except OSError as error:
        name = "lmtp" if lmtp else "smtp"
        raise NotReady(
            f"cannot listen on {endpoint}: {os.strerror(error.errno) if error.errno else error}\n"
            f"stop what uses that port, or choose another with `listen: {{{name}: …}}` in the settings"
        ) from error
    stack.push_async_callback(server.stop, _GRACE_SECONDS)
    host, port = server.address
    app.log.info("listening", door="lmtp" if lmtp else "smtp", host=host, port=port)


def _tls(app: App) -> ssl.SSLContext | None:
    files = app.config.listen.tls
    if files is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(files.certificate, files.key)
    except (OSError, ssl.SSLError) as error:
        raise NotReady(
            f"the certificate {files.certificate} with the key {files.key} cannot be used: {error}"
        ) from error
    return context
