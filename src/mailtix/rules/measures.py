"""Sizes, priorities, times and dates as rules write them: text to a value that can be asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from operator import eq, ge, gt, le, lt
from typing import Any
from zoneinfo import ZoneInfo

from mailtix.model.ticket import Priority
from mailtix.yamltext import did_you_mean, wrong

_TESTS: dict[str, Callable[[float, float], bool]] = {">=": ge, "<=": le, ">": gt, "<": lt, "": eq}
_COMPARED = re.compile(r"(>=|<=|>|<|)\s*(.*)", re.DOTALL)
# KB is 1000 and KiB 1024 (IEC 80000-13), as in the settings.
_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_SIZE = re.compile(r"(\d{1,12})\s*([a-z]{0,3})", re.ASCII | re.IGNORECASE)
_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,9}(?:\.\d{1,6})?", re.ASCII)
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_SPAN = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", re.ASCII)
_LONGEST = timedelta(days=3660)  # ten years, as in the settings
_ORDER = tuple(Priority)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class SizeTest:
    """A comparison with a number of bytes."""

    source: str
    test: str
    limit: int

    def holds(self, size: int) -> bool:
        return _TESTS[self.test](size, self.limit)

    def narrowed(self, low: int, high: int) -> tuple[int, int]:
        """Of the sizes from low to high, the smallest and the largest for which this holds."""
        match self.test:
            case ">=":
                return max(low, self.limit), high
            case ">":
                return max(low, self.limit + 1), high
            case "<=":
                return low, min(high, self.limit)
        return low, min(high, self.limit - 1)


@dataclass(frozen=True, slots=True)
class Hours:
    """From one time of day to another; past midnight when it ends before it begins."""

    source: str
    start: time
    end: time | None  # None: midnight at the end of the day

    def hold(self, at: time) -> bool:
        if self.end is None:
            return self.start <= at
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


def size_test(value: Any) -> SizeTest:
    """The comparison of a text such as '>1MB'. Raises pydantic's error with a sentence."""
    test, amount = _compared(value)
    found = _SIZE.fullmatch(amount)
    unit = _UNITS.get(found[2].lower()) if found else None
    if found is None or unit is None or not test:
        raise wrong("this is no comparison of sizes", "write it as '>1MB' or '<=500KB' (with >, >=, < or <=)")
    return SizeTest(f"{test}{amount}", test, int(found[1]) * unit)


@dataclass(frozen=True, slots=True)
class NumberTest:
    """A comparison with a number."""

    source: str
    test: str
    limit: float

    def holds(self, number: float) -> bool:
        return _TESTS[self.test](number, self.limit)


def number_test(value: Any) -> NumberTest:
    """The comparison of a text such as '>5'. Raises pydantic's error with a sentence."""
    test, number = _compared(value)
    if not test or not _NUMBER.fullmatch(number):
        raise wrong("this is no comparison of numbers", "write it as '>5' or '<=2.5' (with >, >=, < or <=)")
    return NumberTest(f"{test}{number}", test, float(number))


def tone_test(value: Any) -> NumberTest:
    """The comparison of a text such as '<-0.5' with a number from -1 to 1. Raises pydantic's error with a sentence."""
    test = number_test(value)
    if abs(test.limit) > 1:
        raise wrong("a tone is a number from -1 (bad) to 1 (good)", "write it as '<-0.5' or '>0.5'")
    return test


def ratings(value: Any) -> tuple[int, ...]:
    """Every mark from 1 to 5 that a number, a list of numbers, or a comparison such as '<=2' means."""
    items = value if isinstance(value, list | tuple) else [value]
    if not items:
        raise wrong("this list is empty", "name at least one mark, or leave the key out")
    return tuple(sorted({mark for item in items for mark in _ratings(item)}))


def _ratings(value: Any) -> list[int]:
    test, number = _compared(value)
    if isinstance(value, bool) or number not in ("1", "2", "3", "4", "5"):
        raise wrong("this is no mark", "a customer gives 1 to 5; write it as 1, or '<=2'")
    found = [mark for mark in range(1, 6) if _TESTS[test](mark, int(number))]
    if not found:
        raise wrong(f"no mark is {test} {number}", "a customer gives 1 to 5")
    return found


