"""The words that end a letter, "Regards, Bob": commands at the bottom stand above them as often as below."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Beginnings of the line that takes leave, in the languages of the desk's mail.
_LEAVES = (
    "regards", "kind regards", "best", "warm regards", "many thanks", "thanks", "thank you", "cheers", "yours",
    "sincerely", "mit freundlich", "freundliche gr", "viele gr", "liebe gr", "beste gr", "schöne gr", "gruß", "grüße",
    "mfg", "vg", "lg", "vielen dank", "danke",
)  # fmt: skip
_LEAVE = re.compile(rf"(?:{'|'.join(_LEAVES)})", re.IGNORECASE)
# More or longer lines are no closing but a part of the letter.
_MOST_LINES = 5
_LONGEST, _MOST_WORDS = 40, 4
_WORD = re.compile(r"\w+")


def closing(lines: Sequence[str], name: str) -> int:
    """How many of the last lines only take leave: from such words on, or nothing but words of the writer's `name`."""
    found, own = 0, {word.lower() for word in _WORD.findall(name)}
    for count, line in enumerate(reversed(lines[-_MOST_LINES:]), start=1):
        if len(line) > _LONGEST or line.lstrip().startswith(("#", ">")):
            break
        words = {word.lower() for word in _WORD.findall(line)}
        takes_leave = _LEAVE.match(line.strip()) is not None and len(words) <= _MOST_WORDS
        if takes_leave or (words and words <= own and found == count - 1):
            found = count
    return found


def is_only(text: str, name: str) -> bool:
    """Whether a text is no more than the writer's name, which his client has put below what he wrote."""
    words = {word.lower() for word in _WORD.findall(text)}
    return bool(words) and words <= {word.lower() for word in _WORD.findall(name)}
