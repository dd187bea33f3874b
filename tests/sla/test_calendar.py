"""Working time, against somebody who walks through it minute by minute and looks at the clock on the wall."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailtix.sla.calendar import ALL_DAY, ALWAYS, CLOSED, Calendar, Hours

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "UTC")
# The days around which clocks change, years end, and Samoa leaves out a day (30 December 2011).
TURNS = tuple(
    datetime(*day, tzinfo=UTC)
    for day in (
        (2026, 3, 8), (2026, 3, 29), (2026, 4, 4), (2026, 10, 3), (2026, 10, 25), (2026, 11, 1),
        (2025, 12, 31), (2027, 12, 31), (2028, 2, 28), (2011, 12, 29),
    )
)  # fmt: skip
MINUTE = timedelta(minutes=1)


class Walker:
    """Looks at the clock on the wall at every minute. Shares nothing with the calendar but its values."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar

    def works(self, minute: datetime) -> bool:
        wall = minute.astimezone(self.calendar.zone)
        day = wall.date()
        if day in self.calendar.exceptions:
            hours = self.calendar.exceptions[day]
        elif day in self.calendar.holidays:
            return False
        else:
            hours = self.calendar.week[wall.weekday()]
        at = timedelta(hours=wall.hour, minutes=wall.minute)
        return any(begin <= at < end for begin, end in hours)

    def between(self, begin: datetime, end: datetime) -> timedelta:
        total, minute = timedelta(0), begin.replace(second=0, microsecond=0)
        while minute < end:
            if self.works(minute):
                total += min(end, minute + MINUTE) - max(begin, minute)
            minute += MINUTE
        return total

    def later(self, start: datetime, amount: timedelta, limit: datetime) -> datetime | None:
        """When that much time has been worked, None when it is not before the limit."""
        minute = start.replace(second=0, microsecond=0)
        while minute < limit:
            if self.works(minute):
                here = max(start, minute)
                if amount <= minute + MINUTE - here:
                    return here + amount
                amount -= minute + MINUTE - here
            minute += MINUTE
        return None


def hours_of(minutes: list[int]) -> Hours:
    """Sorted minutes of a day, two by two, as hours."""
    marks = [timedelta(minutes=minute) for minute in sorted(minutes)]
    return tuple(zip(marks[::2], marks[1::2], strict=True))


def days() -> st.SearchStrategy[Hours]:
    marks = st.integers(0, 24 * 60)
    some = st.sampled_from([0, 2, 4]).flatmap(lambda n: st.lists(marks, min_size=n, max_size=n, unique=True))
    return some.map(hours_of) | st.just(ALL_DAY) | st.just(hours_of([9 * 60, 750, 810, 1050]))


def moments() -> st.SearchStrategy[datetime]:
    """Moments to the microsecond, near the turns of the clock."""
    near = st.timedeltas(min_value=timedelta(days=-2), max_value=timedelta(days=2))
    return st.builds(lambda turn, off: turn + off, st.sampled_from(TURNS), near)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    week = tuple(draw(days()) for _ in range(7))
    somewhen = moments().map(lambda at: at.date())
    holidays = draw(st.dictionaries(somewhen, st.just("a holiday"), max_size=3))
    exceptions = draw(st.dictionaries(somewhen, days() | st.just(CLOSED), max_size=3))
    return Calendar("any", ZoneInfo(draw(st.sampled_from(ZONES))), week, holidays, exceptions)


amounts = st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(hours=40))
NIGHT = Calendar("night", ZoneInfo("Europe/Berlin"), (hours_of([90, 150]),) * 7)


@given(calendars(), moments(), st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3)))
@example(NIGHT, datetime(2026, 10, 24, 22, tzinfo=UTC), timedelta(hours=6))
@settings(max_examples=80, deadline=None)
def test_working_time_between_two_moments_is_what_the_walker_counts(
    calendar: Calendar, begin: datetime, span: timedelta
) -> None:
    assert calendar.working_between(begin, begin + span) == Walker(calendar).between(begin, begin + span)


@given(calendars(), moments(), amounts)
@example(NIGHT, datetime(2026, 10, 24, 22, tzinfo=UTC), timedelta(minutes=75))
@settings(max_examples=80, deadline=None)
def test_added_working_time_ends_where_the_walker_stops(calendar: Calendar, start: datetime, amount: timedelta) -> None:
    limit = start + timedelta(days=4)
    expected = Walker(calendar).later(start, amount, limit)
    try:
        due = calendar.add_working(start, amount)
    except OverflowError:
        assert not any(calendar.week)
        assert expected is None
    else:
        assert due == expected if expected else due >= limit


@given(calendars(), moments())
@settings(max_examples=80, deadline=None)
def test_the_calendar_is_open_when_the_walker_sees_it_open(calendar: Calendar, at: datetime) -> None:
    assert calendar.open_at(at) == Walker(calendar).works(at)
    if any(calendar.week):
        opening = calendar.next_opening(at)
        assert opening >= at
        assert calendar.open_at(opening)
        assert calendar.working_between(at, opening) == timedelta(0)


