"""The bytes of a connection that were read and not used yet, cut into command lines (RFC 5321 section 2.4)."""

from __future__ import annotations


class Incoming:
    """What a client sent, in its order. A line that is longer than `longest` bytes is kept no further: it comes out
    one byte too long, so that whoever reads it can tell."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._bytes = b""
        self._at = 0

    def add(self, chunk: bytes) -> None:
        """Takes what was read next."""
        self._bytes = self._bytes[self._at :] + chunk
        self._at = 0

    def line(self) -> bytes | None:
        """The next line without its end, or None while it is not complete."""
        end = self._bytes.find(b"\n", self._at)
        if end < 0:
            self._bytes = self._bytes[self._at : self._at + self._longest + 1]
            self._at = 0
            return None
        line = self._bytes[self._at : end]
        self._at = end + 1
        return line.rstrip(b"\r")[: self._longest + 1]

    def take(self, most: int | None = None) -> bytes:
        """All that is there, or up to `most` bytes: the beginning of a mail."""
        end = len(self._bytes) if most is None else self._at + most
        taken = self._bytes[self._at : end]
        self._at += len(taken)
        return taken

    def clear(self) -> None:
        """Forgets everything."""
        self._bytes = b""
        self._at = 0
