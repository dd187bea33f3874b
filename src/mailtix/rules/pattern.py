"""Patterns: a piece of text, a /regex/, or an address with wildcards. Each tells in words what it found."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import re2  # type: ignore[import-untyped]

from mailtix.yamltext import wrong

_SHOWN = 60  # characters of a match that a reason quotes
_REGEX = re.compile(r"/(.+)/([A-Za-z]*)", re.DOTALL)
_GLOB_PARTS = re.compile(r"[*?]|[^*?]+")


class Text:
    """One text of a mail in the forms that patterns look at, each made once and only when it is wanted."""

    def __init__(self, plain: str) -> None:
        self.plain = plain
        self._folded: str | None = None
        self._folded_utf8: bytes | None = None
        self._utf8: bytes | None = None

    @property
    def folded(self) -> str:
        """For comparing without case: letters folded, accents composed, any run of blanks one space."""
        if self._folded is None:
            self._folded = fold(self.plain)
        return self._folded

    @property
    def folded_utf8(self) -> bytes:
        if self._folded_utf8 is None:
            self._folded_utf8 = self.folded.encode("utf-8", "replace")
        return self._folded_utf8

    @property
    def utf8(self) -> bytes:
        if self._utf8 is None:
            self._utf8 = self.plain.encode("utf-8", "replace")  # a mail may hold half a surrogate pair
        return self._utf8


def fold(text: str) -> str:
    """The text as `Text.folded` has it. Blanks are made one because mail clients break lines where they like."""
    composed = text.lower() if text.isascii() else unicodedata.normalize("NFC", text).casefold()
    return " ".join(composed.split())


@dataclass(frozen=True, slots=True)
class Contains:
    """A text that stands somewhere in the other, without regard to case."""

    text: str
    folded: str = field(repr=False)

    def found_in(self, text: Text) -> bool:
        return self.folded in text.folded

    def because(self, found: bool, _: Text) -> str:
        return f"{'contains' if found else 'does not contain'} '{self.text}'"


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression of RE2: its time is linear in the text, whatever the expression."""

    source: str
    expression: str = field(repr=False)
    any_case: bool = field(repr=False)
    compiled: Any = field(repr=False, compare=False)

    def found_in(self, text: Text) -> bool:
        return self.compiled.search(text.utf8) is not None

    def because(self, found: bool, text: Text) -> str:
        match = self.compiled.search(text.utf8) if found else None
        if match is None:
            return f"does not match {self.source}"
        shown = match.group().decode("utf-8", "replace")
        return f"matches {self.source} ('{shown[:_SHOWN]}{'…' if len(shown) > _SHOWN else ''}')"


@dataclass(frozen=True, slots=True)
class Glob:
    """A whole address, in which * stands for any text and ? for one character; without regard to case. `whole` is the
    address in lower case when nothing in it stands for anything else, "" otherwise."""

    source: str
    compiled: Any = field(repr=False, compare=False)
    whole: str = field(default="", repr=False, compare=False)

    def found_in(self, text: Text) -> bool:
        if self.whole and text.plain.isascii():  # of other letters RE2 and Python do not fold all alike
            return text.plain.lower() == self.whole
        return self.compiled.fullmatch(text.utf8) is not None

    def because(self, found: bool, text: Text) -> str:
        if not found:
            return f"is not {self.source}"
        return f"is {text.plain}" + (f" ({self.source})" if "*" in self.source or "?" in self.source else "")


@dataclass(frozen=True, slots=True)
class Phrases:
    """Words of a list, each standing for itself: 'ill' is not in 'bill'. `languages` tells of each whose it is."""

    name: str
    languages: Mapping[str, str] = field(repr=False)
    compiled: Any = field(repr=False, compare=False)

    def found_in(self, text: Text) -> bool:
        return self._found(text) is not None

    def because(self, found: bool, text: Text) -> str:
        word = self._found(text) if found else None
        if word is None:
            return f"none of the words '{self.name}'"
        return f"'{word}' is one of the words '{self.name}' ({self.languages.get(word, '')})"

    def _found(self, text: Text) -> str | None:
        match = self.compiled.search(text.folded_utf8)
        word: bytes = (match.group(1) or match.group(2)) if match else b""
        return word.decode() or None


