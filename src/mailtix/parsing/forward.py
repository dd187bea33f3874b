"""The mail that was forwarded inside a mail: attached (RFC 2046 section 5.2.1) or copied into the text."""

from __future__ import annotations

import re

from mailtix.model.mail import Address, Forward
from mailtix.parsing.addresses import read_addresses
from mailtix.parsing.dates import read_date
from mailtix.parsing.quoting import Block, header_block, is_quoted, ruler, unquote, without_invisible

MAX_LINES = 3_000
"""Lines in which the begin of a forwarded mail is looked for: people write a note above it, not a book."""

_ADDRESS_IN_BRACKETS = re.compile(r"\[(?:mailto:)?([^\[\]\s]+@[^\[\]\s]+)\]")
_MAILTO = re.compile(r"<mailto:[^<>\s]*>")


def forward_in_text(lines: list[str], *, subject_says: str) -> Forward | None:
    """The mail forwarded inside a text. `subject_says` is "forward", "reply" or "": what the subject's prefix tells.

    A reply quotes the mail it answers in the same form, so without a word that says "forwarded" its block is a quote.
    """
    lines = without_invisible(lines)
    said = ""
    ruler_at = -1
    quoted_ruler = False
    for position, line in enumerate(lines[:MAX_LINES]):
        quoted = is_quoted(line)
        bare = unquote(line) if quoted else line
        kind = ruler(bare)
        if kind:
            said, quoted_ruler, ruler_at = kind, quoted, position
            continue
        if ":" not in bare[:40] and "：" not in bare[:40]:
            continue
        block = _block(lines, position, quoted=quoted)
        if block is None:
            continue
        confidence = _confidence(said, subject_says, quoted=quoted)
        if confidence == 0.0:
            return None
        return _forward(block, _text(lines, block.end, quoted=quoted or quoted_ruler), confidence)
    if said == "forwarded":  # the words are there, but no header fields: who wrote it is not known
        return Forward(Address(""), "", "", _text(lines, ruler_at + 1, quoted=quoted_ruler), confidence=0.3)
    return None


def _confidence(said: str, subject_says: str, *, quoted: bool) -> float:
    """How sure it is that the block is a forwarded mail and not the quote of an answered one."""
    if said == "forwarded":
        return 0.95
    if subject_says == "forward":
        return 0.9
    if subject_says == "reply":
        return 0.0
    return 0.5 if quoted or not said else 0.6


def _block(lines: list[str], position: int, *, quoted: bool) -> Block | None:
    window = lines[position : position + 40]
    if quoted:
        end = next((i for i, line in enumerate(window) if not is_quoted(line)), len(window))
        window = [unquote(line) for line in window[:end]]
    block = header_block(window, 0, fewest=2)
    return Block(position, position + block.end, block.values) if block else None


def _text(lines: list[str], start: int, *, quoted: bool) -> str:
    """The forwarded text: to the end of the quote if it is quoted, else to the end of the mail."""
    if quoted:
        end = next((p for p in range(start, len(lines)) if lines[p].strip() and not is_quoted(lines[p])), len(lines))
        return "\n".join(unquote(line) for line in lines[start:end]).strip("\n ")
    return "\n".join(lines[start:]).strip("\n ")


def _forward(block: Block, text: str, confidence: float) -> Forward:
    values = block.values
    sender = _ADDRESS_IN_BRACKETS.sub(r"<\1>", _MAILTO.sub("", values.get("from", "")))
    found = read_addresses((sender.encode("utf-8", "replace"),))
    return Forward(
        sender=found[0] if found else Address("", sender),
        to=_MAILTO.sub("", values.get("to", "")),
        subject=values.get("subject", ""),
        text=text,
        date=read_date(values.get("date", "")),
        confidence=confidence if found and found[0].addr else min(confidence, 0.4),
    )
