"""A header section as a list of raw fields (RFC 5322 section 2.2), read as tolerantly as mail clients do."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailtix.parsing.limits import MAX_FIELD_BYTES, MAX_FIELDS

# RFC 5322 section 3.6.8: a field name is printable ASCII without the colon; section 4.5.8 allows blanks before it.
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
# A whole field, as nearly all are: on one line or on a few, none of which is a line of blanks.
_PLAIN_FIELD = re.compile(
    rb"([!-9;-~]{1,200}):([^\r\n]{0,998}+(?:\r?\n[ \t]++[^\s][^\r\n]{0,998}+){0,20}+)\r?\n(?![ \t])"
)
# What follows a broken line only counts as header if it is a field mails have: "Note: …" may be the body's begin.
_KNOWN_FIELD = re.compile(
    rb"(?:received|return-path|from|to|cc|bcc|subject|date|message-id|in-reply-to|references|sender|reply-to|mime-version|"
    rb"content-[a-z-]{2,30}|dkim-signature|authentication-results|arc-[a-z-]{4,30}|delivered-to|user-agent|list-[a-z-]{2,20}|"
    rb"auto-submitted|precedence|x-[a-z0-9-]{2,60})[ \t]*:",
    re.IGNORECASE,
)
_LOOK_AHEAD = 8  # unfolded Received and spam reports put up to five broken lines in a row
_BOUNDARY = re.compile(rb"--[^\s-]")
_LINE_END = re.compile(rb"\r?\n")
_BLANK_LINES = re.compile(rb"(?:[ \t]*\r?\n)*")
_MBOX_FROM = re.compile(rb">?From [^\n]*\n")


@dataclass(frozen=True, slots=True)
class Header:
    """The fields of a header section in order, values unfolded but undecoded; `end` is where the body begins."""

    fields: tuple[tuple[str, bytes], ...]
    end: int
    defects: frozenset[str] = frozenset()

    def get(self, name: str) -> bytes:
        """The first value of that name (lower case), or b""."""
        return next((value for key, value in self.fields if key.lower() == name), b"")


def read_header(raw: bytes, start: int, stop: int) -> Header:
    """The header section that begins at `start`. Defects: header-limit, field-limit, header-line, no-blank-line."""
    fields: list[tuple[str, bytes]] = []
    defects: set[str] = set()
    pos = _skip_leading(raw, start, stop)
    while pos < stop:
        if (plain := _PLAIN_FIELD.match(raw, pos, stop)) and len(fields) < MAX_FIELDS:
            name, value = plain.groups()
            if b"\n" in value:  # there is no other CR in it, so what _LINE_END finds is told without looking
                value = value.replace(b"\r\n", b"").replace(b"\n", b"")
            fields.append((name.decode("ascii"), value.strip(b" \t")))
            pos = plain.end()
            continue
        line_end, next_pos = _line(raw, pos, stop)
        if line_end == pos:
            return Header(tuple(fields), next_pos, frozenset(defects))
        if raw[pos] in b" \t" and fields:  # a fold whose field was dropped, or a line of blanks
            pos = next_pos
            continue
        match = _FIELD.match(raw, pos, line_end)
        if match is None:
            if _BOUNDARY.match(raw, pos, stop) or not _header_goes_on(raw, next_pos, stop):
                defects.add("no-blank-line")
                return Header(tuple(fields), pos, frozenset(defects))
            defects.add("header-line")
            pos = next_pos
            continue
        pos = _value_end(raw, next_pos, stop)
        if len(fields) >= MAX_FIELDS:
            defects.add("header-limit")
            continue
        if pos - match.end() > MAX_FIELD_BYTES:
            defects.add("field-limit")
        value = raw[match.end() : min(pos if pos > next_pos else line_end, match.end() + MAX_FIELD_BYTES)]
        if pos > next_pos:
            value = _LINE_END.sub(b"", value)
        fields.append((match[1].decode("ascii"), value.strip(b" \t")))
    return Header(tuple(fields), stop, frozenset(defects))


def _skip_leading(raw: bytes, start: int, stop: int) -> int:
    """Past blank lines and an mbox "From " line, where a header follows them; else `start`."""
    blank = _BLANK_LINES.match(raw, start, min(stop, start + 200))
    pos = blank.end() if blank else start
    if mbox := _MBOX_FROM.match(raw, pos, stop):
        pos = mbox.end()
    return pos if pos > start and _FIELD.match(raw, pos, stop) else start


def _line(raw: bytes, pos: int, stop: int) -> tuple[int, int]:
    """(end of the line's text, begin of the next line)."""
    newline = raw.find(b"\n", pos, stop)
    if newline < 0:
        return stop, stop
    return (newline - 1 if newline > pos and raw[newline - 1] == 13 else newline), newline + 1


def _value_end(raw: bytes, pos: int, stop: int) -> int:
    """The begin of the first line that does not continue the field (RFC 5322 section 2.2.3)."""
    while pos < stop and raw[pos] in b" \t":
        newline = raw.find(b"\n", pos, stop)
        if newline < 0:
            return stop
        if not raw[pos:newline].strip() and not _header_goes_on(raw, newline + 1, stop):
            return pos  # a line of blanks that ends the header, as old gateways write it
        pos = newline + 1
    return pos


def _header_goes_on(raw: bytes, pos: int, stop: int) -> bool:
    """Whether a known field follows within a few lines: then a strange line stands inside the header, not after it."""
    for _ in range(_LOOK_AHEAD):
        end, following = _line(raw, pos, stop)
        if end == pos or pos >= stop:
            return False
        if _KNOWN_FIELD.match(raw, pos, end):
            return True
        pos = following
    return False
