"""A clamd for tests: its real protocol (clamd(8)) over TCP or a Unix socket, one signature, and bad moods on demand."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

# The EICAR test file; in two halves, so that no scanner takes this source for it.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + rb"ANTIVIRUS-TEST-FILE!$H+H*"
VERSION = "ClamAV 1.4.3/27500/Fri Nov 20 09:00:00 2026"


@dataclass
class FakeClamd:
    """Finds EICAR. `streams` are those it was given to the end. What it does instead of answering is its `mood`:

    "" answers, "slow" answers when `patience` is set, "silent" never answers, "hangs up" closes, "babbles" answers
    nonsense, "endless" never ends its answer.
    """

    path: Path | None = None
    port: int = 0
    stream_max_length: int = 25_000_000
    mood: str = ""
    streams: list[bytes] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    patience: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> FakeClamd:
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        if self.path is None:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            self.port = self._listener.getsockname()[1]
        else:
            self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._listener.bind(str(self.path))
            self._listener.listen()
        self._listener.settimeout(0.05)
        self._start(self._serve)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    @property
    def address(self) -> str:
        """As the settings name it."""
        return f"127.0.0.1:{self.port}" if self.path is None else str(self.path)

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            self._start(self._talk, connection)

    def _talk(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as reader:
            connection.settimeout(5)
            command = bytearray()
            while (byte := reader.read(1)) not in (b"\0", b""):
                command += byte
            self.commands.append(command.decode())
            try:
                reply = self._moody(command.decode(), reader)
                connection.sendall(reply)
            except OSError:
                return

    def _moody(self, command: str, reader: BinaryIO) -> bytes:
        match self.mood:
            case "silent":
                self._over.wait()
                return b""
            case "hangs up":
                return b""
            case "babbles":
                return b"220 mail.example.org ESMTP\r\n\0"
            case "endless":
                return b"stream: " + b"x" * 100_000
            case _:
                if self.mood == "slow":
                    self.patience.wait(20)
                return self._answer(command, reader).encode() + b"\0"

    def _answer(self, command: str, reader: BinaryIO) -> str:
        match command:
            case "zPING":
                return "PONG"
            case "zVERSION":
                return VERSION
            case "zINSTREAM":
                return self._scan(reader)
            case _:
                return "UNKNOWN COMMAND"

    def _scan(self, reader: BinaryIO) -> str:
        data = bytearray()
        while length := int.from_bytes(reader.read(4), "big"):
            if len(data) + length > self.stream_max_length:
                return "INSTREAM size limit exceeded. ERROR"
            data += reader.read(length)
        self.streams.append(bytes(data))
        return "stream: Eicar-Test-Signature FOUND" if EICAR in data else "stream: OK"
