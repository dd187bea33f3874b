"""A client that says exactly the bytes it is told to."""

from __future__ import annotations

import select
import socket
import ssl
from types import TracebackType


class Wire:
    """One connection. Replies come as text without their last line end; "" when the peer has closed."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._file = self.socket.makefile("rb")

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def reply(self) -> str:
        lines = [self._line()]
        while lines[-1][3:4] == "-":
            lines.append(self._line())
        return "\n".join(lines)

    def _line(self) -> str:
        try:
            return self._file.readline().rstrip(b"\r\n").decode()
        except ConnectionResetError:
            return ""

    def say(self, raw: bytes) -> str:
        self.socket.sendall(raw)
        return self.reply()

    def greet(self, hello: bytes = b"EHLO client.example") -> str:
        self.reply()
        return self.say(hello + b"\r\n")

    def begin(self) -> str:
        """Everything up to DATA; returns the last reply."""
        self.begin_chunks()
        return self.say(b"DATA\r\n")

    def begin_chunks(self) -> str:
        """Everything up to the content of the mail; returns the last reply."""
        self.greet()
        self.say(b"MAIL FROM:<ann@example.org>\r\n")
        return self.say(b"RCPT TO:<support@helpdesk.example>\r\n")

    def drip(self, byte: bytes) -> str:
        """Sends that byte every few milliseconds until the server says something, which is returned."""
        while not select.select([self.socket], [], [], 0.005)[0]:
            self.socket.sendall(byte)
        return self.reply()

    def start_tls(self) -> None:
        """The handshake, after the server has said 220 to STARTTLS."""
        self._file.close()
        self.socket = client_tls().wrap_socket(self.socket)
        self._file = self.socket.makefile("rb")

    def close(self) -> None:
        self._file.close()
        self.socket.close()


def client_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
