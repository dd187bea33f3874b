"""Our own notice inside an agent's answer: taken out where it is quoted, so that none of it reaches a customer."""

from __future__ import annotations

import re
from collections.abc import Iterable

_QUOTED = re.compile(r"\s*>")
# The rule between what a notice says itself and the words it passes on (templates/layout/said.txt).
RULE = "_" * 40
_INTRODUCTION_LINES = 3  # long names and addresses wrap


def without_notice(text: str, markers: Iterable[str]) -> str:
    """The text without the quoted block that holds one of our markers, and without the line that introduces it.

    Who answers below or between the quoted lines keeps what he wrote and what he quotes of the customer's words; the
    notice's own words, from the marker to its rule, are gone. "" when nothing but quoted lines is left.
    """
    marks = tuple(markers)
    if not any(mark in text for mark in marks):
        return text
    kept: list[str] = []
    inside = False  # between the marker and the rule
    for block in _blocks(text.splitlines()):
        if not _QUOTED.match(block[0]):
            kept += block
            continue
        if any(mark in line for line in block for mark in marks):
            _drop_introduction(kept)
            inside = True
        if inside:
            block, inside = _after_rule(block)
        kept += block
    if all(_QUOTED.match(line) or not line.strip() for line in kept):
        return ""
    return "\n".join(kept).strip()


def _blocks(lines: list[str]) -> Iterable[list[str]]:
    """The lines in runs of quoted and of unquoted ones."""
    run: list[str] = []
    for line in lines:
        if run and bool(_QUOTED.match(line)) is not bool(_QUOTED.match(run[-1])):
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _after_rule(block: list[str]) -> tuple[list[str], bool]:
    """What of a quoted block is the customer's, and whether the notice goes on in the next."""
    rules = [number for number, line in enumerate(block) if line.lstrip(" >") == RULE]
    if not rules:
        return [], True
    rest = block[rules[-1] + 1 :]
    while rest and not rest[0].strip(" >"):
        rest = rest[1:]
    return rest, False


def _drop_introduction(kept: list[str]) -> None:
    """Takes away "… Support wrote:", which mail clients put before what they quote: the paragraph that ends in a colon
    right before it, when it is short enough to be no more than that."""
    while kept and not kept[-1].strip():
        kept.pop()
    start = len(kept)
    while start and kept[start - 1].strip():
        start -= 1
    if kept and kept[-1].rstrip().endswith(":") and len(kept) - start <= _INTRODUCTION_LINES:
        del kept[start:]
