"""A mistake in a text somebody wrote: where it stands, what is wrong, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SHOWN_WIDTH = 110  # a minified file must not fill the screen
SHOWN_CHOICES = 12


@dataclass(frozen=True, slots=True)
class Position:
    """Where something stands. Lines and columns count from 1; 0 means that there are none (an environment variable)."""

    file: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. `source` is the line it stands in, "" where there is none; str() is the form people are shown."""

    file: str
    line: int
    column: int
    text: str
    hint: str = ""
    source: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        hint = [f"  hint: {self.hint}"] if self.hint else []
        return "\n".join([f"{place}: {self.text}", *self._caret(), *hint])

    def _caret(self) -> list[str]:
        """The source line with a caret under the column, cut to a window around it."""
        if not self.source.strip():
            return []
        start = max(0, self.column - 1 - SHOWN_WIDTH // 2) if len(self.source) > SHOWN_WIDTH else 0
        shown = self.source[start : start + SHOWN_WIDTH]
        before = shown[: max(0, self.column - 1 - start)]
        indent = "".join("\t" if char == "\t" else " " for char in before)
        return [f"    {shown}".rstrip(), f"    {indent}^"]


class BadText(ValueError):
    """A text that cannot be used. `mistakes` holds all of them, in the order of the text."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__(printed(self.mistakes))


def printed(mistakes: Iterable[Mistake]) -> str:
    """All mistakes as people are shown them, one under the other."""
    return "\n".join(str(mistake) for mistake in mistakes)


def did_you_mean(word: str, choices: Sequence[str]) -> str:
    """A hint: the nearest of the choices, or the choices themselves, "" if there are none."""
    by_lower = {choice.lower(): choice for choice in choices}
    near = difflib.get_close_matches(word.lower(), list(by_lower), n=1, cutoff=0.6)
    if near:
        return f"did you mean '{by_lower[near[0]]}'?"
    if not choices:
        return ""
    more = ", …" if len(choices) > SHOWN_CHOICES else ""
    return f"known here: {', '.join(choices[:SHOWN_CHOICES])}{more}"
