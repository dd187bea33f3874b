"""Text beyond ASCII in a header, as encoded words of UTF-8 (RFC 2047).

The lines are those that email.header makes. It tries each of them out anew with every character and takes ten times as
long.
"""

from __future__ import annotations

import binascii
import re
import string
from collections.abc import Callable, Iterator

# What section 5 (3) lets stand for itself wherever an encoded word may stand; a space is "_" (section 4.2 (2)).
_ITSELF = frozenset((string.ascii_letters + string.digits + "-!*+/").encode())
_Q = tuple(chr(octet) if octet in _ITSELF else "_" if octet == 0x20 else f"={octet:02X}" for octet in range(256))
# Where a character begins: not within "=C3", and not at a later octet of UTF-8. None may be split (section 5, last but
# one paragraph).
_BEGIN_IN_Q = re.compile(r"(?<!=)(?<!=.)(?!=[89AB])")
_BEGIN = re.compile(rb"[^\x80-\xbf]")
_AROUND = len("=?utf-8?q??=")


def encoded_words(text: str, width: int, taken: int = 0) -> str:
    """The text as words of one line each, folded; no line is longer than `width`, of which `taken` characters of the
    first are taken already. In Q or in base64, whichever is shorter."""
    raw = text.encode("utf-8", "replace")
    in_q = "".join(map(_Q.__getitem__, raw))
    first, later = width - taken - _AROUND, width - len(" ") - _AROUND
    if len(in_q) <= _base64_length(len(raw)):
        cuts = _cuts(len(in_q), first, later, lambda at: _BEGIN_IN_Q.match(in_q, at) is not None)
        words = [f"=?utf-8?q?{in_q[begin:end]}?=" for begin, end in cuts]
    else:
        cuts = _cuts(len(raw), first // 4 * 3, later // 4 * 3, lambda at: _BEGIN.match(raw, at) is not None)
        words = [f"=?utf-8?b?{binascii.b2a_base64(raw[begin:end], newline=False).decode()}?=" for begin, end in cuts]
    return "\r\n ".join(words)


def _base64_length(octets: int) -> int:
    return (octets + 2) // 3 * 4


def _cuts(length: int, first: int, later: int, is_begin: Callable[[int], bool]) -> Iterator[tuple[int, int]]:
    """Where each line begins and ends: as much as fits, and whole characters."""
    begin, room = 0, first
    while length - begin > room:
        end = begin + room
        while not is_begin(end):
            end -= 1
        yield begin, end
        begin, room = end, later
    yield begin, length
