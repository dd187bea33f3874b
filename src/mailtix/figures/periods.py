"""What figures are counted by, and time cut into days, weeks and months on the clock of a place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum


class By(StrEnum):
    """What makes a row of a table: a stretch of time, or something that tickets have."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    AGENT = "agent"
    CATEGORY = "category"
    PRIORITY = "priority"
    STATUS = "status"
    TEAM = "team"

    @property
    def is_time(self) -> bool:
        """Whether the rows are stretches of time."""
        return self in (By.DAY, By.WEEK, By.MONTH)


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time, `end` not included; both aware UTC. `label` names it: 2026-11-20, 2026-W47 or 2026-11."""

    label: str
    begin: datetime
    end: datetime


_AGO = re.compile(r"(\d{1,5})([hdw])", re.ASCII)


def read_moment(text: str, zone: tzinfo, now: datetime, *, through: bool = False) -> datetime:
    """The moment that 12h, 30d, 4w (ago) or a date (2026-11-20) names, as aware UTC. Raises ValueError, with what to
    write, for anything else.

    Days and weeks ago begin with their first day, so that no row is cut. With `through` a date is meant whole: the
    moment is the one that ends it.
    """
    found = _AGO.fullmatch(text.strip())
    try:
        if found is None:
            day = date.fromisoformat(text.strip())
            return midnight(day + timedelta(days=1) if through else day, zone)
        count = int(found[1])
        if found[2] == "h":
            return now - timedelta(hours=count)
        today = now.astimezone(zone).date()
        return midnight(today - timedelta(days=count * (7 if found[2] == "w" else 1)), zone)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no time; write 30d, 12h, 4w, or a date such as 2026-11-20") from None


def cut(begin: datetime, end: datetime, by: By, zone: tzinfo) -> tuple[Period, ...]:
    """The days, weeks (ISO 8601: from Monday on) or months from `begin` to `end`, the first and the last as far as they
    reach; one period when rows are something else than time."""
    if not by.is_time:
        return (Period(span_label(begin, end, zone), begin, end),)
    periods = []
    day = _first_day(begin.astimezone(zone).date(), by)
    while (start := midnight(day, zone)) < end:
        following = _following(day, by)
        periods.append(Period(_label(day, by), max(start, begin), min(midnight(following, zone), end)))
        day = following
    return tuple(periods)


def span_label(begin: datetime, end: datetime, zone: tzinfo) -> str:
    """The days that lie between two moments, in words: 2026-11-01 to 2026-11-20."""
    first, last = begin.astimezone(zone), (end - timedelta(microseconds=1)).astimezone(zone)
    return f"{first:%Y-%m-%d}" if first.date() == last.date() else f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"


def midnight(day: date, zone: tzinfo) -> datetime:
    """The moment that a day begins at that place, as aware UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _first_day(day: date, by: By) -> date:
    if by is By.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if by is By.MONTH else day


def _following(day: date, by: By) -> date:
    if by is By.MONTH:
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return day + timedelta(days=7 if by is By.WEEK else 1)


def _label(day: date, by: By) -> str:
    if by is By.WEEK:
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}"
    return f"{day:%Y-%m}" if by is By.MONTH else day.isoformat()
