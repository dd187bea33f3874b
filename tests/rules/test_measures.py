"""Sizes, priorities, days and hours as rules write them."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtix.model.mail import Envelope
from mailtix.model.ticket import Priority
from mailtix.rules.measures import days, hours, priorities, size_test
from rules.desk import because, fits


@pytest.mark.parametrize(
    ("text", "size", "holds"),
    [
        (">1MB", 1_000_001, True),
        (">1MB", 1_000_000, False),
        (">= 1 mb", 1_000_000, True),
        ("<1KiB", 1_023, True),
        ("<1KiB", 1_024, False),
        ("<=500", 500, True),
        (">1GB", 10**9, False),
    ],
)
def test_sizes_are_compared_in_bytes(text: str, size: int, holds: bool) -> None:
    assert size_test(text).holds(size) is holds


@given(st.sampled_from([">", ">=", "<", "<="]), st.integers(0, 50), st.integers(0, 50))
def test_narrowing_keeps_just_the_sizes_that_fit(test: str, limit: int, size: int) -> None:
    comparison = size_test(f"{test}{limit}")
    low, high = comparison.narrowed(0, 100)
    assert comparison.holds(size) is (low <= size <= high)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("high", ["high"]),
        (">=high", ["high", "urgent", "critical"]),
        ("< medium", ["low"]),
        (["low", ">urgent"], ["low", "critical"]),
    ],
)
def test_priorities_are_named_or_compared(written: str | list[str], meant: list[str]) -> None:
    assert priorities(written) == tuple(Priority(name) for name in meant)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("mon-fri", (0, 1, 2, 3, 4)),
        ("sat", (5,)),
        (["Sat", "sun"], (5, 6)),
        ("fri-mon", (0, 4, 5, 6)),
        ("mon-mon", (0,)),
    ],
)
def test_days_are_named_or_reach_from_one_to_another(written: str | list[str], meant: tuple[int, ...]) -> None:
    assert days(written) == meant


@pytest.mark.parametrize(
    ("written", "at", "holds"),
    [
        ("09:00-17:30", time(9), True),
        ("09:00-17:30", time(17, 29, 59), True),
        ("09:00-17:30", time(17, 30), False),
        ("22:00-06:00", time(23), True),
        ("22:00-06:00", time(5, 59), True),
        ("22:00-06:00", time(12), False),
        ("18:00-24:00", time(23, 59, 59), True),
        ("18:00-24:00", time(0), False),
        ("00:00-08:00", time(0), True),
    ],
)
def test_hours_begin_on_time_and_end_before_it(written: str, at: time, holds: bool) -> None:
    assert hours(written).hold(at) is holds


@pytest.mark.parametrize(
    ("came", "holds"),
    [
        (datetime(2026, 3, 28, 8, 30, tzinfo=UTC), True),  # 09:30 in winter
        (datetime(2026, 3, 29, 7, 30, tzinfo=UTC), True),  # 09:30 in summer, an hour earlier by UTC
        (datetime(2026, 3, 28, 7, 30, tzinfo=UTC), False),
        (datetime(2026, 10, 25, 8, 30, tzinfo=UTC), True),
    ],
)
def test_hours_follow_the_clock_of_the_zone_through_summer_time(came: datetime, holds: bool) -> None:
    when = "{time: {hours: '09:00-10:00', zone: Europe/Berlin}}"
    assert fits(when, envelope=Envelope("a@example.org", (), came)) is holds


def test_the_reason_names_day_time_and_zone() -> None:
    came = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
    when = "{time: {days: sun, zone: Europe/Berlin}}"
    assert because(when, envelope=Envelope("a@example.org", (), came)) == "it came on sun at 00:30 (Europe/Berlin)"
