"""The report in words: what belongs to the notice and what to the returned mail, and which recipients it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailtix.classify.bounce.status import words_mean
from mailtix.classify.phrases import first_in, fold, words

# A notice is a screen or two. What stands beyond is the returned mail.
_NOTICE = 20_000
_LINES = 400
_LINE = 1_000
_PARAGRAPH = 12
# ASCII only: Chinese and Japanese notices put no space between the address and their words.
_ADDRESS = r"[A-Za-z0-9!#$%&+/?^_`{}~.\-]{1,64}@[A-Za-z0-9][A-Za-z0-9.\-_]{0,253}"
_ANY = re.compile(_ADDRESS)
# qmail, Postfix, Exim, Gmail, OpenSMTPD, sendmail: the address opens its line.
_OPENS = re.compile(rf"(?:[*•-]\s+)?[\"'<]{{0,2}}({_ADDRESS})[\"'>]{{0,2}}(?=\s*(?:$|[:;,(\[<]|\.\.\.|on\s\w|-\s))")
# Zoho and others: the address opens its line and a code follows among words.
_OPENS_SENTENCE = re.compile(rf"[\"'<]{{0,2}}({_ADDRESS})[\"'>]{{0,2}}(?=\s.{{0,80}}?\b[45]\d\d\b)")
_EXPANDED = re.compile(rf"expanded from:?\s{{0,3}}<?({_ADDRESS})", re.IGNORECASE)
_DIALOGUE = re.compile(rf"(?:RCPT TO:\s?<?|\b[45]\d\d[ -](?:[45]\.\d\.\d{{1,3}} )?<?)({_ADDRESS})", re.IGNORECASE)
_HEADER = re.compile(
    r"(?:received|return-path|from|to|subject|date|message-id|mime-version|content-type|x-[a-z-]+|dkim-signature|delivered-to):",
    re.IGNORECASE,
)
_QUOTES = " \t>"
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
    return any(
        folded.startswith(phrase) and len(folded) - len(phrase) < 12
        for phrase in words("bounce", "notice", "original_follows")
    )


def _begins_header(lines: list[str], i: int) -> bool:
    """Whether a blank line is followed by Received: or Return-Path:, or by three header lines in a row."""
    if i == 0 or lines[i - 1].strip(_RULER) or not _HEADER.match(lines[i]):
        return False
    if lines[i][:9].lower() in ("received:", "return-pa"):
        return True
    return len(lines) > i + 2 and all(_HEADER.match(line) for line in lines[i + 1 : i + 3])


def named_recipients(notice: Notice, ours: frozenset[str]) -> list[Named]:
    """The recipients in the first way of naming them that yields any: on a line of their own, behind "could not be
    delivered to", or in the SMTP dialogue. `ours` are addresses that cannot be meant: those the report was sent to.
    """
    listed = _after_introduction(notice.lines)
    for way, lines in (
        (_opening, listed),
        (_opening, notice.lines),
        (_behind_phrase, notice.lines),
        (_in_dialogue, notice.lines),
    ):
        found: dict[str, Named] = {}
        for named in way(lines):
            if named.addr.lower() not in ours and "." in named.addr.rpartition("@")[2]:
                found.setdefault(named.addr.lower(), named)
        if found:
            return list(found.values())
    return []


def mentioned(notice: Notice, ours: frozenset[str]) -> list[Named]:
    """The one other address the notice mentions at all, when there is just one: the last resort."""
    found = {_clean(m[0]).lower(): (_clean(m[0]), line) for line in notice.lines for m in _meant(line)}
    named = [Named(address, line.strip()) for key, (address, line) in found.items() if key not in ours]
    return named if len(named) == 1 else []


def _meant(line: str) -> Iterator[re.Match[str]]:
    if "@" in line:
        for match in _ANY.finditer(line):
            if not fold(line[: match.start()]).rstrip("<\"'( ").endswith(words("bounce", "notice", "before_others")):
                yield match


def _after_introduction(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines behind "the following recipients", before which the sender may be named too."""
    introductions = words("bounce", "notice", "introduces")
    start = next((i for i, line in enumerate(lines) if first_in(introductions, fold(line))), len(lines))
    return lines[start + 1 :]


def _opening(lines: tuple[str, ...]) -> Iterator[Named]:
    for i, line in enumerate(lines):
        if "@" in line and (match := _opens(line)):
            bare = line.strip(_QUOTES)
            told = _paragraph(lines, i, bare[match.end() :])
            expanded = _EXPANDED.search(told)  # an alias of ours went on to the address that failed
            yield Named(_clean((expanded or match)[1]), told)


def _opens(line: str) -> re.Match[str] | None:
    bare = line.strip(_QUOTES)
    return _OPENS.match(bare) or _OPENS_SENTENCE.match(bare)


def _paragraph(lines: tuple[str, ...], i: int, rest: str) -> str:
    """What follows the address, up to the next recipient or the end of its paragraph."""
    told = [rest.strip(" :>\"'")]
    for line in lines[i + 1 : i + _PARAGRAPH]:
        if not line.strip():
            if any(told):
                break
            continue
        if "@" in line and _opens(line):
            break
        told.append(line.strip())
    return " ".join(part for part in told if part)


def _behind_phrase(lines: tuple[str, ...]) -> Iterator[Named]:
    for i, line in enumerate(lines):
        if "@" not in line:
            continue
        for match in _ANY.finditer(line):
            before = fold(line[max(0, match.start() - 80) : match.start()]).rstrip("<\"'( *")
            if before.endswith(_phrases()) or _says_why(before):
                yield Named(_clean(match[0]), _paragraph(lines, i, line[match.end() :]))


def _phrases() -> tuple[str, ...]:
    return words("bounce", "notice", "before_recipient")


def _says_why(before: str) -> bool:
    """IMail and its kin: "User mailbox exceeds allowed size: ann@example.org", "Delivery failed 20 attempts: …"."""
    return before.endswith(":") and (bool(words_mean(before)) or before.startswith("delivery failed"))


def _in_dialogue(lines: tuple[str, ...]) -> Iterator[Named]:
    for line in lines:
        if "@" in line and (match := _DIALOGUE.search(line)):
            yield Named(_clean(match[1]), line.strip())


def _clean(address: str) -> str:
    return address.rstrip(".-_").lstrip("<'\"")
