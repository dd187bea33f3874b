"""A server that takes any mail and drops it: where the daemon's own mail goes, and the limit of the load driver."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from multiprocessing.connection import Connection as Pipe

_REPLIES = {b"EHLO": b"250-sink\r\n250 PIPELINING\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
_END_OF_DATA = b"\r\n.\r\n"


class _Sink(asyncio.Protocol):
    """One connection. Knows just enough SMTP: a mail ends where RFC 5321 section 4.1.1.4 says so."""

    def __init__(self, counted: list[int]) -> None:
        self._counted = counted
        self._bytes = bytearray()
        self._in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._counted[0] += 1
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._bytes += data
        while self._step():
            pass

    def _step(self) -> bool:
        """Deals with one command or mail; False when it has not come as a whole yet."""
        ending = _END_OF_DATA if self._in_data else b"\r\n"
        end = self._bytes.find(ending)
        if end < 0:
            if self._in_data:
                del self._bytes[: -len(ending)]
            return False
        verb = bytes(self._bytes[:4]).upper()
        del self._bytes[: end + len(ending)]
        self._transport.write(_REPLIES.get(verb, b"250 ok\r\n") if not self._in_data else b"250 dropped\r\n")
        self._counted[1] += self._in_data
        self._in_data = verb == b"DATA" and not self._in_data
        if verb == b"QUIT" and not self._in_data:
            self._transport.close()
        return True


def process(pipe: Pipe) -> None:
    """A sink process: sends its port, then to each question the connections and mails so far, until the pipe closes."""
    asyncio.run(_serve(pipe))


async def _serve(pipe: Pipe) -> None:
    loop = asyncio.get_running_loop()
    counted = [0, 0]
    server = await loop.create_server(lambda: _Sink(counted), "127.0.0.1", 0, backlog=512)
    pipe.send(server.sockets[0].getsockname()[1])
    with suppress(EOFError):
        while await loop.run_in_executor(None, pipe.recv):
            pipe.send(tuple(counted))
    server.close()
