"""What stands between DATA and its end, or in BDAT: found, limited, and given back as the bytes the sender meant."""

from __future__ import annotations

import re

from mailtix.ingest import replies
from mailtix.ingest.doorman import Doorman
from mailtix.ingest.replies import Reply

END_OF_DATA = b"\r\n.\r\n"  # RFC 5321 section 4.1.1.4; no other line end counts
# A dot alone between other line ends. Some servers take one of these for the end of a mail, and what follows for the
# next mail, so whoever passes it on can be made to forge (SMTP smuggling, December 2023). RFC 5321 section 2.3.8
# forbids lone CR and LF altogether; away from such a dot they are only untidy and real programs send them, so there
# they are kept as they came: a customer's question is worth more than tidiness.
# Both patterns begin with the dot they look for, which is the quick way: files in base64 have no dots at all.
_SMUGGLED_END = re.compile(
    rb"""\. (?=[\r\n]) (?:
        (?<=\r\.)                       # after CR: before any line end
        | (?<=\n\.) (?: \n | \r(?!\n) )  # after LF: before all but CR LF
        | (?<=[^\r]\n\.)                # after LF without CR: before CR LF too
    )""",
    re.VERBOSE,
)
_LEADING_DOT = re.compile(rb"\.(?<=[\r\n]\.)")
# A sender who goes on after twice the size that was announced does not listen; he is cut off.
FLOOD = 2
_CHUNK = re.compile(r"(\d{1,18})( +LAST)?", re.I)
_TAIL = len(END_OF_DATA) - 1  # bytes that may be the beginning of the end


class _Content:
    """The bytes of one mail as they come in; holds no more than the size limit."""

    def __init__(self, size_limit: int, doorman: Doorman) -> None:
        self.refusal: Reply | None = None
        self.received = 0
        self._size_limit = size_limit
        self._doorman = doorman
        self._reserved = 0
        self._leading_dot: bool | None = None
        # DATA's own line end, so that a dot on the first line is found and unstuffed like any other.
        self._bytes = bytearray(b"\r\n")

    @property
    def is_flood(self) -> bool:
        return self.received > FLOOD * self._size_limit

    def refuse(self, reply: Reply) -> None:
        """Says no at the end: RFC 5321 section 4.2.5 has no reply before it. Keeps no more of the mail till then."""
        if self.refusal is None:
            self.refusal = reply
            self._doorman.give_back(self._reserved)
            self._reserved = 0

    def release(self) -> None:
        """Gives the memory back; call it when the mail is durable or refused."""
        self._doorman.give_back(self._reserved)
        self._reserved = 0
        self._bytes.clear()

    def _take(self) -> bytes:
        mail = bytes(memoryview(self._bytes)[2:])
        self._bytes.clear()
        return mail

    def _check(self) -> None:
        if len(self._bytes) - 2 > self._size_limit:
            self.refuse(replies.TOO_BIG)
        elif self._has_leading_dot() and _SMUGGLED_END.search(self._bytes):
            self.refuse(replies.SMUGGLING)

    def _has_leading_dot(self) -> bool:
        """Asked once: few mails have one, and nothing about dots need then be looked for."""
        if self._leading_dot is None:
            self._leading_dot = _LEADING_DOT.search(self._bytes) is not None
        return self._leading_dot

    def _reserve(self, size: int) -> None:
        if self.refusal is None and not self._doorman.take(size):
            self.refuse(replies.BUSY)
        elif self.refusal is None:
            self._reserved += size


class Data(_Content):
    """The bytes of one DATA command as they come in. Linear in time."""

    def __init__(self, size_limit: int, doorman: Doorman) -> None:
        super().__init__(size_limit, doorman)
        self.rest = b""
        """What came after the end: pipelined commands."""
        self._searched = 0

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
            self.refuse(replies.TOO_BIG)
        if self.refusal is not None:
            del self._bytes[:-_TAIL]
            self._searched = 0
        return False

    def mail(self) -> bytes:
        """The mail without the dots that were added for the transport (RFC 5321 section 4.5.2), else as it was sent.

        To be taken once: nothing of it is held here afterwards.
        """
        if self._has_leading_dot():
            self._bytes = self._bytes.replace(b"\r\n.", b"\r\n")
        return self._take()

    def _finish(self, end: int) -> None:
        self.rest = bytes(self._bytes[end + len(END_OF_DATA) :])
        del self._bytes[end + 2 :]  # the line end before the dot belongs to the mail
        self._check()


class Chunks(_Content):
    """The chunks of BDAT commands (RFC 3030), one mail. Their sizes say where they end: no dot means anything."""

    def add(self, chunk: bytes) -> None:
        """Takes the next bytes of a chunk."""
        self.received += len(chunk)
        self._reserve(len(chunk))
        if self.received > self._size_limit:
            self.refuse(replies.TOO_BIG)
        if self.refusal is None:
            self._bytes += chunk
        else:
            self._bytes.clear()

    def mail(self) -> bytes:
        """The mail as it was sent. To be taken once."""
        return self._take()

    def finish(self) -> None:
        """The last chunk was taken: it is now `mail()`, unless `refusal`."""
        if self.refusal is None:
            # BINARYMIME is not offered, so lone CR and LF are no more allowed here than in DATA (RFC 3030 section 3);
            # a dot between proper line ends is a line like any other, and whoever sends it on adds the second dot.
            self._check()


def read_chunk(argument: str) -> tuple[int, bool] | None:
    """The size in bytes that BDAT names, and whether it is the last chunk (RFC 3030 section 2); None when malformed."""
    match = _CHUNK.fullmatch(argument)
    return None if match is None else (int(match[1]), match[2] is not None)
