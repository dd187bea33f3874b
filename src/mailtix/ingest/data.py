"""What stands between DATA and its end: found, limited, and given back as the bytes the sender meant."""

from __future__ import annotations

from mailtix.ingest import replies
from mailtix.ingest.doorman import Doorman
from mailtix.ingest.replies import Reply

END_OF_DATA = b"\r\n.\r\n"  # RFC 5321 section 4.1.1.4; no other line end counts
# A dot alone between other line ends. Some servers take one of these for the end of a mail, and what follows for the
# next mail, so whoever passes it on can be made to forge (SMTP smuggling, December 2023). RFC 5321 section 2.3.8
# forbids lone CR and LF altogether; away from such a dot they are only untidy and real programs send them, so there
# they are kept as they came: a customer's question is worth more than tidiness.
SMUGGLED_ENDS = (b"\n.\n", b"\n.\r", b"\r.\n", b"\r.\r")
# A sender who goes on after twice the size that was announced does not listen; he is cut off.
FLOOD = 2
_TAIL = len(END_OF_DATA) - 1  # bytes that may be the beginning of the end


class Data:
    """The bytes of one DATA command as they come in. Linear in time; holds no more than the size limit."""

    def __init__(self, size_limit: int, doorman: Doorman) -> None:
        self.refusal: Reply | None = None
        self.received = 0
        self.rest = b""
        """What came after the end: pipelined commands."""
        self._size_limit = size_limit
        self._doorman = doorman
        self._reserved = 0
        self._searched = 0
        # DATA's own line end, so that a dot on the first line is found and unstuffed like any other.
        self._bytes = bytearray(b"\r\n")

    @property
    def is_flood(self) -> bool:
        return self.received > FLOOD * self._size_limit

    def add(self, chunk: bytes) -> bool:
        """Takes the next bytes; True when the end was among them: it is then `mail()`, unless `refusal`."""
        self.received += len(chunk)
        self._reserve(len(chunk))
        self._bytes += chunk
        end = self._bytes.find(END_OF_DATA, self._searched)
        if end >= 0:
            self._finish(end)
            return True
        self._searched = max(0, len(self._bytes) - _TAIL)
        if self._searched - 2 > self._size_limit:
            self._refuse(replies.TOO_BIG)
        if self.refusal is not None:
            del self._bytes[:-_TAIL]
            self._searched = 0
        return False

    def mail(self) -> bytes:
        """The mail without the dots that were added for the transport (RFC 5321 section 4.5.2), else as it was sent.

        To be taken once: nothing of it is held here afterwards.
        """
        unstuffed = self._bytes.replace(b"\r\n.", b"\r\n")
        self._bytes.clear()
        return bytes(memoryview(unstuffed)[2:])

    def release(self) -> None:
        """Gives the memory back; call it when the mail is durable or refused."""
        self._doorman.give_back(self._reserved)
        self._reserved = 0
        self._bytes.clear()

    def _finish(self, end: int) -> None:
        self.rest = bytes(self._bytes[end + len(END_OF_DATA) :])
        del self._bytes[end + 2 :]  # the line end before the dot belongs to the mail
        if end > self._size_limit:
            self._refuse(replies.TOO_BIG)
        elif any(pattern in self._bytes for pattern in SMUGGLED_ENDS):
            self._refuse(replies.SMUGGLING)

    def _reserve(self, size: int) -> None:
        if self.refusal is None and not self._doorman.take(size):
            self._refuse(replies.BUSY)
        elif self.refusal is None:
            self._reserved += size

    def _refuse(self, reply: Reply) -> None:
        """Says no at the end: RFC 5321 section 4.2.5 has no reply before it. Keeps no more of the mail till then."""
        if self.refusal is None:
            self.refusal = reply
            self._doorman.give_back(self._reserved)
            self._reserved = 0
