"""Days off: of countries, from calendar files, and the hours that the settings write."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.settings import MINIMAL, loaded, mistakes
from mailtix.config.holidays import YEARS, NoHolidays, of_country, of_file
from mailtix.model.ticket import Priority
from mailtix.sla import Calendar

OFFICE = (
    "calendars: [{name: office, zone: Europe/Berlin, hours: {mon-fri: 09:00-17:00}, %s}]\nsla: {calendar: office}\n"
)


def event(*lines: str) -> bytes:
    """A calendar file with one event."""
    whole = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", "BEGIN:VEVENT", "UID:1@example.org")
    return "\r\n".join((*whole, *lines, "END:VEVENT", "END:VCALENDAR", "")).encode()


def office(folder: Path, text: str) -> Calendar:
    """The calendar that every priority is counted in."""
    return loaded(folder, MINIMAL + OFFICE % text).sla_terms().general.calendar(Priority.LOW)


def test_a_region_has_holidays_that_its_country_has_not() -> None:
    epiphany = date(2027, 1, 6)
    assert of_country("DE", "BY")[epiphany] == "Epiphany"
    assert epiphany not in of_country("DE", None)
    assert of_country("US", None)[date(2026, 11, 26)].startswith("Thanksgiving")


def test_an_event_closes_its_days_but_not_the_one_it_ends_on() -> None:
    days = of_file(event("DTSTART;VALUE=DATE:20260803", "DTEND;VALUE=DATE:20260806", "SUMMARY:Works holidays"))
    assert days == dict.fromkeys((date(2026, 8, 3), date(2026, 8, 4), date(2026, 8, 5)), "Works holidays")


def test_an_event_that_comes_again_closes_every_year_but_those_left_out() -> None:
    days = of_file(event("DTSTART;VALUE=DATE:20201224", "RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20271224"))
    assert set(days) == {date(year, 12, 24) for year in YEARS if year >= 2020 and year != 2027}


@pytest.mark.parametrize(
    "lines",
    [
        ("DTSTART:20260803T080000Z", "DTEND:20260803T100000Z"),
        ("DTSTART;VALUE=DATE:20260803", "STATUS:CANCELLED"),
        ("DTSTART;VALUE=DATE:20260803", "RRULE:FREQ=HOURLY"),
        ("DTSTART;VALUE=DATE:19000101",),
        (),
    ],
)
def test_meetings_and_what_was_cancelled_close_nothing(lines: tuple[str, ...]) -> None:
    assert of_file(event(*lines)) == {}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "no calendar"),
        (b"\xff\xfe\x00", "no calendar"),
        (b"<html>Sign in</html>", "no calendar"),
        (event("DTSTART;VALUE=DATE:2026"), "no calendar"),
        (b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260101\r\nEND:VEVENT\r\n" * 2001
         + b"END:VCALENDAR\r\n", "more than 2,000 events"),
        (event("DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=YEARLY;INTERVAL=0"), "comes again without end"),
        (event("DTSTART;VALUE=DATE:00010101", "RRULE:FREQ=DAILY"), "since times long past"),
        (event("DTSTART;VALUE=DATE:20260101", "DURATION:P9999D"), "longer than a year"),
        (b"x" * 2_000_001, "larger than 2,000,000 bytes"),
    ],
)  # fmt: skip
def test_what_is_no_calendar_is_told_and_never_read_for_ever(data: bytes, told: str) -> None:
    with pytest.raises(NoHolidays, match=told):
        of_file(data)


LINES = st.sampled_from(
    [
        "BEGIN:VEVENT",
        "END:VEVENT",
        "BEGIN:VALARM",
        "END:VALARM",
        "UID:1",
        "STATUS:x",
        "SUMMARY;LANGUAGE=de:Über\\, alles",
        "DTSTART;VALUE=DATE:20260101",
        "DTSTART:20260101T000000",
        "DTEND;VALUE=DATE:20250101",
        "DTEND;VALUE=DATE:99991231",
        "DTEND:20260102T000000Z",
        "DURATION:P9999D",
        "DURATION:x",
        "RRULE:FREQ=YEARLY;INTERVAL=0",
        "RRULE:COUNT=2",
        "RRULE:FREQ=YEARLY;COUNT=99999999",
        "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "RRULE:FREQ=YEARLY;UNTIL=20200101",
        "RDATE;VALUE=DATE:20270101",
        "EXDATE:20260101T000000Z",
        "RECURRENCE-ID;VALUE=DATE:20270101",
        "X-WR-TIMEZONE:No/X",
    ]
)


def days_or_nothing(data: bytes) -> dict[date, str]:
    """What is in the file; nothing when it is told to be no calendar."""
    try:
        return of_file(data)
    except NoHolidays:
        return {}


@given(st.lists(LINES, max_size=12))
@settings(max_examples=100, deadline=None)
def test_any_file_gives_days_or_is_told_to_be_none(lines: list[str]) -> None:
    days = days_or_nothing(event("DTSTART;VALUE=DATE:20260801", *lines))
    assert all(day.year in YEARS for day in days)


@given(st.binary(max_size=200))
def test_any_bytes_are_told_to_be_no_calendar(data: bytes) -> None:
    with pytest.raises(NoHolidays):
        of_file(data)


def test_a_file_that_leaves_no_day_for_work_is_refused(tmp_path: Path) -> None:
    (tmp_path / "all.ics").write_bytes(event("DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=DAILY"))
    [mistake] = mistakes(tmp_path, MINIMAL + OFFICE % "holidays: {ics: [all.ics]}")
    assert mistake.text == "its holidays leave no days of work in 2026"


def test_a_file_that_is_no_calendar_is_a_mistake_at_its_place(tmp_path: Path) -> None:
    (tmp_path / "bad.ics").write_text("hello")
    [mistake] = mistakes(tmp_path, MINIMAL + OFFICE % "holidays: {ics: [bad.ics]}")
    assert (mistake.line, mistake.text.partition(": ")[0]) == (2, f"the calendar {tmp_path}/bad.ics cannot be read")


def test_a_file_that_is_to_be_fetched_need_not_be_there(tmp_path: Path) -> None:
    calendar = office(tmp_path, "holidays: {ics: [{file: new.ics, url: 'https://example.com/new.ics'}]}")
    assert calendar.holidays == {}


def test_country_file_and_exceptions_come_together(tmp_path: Path) -> None:
    (tmp_path / "works.ics").write_bytes(event("DTSTART;VALUE=DATE:20261228", "SUMMARY:Stocktaking"))
    text = "holidays: {country: DE, ics: [works.ics]}, exceptions: {2026-12-25: '10:00-11:00', 2026-12-29: closed}"
    calendar = office(tmp_path, text)
    begin = datetime(2026, 12, 24, 23, tzinfo=UTC)

    assert calendar.next_opening(begin) == datetime(2026, 12, 25, 9, tzinfo=UTC)
    assert calendar.working_between(begin, begin + timedelta(days=5)) == timedelta(hours=1)


def test_hours_are_read_as_people_write_them(tmp_path: Path) -> None:
    hours = "{fri-sun: '13:30 - 24:00, 9:00-12:30', mon: closed, 'tue, wed': [0:00-24:00]}"
    settings = loaded(tmp_path, f"{MINIMAL}calendars: [{{name: c, hours: {hours}}}]")
    [calendar] = settings.calendars
    assert calendar.hours == {
        "fri,sat,sun": "09:00-12:30, 13:30-24:00",
        "mon": "closed",
        "tue,wed": "00:00-24:00",
    }
    assert calendar.weekly() == timedelta(hours=3 * 14 + 2 * 24)
