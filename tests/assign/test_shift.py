"""When somebody works, on the clock of his zone."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from mailtix.config.staff import ShiftConfig
from mailtix.model.desk import Shift

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = frozenset({0, 1, 2, 3, 4})


def at(text: str) -> datetime:
    """A moment on Berlin's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def test_the_beginning_belongs_to_a_shift_and_the_end_does_not() -> None:
    shift = Shift(WEEK, time(9), time(17), BERLIN)
    moments = ["2026-11-20T08:59", "2026-11-20T09:00", "2026-11-20T16:59", "2026-11-20T17:00", "2026-11-21T12:00"]
    assert [shift.covers(at(moment)) for moment in moments] == [False, True, True, False, False]


def test_a_night_shift_belongs_to_the_day_it_begins_on() -> None:
    shift = Shift(WEEK, time(22), time(6), BERLIN)
    in_the_night_to = {"2026-11-21": True, "2026-11-22": False, "2026-11-23": False, "2026-11-24": True}
    assert {day: shift.covers(at(f"{day}T03:00")) for day in in_the_night_to} == in_the_night_to
    assert [shift.covers(at(f"2026-11-20T{clock}")) for clock in ("21:59", "22:00", "23:59")] == [False, True, True]


def test_a_shift_follows_the_clock_through_the_change_of_summer_time() -> None:
    shift = Shift(frozenset(range(7)), time(9), time(17), BERLIN)
    assert not shift.covers(datetime(2026, 10, 25, 7, 59, tzinfo=UTC))  # 08:59, winter since that night
    assert shift.covers(datetime(2026, 10, 25, 8, 0, tzinfo=UTC))
    assert shift.covers(datetime(2026, 10, 24, 7, 0, tzinfo=UTC))  # 09:00, the last day of summer


@pytest.mark.parametrize(
    ("days", "numbers"),
    [("mon-fri", {0, 1, 2, 3, 4}), ("Sat", {5}), (["mon", "wed-thu"], {0, 2, 3}), ("fri-mon", {4, 5, 6, 0})],
)
def test_days_are_written_as_people_write_them(days: object, numbers: set[int]) -> None:
    assert ShiftConfig.model_validate({"days": days}).as_model().days == numbers


def test_a_shift_of_all_hours_covers_each_moment_of_its_days_and_no_other() -> None:
    shift = ShiftConfig.model_validate({"days": "mon", "zone": "Europe/Berlin"}).as_model()
    monday = [shift.covers(at(f"2026-11-23T{clock}")) for clock in ("00:00", "12:00", "23:59:59")]
    around = [shift.covers(at(moment)) for moment in ("2026-11-22T23:59:59", "2026-11-24T00:00")]
    assert (monday, around) == ([True, True, True], [False, False])


def test_hours_are_read_with_or_without_their_zero() -> None:
    shift = ShiftConfig.model_validate({"hours": "9:05 - 24:00"}).as_model()
    assert (shift.begin, shift.end) == (time(9, 5), time(0))
