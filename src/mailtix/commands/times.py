"""Moments as people write them in a command: 2h, 1d 12h, tomorrow, monday 9:00, 2026-12-01, until friday."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from mailtix.commands.wrong import Wrong

# What is further away is a slip of the pen.
_FURTHEST = timedelta(days=3660)
_MORNING = time(9)
_LONGEST = 40  # characters that a moment may take
_FILLERS = ("until", "till", "by", "at", "on", "in", "for", "bis", "am", "um", "next")
_DAYS = {
    0: ("monday", "mon", "montag", "mo"),
    1: ("tuesday", "tue", "tues", "dienstag", "di"),
    2: ("wednesday", "wed", "mittwoch", "mi"),
    3: ("thursday", "thu", "thur", "thurs", "donnerstag", "do"),
    4: ("friday", "fri", "freitag", "fr"),
    5: ("saturday", "sat", "samstag", "sa", "sonnabend"),
    6: ("sunday", "sun", "sonntag", "so"),
}
_DAY_OF = {name: day for day, names in _DAYS.items() for name in names}
_SOON = {"today": 0, "heute": 0, "tomorrow": 1, "morgen": 1}
_SPAN = re.compile(r"(\d{1,6})\s*(w|d|h|m|weeks?|days?|hours?|hrs?|min|mins|minutes?)(?![a-z])", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2})(?::(\d\d))?\s*(am|pm|uhr)?", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
HOW = "write it as 2h, 1d, tomorrow, monday 9:00 or 2026-12-01"


def moment(text: str, now: datetime, zone: tzinfo, at: time = _MORNING) -> datetime | Wrong:
    """The moment (aware UTC) that `text` means at `now` for somebody on the clock of `zone`. A day without an hour
    means `at` on that day. It is always to come; a Wrong says what is wrong with the text."""
    words = text.lower().replace(",", " ").split()
    while words and words[0] in _FILLERS:
        words = words[1:]
    wanted = " ".join(words)
    if not wanted:
        return Wrong(f"say when: {HOW}")
    if len(wanted) > _LONGEST:
        return Wrong(f"{text[:_LONGEST]!r}… is no moment; {HOW}")
    try:
        found = _after(wanted, now, zone) or _on_clock(wanted, now, zone, at)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        return Wrong(f"{text.strip()!r} is no moment; {HOW}")
    if found <= now:
        return Wrong(f"{text.strip()!r} is over already")
    if found - now > _FURTHEST:
        return Wrong(f"{text.strip()!r} is more than ten years away")
    return found


def day(text: str, now: datetime, zone: tzinfo) -> date | None:
    """The day that `text` means, past ones too: 2026-12-01, tomorrow, friday; None when it is none."""
    try:
        found, rest = _day(text.strip().lower(), now.astimezone(zone).date())
    except (ValueError, OverflowError):
        return None
    return found if not rest else None


def _after(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    """`now` and so long: days and weeks on the clock, so that a day ends at the same hour; hours as they are lived."""
    if _SPAN.sub("", text).strip():
        return None
    days, rest = 0, timedelta()
    for count, unit in _SPAN.findall(text):
        if unit[0] in "wd":
            days += int(count) * (7 if unit[0] == "w" else 1)
        else:
            rest += timedelta(hours=int(count)) if unit[0] == "h" else timedelta(minutes=int(count))
    return (now.astimezone(zone) + timedelta(days=days)).astimezone(UTC) + rest


def _on_clock(text: str, now: datetime, zone: tzinfo, at: time) -> datetime | None:
    """A day with or without an hour; an hour alone is the next time that the clock shows it."""
    local = now.astimezone(zone)
    found, rest = _day(text, local.date())
    clock = _clock(rest) if rest else at
    if clock is None:
        return None
    if found is not None:
        return datetime.combine(found, clock, zone).astimezone(UTC)
    today = datetime.combine(local.date(), clock, zone).astimezone(UTC)
    tomorrow = datetime.combine(local.date() + timedelta(days=1), clock, zone).astimezone(UTC)
    return today if today > now else tomorrow


def _day(text: str, today: date) -> tuple[date | None, str]:
    """The day that the text begins with, None for none, and what comes after it. A weekday is the next one."""
    if match := _DATE.match(text):
        rest = text[match.end() :]
        return date(int(match[1]), int(match[2]), int(match[3])), rest.removeprefix("t").strip()
    word, _, rest = text.partition(" ")
    if word in _SOON:
        return today + timedelta(days=_SOON[word]), rest.strip()
    if word in _DAY_OF:
        ahead = (_DAY_OF[word] - today.weekday() - 1) % 7 + 1
        return today + timedelta(days=ahead), rest.strip()
    return None, text


def _clock(text: str) -> time | None:
    match = _CLOCK.fullmatch(" ".join(word for word in text.split() if word not in _FILLERS))
    if match is None or (match[2] is None and match[3] is None):
        return None
    hour, half = int(match[1]), match[3]
    if half in ("am", "pm"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, int(match[2] or 0))
