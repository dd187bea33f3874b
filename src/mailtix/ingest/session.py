"""The commands of one SMTP or LMTP session, with DATA, BDAT, addresses and replies of our own."""

from __future__ import annotations

import math
import ssl
from typing import Any

from mailtix.ingest import replies
from mailtix.ingest.accept import Parcel
from mailtix.ingest.connection import Connection
from mailtix.ingest.data import FLOOD, Chunks, Data, read_chunk
from mailtix.ingest.listener import NULL_PATH, Listener, sender
from mailtix.ingest.path import PLAIN_MAIL, PLAIN_RCPT, read_path, readable
from mailtix.ingest.replies import Reply
from mailtix.model.mail import Envelope

_SENDER_OK = str(replies.SENDER_OK)
_RECIPIENT_OK = str(replies.RECIPIENT_OK)


class MailSession(Connection):
    """An SMTP session (RFC 5321)."""

    def __init__(self, listener: Listener, tls: ssl.SSLContext | None, sessions: set[Any]) -> None:
        self.in_data = False
        self._chunks: Chunks | None = None
        super().__init__(listener, tls, sessions)

    # --- greetings

    async def smtp_HELO(self, hostname: str) -> None:
        await self._greet(hostname, extended=False)

    async def smtp_EHLO(self, hostname: str) -> None:
        await self._greet(hostname, extended=True)

    async def _greet(self, hostname: str | None, *, extended: bool) -> None:
        if not hostname:
            await self.push(str(replies.HELLO_SYNTAX))
            return
        self._set_rset_state()
        self.session.extended_smtp = extended
        self.session.host_name = readable(hostname)
        lines = [self.hostname, *(self._extensions() if extended else [])]
        self._replies += [f"250-{line}" for line in lines[:-1]] + [f"250 {lines[-1]}"]

    def _extensions(self) -> list[str]:
        tls = ["STARTTLS"] if self.tls_context and not self._is_tls else []
        size = f"SIZE {self.data_size_limit}"
        return [size, "8BITMIME", "SMTPUTF8", "PIPELINING", "CHUNKING", *tls, "ENHANCEDSTATUSCODES"]

    async def smtp_STARTTLS(self, arg: str) -> None:
        if self._is_tls:
            await self.push(str(replies.ALREADY_TLS))
        else:
            await super().smtp_STARTTLS(arg)

    @property
    def _is_tls(self) -> bool:
        return self.session.ssl is not None

    async def smtp_AUTH(self, arg: str) -> None:
        await self.push(str(replies.NO_AUTH))

    async def smtp_VRFY(self, arg: str) -> None:
        await self.push(str(replies.CANNOT_VERIFY))  # RFC 5321 section 7.3: not to be a list of our addresses

    async def smtp_HELP(self, arg: str) -> None:
        await self.push(str(replies.SEE_RFC))

    async def smtp_QUIT(self, arg: str) -> None:
        if arg:
            await self.push(str(replies.QUIT_SYNTAX))
        else:
            self.close_with(replies.BYE)

    # --- the envelope

    def _at_once(self, line: bytes) -> str | None:
        """MAIL and RCPT as most clients send them, when there is nothing to say but yes. aiosmtpd does the rest."""
        if not self.session.host_name:
            return None
        if not self.envelope.mail_from:
            match = PLAIN_MAIL.fullmatch(line)
            if match is None or int(match[2] or 0) > self._listener.size_limit or self._listener.is_full():
                return None
            if not self.session.extended_smtp and line.strip()[-1:] != b">":
                return None  # parameters belong to EHLO
            self.envelope.mail_from = match[1].decode("ascii")
            return _SENDER_OK
        match = PLAIN_RCPT.fullmatch(line)
        if match is None or self._chunks or len(self.envelope.rcpt_tos) >= self._limits.recipients:
            return None
        return self._recipient(match[1].decode("ascii"))

    def _recipient(self, address: str) -> str | None:
        try:
            if not self._listener.takes(address):
                return None
        except Exception:  # told where it is asked again
            return None
        self.envelope.rcpt_tos.append(address)
        return _RECIPIENT_OK

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        path = read_path(arg)
        return (None, None) if path is None else (path[0] or NULL_PATH, path[1])

    async def smtp_RCPT(self, arg: str | None) -> None:
        if self._chunks:
            await self.push(str(replies.DATA_AFTER_CHUNK))
        else:
            await super().smtp_RCPT(arg)

    def _set_rset_state(self) -> None:
        self._forget()
        super()._set_rset_state()  # type: ignore[no-untyped-call]

    def _forget(self) -> None:
        if self._chunks:
            self._chunks.release()
        self._chunks = None
        self._until = self._session_end

    # --- the mail

    async def smtp_DATA(self, arg: str) -> None:
        if await self.check_helo_needed():
            return
        refusal = self._why_no_data(arg)
        if refusal is not None:
            await self.push(str(refusal))
            return
        data = Data(self._listener.size_limit, self._listener.doorman)
        self._begin()
        self.in_data = True
        try:
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            await self._read_data(data)
            self._answer(await self._settle(data))
        finally:
            data.release()
            self.in_data = False
        self._set_rset_state()
        if self._listener.doorman.closing:
            self.close_with(replies.SHUTTING_DOWN)

    def _why_no_data(self, arg: str | None) -> Reply | None:
        if self._chunks:
            return replies.DATA_AFTER_CHUNK
        if not self.envelope.rcpt_tos:
            return replies.NO_RECIPIENTS
        return replies.DATA_SYNTAX if arg else None

    async def _read_data(self, data: Data) -> None:
        is_complete = data.add(self._incoming.take())
        while not is_complete:
            await self._flush()
            is_complete = data.add(await self._read())
            if not is_complete and data.is_flood:
                self.close_with(replies.TOO_BIG)
                raise ConnectionResetError
            self._reset_timeout()  # RFC 5321 section 4.5.3.2.5: the limit is on each block, `_until` is on the whole
        self._incoming.add(data.rest)  # pipelined commands; all that came before was taken, so the order holds

    async def smtp_BDAT(self, arg: str | None) -> None:
        """A chunk of a mail (RFC 3030). It is read whatever becomes of it: what is in it is no command."""
        chunk = read_chunk(arg or "")
        if chunk is None or chunk[0] > FLOOD * self._listener.size_limit:
            # Where the chunk ends is not known, or too far; nothing after it may be taken for a command.
            self.close_with(replies.CHUNK_SYNTAX if chunk is None else replies.TOO_BIG)
            return
        self.in_data = True
        try:
            await self._take_chunk(*chunk)
        finally:
            self.in_data = False
        if self._listener.doorman.closing:
            self.close_with(replies.SHUTTING_DOWN)

    async def _take_chunk(self, size: int, is_last: bool) -> None:
        chunks = self._chunks or Chunks(self._listener.size_limit, self._listener.doorman)
        if self.envelope.rcpt_tos:
            if self._chunks is None:
                self._begin()
            self._chunks = chunks
        else:
            chunks.refuse(replies.NO_RECIPIENTS)
        await self._read_chunk(chunks, size)
        if self._chunks is None or not is_last:
            await self.push(str(chunks.refusal or replies.chunk_taken(size)))
            return
        chunks.finish()
        self._answer(await self._settle(chunks))
        self._set_rset_state()

    async def _read_chunk(self, chunks: Chunks, size: int) -> None:
        while True:
            taken = self._incoming.take(size)
            size -= len(taken)
            chunks.add(taken)
            if chunks.is_flood:
                self.close_with(replies.TOO_BIG)
                raise ConnectionResetError
            if not size:
                return
            await self._flush()
            self._incoming.add(await self._read())
            self._reset_timeout()

    def _begin(self) -> None:
        self._until = self.loop.time() + self._limits.mail

    async def _settle(self, content: Data | Chunks) -> Reply:
        """Makes the mail durable; returns what the peer is told."""
        if content.refusal is not None:
            refusal = str(content.refusal)
            self._tell("refused", sender=sender(self.envelope), size=content.received, reply=refusal)
            return content.refusal
        self.deadline = math.inf  # it is our time that passes now
        reply = await self._accept(content.mail())
        self._until = self._session_end
        self._reset_timeout()
        return reply

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
            mail_from=sender(self.envelope),
            rcpt_tos=tuple(dict.fromkeys(self.envelope.rcpt_tos)),
            received_at=self._listener.clock(),
            source=self._listener.source,
            peer=self._peer_ip or "",
            helo=self.session.host_name or "",
            tls=self._is_tls,
        )

    def _answer(self, reply: Reply) -> None:
        self._replies.append(str(reply))


class LmtpSession(MailSession):
    """An LMTP session (RFC 2033): LHLO instead of EHLO, and one reply for each recipient after the mail."""

    async def smtp_LHLO(self, hostname: str) -> None:
        await self._greet(hostname, extended=True)

    async def smtp_HELO(self, hostname: str) -> None:
        await self.push(str(replies.UNKNOWN_COMMAND))  # RFC 2033 section 4.1

    async def smtp_EHLO(self, hostname: str) -> None:
        await self.push(str(replies.UNKNOWN_COMMAND))

    async def check_helo_needed(self, helo: str = "LHLO") -> bool:
        return await super().check_helo_needed(helo)

    def _answer(self, reply: Reply) -> None:
        # RFC 2033 section 4.2: one for each accepted RCPT, in their order; all share one commit, so all are alike.
        self._replies += [str(reply)] * len(self.envelope.rcpt_tos)
