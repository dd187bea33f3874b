"""One SMTP or LMTP session: aiosmtpd's dialogue, with DATA, addresses and replies of our own."""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import AnyStr, Literal

from aiosmtpd.smtp import SMTP, TLSSetupException
from aiosmtpd.smtp import Envelope as Transaction
from aiosmtpd.smtp import Session as Greeting

from mailtix.ingest import replies
from mailtix.ingest.accept import Parcel
from mailtix.ingest.data import Data
from mailtix.ingest.doorman import Doorman
from mailtix.ingest.events import Events
from mailtix.ingest.path import read_path, readable
from mailtix.ingest.replies import Reply
from mailtix.model.mail import Envelope

NULL_PATH = "<>"  # what aiosmtpd keeps for the null reverse-path; to it "" means that no MAIL was given
# More than the reader can ever hold (twice its limit and one read of the socket), so that each read empties it.
READ_ALL = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Listener:
    """What the sessions of one listener share. aiosmtpd calls its handle_ methods."""

    source: Literal["smtp", "lmtp"]
    hostname: str
    size_limit: int
    ours: Callable[[str], bool]
    accept: Callable[[Parcel], Awaitable[tuple[int, ...]]]
    clock: Callable[[], datetime]
    events: Events
    doorman: Doorman

    async def handle_MAIL(
        self, _session: SMTP, _greeting: Greeting, transaction: Transaction, address: str, options: list[str]
    ) -> str:
        transaction.mail_from = address
        transaction.mail_options.extend(options)
        return str(replies.SENDER_OK)

    async def handle_RCPT(
        self, session: SMTP, greeting: Greeting, transaction: Transaction, address: str, _options: list[str]
    ) -> str:
        if len(transaction.rcpt_tos) >= self.doorman.limits.recipients:
            return str(replies.TOO_MANY_RECIPIENTS)
        # RFC 5321 section 2.4 lets local parts differ by case; ours do not.
        if address == NULL_PATH or not self.ours(address.lower()):
            self.events.event(
                "refused",
                source=self.source,
                peer=_ip(greeting),
                sender=_sender(transaction),
                recipient=address,
                reply=str(replies.NOT_OURS),
            )
            return str(replies.NOT_OURS)
        transaction.rcpt_tos.append(address)
        return str(replies.RECIPIENT_OK)