@given(calendars().filter(lambda calendar: any(calendar.week)), moments(), amounts, amounts)
@settings(max_examples=150, deadline=None)
def test_what_was_added_is_measured_again(calendar: Calendar, start: datetime, one: timedelta, two: timedelta) -> None:
    due = calendar.add_working(start, one)
    assert calendar.working_between(start, due) == one
    assert calendar.add_working(due, two) == calendar.add_working(start, one + two)
    assert (calendar.add_working(start, two) <= due) == (two <= one)


@given(calendars(), st.tuples(moments(), moments(), moments()))
@settings(max_examples=150, deadline=None)
def test_the_parts_of_a_time_add_up_to_it_whatever_their_order(
    calendar: Calendar, three: tuple[datetime, datetime, datetime]
) -> None:
    a, b, c = three
    assert calendar.working_between(a, b) + calendar.working_between(b, c) == calendar.working_between(a, c)
    assert calendar.working_between(a, b) <= max(b - a, timedelta(0)) or b < a


BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = Calendar("office", BERLIN, (hours_of([540, 750, 810, 1050]),) * 5 + (CLOSED, CLOSED))


def at(day: int, clock: str, month: int = 11) -> datetime:
    return datetime.fromisoformat(f"2026-{month:02}-{day:02}T{clock}").replace(tzinfo=BERLIN)


def test_four_hours_begun_before_a_weekend_end_after_it() -> None:
    assert OFFICE.add_working(at(20, "16:00:07"), timedelta(hours=4)) == at(23, "11:30:07")


def test_what_ends_with_the_day_is_due_at_its_end() -> None:
    assert OFFICE.add_working(at(20, "16:00"), timedelta(minutes=90)) == at(20, "17:30")


def test_nothing_added_is_the_moment_itself_even_at_night() -> None:
    assert OFFICE.add_working(at(20, "23:00"), timedelta(0)) == at(20, "23:00")


def test_an_exception_opens_a_holiday_and_closes_a_day_of_work() -> None:
    holidays = {date(2026, 12, 25): "Christmas Day", date(2026, 12, 24): "Christmas Eve"}
    exceptions = {date(2026, 12, 24): hours_of([540, 720]), date(2026, 12, 23): CLOSED}
    calendar = Calendar("office", BERLIN, OFFICE.week, holidays, exceptions)

    assert calendar.next_opening(at(23, "10:00", 12)) == at(24, "09:00", 12)
    assert calendar.next_opening(at(24, "12:00", 12)) == at(28, "09:00", 12)


def test_a_night_shift_lives_the_hour_before_winter_time_twice() -> None:
    night = Calendar("night", BERLIN, (hours_of([60, 240]),) * 7)
    assert night.working_between(at(24, "12:00", 10), at(25, "12:00", 10)) == timedelta(hours=4)
    assert night.working_between(at(28, "12:00", 3), at(29, "12:00", 3)) == timedelta(hours=2)


def test_a_calendar_without_hours_says_so_instead_of_looking_for_ever() -> None:
    never = Calendar("never", UTC, (CLOSED,) * 7)
    with pytest.raises(OverflowError, match="never"):
        never.next_opening(at(20, "09:00"))
    with pytest.raises(OverflowError, match="never"):
        never.add_working(at(20, "09:00"), timedelta(hours=1))
    assert never.working_between(at(1, "09:00"), at(20, "09:00")) == timedelta(0)


def test_a_calendar_that_never_closes_is_plain_time() -> None:
    begin, span = at(20, "09:00:00.000001").astimezone(UTC), timedelta(days=1234, microseconds=5)
    assert ALWAYS.add_working(begin, span) == begin + span
    assert ALWAYS.working_between(begin, begin + span) == span


NEVER_CLOSES = Calendar("never closes", UTC, (ALL_DAY,) * 7)


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 60 * 365 * 86_400_000_000),
    st.sampled_from(ZONES),
    st.timedeltas(timedelta(days=-2), timedelta(days=60_000)),
)
@example(37 * 365 * 86_400_000_000 - 1, "America/New_York", timedelta(days=99 * 365))
@example(7_811 * 365_250_000 * 86_400, "UTC", timedelta(days=99 * 365))
def test_plain_time_is_what_any_calendar_counts_that_never_closes(ticks: int, zone: str, span: timedelta) -> None:
    begin = (datetime(1990, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks)).astimezone(ZoneInfo(zone))

    def later(calendar: Calendar) -> datetime | str:
        try:
            return calendar.add_working(begin, span)
        except OverflowError:
            return "too far ahead"

    assert repr(later(ALWAYS)) == repr(later(NEVER_CLOSES))
    if begin.year < 9800:
        end = (begin.astimezone(UTC) + span).astimezone(ZoneInfo(zone))
        assert ALWAYS.working_between(begin, end) == NEVER_CLOSES.working_between(begin, end)


def test_a_year_of_working_time_is_added_in_well_under_a_millisecond() -> None:
    start = at(20, "09:00")
    OFFICE.add_working(start, timedelta(hours=1880))  # works out the years that it touches
    began = time.perf_counter()
    for _ in range(100):
        OFFICE.add_working(start, timedelta(hours=1880))
    assert (time.perf_counter() - began) / 100 < 0.001
