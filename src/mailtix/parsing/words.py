"""Encoded words (RFC 2047), in their legal form and in the broken ones that clients send."""

from __future__ import annotations

import binascii
import re

from mailtix.parsing.charset import decode
from mailtix.parsing.transfer import decode_base64

# Blanks and question marks inside the text are illegal (RFC 2047 section 2) but sent. The length is bounded so that
# many openings without an end stay linear; whole subjects in one word are seen up to some thousand characters.
_WORD = re.compile(r"=\?([^?\s]{1,60}+)\?([bBqQ])\?([^?]{0,4000}+(?:\?(?!=)[^?]{0,400}+){0,8}+)\?=")
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
_Chunk = tuple[str, str, bytes]  # charset, literal text, encoded bytes


def decode_words(value: str) -> str:
    """`value` with its encoded words decoded; what cannot be decoded stays as it stands."""
    if "=?" not in value:
        return value
    chunks: list[_Chunk] = []
    last = 0
    for match in _WORD.finditer(value):
        between = value[last : match.start()]
        # RFC 2047 section 6.2: white space between two encoded words is not part of the text.
        if between and not (chunks and chunks[-1][0] and not between.strip()):
            chunks.append(("", between, b""))
        _append(chunks, match)
        last = match.end()
    chunks.append(("", value[last:], b""))
    return "".join(decode(data, charset).text if charset else text for charset, text, data in chunks)


def _append(chunks: list[_Chunk], match: re.Match[str]) -> None:
    charset = match[1].split("*", 1)[0].lower()  # RFC 2231 section 5: the language after the asterisk
    data = _payload(match[2], match[3])
    if data is None:
        chunks.append(("", match[0], b""))
    elif chunks and chunks[-1][0] == charset:  # a character may be split over two words: join the bytes first
        chunks[-1] = (charset, "", chunks[-1][2] + data)
    else:
        chunks.append((charset, "", data))


def _payload(encoding: str, text: str) -> bytes | None:
    data = text.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return _HEX.sub(lambda m: binascii.unhexlify(m[1]), data.replace(b"_", b" "))
    return decode_base64(data) if data.strip() else b""
