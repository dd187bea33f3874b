"""The word lists of data/*.toml, read once when they are first wanted and folded for comparison."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, cast

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")


def fold(text: str) -> str:
    """The text without case, accents and runs of white space: what two people would call the same words."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
        bare = _BEYOND_ASCII.sub(_without_accents, decomposed)  # which are few characters in most texts
        text = unicodedata.normalize("NFC", bare)  # Hangul came apart too
    return " ".join(text.casefold().split())


def _without_accents(found: re.Match[str]) -> str:
    return "".join([c for c in found[0] if not unicodedata.combining(c)])


@cache
def table(name: str) -> dict[str, Any]:
    """The data file of that name, as tomllib reads it."""
    return tomllib.loads((files(__package__) / "data" / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def words(name: str, section: str, key: str) -> tuple[str, ...]:
    """One list of a data file, folded, longest first, so that the most telling phrase is the one that is named."""
    return _folded(table(name)[section][key])


def _folded(phrases: list[str]) -> tuple[str, ...]:
    return tuple(sorted({fold(phrase) for phrase in phrases}, key=lambda phrase: (-len(phrase), phrase)))


@dataclass(frozen=True, slots=True)
class AbsenceWords:
    """The out-of-office phrases of every language together; `months` maps a month's name to 1..12."""

    prefixes: tuple[str, ...]
    subjects: tuple[str, ...]
    says: tuple[str, ...]
    is_machine: tuple[str, ...]
    until: tuple[str, ...]
    months: dict[str, int]


@cache
def absence() -> AbsenceWords:
    """The phrases of data/absence.toml."""
    languages = list(table("absence").values())
    lists = {key: _folded([p for language in languages for p in language[key]]) for key in _ABSENCE_LISTS}
    return AbsenceWords(months=_months(languages), **lists)


def _months(languages: list[dict[str, Any]]) -> dict[str, int]:
    """The names that mean one month only: listopada is October in Croatian and November in Polish."""
    meanings: dict[str, set[int]] = {}
    for language in languages:
        for number, names in enumerate(language["months"], start=1):
            for name in names:
                meanings.setdefault(fold(name), set()).add(number)
    return {name: min(numbers) for name, numbers in meanings.items() if len(numbers) == 1}


_ABSENCE_LISTS = ("prefixes", "subjects", "says", "is_machine", "until")


@dataclass(frozen=True, slots=True)
class Reason:
    """Words of an MTA and the subject and detail of the status code (RFC 3463) they mean, such as "1.1"."""

    status: str
    words: tuple[str, ...]


@cache
def reasons() -> tuple[Reason, ...]:
    """The reasons of data/reasons.toml in their order: the first that matches wins."""
    rows = cast("list[dict[str, Any]]", table("reasons")["reason"])
    return tuple(Reason(row["status"], _folded(row["words"])) for row in rows)


@cache
def reply_codes() -> dict[str, str]:
    """SMTP reply code → subject and detail of a status code."""
    return dict(table("reasons")["replies"])


def first_in(phrases: tuple[str, ...], text: str) -> str:
    """The first of the phrases that the folded text contains, or ""."""
    return next((phrase for phrase in phrases if phrase in text), "")
