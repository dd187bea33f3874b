"""One SMTP connection: aiosmtpd's session with a read loop of its own.

What came in is used to the end before anything is awaited, and the replies to it leave together (RFC 2920), so a line
costs no timer, no task switch and no write of its own.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict
from functools import cache
from typing import Any, AnyStr, cast

from aiosmtpd.smtp import BOGUS_LIMIT, SMTP, TLSSetupException
from aiosmtpd.smtp import Envelope as Transaction
from aiosmtpd.smtp import Session as Greeting

from mailtix.ingest import replies
from mailtix.ingest.incoming import Incoming
from mailtix.ingest.listener import Listener, ip
from mailtix.ingest.replies import Reply

# More than the reader can ever hold (twice its limit and one read of the socket), so that each read empties it.
READ_ALL = 4 * 1024 * 1024
# Commands of one client that are obeyed before it is the turn of the others, and he has to take our replies.
_IN_A_ROW = 100
# How long a connection that was closed may take to fetch the last words.
_FAREWELL = 5.0


class _NoTimer:
    """aiosmtpd cancels its timer at the end of each session; ours has none (`overdue`)."""

    def cancel(self) -> None:
        """There is nothing to cancel."""


class Connection(SMTP):
    """Greets, reads, obeys line by line, answers, and ends in time."""

    # Here it is the reader's limit, not a line's: mail with longer lines than RFC 5321 section 4.5.3.1.6 is common.
    line_length_limit = 64 * 1024
    # RFC 5321 section 4.5.3.1.4 says 512 and more with extensions; long SMTPUTF8 addresses need more.
    command_size_limit = 2048

    session: Greeting
    envelope: Transaction

    def __init__(self, listener: Listener, tls: ssl.SSLContext | None, sessions: set[Any]) -> None:
        self.command_size_limits = defaultdict(lambda: self.command_size_limit)  # aiosmtpd shares one between all
        self._limits = listener.doorman.limits
        self.deadline = self._until = self._session_end = asyncio.get_running_loop().time() + self._limits.session
        super().__init__(
            listener,
            data_size_limit=listener.size_limit,
            enable_SMTPUTF8=True,
            hostname=listener.hostname,
            ident=f"{'ESMTP' if listener.source == 'smtp' else 'LMTP'} mailtix",
            tls_context=tls,
            loop=asyncio.get_running_loop(),
        )
        self._timeout_handle = _NoTimer()  # type: ignore[assignment]
        self._listener = listener
        self._sessions = sessions
        self._incoming = Incoming(self.command_size_limit)
        self._replies: list[str] = []
        self._unknown = 0
        self._peer_ip: str | None = None
        self._refusal: Reply | None = None

    def __dir__(self) -> list[str]:
        # aiosmtpd looks through all attributes of each new session for its commands, a third of a short session's cost.
        return list(_commands(type(self).__mro__))

    # --- its beginning and its end

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # After STARTTLS it is called again. What was said before is forgotten (RFC 3207 section 4.2).
        self._incoming.clear()
        self._forget()
        super().connection_made(transport)
        if self._peer_ip is None:
            self._peer_ip = ip(self.session)
            self._refusal = self._listener.doorman.enter(self._peer_ip)
            self._sessions.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        if self in self._sessions and self._peer_ip is not None:  # it may be called again after a failed handshake
            self._sessions.discard(self)
            self._listener.doorman.leave(self._peer_ip)
        super().connection_lost(error)

    def close_with(self, reply: Reply) -> None:
        """Says the last word (RFC 5321 section 3.8 allows 421 at any time) and closes."""
        if self.transport is not None and not self.transport.is_closing():
            self._write(str(reply))
            self.transport.close()

    def abort(self) -> None:
        """Closes without a word: for a peer who does not take what was written to it."""
        transport = self._original_transport or self.transport  # below TLS, which would wait for the peer's farewell
        if transport is not None:
            cast("asyncio.WriteTransport", transport).abort()

    def _reset_timeout(self, duration: float | None = None) -> None:
        self.deadline = min(self.loop.time() + self._limits.silence, self._until)

    def end_if_overdue(self, now: float) -> None:
        """To be called now and then with the loop's time: ends the session when its time is over."""
        if now < self.deadline:
            return
        if now >= self.deadline + _FAREWELL:
            self.abort()  # he does not even take the last word
        elif not self._is_over():
            self._tell("refused", reply=str(replies.TIMEOUT))
            self.close_with(replies.TIMEOUT)

    # --- reading and answering

    async def _handle_client(self) -> None:
        try:
            if self._refusal is None:
                await self._serve()
                return
            self._tell("refused", reply=str(self._refusal))
            self.close_with(self._refusal)
        except ConnectionError:
            return  # the peer is gone; there is nobody to tell
        finally:
            self._forget()
            if self.transport is not None:
                self.transport.close()

    async def _serve(self) -> None:
        self._replies.append(f"220 {self.hostname} {self.__ident__}")
        while not self._is_over():
            line = self._incoming.line()
            if line is None:
                await self._flush()
                self._incoming.add(await self._read())
                continue
            reply = self._at_once(line)
            if reply is None:
                await self._obey(line)
            else:
                self._reset_timeout()
                self._replies.append(reply)
            if len(self._replies) >= _IN_A_ROW:
                await self._flush()
                await asyncio.sleep(0)

    def _is_over(self) -> bool:
        return self.transport is None or self.transport.is_closing()

    async def _read(self) -> bytes:
        """What the client sent meanwhile. Raises ConnectionResetError when there will be no more."""
        chunk = await self._reader.read(READ_ALL)
        if not chunk:
            raise ConnectionResetError
        return chunk

    def _at_once(self, line: bytes) -> str | None:
        """The reply to a command that needs no thought; None for all others."""
        return None

    async def _obey(self, line: bytes) -> None:
        name, _, rest = line.partition(b" ")
        if len(line) > self.command_size_limit:
            await self.push(str(replies.LINE_TOO_LONG))
            return
        if not name or not name.isascii():
            await self.push(str(replies.BAD_SYNTAX))
            return
        method = self._smtp_methods.get(name.decode("ascii").upper())
        if method is None:
            await self._refuse_unknown()
            return
        self._reset_timeout()
        # Bytes that are no UTF-8 are kept as lone surrogates; `path` refuses them where it matters.
        argument = str(rest.strip(), "utf-8", "surrogateescape") if rest else None
        try:
            await method(argument)
        except ConnectionError:
            raise
        except Exception as error:
            await self._excuse(error)

    async def _refuse_unknown(self) -> None:
        self._unknown += 1
        if self._unknown < BOGUS_LIMIT:
            await self.push(str(replies.NO_COMMAND))
        else:
            self.close_with(replies.TOO_MANY_UNKNOWN)

    async def _excuse(self, error: Exception) -> None:
        """aiosmtpd would send the exception's class and text to the peer, with a 500."""
        if isinstance(error, TLSSetupException):
            self._tell("tls_failed", error=repr(error.__cause__ or error))
            if self.transport is not None:
                self.transport.close()
            self.connection_lost(error)
            return
        self._tell("smtp_trouble", error=repr(error.__cause__ or error))
        await self.push(str(replies.OUR_FAULT))

    async def push(self, status: AnyStr) -> None:
        text = status.decode("ascii") if isinstance(status, bytes) else status
        self._replies.append(replies.with_enhanced_code(text))
        if text.startswith("220"):  # the handshake of TLS comes next (RFC 3207 section 4)
            await self._flush()

    async def _flush(self) -> None:
        """Sends the replies that wait; returns when the client has room for more."""
        if self._replies and not self._is_over():
            self._write()
            await self._writer.drain()

    def _write(self, *last: str) -> None:
        text = "\r\n".join([*self._replies, *last, ""])
        self._replies.clear()
        self._writer.write(text.encode("utf-8"))

    def _forget(self) -> None:
        """Lets go of a mail that was begun."""

    def _tell(self, name: str, **fields: object) -> None:
        self._listener.events.event(name, source=self._listener.source, peer=ip(self.session), **fields)


@cache
def _commands(classes: tuple[type, ...]) -> frozenset[str]:
    return frozenset(name for one in classes for name in vars(one) if name.startswith("smtp_"))
