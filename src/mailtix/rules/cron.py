"""Moments that come again and again, as crontab(5) writes them: minute, hour, day, month, day of the week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from mailtix.yamltext import wrong

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
# A 29th of February is at most eight years after the one before (1896 and 1904).
_DAYS_BACK = 8 * 366 + 1
_HOW = "write it as crontab(5) does, minute hour day month weekday: '0 9 * * mon-fri'"


@dataclass(frozen=True, slots=True)
class Cron:
    """Of a day of the month and of the week that are both given, one is enough, as in crontab(5). Weekdays go from 0
    (Sunday) to 6."""

    source: str
    minute: int
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool

    def newest(self, now: datetime, zone: tzinfo) -> datetime | None:
        """The last such moment (aware UTC) on the clock of that zone, not after `now`; None if there is none. A time
        that the clock leaves out in spring is taken as if it had not been put forward."""
        today = now.astimezone(zone).date()
        for back in range(_DAYS_BACK):
            day = today - timedelta(days=back)
            if not self._is_day(day):
                continue
            moments = (datetime.combine(day, time(hour, self.minute), zone).astimezone(UTC) for hour in self.hours)
            past = [moment for moment in moments if moment <= now]
            if past:
                return max(past)
        return None

    def _is_day(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        of_month, of_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return (of_month and of_week) if self.any_day or self.any_weekday else (of_month or of_week)


def cron(value: Any) -> Cron:
    """The moments of a text such as '0 9 * * mon-fri'. Raises pydantic's error with a sentence."""
    parts = value.lower().split() if isinstance(value, str) else []
    if len(parts) != 5:
        raise wrong("these are no moments that come again", _HOW)
    if not parts[0].isdecimal() or int(parts[0]) > 59:
        raise wrong("a rule is tried at most once an hour", "let the first of the five be one minute: '0 * * * *'")
    hours = _field(parts[1], range(24), ())
    days, months = _field(parts[2], range(1, 32), ()), _field(parts[3], range(1, 13), _MONTHS)
    weekdays = frozenset(day % 7 for day in _field(parts[4], range(8), _WEEKDAYS))  # 7 is Sunday too
    if not any(day <= _LONGEST[month] for day in days for month in months):
        raise wrong("no month has such a day", _HOW)
    return Cron(" ".join(parts), int(parts[0]), hours, days, months, weekdays, parts[2] == "*", parts[4] == "*")


_LONGEST = {1: 31, 2: 29, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}


def _field(text: str, numbers: range, words: tuple[str, ...]) -> frozenset[int]:
    """The numbers that a list of numbers, names, ranges and steps means."""
    found: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = ("*", "", "") if span == "*" else span.partition("-")
        begin = numbers.start if first == "*" else _number(first, numbers, words)
        end = numbers[-1] if first == "*" or (slash and not dash) else _number(last or first, numbers, words)
        width = _number(step, range(1, 60), ()) if slash else 1
        if begin > end or (dash and not last):
            raise wrong(f"'{part}' is no range", _HOW)
        found.update(range(begin, end + 1, width))
    return frozenset(found)


def _number(text: str, numbers: range, words: tuple[str, ...]) -> int:
    if text in words:
        return words.index(text) + (numbers.start if numbers.start else 0)
    if not text.isdecimal() or int(text) not in numbers:
        raise wrong(f"'{text}' is not one of {numbers.start} to {numbers[-1]}", _HOW)
    return int(text)
