"""Asks a ClamAV daemon about bytes, in its own protocol (clamd(8), section COMMANDS).

One connection for each question: when a stream is larger than the daemon's StreamMaxLength, it answers and hangs up.
"""

from __future__ import annotations

import re
import select
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass

from mailtix.model.scan import Scan

_CHUNK = 65_536
# A reply is a line; a program that goes on and on is no clamd.
_LONGEST_REPLY = 4096
_FOUND = re.compile(r"stream: (.{1,200}) FOUND", re.DOTALL)
_TOO_LARGE = "INSTREAM size limit exceeded"


class Unreachable(Exception):
    """The scanner gave no answer that means anything; the text says why. It may well answer later."""


@dataclass(frozen=True, slots=True)
class Clamd:
    """A clamd at a host and port, or at the path of a Unix socket. `timeout` in seconds is for all files of a mail."""

    address: tuple[str, int] | str
    timeout: float = 30.0

    def scan(self, files: Mapping[str, bytes]) -> Scan:
        """What clamd says of files, given and returned by their SHA-256. Raises Unreachable."""
        until = time.monotonic() + self.timeout
        scanner = self._ask(b"zVERSION\0", None, until) if files else ""
        return Scan({key: _meaning(self._ask(b"zINSTREAM\0", data, until)) for key, data in files.items()}, "", scanner)

    def ping(self) -> str:
        """The version of a clamd that works. Raises Unreachable."""
        until = time.monotonic() + self.timeout
        if (reply := self._ask(b"zPING\0", None, until)) != "PONG":
            raise Unreachable(f"it answered PING with {reply!r}")
        return self._ask(b"zVERSION\0", None, until)

    def _ask(self, command: bytes, data: bytes | None, until: float) -> str:
        try:
            with self._connect(until) as connection:
                connection.settimeout(_left(until))
                connection.sendall(command)
                if data is not None:
                    _stream(connection, data, until)
                return _reply(connection, until)
        except OSError as error:
            reason = "it takes too long" if isinstance(error, TimeoutError) else error.strerror or str(error)
            raise Unreachable(f"clamd at {self}: {reason}") from error

    def _connect(self, until: float) -> socket.socket:
        if not isinstance(self.address, str):
            return socket.create_connection(self.address, _left(until))
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(_left(until))
            connection.connect(self.address)
        except OSError:
            connection.close()
            raise
        return connection

    def __str__(self) -> str:
        return self.address if isinstance(self.address, str) else f"{self.address[0]}:{self.address[1]}"


def _stream(connection: socket.socket, data: bytes, until: float) -> None:
    """INSTREAM: each chunk after its length in four octets, network order; a length of zero ends the stream.

    A daemon that has had enough answers in the middle. Then nothing more is sent, so that its answer is not lost.
    """
    view = memoryview(data)
    for start in range(0, len(data), _CHUNK):
        if select.select([connection], [], [], 0)[0]:
            return
        chunk = view[start : start + _CHUNK]
        try:
            connection.settimeout(_left(until))
            connection.sendall(len(chunk).to_bytes(4, "big"))
            connection.sendall(chunk)
        except (BrokenPipeError, ConnectionResetError):
            return  # the reply, if there is one, says why
    try:
        connection.sendall(bytes(4))
    except (BrokenPipeError, ConnectionResetError):
        return


def _reply(connection: socket.socket, until: float) -> str:
    """What stands before the NUL that ends a reply to a command with z."""
    reply = b""
    while b"\0" not in reply:
        if len(reply) > _LONGEST_REPLY:
            raise OSError("its answer does not end")
        connection.settimeout(_left(until))
        more = connection.recv(_LONGEST_REPLY)
        if not more:
            raise OSError("it hung up in the middle of its answer" if reply else "it hung up without an answer")
        reply += more
    text = reply.partition(b"\0")[0].decode("ascii", "replace").strip()
    return "".join(char if char.isprintable() else "?" for char in text)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _meaning(reply: str) -> str:
    """The reason to hold the file, "" when it is clean. Raises Unreachable when it is neither known nor final."""
    if reply == "stream: OK":
        return ""
    if found := _FOUND.fullmatch(reply):
        return f"infected: {found[1]}"
    if reply.startswith(_TOO_LARGE):
        return "not scanned for viruses: too large for the scanner"
    raise Unreachable(f"clamd answered {reply[:200]!r}")