def phrases(name: str, lists: Mapping[str, Sequence[str]]) -> Phrases:
    """The pattern for the words of a list, given by language."""
    languages: dict[str, str] = {}
    for language, words in lists.items():
        for word in words:
            languages.setdefault(fold(word), language)
    longest_first = sorted(languages, key=lambda word: (-len(word), word))
    spaced = "|".join(re2.escape(word) for word in longest_first if not _UNSPACED.search(word))
    unspaced = "|".join(re2.escape(word) for word in longest_first if _UNSPACED.search(word))
    border = "[^\\pL\\pN_]"
    parts = [f"(?:^|{border})({spaced or _NEVER})(?:$|{border})", f"({unspaced or _NEVER})"]
    return Phrases(name, languages, _compiled("|".join(parts), ignore_case=False))


# Chinese, Japanese and Thai put no blanks between words: theirs stand anywhere.
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")
_NEVER = "[^\\x00-\\x{10FFFF}]"


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether a header field is there at all."""

    wanted: bool


Pattern = Contains | Regex | Glob | Phrases
HeaderPattern = Pattern | Presence


def header_pattern(value: Any) -> HeaderPattern:
    """The pattern for a header field: as for a text, or true and false. Raises pydantic's error with a sentence."""
    return Presence(value) if isinstance(value, bool) else text_pattern(value)


def text_pattern(value: Any) -> Pattern:
    """The pattern for a text. Raises pydantic's error with a sentence."""
    text = _wanted_text(value)
    if literal := _REGEX.fullmatch(text):
        return _regex(text, literal[1], literal[2])
    return Contains(text, fold(text))


def address_pattern(value: Any) -> Pattern:
    """The pattern for an address. Raises pydantic's error with a sentence."""
    text = _wanted_text(value)
    if literal := _REGEX.fullmatch(text):
        return _regex(text, literal[1], literal[2])
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain:
        whole, everybody = "write it whole: ann@example.org", f"for everybody there write '*@{domain}'"
        raise wrong(f"'{text}' is not an address", everybody if "." in domain else whole)
    return _glob(text)


def name_pattern(value: Any) -> Pattern:
    """The pattern for a whole name, such as that of a file or of its type. Raises pydantic's error with a sentence."""
    text = _wanted_text(value)
    if literal := _REGEX.fullmatch(text):
        return _regex(text, literal[1], literal[2])
    return _glob(text)


def _glob(text: str) -> Glob:
    parts = (_GLOB_WORDS.get(part) or re2.escape(part) for part in _GLOB_PARTS.findall(text))
    whole = text.lower() if text.isascii() and not _GLOB_WORDS.keys() & set(text) else ""
    return Glob(text, _compiled("".join(parts), ignore_case=True), whole)


_GLOB_WORDS = {"*": "(?s:.*)", "?": "(?s:.)"}


def _wanted_text(value: Any) -> str:
    if isinstance(value, bool | int | float):
        kind = "true or false" if isinstance(value, bool) else "a number"
        raise wrong(f"a pattern must be text, not {kind}", "put it in quotes")
    if not isinstance(value, str):
        raise wrong("a pattern must be text", "a piece of text, a /regex/, or a list of them")
    if not value.strip():
        raise wrong("an empty pattern would fit everything", "leave the condition out instead")
    return value.strip()


def _regex(literal: str, source: str, flags: str) -> Regex:
    if unknown := flags.replace("i", ""):
        hint = "the only flag is i (upper and lower case alike); a '/' in plain text needs a regex too: /a\\/b/"
        raise wrong(f"a regex cannot have the flag '{unknown[0]}'", hint)
    try:
        return Regex(literal, source, bool(flags), _compiled(source, ignore_case=bool(flags)))
    except re2.error as error:
        reason = error.args[0]
        text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise wrong(f"the regex is wrong: {text}", _hint(text)) from None


def _hint(complaint: str) -> str:
    """What to do about a complaint of RE2 that its words alone do not tell."""
    if "invalid perl operator" in complaint or "invalid escape" in complaint:
        return "look-around and back-references are left out, so that no regex can hang the daemon"
    if "invalid repetition size" in complaint or "too large" in complaint:
        return "a part may be repeated at most 1000 times, counts within counts multiplied; use * or + instead"
    return ""


def _compiled(source: str, *, ignore_case: bool) -> Any:
    options = re2.Options()
    options.case_sensitive = not ignore_case
    options.log_errors = False  # its own log goes to stderr, past ours
    return re2.compile(source, options)
