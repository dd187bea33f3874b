"""What a check found: how things are, and what to do when they are not well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from mailtix.config.scalars import duration_text


class State(StrEnum):
    """`bad`: something does not work, or soon will not. `warn`: somebody should look at it when there is time."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. `advice` says what to do; it is "" when all is well."""

    name: str
    state: State
    text: str
    advice: str = ""


def fine(name: str, text: str) -> Finding:
    return Finding(name, State.OK, text)


def doubtful(name: str, text: str, advice: str) -> Finding:
    return Finding(name, State.WARN, text, advice)


def bad(name: str, text: str, advice: str) -> Finding:
    return Finding(name, State.BAD, text, advice)


def by_age(name: str, text: str, advice: str, age: timedelta, limits: tuple[timedelta, timedelta]) -> Finding:
    """The finding about something that has waited for that long; `limits` are where it gets doubtful and where bad."""
    state = State.BAD if age >= limits[1] else State.WARN if age >= limits[0] else State.OK
    return Finding(name, state, text, "" if state is State.OK else advice)


def spoken(age: timedelta) -> str:
    """A length of time as people say it: 40s, 12m, 3h5m, 2d4h."""
    seconds = max(0, int(age.total_seconds()))
    unit = 1 if seconds < 120 else 60 if seconds < 2 * 86400 else 3600
    return duration_text(timedelta(seconds=seconds - seconds % unit))


def counted(number: int, one: str, many: str = "") -> str:
    """The number with its noun: 1 mail, 1,200 mails."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
