"""Content-Type and Content-Disposition: a value and its parameters (RFC 2045 section 5.1, RFC 2231)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from mailtix.parsing.charset import decode, decode_header_bytes
from mailtix.parsing.words import decode_words

# Token or quoted string; a quoted string that never ends runs to the end of the field. Possessive: no backtracking.
_PARAMETER = re.compile(
    r""";[;\s]*+([^\s=;"]{1,100}+)\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"?|'([^';]*+)'(?=\s*+(?:;|$))|([^;]*+))""", re.DOTALL
)
MAX_PARAMETERS = 8_192
"""Bytes of a Content field that are read; long names in RFC 2231 pieces take some 2 KB."""

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)  # RFC 5322 section 3.2.1: any quoted pair stands for its character
_SECTION = re.compile(r"(.+?)(?:\*(\d{1,3}))?(\*)?$")


def split_parameters(field: bytes) -> tuple[str, Mapping[str, str]]:
    """(value in lower case, parameters by lower-case name). Continuations are joined and charsets decoded."""
    return _split(field[:MAX_PARAMETERS])


@lru_cache(maxsize=128)  # most mails say one of a few dozen
def _split(field: bytes) -> tuple[str, Mapping[str, str]]:
    text = decode_header_bytes(field)
    value, _, rest = text.partition(";")
    if not rest:
        return _media(value), {}
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for match in _PARAMETER.finditer(";" + rest):
        quoted = match[2]
        content = _ESCAPE.sub(r"\1", quoted) if quoted is not None else (match[3] or match[4] or "").strip()
        section = _SECTION.match(match[1].lower())
        assert section is not None  # the name has at least one character
        name, number, extended = section[1], section[2], section[3]
        if number is None and extended is None:
            plain.setdefault(name, content)
        else:
            pieces.setdefault(name, []).append((int(number or 0), extended is not None, content))
    # RFC 2231 section 4: the extended form is the better one where both are given.
    return _media(value), plain | {name: _join(found) for name, found in pieces.items()}


def _media(value: str) -> str:
    return "".join(value.split()).lower().strip('"')


def _join(pieces: list[tuple[int, bool, str]]) -> str:
    """The value of RFC 2231 sections 3 and 4.1: charset'language'text in the first piece, percent signs in any."""
    charset = ""
    data = bytearray()
    for position, (_, extended, text) in enumerate(sorted(pieces)):
        piece = text
        if extended and position == 0 and piece.count("'") >= 2:
            charset, _, piece = piece.split("'", 2)
        data += unquote_to_bytes(piece) if extended else piece.encode("utf-8", "surrogateescape")
    return decode(bytes(data), charset).text


def filename_of(disposition: Mapping[str, str], content: Mapping[str, str]) -> str:
    """The name of a part: `filename`, else the older `name`, encoded words decoded although RFC 2231 forbids them."""
    given = (disposition.get("filename"), content.get("name"), disposition.get("name"), content.get("filename"))
    name = next((name for name in given if name), content.get("file", ""))
    return decode_words(name) if "=?" in name else name
