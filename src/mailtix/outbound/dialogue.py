"""One SMTP connection to the smarthost: opened, secured, signed in, and bounded in time and size."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Reply = tuple[int, bytes]

# RFC 5321 section 4.5.3.1.5 allows 512 octets for a reply line; real servers write more, no sane one this much.
_LINE_LIMIT = 8192
_LINES_LIMIT = 100
_BLOCK = 65536
_GOODBYE = 2.0  # nothing depends on the reply to QUIT
_REPLY = re.compile(rb"[2-5][0-9]{2}(?:[ -]|$)")


@dataclass(frozen=True, slots=True)
class Smarthost:
    """How to reach the server that takes our mail. Times in seconds.

    `tls` is "starttls", "ssl" (TLS from the first byte, RFC 8314) or "none"; with the first two the certificate must be
    valid for `host`, by the system's authorities or those of `cafile`. `timeout` bounds every step but the last reply:
    RFC 5321 section 4.5.3.2.6 gives the server 10 minutes for it, for giving up sooner makes duplicates.
    """

    host: str
    port: int = 587
    tls: Literal["none", "starttls", "ssl"] = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 60.0
    final_timeout: float = 600.0
    cafile: str | None = None
    helo: str = ""


class Dialogue(smtplib.SMTP):
    """A connection that is ready for MAIL.

    Every method raises OSError (of which SMTPException is one) or ValueError, and nothing else.
    """

    def __init__(self, smarthost: Smarthost, context: ssl.SSLContext | None) -> None:
        self._smarthost = smarthost
        self._context = context
        self._patience = smarthost.timeout
        self._unread = b""
        self._unheard = 0
        self.mails = 0
        self.last_used = time.monotonic()
        # Not smtplib's getfqdn(), which asks the DNS and may hang for as long as that does.
        helo = smarthost.helo or socket.gethostname()
        super().__init__(smarthost.host, smarthost.port, local_hostname=helo, timeout=smarthost.timeout)
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    @property
    def is_open(self) -> bool:
        return self.sock is not None

    def offers(self, extension: str) -> bool:
        """Whether the server's EHLO named the extension."""
        return self.has_extn(extension)

    @property
    def size_limit(self) -> int:
        """The largest mail that the server says it takes (RFC 1870), in octets; 0 when it does not say."""
        said = self.esmtp_features.get("size", "")
        return int(said) if said.isascii() and said.isdigit() else 0

    def exchange(self, *commands: str) -> Iterator[Reply]:
        """The reply to each of these commands, which hold no line end. Where the server allows it (RFC 2920) all of
        them are sent at once, and who does not listen to the end finds the rest in `unheard`; else the next one is sent
        when its reply is asked for."""
        if not self.offers("pipelining"):
            yield from map(self.docmd, commands)
            return
        self.send("".join(f"{command}\r\n" for command in commands))
        self._unheard = len(commands)
        while self._unheard:
            self._unheard -= 1
            yield self.getreply()

    def unheard(self) -> list[Reply]:
        """The replies to commands that were sent already and that nobody has listened to."""
        count, self._unheard = self._unheard, 0
        return [self.getreply() for _ in range(count)]

    def send_blocks(self, data: bytes) -> None:
        """Send data with `timeout` for each block: a socket's timeout is for the whole of one call."""
        for start in range(0, len(data), _BLOCK):
            self.send(data[start : start + _BLOCK])

    def final_reply(self) -> Reply:
        """The reply to the final dot."""
        self._patience = self._smarthost.final_timeout
        try:
            return self.getreply()
        finally:
            self._patience = self._smarthost.timeout

    def leave(self) -> None:
        """QUIT if that is possible, and close."""
        self._patience = _GOODBYE
        try:
            self.quit()
        except (OSError, ValueError):
            self.close()

    # ------------------------------------------------------------ opening

    def _prepare(self) -> None:
        self.ehlo_or_helo_if_needed()
        if self._smarthost.tls == "starttls":
            self._secure()
        if self._smarthost.username:
            self._sign_in()

    def _secure(self) -> None:
        """RFC 3207. A server that does not offer it, or a man in the middle who hides it, gets no mail."""
        if not self.offers("starttls"):
            raise smtplib.SMTPNotSupportedError("the server does not offer STARTTLS; nothing is sent in clear text")
        self.starttls(context=self._context)
        if self._unread:  # sent before the handshake and meant to be read after it (RFC 3207 section 6)
            raise smtplib.SMTPException("the server sent clear text after its reply to STARTTLS")
        self.ehlo_or_helo_if_needed()

    def _sign_in(self) -> None:
        name, password = self._smarthost.username, self._smarthost.password
        if name.isascii() and password.isascii():
            self.login(name, password)
            return
        # smtplib knows ASCII only; RFC 4616 section 2: PLAIN is UTF-8.
        code, reply = self.docmd("AUTH", "PLAIN " + b64encode(f"\0{name}\0{password}".encode()).decode())
        if code != 235:
            raise smtplib.SMTPAuthenticationError(code, reply)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = socket.create_connection((host, port), timeout)
        # The final dot is a small packet of its own and must not wait for the body's acknowledgement.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._smarthost.tls != "ssl" or self._context is None:
            return connection
        try:
            return self._context.wrap_socket(connection, server_hostname=host)
        except BaseException:
            connection.close()
            raise

    # ------------------------------------------------------------ reading and writing, with bounds

    def send(self, s: bytes | str) -> None:  # type: ignore[override]
        if self.sock is not None:
            self.sock.settimeout(self._smarthost.timeout)
        super().send(s)

    def getreply(self) -> Reply:
        """The next reply as smtplib gives it; -1 for what is none. One deadline for the whole of it."""
        deadline = time.monotonic() + self._patience
        lines: list[bytes] = []
        while len(lines) < _LINES_LIMIT:
            line = self._read_line(deadline)
            if not _REPLY.match(line):
                return -1, line
            lines.append(line[4:].strip())
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(lines)
        raise self._lost("a reply without end")

    def _read_line(self, deadline: float) -> bytes:
        while b"\n" not in self._unread:
            if len(self._unread) > _LINE_LIMIT:
                raise self._lost("a reply line without end")
            self._unread += self._receive(deadline)
        line, _, self._unread = self._unread.partition(b"\n")
        return line.rstrip(b"\r")

    def _receive(self, deadline: float) -> bytes:
        if self.sock is None:
            raise self._lost("not connected")
        try:
            self.sock.settimeout(max(deadline - time.monotonic(), 0.001))
            received = self.sock.recv(4096)
        except TimeoutError as error:
            raise self._lost("no reply in time") from error
        except OSError as error:
            raise self._lost(f"connection lost: {error.strerror or error}") from error
        if not received:
            raise self._lost("connection closed by the server")
        return received

    def _lost(self, why: str) -> smtplib.SMTPServerDisconnected:
        self.close()
        return smtplib.SMTPServerDisconnected(why)
