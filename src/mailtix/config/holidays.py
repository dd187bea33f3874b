"""Days without work: those of a country, and those in calendar files (iCalendar, RFC 5545)."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

# Years that holidays are worked out for: those of old tickets, and longer than any target reaches.
YEARS = range(2015, 2061)
_FIRST, _AFTER = date(YEARS.start, 1, 1), date(YEARS.stop, 1, 1)
# A calendar of holidays has some dozens of events a year; these bounds keep a wrong file from eating all memory.
MAX_SIZE = 2_000_000  # bytes
_MOST_EVENTS = 2_000
_MOST_DAYS = 20_000
_LONGEST = timedelta(days=366)
_EARLIEST = 1900
_SECONDS = 20.0
_DAY = timedelta(days=1)
# Rules that repeat within a day are no days off (RFC 5545 section 3.3.10).
_DAILY = frozenset({"YEARLY", "MONTHLY", "WEEKLY", "DAILY"})


class NoHolidays(Exception):
    """The text says what is wrong."""


def countries() -> dict[str, list[str]]:
    """The countries whose holidays are known (ISO 3166-1), each with its regions (ISO 3166-2)."""
    import holidays  # some 100 ms: only for those who name a country

    return holidays.list_supported_countries(include_aliases=True)


def of_country(country: str, region: str | None) -> dict[date, str]:
    """The public holidays of a country (and region) that are known, by day, with their English names where there are
    some. Raises NoHolidays for what is not known."""
    import holidays

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some countries are known for fewer years
            found = holidays.country_holidays(country, subdiv=region, years=YEARS, language="en_US")
    except NotImplementedError as error:
        raise NoHolidays(f"no holidays are known of {country}{f' / {region}' if region else ''}") from error
    return {day: str(name) for day, name in found.items()}


def of_file(data: bytes) -> dict[date, str]:
    """The days of all whole-day events in a calendar file, by day; also those that come again. Events with a time of
    day, and cancelled ones, count for nothing. Raises NoHolidays for what is no such file."""
    import icalendar

    if len(data) > MAX_SIZE:
        raise NoHolidays(f"it is larger than {MAX_SIZE:,} bytes")
    try:
        return _days_in(list(_series(icalendar.Calendar.from_ical(data))))
    except NoHolidays:
        raise
    except Exception as error:  # the libraries raise whatever a broken file makes them stumble over
        raise NoHolidays(f"it is no calendar (iCalendar): {error}"[:300]) from error


def _series(calendar: Any) -> Iterator[Any]:
    """The whole-day events (RFC 5545 section 3.6.1: DTSTART is a date), each in a calendar together with those that
    take the place of one of its repetitions."""
    events = [event for event in calendar.walk("VEVENT") if _is_whole_day(event)]
    if len(events) > _MOST_EVENTS:
        raise NoHolidays(f"it holds more than {_MOST_EVENTS:,} events")
    by_uid: dict[str, list[Any]] = {}
    for number, event in enumerate(events):
        by_uid.setdefault(str(event.get("UID", number)), []).append(event)
    for together in by_uid.values():
        series = type(calendar)()
        series.subcomponents = together
        yield series


def _days_in(series: list[Any]) -> dict[date, str]:
    """Every day of these events. Some rules (each 30 February) take seconds to work out; many of them are given up."""
    import recurring_ical_events

    days: dict[date, str] = {}
    end = time.monotonic() + _SECONDS
    for one in series:
        for event in recurring_ical_events.of(one, skip_bad_series=True).between(_FIRST, _AFTER):
            for day in _days_of(event):
                days.setdefault(day, str(event.get("SUMMARY", "")) or "day off")
        if len(days) > _MOST_DAYS or time.monotonic() > end:
            raise NoHolidays("its events are too many, or come again too often")
    return days


def _is_whole_day(event: Any) -> bool:
    start = getattr(event.get("DTSTART"), "dt", None)
    if type(start) is not date or str(event.get("STATUS", "")).upper() == "CANCELLED":
        return False
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        if min(rule.get("INTERVAL", [1])) < 1 or start.year < _EARLIEST:  # the libraries would look for ever
            raise NoHolidays("an event in it comes again without end, or since times long past")
        if not {str(frequency).upper() for frequency in rule["FREQ"]} <= _DAILY:
            return False
    if event.duration > _LONGEST:
        raise NoHolidays("an event in it is longer than a year")
    return True


def _days_of(event: Any) -> Iterator[date]:
    """From its first day to the one before its end; without an end it lasts a day (RFC 5545 section 3.6.1)."""
    day = event["DTSTART"].dt
    end = event["DTEND"].dt if "DTEND" in event else day + _DAY
    day, end = max(day, _FIRST), min(max(end, day + _DAY), _AFTER)
    while day < end:
        yield day
        day += _DAY
