"""The text of a query → its tokens, each with its place. Total: what cannot be cut is a mistake in the list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from mailtix.query.language import Mistake

# Mail clients make typographic quotes of what people type; each of them is one character, so places stay the same.
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″＂", '"'))
_COMPARISONS = {"≥": ">=", "≤": "<="}
_CHUNK = re.compile(r'(?:"[^"]*"|[^\s()"])+')
_KEYED = re.compile(r"([A-Za-z][\w.-]*)(:?(?:>=|<=|≥|≤|>|<|=)|:)(.*)", re.DOTALL)
_VALUE = re.compile(r'(?:"[^"]*"|[^,"])*')


class Mark(StrEnum):
    """What is no term."""

    BEGIN = "("
    END = ")"
    OR = "or"
    AND = "and"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Sign:
    """A parenthesis, `or`, `and`, `not`, or the dash before a term."""

    mark: Mark
    at: int
    length: int = 1


@dataclass(frozen=True, slots=True)
class Value:
    """One of the values after a key. `text` is without its quotes."""

    text: str
    at: int
    length: int


@dataclass(frozen=True, slots=True)
class Term:
    """`key`, `operator` and `values`, or with the key "" one value: a word or phrase. `text` is how it is written."""

    key: str
    operator: str
    values: tuple[Value, ...]
    at: int
    text: str


Token = Sign | Term


def tokens(source: str) -> tuple[list[Token], list[Mistake]]:
    """The tokens of a query in their order, and the mistakes that were met on the way."""
    text = source.translate(_QUOTES)
    found: list[Token] = []
    mistakes: list[Mistake] = []
    if text.count('"') % 2:
        at = text.rindex('"')
        mistakes.append(Mistake("these quotes are not closed", at, len(text) - at, 'a phrase is "in two quotes"'))
        text = text[:at] + " " + text[at + 1 :]
    at = 0
    while at < len(text):
        char = text[at]
        if char.isspace():
            at += 1
        elif char in "()":
            found.append(Sign(Mark(char), at))
            at += 1
        elif char == "-" and at + 1 < len(text) and not text[at + 1].isspace():
            found.append(Sign(Mark.NOT, at))
            at += 1
        else:
            match = _CHUNK.match(text, at)
            assert match is not None  # neither space nor parenthesis, and quotes come in pairs
            found.append(_token(match[0], at))
            at = match.end()
    return found, mistakes


def _token(chunk: str, at: int) -> Token:
    if chunk.lower() in (Mark.OR, Mark.AND, Mark.NOT):
        return Sign(Mark(chunk.lower()), at, len(chunk))
    keyed = _KEYED.fullmatch(chunk)
    if keyed is None:
        return Term("", "", (Value(chunk.replace('"', ""), at, len(chunk)),), at, chunk)
    operator = keyed[2].removeprefix(":") or ":"
    values = _values(keyed[3], at + keyed.start(3))
    return Term(keyed[1].lower(), _COMPARISONS.get(operator, operator), values, at, chunk)


def _values(text: str, start: int) -> tuple[Value, ...]:
    """The parts between the commas that stand in no quotes; empty ones are left out."""
    found, at = [], 0
    while at <= len(text):
        match = _VALUE.match(text, at)
        assert match is not None  # it may be empty
        if inner := match[0].replace('"', "").strip():
            found.append(Value(inner, start + at, len(match[0])))
        at = match.end() + 1
    return tuple(found)