class MailSession(SMTP):
    """An SMTP session (RFC 5321)."""

    # Here it is the reader's limit, not a line's: mail with longer lines than RFC 5321 section 4.5.3.1.6 is common.
    line_length_limit = 64 * 1024
    # RFC 5321 section 4.5.3.1.4 says 512 and more with extensions; long SMTPUTF8 addresses need more.
    command_size_limit = 2048

    session: Greeting
    envelope: Transaction

    def __init__(self, listener: Listener, tls: ssl.SSLContext | None, sessions: set[MailSession]) -> None:
        self.command_size_limits = defaultdict(lambda: self.command_size_limit)  # aiosmtpd shares one between all
        super().__init__(
            listener,
            data_size_limit=listener.size_limit,
            enable_SMTPUTF8=True,
            hostname=listener.hostname,
            ident=f"{'ESMTP' if listener.source == 'smtp' else 'LMTP'} mailtix",
            tls_context=tls,
            timeout=listener.doorman.limits.silence,
            loop=asyncio.get_running_loop(),
        )
        self.in_data = False
        self._listener = listener
        self._sessions = sessions
        self._peer_ip: str | None = None
        self._refusal: Reply | None = None

    def __dir__(self) -> list[str]:
        # aiosmtpd looks through all attributes of each new session for its commands, a third of a short session's cost.
        return list(_commands(type(self).__mro__))

    # --- the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self._peer_ip is None:  # it is called again after STARTTLS
            self._peer_ip = _ip(self.session)
            self._refusal = self._listener.doorman.enter(self._peer_ip)
            self._sessions.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        if self in self._sessions and self._peer_ip is not None:  # it may be called again after a failed handshake
            self._sessions.discard(self)
            self._listener.doorman.leave(self._peer_ip)
        super().connection_lost(error)

    async def _handle_client(self) -> None:
        try:
            if self._refusal is None:
                await super()._handle_client()
                return
            self._tell("refused", reply=str(self._refusal))
            self.close_with(self._refusal)
        except ConnectionError:
            return  # the peer is gone; there is nobody to tell
        finally:
            if self.transport is not None:  # aiosmtpd leaves it open when it is cancelled while it writes
                self.transport.close()

    def _timeout_cb(self) -> None:
        self.close_with(replies.TIMEOUT)

    def close_with(self, reply: Reply) -> None:
        """Says the last word (RFC 5321 section 3.8 allows 421 at any time) and closes."""
        if isinstance(self.transport, asyncio.WriteTransport) and not self.transport.is_closing():
            self.transport.write(f"{reply}\r\n".encode("ascii"))
            self.transport.close()

    def abort(self) -> None:
        """Closes without a word: for a peer who does not take what was written to it."""
        transport = self._original_transport or self.transport  # below TLS, which would wait for the peer's farewell
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()

    async def handle_exception(self, error: Exception) -> str:
        """aiosmtpd would send the exception's class and text to the peer, with a 500."""
        name = "tls_failed" if isinstance(error, TLSSetupException) else "smtp_trouble"
        self._tell(name, error=repr(error.__cause__ or error))
        return str(replies.OUR_FAULT)

    async def push(self, status: AnyStr) -> None:
        text = status.decode("ascii") if isinstance(status, bytes) else status
        await super().push(replies.with_enhanced_code(text))

    # --- commands

    async def smtp_HELO(self, hostname: str) -> None:
        await self._greet(hostname, extended=False)

    async def smtp_EHLO(self, hostname: str) -> None:
        await self._greet(hostname, extended=True)

    async def _greet(self, hostname: str | None, *, extended: bool) -> None:
        if not hostname:
            await self.push(str(replies.HELLO_SYNTAX))
            return
        self.envelope = self._create_envelope()
        self.session.extended_smtp = extended
        self.session.host_name = readable(hostname)
        lines = [self.hostname, *(self._extensions() if extended else [])]
        await super().push("\r\n".join([f"250-{line}" for line in lines[:-1]] + [f"250 {lines[-1]}"]))

    def _extensions(self) -> list[str]:
        tls = ["STARTTLS"] if self.tls_context and not self._is_tls else []
        return [f"SIZE {self.data_size_limit}", "8BITMIME", "SMTPUTF8", "PIPELINING", *tls, "ENHANCEDSTATUSCODES"]

    async def smtp_STARTTLS(self, arg: str) -> None:
        if self._is_tls:
            await self.push(str(replies.ALREADY_TLS))
        else:
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:
        await self.push(str(replies.NO_AUTH))

    async def smtp_VRFY(self, arg: str) -> None:
        await self.push(str(replies.CANNOT_VERIFY))  # RFC 5321 section 7.3: not to be a list of our addresses

    async def smtp_HELP(self, arg: str) -> None:
        await self.push(str(replies.SEE_RFC))

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        path = read_path(arg)
        return (None, None) if path is None else (path[0] or NULL_PATH, path[1])

    async def smtp_DATA(self, arg: str) -> None:
        if await self.check_helo_needed():
            return
        if not self.envelope.rcpt_tos or arg:
            await self.push(str(replies.DATA_SYNTAX if arg else replies.NO_RECIPIENTS))
            return
        self.in_data = True
        try:
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            reply = await self._receive()
        finally:
            self.in_data = False
        answers = self._answers(reply)
        self.envelope = self._create_envelope()
        await super().push(answers)
        if self._listener.doorman.closing:
            self.close_with(replies.SHUTTING_DOWN)

    def _answers(self, reply: Reply) -> str:
        return str(reply)

    # --- the mail

    async def _receive(self) -> Reply:
        """Reads the mail and makes it durable; returns what the peer is told."""
        data = Data(self._listener.size_limit, self._listener.doorman)
        try:
            await self._read(data)
            if data.refusal is not None:
                self._tell("refused", sender=_sender(self.envelope), size=data.received, reply=str(data.refusal))
                return data.refusal
            return await self._accept(data.mail())
        finally:
            data.release()

    async def _read(self, data: Data) -> None:
        while not data.add(await self._reader.read(READ_ALL)):
            if data.is_flood:
                self.close_with(replies.TOO_BIG)
            if data.is_flood or self._reader.at_eof():
                raise ConnectionResetError
            self._reset_timeout()  # RFC 5321 section 4.5.3.2.5: the limit is on each block, not on the whole mail
        if data.rest and not self._reader.at_eof():
            self._reader.feed_data(data.rest)  # pipelined commands; the reader is empty (READ_ALL), so the order holds

    async def _accept(self, raw: bytes) -> Reply:
        envelope = self._make_envelope()
        try:
            journal = await self._listener.accept(Parcel(raw, envelope))
        except Exception as error:  # whatever the commit raised: the peer keeps the mail and tries again
            reply = replies.reply_for(error)
            self._tell("not_accepted", sender=envelope.mail_from, error=repr(error), reply=str(reply))
            return reply
        self._tell("accepted", journal=journal, sender=envelope.mail_from, recipients=envelope.rcpt_tos, size=len(raw))
        return replies.queued(journal)

    def _make_envelope(self) -> Envelope:
        return Envelope(
            mail_from=_sender(self.envelope),
            rcpt_tos=tuple(dict.fromkeys(self.envelope.rcpt_tos)),
            received_at=self._listener.clock(),
            source=self._listener.source,
            peer=_ip(self.session),
            helo=self.session.host_name or "",
            tls=self._is_tls,
        )

    @property
    def _is_tls(self) -> bool:
        return self.session.ssl is not None

    def _tell(self, name: str, **fields: object) -> None:
        self._listener.events.event(name, source=self._listener.source, peer=_ip(self.session), **fields)


class LmtpSession(MailSession):
    """An LMTP session (RFC 2033): LHLO instead of EHLO, and one reply for each recipient after DATA."""

    async def smtp_LHLO(self, hostname: str) -> None:
        await self._greet(hostname, extended=True)

    async def smtp_HELO(self, hostname: str) -> None:
        await self.push(str(replies.UNKNOWN_COMMAND))  # RFC 2033 section 4.1

    async def smtp_EHLO(self, hostname: str) -> None:
        await self.push(str(replies.UNKNOWN_COMMAND))

    async def check_helo_needed(self, helo: str = "LHLO") -> bool:
        return await super().check_helo_needed(helo)

    def _answers(self, reply: Reply) -> str:
        # RFC 2033 section 4.2: one for each accepted RCPT, in their order; all share one commit, so all are alike.
        return "\r\n".join([str(reply)] * len(self.envelope.rcpt_tos))


@cache
def _commands(classes: tuple[type, ...]) -> frozenset[str]:
    return frozenset(name for one in classes for name in vars(one) if name.startswith("smtp_"))


def _ip(greeting: Greeting) -> str:
    peer: object = greeting.peer  # annotated as text, but the transport's (host, port, …)
    return str(peer[0]) if isinstance(peer, tuple) and peer else ""


def _sender(transaction: Transaction) -> str:
    address = transaction.mail_from or ""
    return "" if address == NULL_PATH else address
