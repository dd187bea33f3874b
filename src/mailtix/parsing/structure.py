"""The MIME tree of a mail as spans of its bytes (RFC 2046), built in one pass without recursion.

mail-parser and the email package behind it recurse for each level, hold every part twice and test each line against
every open boundary; this reads 20,000 parts or a 30 MB line in the time that is left to one mail.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mailtix.parsing.charset import decode_header_bytes
from mailtix.parsing.fields import Header, read_header
from mailtix.parsing.limits import MAX_DEPTH, MAX_PARTS
from mailtix.parsing.parameters import filename_of, split_parameters
from mailtix.parsing.transfer import decode_transfer

# With the line break before it, which "^" would look for at each of the 10,000 lines of a file.
_DELIMITER = re.compile(rb"\n--([^\r\n]{1,250})\r?$", re.MULTILINE)
_DOUBLED = re.compile(rb"\r\r\n")
MAX_GUESSES = 20
"""Boundaries searched for that are not there: each search reads the rest of the mail."""

_TYPE = re.compile(r"[^/\s;]+/[^/\s;]+")


@dataclass(slots=True)
class Part:
    """One entity: its header, its media type and where its body stands. `children` only for multipart and message."""

    raw: bytes
    header: Header
    mime: str
    params: Mapping[str, str]
    disposition: str
    filename: str
    start: int
    end: int
    depth: int
    children: list[Part] = field(default_factory=list)

    @property
    def is_multipart(self) -> bool:
        return self.mime.startswith("multipart/")

    @property
    def content_id(self) -> str:
        return decode_header_bytes(self.header.get("content-id")).strip().strip("<>")

    @property
    def encoding(self) -> str:
        return self.header.get("content-transfer-encoding").decode("latin-1").split(";")[0].strip()

    def body(self) -> bytes:
        """The bytes of the part with its transfer encoding undone."""
        return decode_transfer(self.raw[self.start : self.end], self.encoding)


@dataclass(frozen=True, slots=True)
class Structure:
    """The tree and what was wrong with it, as stable codes."""

    root: Part
    defects: tuple[str, ...]


def with_newlines(raw: bytes) -> bytes:
    """`raw` with line ends that can be read: bare CR made LF where there is no other, CR CR LF made CR LF.

    RFC 5322 section 2.3 knows CR LF only; old programs and text-mode transfers make the others, in the whole mail.
    """
    if b"\n" not in raw:
        return raw.replace(b"\r", b"\n")
    if _DOUBLED.search(raw) is None:
        return raw
    return raw.replace(b"\r\r\n", b"\r\n") if raw.count(b"\r\r\n") * 2 > raw.count(b"\n") else raw


def read_structure(raw: bytes) -> Structure:
    """The parts of a mail whose line ends went through `with_newlines`. Total; linear in the size of the mail."""
    return _Reader(raw).read()


class _Reader:
    """The open parts while the delimiter lines are walked; the innermost stands last."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.open: list[Part] = []
        self.boundaries: dict[bytes, list[int]] = {}
        self.parts = 0
        self.guesses = 0
        self.defects: dict[str, None] = {}

    def read(self) -> Structure:
        start = self._enter(0, "text/plain")
        root = self.open[0]
        self._walk(start)
        self._close_to(0, len(self.raw), missing=True)
        return Structure(root, tuple(self.defects))

    def _walk(self, pos: int) -> None:
        if not self.boundaries:
            return
        for match in _DELIMITER.finditer(self.raw, pos - 1):  # a header stands before: `pos` is never 0
            if not self.boundaries:
                return
            line = match.start() + 1
            if line < pos:
                continue  # inside a header that has been read already
            found = self._find(match[1].rstrip(b" \t"))
            if found is None:
                continue
            level, last = found
            self._close_to(level + 1, line)
            if last:
                self._close_to(level, match.end())
            elif self.parts >= MAX_PARTS:
                self.defects["part-limit"] = None
                return
            else:
                digest = self.open[level].mime == "multipart/digest"  # RFC 2046 section 5.1.5
                start = min(match.end() + 1, len(self.raw))
                pos = self._enter(start, "message/rfc822" if digest else "text/plain")

    def _find(self, line: bytes) -> tuple[int, bool] | None:
        """(level of the innermost open part with this boundary, whether the line ends it)."""
        if levels := self.boundaries.get(line):
            return levels[-1], False
        if line.endswith(b"--") and (levels := self.boundaries.get(line[:-2].rstrip(b" \t"))):
            return levels[-1], True
        return None

    def _enter(self, pos: int, default_mime: str) -> int:
        """Reads the entity at `pos`, and the mail inside it if it is a message/rfc822; gives where its body begins."""
        part = self._entity(pos, default_mime)
        while part.mime in ("message/rfc822", "message/global") and _is_plainly_encoded(part):
            if len(self.open) >= MAX_DEPTH or self.parts >= MAX_PARTS:
                self.defects["depth-limit"] = None
                break
            part = self._entity(part.start, "text/plain")
        return part.start

    def _entity(self, pos: int, default_mime: str) -> Part:
        header = read_header(self.raw, pos, len(self.raw))
        self.defects.update(dict.fromkeys(sorted(header.defects)))
        part = _part(self.raw, header, default_mime, len(self.open))
        if self.open:
            self.open[-1].children.append(part)
        self.open.append(part)
        self.parts += 1
        if part.is_multipart:
            self._expect_boundary(part)
        return part

    def _expect_boundary(self, part: Part) -> None:
        if len(self.open) > MAX_DEPTH:
            self.defects["depth-limit"] = None
            return
        boundary = part.params.get("boundary", "").rstrip().encode("utf-8", "surrogateescape")
        if not boundary or self.raw.find(b"--" + boundary, part.start) < 0:
            self.guesses += 1
            if self.guesses > MAX_GUESSES:
                return
            boundary = self._guess_boundary(part) or boundary
            self.defects["boundary-missing"] = None
        if boundary:
            self.boundaries.setdefault(boundary, []).append(len(self.open) - 1)

    def _guess_boundary(self, part: Part) -> bytes:
        """The first delimiter-like line that a Content field follows, when the declared boundary is not to be found."""
        match = _DELIMITER.search(self.raw, part.start - 1)
        if match is None or self.raw[match.end() : match.end() + 10].lstrip(b"\r\n")[:8].lower() != b"content-":
            return b""
        return match[1].rstrip(b" \t")

    def _close_to(self, level: int, end: int, *, missing: bool = False) -> None:
        """Ends every open part from `level` up at `end`, before the line break that belongs to the delimiter."""
        if end <= len(self.raw) and not missing:
            end = _before_line_break(self.raw, end)
        while len(self.open) > level:
            part = self.open.pop()
            part.end = max(part.start, min(part.end, end))
            for levels in [v for v in self.boundaries.values() if v and v[-1] == len(self.open)]:
                levels.pop()
                if missing:
                    self.defects["end-missing"] = None
        for boundary in [b for b, levels in self.boundaries.items() if not levels]:
            del self.boundaries[boundary]


def _before_line_break(raw: bytes, pos: int) -> int:
    """RFC 2046 section 5.1.1: the line break before a delimiter belongs to the delimiter."""
    if pos and raw[pos - 1 : pos] == b"\n":
        pos -= 1
        if pos and raw[pos - 1 : pos] == b"\r":
            pos -= 1
    return pos


def _part(raw: bytes, header: Header, default_mime: str, depth: int) -> Part:
    mime, params = split_parameters(header.get("content-type"))
    disposition, disposition_params = split_parameters(header.get("content-disposition"))
    if mime == "text" or not mime:
        mime = "text/plain" if mime else default_mime
    elif not _TYPE.fullmatch(mime):
        mime = "text/plain" if default_mime == "text/plain" and "/" not in mime else "application/octet-stream"
    name = filename_of(disposition_params, params)
    return Part(raw, header, mime, params, disposition, name, header.end, len(raw), depth)


def _is_plainly_encoded(part: Part) -> bool:
    """RFC 2046 section 5.2.1 forbids encodings on message/rfc822; where one is used all the same, it is a file."""
    return not part.encoding.lower().startswith(("base64", "quoted"))
