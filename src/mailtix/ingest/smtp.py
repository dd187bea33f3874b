"""The SMTP and LMTP listener. A 250 after DATA means that the mail is durable."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from datetime import datetime

from mailtix.ingest import replies
from mailtix.ingest.accept import Acceptor
from mailtix.ingest.doorman import Doorman, Limits
from mailtix.ingest.events import Courteous, Events
from mailtix.ingest.listener import Listener
from mailtix.ingest.session import LmtpSession, MailSession

BACKLOG = 512  # connections the kernel keeps for us while one step of the loop runs
LAST_WORDS = 0.5  # seconds that closed connections get to send what was written to them
# All sessions are looked at so often (seconds, and parts of the time they may be silent), instead of a timer a line.
_LOOK = 1.0
_LOOKS = 10


class MailServer:
    """One listening socket, in the caller's asyncio loop.

    `ours` is asked with the address in lower case. `size_limit` is in bytes. With `tls`, STARTTLS is offered. While
    `is_full`, mail is put off. With `reuse_port`, other processes may listen on the same port (SO_REUSEPORT).
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        lmtp: bool,
        ours: Callable[[str], bool],
        acceptor: Acceptor,
        tls: ssl.SSLContext | None,
        size_limit: int,
        hostname: str,
        clock: Callable[[], datetime],
        events: Events,
        limits: Limits | None = None,
        is_full: Callable[[], bool] = lambda: False,
        reuse_port: bool = False,
    ) -> None:
        self._host = host
        self._port = port
        self._tls = tls
        self._kind = LmtpSession if lmtp else MailSession
        self._doorman = Doorman(limits or Limits())
        self._sessions: set[MailSession] = set()
        self._server: asyncio.Server | None = None
        self._reuse_port = reuse_port
        self._watch: asyncio.TimerHandle | None = None
        self._listener = Listener(
            source="lmtp" if lmtp else "smtp",
            hostname=hostname,
            size_limit=size_limit,
            ours=ours,
            accept=acceptor.accept,
            is_full=is_full,
            clock=clock,
            events=Courteous(events),
            doorman=self._doorman,
        )

    async def start(self) -> None:
        """Listens. Raises OSError when the address cannot be had."""
        # aiosmtpd logs each line of each session and the peer's own text with it; what counts is told as events.
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            self._session, self._host, self._port, backlog=BACKLOG, reuse_port=self._reuse_port or None
        )
        self._look()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port in use; port 0 was asked for any free one."""
        if self._server is None:
            raise RuntimeError("the server was not started")
        host, port = self._server.sockets[0].getsockname()[:2]
        return str(host), int(port)

    async def stop(self, grace: float) -> None:
        """Takes no more connections, lets mail that is being received finish for `grace` seconds, then says 421."""
        if self._server is None:
            return
        self._doorman.closing = True
        if self._watch is not None:
            self._watch.cancel()
        self._server.close()
        self._close([session for session in self._sessions if not session.in_data])
        if await self._is_empty_within(grace):
            return
        self._close(list(self._sessions))
        if await self._is_empty_within(LAST_WORDS):
            return
        for session in list(self._sessions):
            session.abort()
        await self._is_empty_within(LAST_WORDS)  # the loop closes an aborted connection in its next rounds

    def _look(self) -> None:
        """Ends the sessions whose time is over, and looks again in a moment."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        for session in list(self._sessions):
            session.end_if_overdue(now)
        self._watch = loop.call_later(min(_LOOK, self._doorman.limits.silence / _LOOKS), self._look)

    def _session(self) -> MailSession:
        return self._kind(self._listener, self._tls, self._sessions)

    def _close(self, sessions: list[MailSession]) -> None:
        for session in sessions:
            session.close_with(replies.SHUTTING_DOWN)

    async def _is_empty_within(self, seconds: float) -> bool:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while self._sessions and loop.time() < end:
            await asyncio.sleep(0.01)
        return not self._sessions
