"""The phrases of data/*.toml in the shapes that reading a line needs: sets for whole lines, one pattern for verbs."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import re2  # type: ignore[import-untyped]

from mailtix.parsing.data import load

_INVISIBLE = "".join(map(chr, (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF)))
"""Marks of direction and width that clients put around names and labels; phrases and lines are compared without."""
_ANY_INVISIBLE = re.compile(f"[{_INVISIBLE}]+")

_KINDS = ("from", "to", "cc", "date", "subject", "reply_to")
AFTER_CLOSING = " ,.!;:*_-。，、"
"""What may stand after the words of a closing greeting."""
_HEAD = 3  # characters that tell nearly every line from all that signatures begin with
_LONGEST_END = 40  # characters of a line that is known by its end
_TELLING = 8  # characters of a disclaimer that tell it from most lines; those in ASCII are all longer
_SPACELESS = frozenset({"ja", "zh", "th", "ko"})  # no blanks between words there, so no word boundaries to ask for


def as_it_looks(text: str) -> str:
    """The text without what nobody sees."""
    # An expression would look at each character of a text in which nearly always none of them stands.
    seen = text.isascii() or not any(mark in text for mark in _INVISIBLE)
    return text if seen else _ANY_INVISIBLE.sub("", text)


class Match(Protocol):
    """What a search found, in characters."""

    def start(self) -> int: ...

    def end(self) -> int: ...


class Pattern(Protocol):
    """A compiled expression of RE2: hundreds of phrases are tried in one pass, in time linear in the text."""

    def search(self, text: str) -> Match | None: ...

    def match(self, text: str) -> Match | None: ...


@dataclass(frozen=True, slots=True)
class Phrases:
    """All languages together: a mail does not say which one its quote was made in."""

    labels: dict[str, frozenset[str]]
    """Label of a header block → what it can mean: from, to, cc, date, subject, reply_to."""
    wrote: Pattern
    begins: Pattern
    """How an attribution line begins: one of its prepositions, then a blank or digit."""
    original: frozenset[str]
    forwarded: frozenset[str]
    forwarded_begins: tuple[str, ...]
    closing: frozenset[str]
    reply_above: Pattern
    disclaimer: Pattern
    disclaimer_begins: frozenset[str]
    """The first characters of the disclaimers, in lower case."""
    sent_from: frozenset[tuple[str, str]]
    """(begin, end) of the lines that programs append; anything may stand between."""
    sent_from_begins: dict[str, tuple[str, ...]]
    """The begins by their first character."""
    sent_from_ends: tuple[str, ...]
    heads: frozenset[str]
    """The first characters of all closings, legal notices and lines that programs append, without those that may follow
    a closing: some are shorter."""

    def may_end_mails(self, line: str) -> bool:
        """A quick no for nearly every line in lower case: it is no closing, no legal notice and not appended by a
        program."""
        head = line[:_HEAD].rstrip(AFTER_CLOSING)
        short = len(line) <= _LONGEST_END and line.endswith(self.sent_from_ends)
        return short or head in self.heads or not head.isascii()

    def is_disclaimer(self, line: str) -> bool:
        """Whether a line in lower case begins as a legal notice does."""
        begin = line[:_TELLING]
        if begin.isascii() and begin not in self.disclaimer_begins:
            return False  # nearly every line: ASCII matches only itself
        return self.disclaimer.match(line) is not None

    def may_be_sent_from(self, line: str) -> bool:
        """A quick no for nearly every line."""
        return line.startswith(self.sent_from_begins.get(line[:1], ())) or (
            len(line) <= _LONGEST_END and line.endswith(self.sent_from_ends)
        )

    def is_sent_from(self, line: str) -> bool:
        """Whether a line in lower case is one that a phone or program appends."""
        return any(line.startswith(begin) and line.endswith(end) for begin, end in self.sent_from)


@cache
def phrases() -> Phrases:
    """The phrase data, compiled once."""
    languages = load("quoting.toml")["language"]
    labels: dict[str, set[str]] = {}
    for kind in _KINDS:
        for label in _all(languages, kind):
            labels.setdefault(label, set()).add(kind)
    disclaimers = _all(load("disclaimers.toml")["language"], "begins")
    sent_from = frozenset(_halves(phrase) for phrase in _all(languages, "sent_from"))
    closing = frozenset(phrase.rstrip(".。") for phrase in _all(languages, "closing"))
    begins = {begin for begin, _ in sent_from if begin}
    return Phrases(
        labels={label: frozenset(kinds) for label, kinds in labels.items()},
        wrote=_pattern(_verbs(languages)),
        begins=_pattern(rf"(?:{_any(_all(languages, 'on'))})[\s\d,]"),
        original=frozenset(_all(languages, "original")),
        forwarded=frozenset(_all(languages, "forwarded")),
        forwarded_begins=tuple(f"{phrase} " for phrase in _all(languages, "forwarded") if len(phrase) > 8),
        closing=closing,
        reply_above=_pattern(_any(_all(languages, "reply_above"))),
        disclaimer=_pattern(_any(disclaimers)),
        disclaimer_begins=frozenset(phrase[:_TELLING].lower() for phrase in disclaimers),
        sent_from=sent_from,
        sent_from_begins=_by_first(begins),
        sent_from_ends=tuple(sorted({end for begin, end in sent_from if not begin})),
        heads=frozenset(phrase.lower()[:_HEAD].rstrip(AFTER_CLOSING) for phrase in (*closing, *disclaimers, *begins)),
    )


def _by_first(phrases: set[str]) -> dict[str, tuple[str, ...]]:
    return {first: tuple(sorted(p for p in phrases if p[0] == first)) for first in {p[0] for p in phrases}}


def _halves(phrase: str) -> tuple[str, str]:
    begin, _, end = phrase.partition("*")
    return begin, end


def _pattern(source: str) -> Pattern:
    options = re2.Options()
    options.case_sensitive = False
    compiled: Pattern = re2.compile(source, options)
    return compiled


def _all(languages: list[dict[str, Any]], key: str) -> list[str]:
    """The phrases of all languages, longest first, each also as it is typed without accents."""
    found = {as_it_looks(phrase) for language in languages for phrase in language.get(key, ())}
    return sorted(found | {_unaccented(phrase) for phrase in found}, key=lambda p: (-len(p), p))


def _unaccented(phrase: str) -> str:
    decomposed = unicodedata.normalize("NFKD", phrase.replace("ł", "l").replace("ø", "o").replace("ß", "ss"))
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not "\u0300" <= c <= "\u036f"))


def _any(words: list[str]) -> str:
    return "|".join(re2.escape(word) for word in words)


def _verbs(languages: list[dict[str, Any]]) -> str:
    """The verbs as whole words, where the language has blanks between words."""
    spaced = _any(_all([language for language in languages if language["code"] not in _SPACELESS], "wrote"))
    spaceless = _any(_all([language for language in languages if language["code"] in _SPACELESS], "wrote"))
    return rf"(?:^|[^\pL\pN])(?:{spaced})(?:$|[^\pL\pN])|{spaceless}"
