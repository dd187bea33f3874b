"""The phrases of data/*.toml in the shapes that reading a line needs: sets for whole lines, one pattern for verbs."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any

from mailtix.parsing.data import load

_KINDS = ("from", "to", "cc", "date", "subject", "reply_to")
_SPACELESS = frozenset({"ja", "zh", "th", "ko"})  # no blanks between words there, so no word boundaries to ask for


@dataclass(frozen=True, slots=True)
class Phrases:
    """All languages together: a mail does not say which one its quote was made in."""

    labels: dict[str, frozenset[str]]
    """Label of a header block → what it can mean: from, to, cc, date, subject, reply_to."""
    wrote: re.Pattern[str]
    begins: re.Pattern[str]
    """How an attribution line begins: one of its prepositions, then a blank or digit."""
    original: frozenset[str]
    forwarded: frozenset[str]
    closing: frozenset[str]
    reply_above: re.Pattern[str]
    sent_from: re.Pattern[str]
    disclaimer: re.Pattern[str]


@cache
def phrases() -> Phrases:
    """The phrase data, compiled once."""
    languages = load("quoting.toml")["language"]
    labels: dict[str, set[str]] = {}
    for kind in _KINDS:
        for label in _all(languages, kind):
            labels.setdefault(label, set()).add(kind)
    return Phrases(
        labels={label: frozenset(kinds) for label, kinds in labels.items()},
        wrote=_verbs(languages),
        begins=re.compile(rf"(?:{_any(_all(languages, 'on'))})(?=[\s\d,])", re.IGNORECASE),
        original=frozenset(_all(languages, "original")),
        forwarded=frozenset(_all(languages, "forwarded")),
        closing=frozenset(_all(languages, "closing")),
        reply_above=re.compile(_any(_all(languages, "reply_above")), re.IGNORECASE),
        sent_from=re.compile(rf"(?:{_wildcards(_all(languages, 'sent_from'))})\Z", re.IGNORECASE),
        disclaimer=re.compile(_any(_all(load("disclaimers.toml")["language"], "begins")), re.IGNORECASE),
    )


def _all(languages: list[dict[str, Any]], key: str) -> list[str]:
    """The phrases of all languages, longest first, each also as it is typed without accents."""
    found = {phrase for language in languages for phrase in language.get(key, ())}
    return sorted(found | {_unaccented(phrase) for phrase in found}, key=lambda p: (-len(p), p))


def _unaccented(phrase: str) -> str:
    decomposed = unicodedata.normalize("NFKD", phrase.replace("ł", "l").replace("ø", "o").replace("ß", "ss"))
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not "\u0300" <= c <= "\u036f"))


def _any(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in words)


def _wildcards(words: list[str]) -> str:
    """A star stands for up to 60 characters: device and program names, never half a sentence."""
    return "|".join(re.escape(word).replace(r"\*", r".{0,60}") for word in words)


def _verbs(languages: list[dict[str, Any]]) -> re.Pattern[str]:
    spaced = _any(_all([language for language in languages if language["code"] not in _SPACELESS], "wrote"))
    spaceless = _any(_all([language for language in languages if language["code"] in _SPACELESS], "wrote"))
    return re.compile(rf"(?:(?<!\w)|(?<=>))(?:{spaced})(?!\w)|{spaceless}", re.IGNORECASE)
