"""What a value after a key means, or what is wrong with it."""

from __future__ import annotations

import re
from datetime import date, timedelta

from mailtix.query.language import Mistake
from mailtix.query.lexer import Value
from mailtix.query.names import PRIORITIES, STATUSES, Known, called, did_you_mean, named, people

NONE = "none"
_SPAN = re.compile(r"(?:\d{1,5}[mhdw])+")
_PART = re.compile(r"(\d+)([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LONGEST = timedelta(days=36500)  # a hundred years; more has no place in a date


def status(value: Value, _known: Known) -> tuple[str, ...] | Mistake:
    """The statuses that a word stands for."""
    found = _name(value, tuple(STATUSES), "status")
    return found if isinstance(found, Mistake) else STATUSES[found]


def priority(value: Value) -> str | Mistake:
    """The priority, a beginning of its name is enough."""
    return _name(value, PRIORITIES, "priority")


def team(value: Value, known: Known) -> tuple[str, ...] | Mistake:
    """The team's name."""
    return _or_none(value, known.teams, "team")


def category(value: Value, known: Known) -> tuple[str, ...] | Mistake:
    """The category's name; any that is well written where the companies list none."""
    if not known.categories:
        return ("" if value.text.lower() == NONE else value.text.lower(),)
    return _or_none(value, known.categories, "category")


def agent(value: Value, known: Known) -> tuple[str, ...] | Mistake:
    """The agent's key, "" for nobody."""
    word = value.text.lower().lstrip("@")
    if word == NONE:
        return ("",)
    if word == "me":
        return (known.viewer,) if known.viewer else nobody_asks(value)
    found = people(word, known.agents)
    if len(found) == 1:
        return (found[0].key,)
    if found:
        choices = " or ".join(agent.key for agent in found)
        return _wrong(value, f"'{value.text}' may be {choices}", "give the whole address")
    if matching := named(word, known.teams):
        name = f'"{matching[0]}"' if " " in matching[0] else matching[0]
        return _wrong(value, f"'{value.text}' is a team", f"write team:{name}")
    names = (name for agent in known.agents for name in (agent.key, *called(agent)))
    known_here = did_you_mean(value.text, names)
    if known_here.startswith("there are"):
        known_here = did_you_mean("", (agent.key for agent in known.agents))
    return _wrong(value, f"there is no agent '{value.text}'", known_here)


def address(value: Value, known: Known) -> str | Mistake:
    """A pattern of addresses in lower case; a part of an address is found in any."""
    word = value.text.lower().strip("<>")
    if word == "me":
        return known.viewer or nobody_asks(value)
    return word if "@" in word or "*" in word else f"*{word}*"


def span(value: Value) -> timedelta | Mistake:
    """A time such as 3h, 2d, 1w or 1d12h."""
    word = value.text.lower()
    if not _SPAN.fullmatch(word):
        return _wrong(value, f"'{value.text}' is no time", "write one such as 30m, 3h, 2d or 1w")
    parts = [timedelta(**{_UNITS[unit]: int(number)}) for number, unit in _PART.findall(word)]
    length = sum(parts, timedelta())
    return length if length <= _LONGEST else _wrong(value, f"'{value.text}' is too long ago", "")


def edge(value: Value) -> timedelta | date | Mistake:
    """How long ago, or the day (UTC)."""
    if not _DAY.fullmatch(value.text):
        found = span(value)
        hint = "write a time such as 30m, 3h, 2d or 1w, or a day such as 2026-11-20"
        return _wrong(value, found.text, hint) if isinstance(found, Mistake) else found
    try:
        return date.fromisoformat(value.text)
    except ValueError:
        return _wrong(value, f"there is no day {value.text}", "days are written year-month-day: 2026-11-20")


def mark(value: Value) -> int | Mistake:
    """A customer's mark, 1 to 5."""
    if value.text in ("1", "2", "3", "4", "5"):
        return int(value.text)
    return _wrong(value, f"'{value.text}' is no mark", "marks go from 1 to 5: rating<=2")


def nobody_asks(value: Value) -> Mistake:
    """There is no `me` here."""
    return _wrong(value, "it is not known who 'me' is here", "give a name or an address instead")


def _or_none(value: Value, names: tuple[str, ...], what: str) -> tuple[str, ...] | Mistake:
    """The one of the names, or "" for `none`; who wants a name that is `none` writes it in full where it is longer."""
    if value.text.lower() == NONE and NONE not in names:
        return ("",)
    found = _name(value, names, what)
    return found if isinstance(found, Mistake) else (found,)


def _name(value: Value, names: tuple[str, ...], what: str) -> str | Mistake:
    found = named(value.text, names)
    if len(found) == 1:
        return found[0]
    if found:
        return _wrong(value, f"'{value.text}' may be {' or '.join(found)}", "write one of them in full")
    return _wrong(value, f"there is no {what} '{value.text}'", did_you_mean(value.text, names))


def _wrong(value: Value, text: str, hint: str) -> Mistake:
    return Mistake(text, value.at, value.length, hint)
