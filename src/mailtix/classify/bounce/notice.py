"""The report in words: what belongs to the notice and what to the returned mail, and which recipients it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailtix.classify.phrases import fold, words

# A notice is a screen or two. What stands beyond is the returned mail.
_NOTICE = 20_000
_LINES = 400
_LINE = 1_000
_PARAGRAPH = 12
_ADDRESS = r"[^\s<>()\[\]:;,\"'|=@*]{1,64}@[A-Za-z0-9\u0080-\U0010ffff][A-Za-z0-9.\-_\u0080-\U0010ffff]{0,253}"
_ANY = re.compile(_ADDRESS)
# qmail, Postfix, Exim, Gmail, OpenSMTPD, sendmail: the address opens its line.
_OPENS = re.compile(rf"(?:[*•-]\s+)?[\"'<]{{0,2}}({_ADDRESS})[\"'>]{{0,2}}(?=\s*(?:$|[:;,(]|\.\.\.|on\s\w|-\s))")
_DIALOGUE = re.compile(rf"(?:>>>|<<<|Sent|Received|RCPT|\d\d\d|\.\.\.)?.{{0,40}}?(?:RCPT TO:\s?<?|\b[45]\d\d[ -](?:[45]\.\d\.\d{{1,3}} )?<?)({_ADDRESS})", re.IGNORECASE)
_HEADER = re.compile(r"(?:received|return-path|from|to|subject|date|message-id|mime-version|content-type|x-[a-z-]+|dkim-signature|delivered-to):\s", re.IGNORECASE)
_RULER = " \t-=*_#|~>.:"


@dataclass(frozen=True, slots=True)
class Named:
    """A recipient the notice names, and the words that stand with it."""

    addr: str
    reason: str


@dataclass(frozen=True, slots=True)
class Notice:
    """`lines` of the report itself, and the `returned` mail's header section and body, if the text holds them."""

    lines: tuple[str, ...]
    returned: str

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def read_notice(text: str) -> Notice:
    """Divide the text where a line announces the returned mail, or where its header section begins."""
    lines = [line[:_LINE] for line in text[:_NOTICE].splitlines()[:_LINES]]
    cut = next((i for i, line in enumerate(lines) if _announces(line) or _begins_header(lines, i)), len(lines))
    return Notice(tuple(lines[:cut]), "\n".join(lines[cut:]))


def _announces(line: str) -> bool:
    bare = line.strip(_RULER)
    if not 5 < len(bare) < 110:
        return False
    folded = fold(bare)
    return any(folded.startswith(phrase) and len(folded) - len(phrase) < 12 for phrase in words("bounce", "notice", "original_follows"))


def _begins_header(lines: list[str], i: int) -> bool:
    """Whether a blank line is followed by Received: or Return-Path:, or by three header lines in a row."""
    if i == 0 or lines[i - 1].strip(_RULER) or not _HEADER.match(lines[i]):
        return False
    if lines[i][:9].lower() in ("received:", "return-pa"):
        return True
    return len(lines) > i + 2 and all(_HEADER.match(line) for line in lines[i + 1 : i + 3])


def named_recipients(notice: Notice, ours: frozenset[str]) -> list[Named]:
    """The recipients in the first way of naming them that yields any: a line of their own, behind "could not be delivered
    to", or in the SMTP dialogue. `ours` are addresses that cannot be meant: the one the report was sent to."""
    for way in (_opening, _behind_phrase, _in_dialogue):
        found: dict[str, Named] = {}
        for named in way(notice.lines):
            if named.addr.lower() not in ours and "." in named.addr.rpartition("@")[2]:
                found.setdefault(named.addr.lower(), named)
        if found:
            return list(found.values())
    return []


def _opening(lines: tuple[str, ...]) -> Iterator[Named]:
    for i, line in enumerate(lines):
        if "@" in line and (match := _OPENS.match(line.strip())):
            yield Named(_clean(match[1]), _paragraph(lines, i, line.strip()[match.end() :]))


def _paragraph(lines: tuple[str, ...], i: int, rest: str) -> str:
    """What follows the address, up to the next recipient or the end of its paragraph."""
    told = [rest.strip(" :>\"'")]
    for line in lines[i + 1 : i + _PARAGRAPH]:
        if not line.strip():
            if any(told):
                break
            continue
        if "@" in line and _OPENS.match(line.strip()):
            break
        told.append(line.strip())
    return " ".join(part for part in told if part)


def _behind_phrase(lines: tuple[str, ...]) -> Iterator[Named]:
    for i, line in enumerate(lines):
        if "@" not in line:
            continue
        for match in _ANY.finditer(line):
            before = fold(line[max(0, match.start() - 80) : match.start()]).rstrip('<"\'( *')
            if before.endswith(_phrases()) or _attempts(before):
                yield Named(_clean(match[0]), _paragraph(lines, i, line[match.end() :]))


def _phrases() -> tuple[str, ...]:
    return words("bounce", "notice", "before_recipient")


def _attempts(before: str) -> bool:
    """IMail: "Delivery failed 20 attempts: ann@example.org"."""
    return before.startswith("delivery failed") and before.endswith("attempts:")


def _in_dialogue(lines: tuple[str, ...]) -> Iterator[Named]:
    for line in lines:
        if "@" in line and (match := _DIALOGUE.search(line)):
            yield Named(_clean(match[1]), line.strip())


def _clean(address: str) -> str:
    return address.rstrip(".-_").lstrip("<'\"")