def span(value: Any) -> timedelta:
    """The time of a text such as 3d or 1h30m. Raises pydantic's error with a sentence."""
    found = _SPAN.fullmatch(value.replace(" ", "")) if isinstance(value, str) and len(value) < 40 else None
    if found is None or not any(found.groups()):
        raise wrong("this is no length of time", "write it with its units: 3d, 4h, 30m or 1h30m")
    seconds = sum(int(part or 0) * size for part, size in zip(found.groups(), _SECONDS.values(), strict=True))
    if not 0 < seconds <= _LONGEST.total_seconds():
        raise wrong("a length of time is more than nothing and at most ten years")
    return timedelta(seconds=seconds)


def span_text(value: timedelta) -> str:
    """The time as people write it: 3d, 1h30m."""
    rest, parts = int(value.total_seconds()), []
    for unit, size in _SECONDS.items():
        count, rest = divmod(rest, size)
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"


def priorities(value: Any) -> tuple[Priority, ...]:
    """Every priority that a name, a list of names, or a comparison such as '>=high' means."""
    items = value if isinstance(value, list | tuple) else [value]
    if not items:
        raise wrong("this list is empty", "name at least one, or leave the key out")
    wanted = {priority for item in items for priority in _priorities(item)}
    return tuple(priority for priority in _ORDER if priority in wanted)


def _priorities(value: Any) -> list[Priority]:
    test, name = _compared(value)
    if name not in list(Priority):
        raise wrong(f"there is no priority '{name}'", did_you_mean(name, list(Priority)))
    place = _ORDER.index(Priority(name))
    found = [priority for index, priority in enumerate(_ORDER) if _TESTS[test](index, place)]
    if not found:
        raise wrong(f"no priority is {test} {name}", f"they are, from low to high: {', '.join(_ORDER)}")
    return found


def days(value: Any) -> tuple[int, ...]:
    """The days of the week (Monday is 0) that names such as sat, or ranges such as mon-fri, mean."""
    items = value if isinstance(value, list | tuple) else [value]
    if not items:
        raise wrong("this list is empty", "name at least one day, or leave the key out")
    return tuple(sorted({day for item in items for day in _days(item)}))


def _days(value: Any) -> list[int]:
    first, dash, last = (part.strip() for part in str(value).lower().partition("-"))
    for name in (first, last) if dash else (first,):
        if name not in DAYS:
            raise wrong(f"'{name}' is not a day", f"the days are {', '.join(DAYS)}; several of them: mon-fri")
    start, end = DAYS.index(first), DAYS.index(last if dash else first)
    return [(start + step) % 7 for step in range((end - start) % 7 + 1)]


def hours(value: Any) -> Hours:
    """The hours of a text such as 09:00-17:30. Raises pydantic's error with a sentence."""
    found = _HOURS.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise wrong("these are no hours", "write them as '09:00-17:30', or '22:00-06:00' for a night")
    try:
        start = time(int(found[1]), int(found[2]))
        end = None if (found[3], found[4]) == ("24", "00") else time(int(found[3]), int(found[4]))
    except ValueError:
        raise wrong(f"'{value}' is no time of day", "a day goes from 00:00 to 24:00") from None
    if start == end:
        raise wrong("these hours begin and end at the same time", "leave them out if they mean the whole day")
    return Hours(value.strip(), start, end)


def zone(value: Any) -> ZoneInfo:
    """The time zone of that name (IANA). Raises pydantic's error with a sentence."""
    try:
        return ZoneInfo(str(value))
    except (KeyError, ValueError, OSError):  # unknown, no good name, or a folder of zones
        raise wrong(f"there is no time zone '{value}'", "write it as Europe/Berlin, America/New_York or UTC") from None


def last_day(value: Any) -> date:
    """The day of a text such as 2026-12-31. Raises pydantic's error with a sentence."""
    try:
        return datetime.strptime(str(value), "%Y-%m-%d").date()  # noqa: DTZ007 - a day, without a time
    except ValueError:
        raise wrong("this is not a day", "write it as 2026-12-31") from None


def _compared(value: Any) -> tuple[str, str]:
    found = _COMPARED.fullmatch(str(value).strip())
    assert found is not None
    return found[1], found[2].strip()
