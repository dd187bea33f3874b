"""Waiting for mail: told by the server (IDLE, RFC 2177), or until it is time to look."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

from imapclient import IMAPClient  # type: ignore[import-untyped]

LONGEST = 29 * 60.0  # RFC 2177: at least every 29 minutes, or the server may think that nobody is there
SLICE = 0.5  # seconds after which a waiting thread looks whether it should stop


class Client(IMAPClient):  # type: ignore[misc]
    """IMAPClient, with idle_check(timeout=0) also reading lines that are in imaplib's buffer already.

    A server tells of mail that came just before IDLE together with its answer to IDLE; such lines are no longer in the
    socket that idle_check polls, and would be seen only when the next mail comes.
    """

    def _poll_socket(self, sock: socket.socket, timeout: float | None = None) -> Any:
        return True if timeout == 0 else super()._poll_socket(sock, timeout)


def idle(client: Any, seconds: float, stopping: threading.Event) -> bool:
    """Whether the server has told of something; False after that many seconds, or when stopping."""
    client.idle()
    end = time.monotonic() + min(seconds, LONGEST)
    told = client.idle_check(timeout=0)
    while not (news := _is_news(told)) and not stopping.is_set() and (now := time.monotonic()) < end:
        told = client.idle_check(timeout=SLICE)
        if not told and time.monotonic() - now < SLICE / 2:  # imapclient says nothing of a closed connection
            break
    _, last = client.idle_done()
    return news or _is_news(last)


def _is_news(told: list[tuple[Any, ...]]) -> bool:
    return any(b"EXISTS" in line or b"BYE" in line for line in told)
