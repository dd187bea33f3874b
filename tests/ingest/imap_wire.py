"""A wire to an IMAP server that understands the commands on it: it is cut at one of them, or keeps something back."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

_COMMAND = re.compile(rb"(?P<tag>\S+) (?P<name>(?:UID )?[A-Z]+)(?P<rest>.*)|(?P<done>DONE)", re.DOTALL)


@dataclass
class Cut:
    """Where the wire is cut, once: at the first command of that name, before the server has it, or when it has carried
    it out and the client does not know."""

    command: str
    when: str
    happened: bool = False


def named(line: bytes) -> tuple[str, bytes]:
    """The command in a client's line, by a name that tells the FETCH of sizes from that of bodies, and its tag."""
    match = _COMMAND.match(line)
    if match is None:
        return "", b""
    if match["done"]:
        return "DONE", b""
    name = match["name"].decode()
    return f"{name} of bodies" if name == "UID FETCH" and b"BODY" in match["rest"] else name, match["tag"]


class Wire:
    """Connects clients with the server on that port. `alter` may change or swallow (b"") what the server says, line by
    line: it is given the number of the connection, the last command and the line."""

    def __init__(
        self,
        target: int,
        cut: Cut | None = None,
        alter: Callable[[int, str, bytes], bytes] = lambda connection, command, line: line,
    ) -> None:
        self._target = target
        self._cut = cut
        self._alter = alter
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.connections = 0
        self.commands: list[str] = []
        self._open: list[socket.socket] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near = self._listening.accept()[0]
                far = socket.create_connection(("127.0.0.1", self._target))
                for end in (near, far):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._open += [near, far]
                self.connections += 1
                talk = _Talk(self, near, far, self.connections)
                threading.Thread(target=talk.out, daemon=True).start()
                threading.Thread(target=talk.back, daemon=True).start()

    def cut(self) -> None:
        """Ends the connections that are open."""
        while self._open:
            _end(self._open.pop())

    def close(self) -> None:
        _end(self._listening)
        self.cut()


@dataclass
class _Talk:
    wire: Wire
    near: socket.socket
    far: socket.socket
    number: int
    last: str = ""
    tag: bytes = b""
    idle_tag: bytes = b""
    withheld: bytes | None = field(default=None)

    def out(self) -> None:
        """What the client says, until the wire is cut before a command."""
        with contextlib.suppress(OSError, ValueError), self.near.makefile("rb") as lines:
            for line in lines:
                name, tag = named(line)
                if name:
                    self._hear(name, tag)
                cut = self.wire._cut
                if name and cut and not cut.happened and cut.command == name:
                    cut.happened = True
                    if cut.when == "before":
                        break
                    self.withheld = b"+" if name == "IDLE" else self.tag
                self.far.sendall(line)
        self._end()

    def _hear(self, name: str, tag: bytes) -> None:
        self.wire.commands.append(name)
        self.last = name
        self.tag = self.idle_tag if name == "DONE" else tag
        if name == "IDLE":
            self.idle_tag = tag

    def back(self) -> None:
        """What the server says, until the wire is cut after a command: when it has said the last of its answer."""
        with contextlib.suppress(OSError, ValueError), self.far.makefile("rb") as lines:
            for line in lines:
                if self.withheld is None:
                    self.near.sendall(self.wire._alter(self.number, self.last, line))
                elif line.startswith(self.withheld):
                    break
        self._end()

    def _end(self) -> None:
        _end(self.near)
        _end(self.far)


def _end(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
