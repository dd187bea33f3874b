"""The address in MAIL FROM and RCPT TO (RFC 5321 section 4.1.2), and the host name in EHLO."""

from __future__ import annotations

import re

# aiosmtpd reads these with the header parser of `email`, which raises on some input and takes 0.2 ms for each address.
_LOCAL = r'(?:"(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*"|[^\s"\\<>@(),:;\x00-\x1f\x7f]+)'
_DOMAIN = r"(?:\[[^\s<>\[\]\x00-\x1f\x7f]+\]|[^\s\"\\<>@(),:;\[\]\x00-\x1f\x7f]+)"
_ROUTE = r"(?:@[^\s<>:]*:)?"
_IN_BRACKETS = re.compile(rf"\s*<\s*{_ROUTE}({_LOCAL}(?:@{_DOMAIN})?)?\s*>(?=\s|\Z)")
_BARE = re.compile(rf"\s*({_LOCAL}@{_DOMAIN})(?=\s|\Z)")

# What nearly every client sends: nothing that could be read in two ways. All else is left to the parser.
_PLAIN = rb"<([\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)>"
PLAIN_MAIL = re.compile(rb"MAIL FROM:" + _PLAIN + rb"(?: SIZE=(\d{1,15}))?(?: BODY=(?:7BIT|8BITMIME))?\s*", re.I)
PLAIN_RCPT = re.compile(rb"RCPT TO:" + _PLAIN + rb"\s*", re.I)


def read_path(text: str) -> tuple[str, str] | None:
    """The address and the parameters after it, or None when malformed. The null reverse-path gives "".

    A source route is dropped (RFC 5321 section 4.1.1.3 and appendix C); a missing pair of angle brackets is forgiven.
    """
    match = _IN_BRACKETS.match(text) or _BARE.match(text)
    if match is None:
        return None
    address = match[1] or ""
    if not _is_storable(address):
        return None
    return address, text[match.end() :].strip()


def readable(text: str) -> str:
    """The text with everything replaced that a log or a database cannot hold (control characters, broken UTF-8)."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _is_storable(address: str) -> bool:
    """Bytes that are no UTF-8 come as lone surrogates, which no address may hold (RFC 6531 section 3.3)."""
    return address.isprintable()
