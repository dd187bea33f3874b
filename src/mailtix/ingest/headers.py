"""What stands in for the envelope when a mail comes without one: from a file, or out of a mailbox by IMAP."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from mailtix.ingest.path import read_path

# What the last MTA noted of the envelope comes before what the author wrote.
RECIPIENT_FIELDS = (b"delivered-to", b"x-original-to", b"envelope-to", b"to", b"cc", b"resent-to")
# Nobody's recipients stand further down than that; it bounds the work for a mail that is all header.
HEADER_BYTES = 1024 * 1024
_END = re.compile(rb"\r?\n\r?\n|\r\r")
_FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:(.*(?:\r?\n[ \t].*)*)", re.MULTILINE)  # RFC 5322 sections 2.2 and 2.2.3
_BETWEEN_ADDRESSES = re.compile(r'[\s<>()\[\]",:;]+')


def recipients_in_headers(raw: bytes, ours: Callable[[str], bool]) -> tuple[str, ...]:
    """Our addresses among the mail's recipients, in lower case, each once, the delivered ones first. Total."""
    fields = list(_fields(raw))
    found = (
        word
        for wanted in RECIPIENT_FIELDS
        for name, value in fields
        if name == wanted
        for word in _BETWEEN_ADDRESSES.split(value.lower())
        if word.count("@") == 1 and word.isprintable() and ours(word)
    )
    return tuple(dict.fromkeys(found))


def sender_in_headers(raw: bytes) -> str:
    """The address in Return-Path, written by the final MTA (RFC 5321 section 4.4); "" when missing or null."""
    for name, value in _fields(raw):
        if name == b"return-path":
            path = read_path(value.strip())
            return path[0] if path else ""
    return ""


def _fields(raw: bytes) -> Iterator[tuple[bytes, str]]:
    head = raw[:HEADER_BYTES]
    end = _END.search(head)
    for match in _FIELD.finditer(head, 0, end.start() if end else len(head)):
        yield match[1].lower(), match[2].decode("utf-8", "replace")
