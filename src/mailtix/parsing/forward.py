"""The mail that was forwarded inside a mail: attached (RFC 2046 section 5.2.1) or copied into the text."""

from __future__ import annotations

import re

from mailtix.model.mail import Address, Forward
from mailtix.parsing.addresses import read_addresses
from mailtix.parsing.dates import read_date
from mailtix.parsing.quoting import (
    Block,
    Look,
    attribution_ending_at,
    header_block,
    is_quoted,
    look_at,
    ruler,
    unquote,
)

MAX_LINES = 3_000
"""Lines in which the begin of a forwarded mail is looked for: people write a note above it, not a book."""

MAX_RELAYS = 10
"""Forwards inside of forwards that are followed to the first writer."""

_ADDRESS_IN_BRACKETS = re.compile(r"\[(?:mailto:)?([^\[\]\s]+@[^\[\]\s]+)\]")
_MAILTO = re.compile(r"<mailto:[^<>\s]*>")


def forward_in_text(look: Look, *, subject_says: str) -> Forward | None:
    """The mail forwarded inside a text. `subject_says` is "forward", "reply" or "": what the subject's prefix tells.

    A reply quotes the mail it answers in the same form, so without a word that says "forwarded" its block is a quote.
    """
    found = _find(look, subject_says)
    for _ in range(MAX_RELAYS):
        if found is None or not (inner := _relayed(found.text)):
            break
        found = inner
    return found


def _find(look: Look, subject_says: str) -> Forward | None:
    lines, said, ruler_at, quoted_ruler = look.lines, "", -1, False
    for position in look.signed:
        if position >= MAX_LINES:
            break
        line = lines[position]
        quoted = is_quoted(line)
        bare = unquote(line) if quoted else line
        if kind := ruler(bare):
            said, quoted_ruler, ruler_at = kind, quoted, position
            continue
        if ":" not in bare and "：" not in bare:
            continue
        block = _block(lines, position, quoted=quoted)
        if block is not None:
            confidence = _confidence(said, subject_says, quoted=quoted)
            text = _text(lines, block.end, quoted=quoted or quoted_ruler)
            return _forward(block, text, confidence) if confidence else None
        if not quoted and not said and (found := attribution_ending_at(lines, position)) and found.strong:
            return None  # an answered mail is quoted from here on; what it forwarded was forwarded to somebody else
    if said == "forwarded":  # the words are there, but no header fields: who wrote it is not known
        return Forward(Address(""), "", "", _text(lines, ruler_at + 1, quoted=quoted_ruler), confidence=0.3)
    return None


def _relayed(text: str) -> Forward | None:
    """The mail inside of a forwarded mail that is nothing but a forward itself: then its author wrote it first."""
    lines = text.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if ruler(unquote(first)) != "forwarded":
        return None
    inner = _find(look_at(lines), "forward")
    return inner if inner is not None and inner.sender.addr else None


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
