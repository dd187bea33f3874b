"""How much may come in at once: connections, connections of one peer, and bytes that are not yet durable."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from mailtix.ingest import replies
from mailtix.ingest.replies import Reply


@dataclass(frozen=True, slots=True)
class Limits:
    """What one listener takes. Each number keeps one sender from taking the room of the others."""

    connections: int = 256
    connections_of_one_peer: int = 64  # a smarthost in front opens some dozens (Postfix: 20 by default)
    recipients: int = 100  # RFC 5321 section 4.5.3.1.8 asks for at least 100
    bytes_in_memory: int = 256 * 1024 * 1024  # the sum of mails that are being received or wait for their commit
    # Seconds without a command, or without a piece of a mail (RFC 5321 section 4.5.3.2.7). Bytes of a command that does
    # not end are silence too.
    silence: float = 300.0
    # Seconds from DATA to its end, and of a whole session: who sends a byte a minute is never silent.
    mail: float = 1800.0
    session: float = 7200.0


class Doorman:
    """Counts what is inside. Used by the sessions of one listener, all in one event loop."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.closing = False
        self._peers: Counter[str] = Counter()
        self._bytes = 0

    @property
    def connections(self) -> int:
        return self._peers.total()

    def enter(self, peer: str) -> Reply | None:
        """Counts a connection. Returns why it is not served, or None; `leave` is due in both cases."""
        self._peers[peer] += 1
        if self.closing:
            return replies.SHUTTING_DOWN
        if self.connections > self.limits.connections or self._peers[peer] > self.limits.connections_of_one_peer:
            return replies.TOO_MANY_CONNECTIONS
        return None

    def leave(self, peer: str) -> None:
        self._peers[peer] -= 1
        if not self._peers[peer]:
            del self._peers[peer]

    def take(self, size: int) -> bool:
        """Reserves memory for that many bytes; False when there is not enough (nothing is reserved then)."""
        if self._bytes + size > self.limits.bytes_in_memory:
            return False
        self._bytes += size
        return True

    def give_back(self, size: int) -> None:
        self._bytes -= size
