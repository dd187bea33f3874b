"""Moments as people write them. It is Friday, 20 November 2026, 10:00 in Berlin."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.commands.times import day, moment
from mailtix.commands.wrong import Wrong

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("2h", "2026-11-20 12:00"),
        ("in 90m", "2026-11-20 11:30"),
        ("1d", "2026-11-21 10:00"),
        ("1d 12h", "2026-11-21 22:00"),
        ("1h30m", "2026-11-20 11:30"),
        ("2 weeks", "2026-12-04 10:00"),
        ("3 days", "2026-11-23 10:00"),
        ("tomorrow", "2026-11-21 09:00"),
        ("Tomorrow 14:30", "2026-11-21 14:30"),
        ("today 17:00", "2026-11-20 17:00"),
        ("monday", "2026-11-23 09:00"),
        ("until Monday 9:00", "2026-11-23 09:00"),
        ("monday, at 8:15", "2026-11-23 08:15"),
        ("friday", "2026-11-27 09:00"),
        ("bis Montag 9 uhr", "2026-11-23 09:00"),
        ("morgen", "2026-11-21 09:00"),
        ("2026-12-01", "2026-12-01 09:00"),
        ("2026-12-01T15:00", "2026-12-01 15:00"),
        ("2026-12-01 3pm", "2026-12-01 15:00"),
        ("15:30", "2026-11-20 15:30"),
        ("9:30", "2026-11-21 09:30"),
        ("12am", "2026-11-21 00:00"),
        ("12 pm", "2026-11-20 12:00"),
    ],
)
def test_a_moment_is_read_on_the_clock_of_who_writes(text: str, then: str) -> None:
    found = moment(text, NOW, BERLIN)

    assert isinstance(found, datetime), found
    assert f"{found.astimezone(BERLIN):%Y-%m-%d %H:%M}" == then
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "say when"),
        ("until", "say when"),
        ("10", "is no moment"),
        ("soon", "is no moment"),
        ("2026-02-30", "is no moment"),
        ("2026-13-01", "is no moment"),
        ("25:00", "is no moment"),
        ("13pm", "is no moment"),
        ("monday morning", "is no moment"),
        ("2 months", "is no moment"),
        ("2026-11-19", "is over already"),
        ("today 9:59", "is over already"),
        ("0h", "is over already"),
        ("20y", "is no moment"),
        ("600w", "more than ten years away"),
        ("999999w", "is no moment"),
        ("9999-12-31 23:59", "more than ten years away"),
        ("x" * 1000, "is no moment"),
    ],
)
def test_what_is_no_moment_is_told(text: str, says: str) -> None:
    found = moment(text, NOW, BERLIN)

    assert isinstance(found, Wrong)
    assert says in found
    assert len(found) < 200


def test_a_day_is_as_long_as_the_clock_says_and_an_hour_as_it_is_lived() -> None:
    eve = datetime(2026, 10, 24, 10, 0, tzinfo=UTC)  # noon in Berlin; summer time ends in the night

    assert moment("1d", eve, BERLIN) == eve + timedelta(hours=25)
    assert moment("24h", eve, BERLIN) == eve + timedelta(hours=24)


def test_a_day_without_an_hour_begins_when_it_is_said_to() -> None:
    assert moment("tomorrow", NOW, UTC, time(17)) == datetime(2026, 11, 21, 17, tzinfo=UTC)


def test_days_alone_may_be_past() -> None:
    assert day("2025-01-02", NOW, BERLIN) == date(2025, 1, 2)
    assert day("tomorrow", NOW, BERLIN) == date(2026, 11, 21)
    assert day("2h", NOW, BERLIN) is None
    assert day("2026-12-01 9:00", NOW, BERLIN) is None


WORDS = st.sampled_from(
    ["2h", "1d", "monday", "until", "9:00", "2026-12-01", "tomorrow", "am", "9999-01-01", "3pm", "99999w"]
)


@settings(derandomize=True, database=None, max_examples=500)
@given(st.one_of(st.lists(WORDS, max_size=5).map(" ".join), st.text(max_size=50)))
def test_any_text_is_a_moment_to_come_or_a_mistake(text: str) -> None:
    found = moment(text, NOW, BERLIN)

    assert isinstance(found, Wrong) or NOW < found < NOW + timedelta(days=3700)
    assert day(text, NOW, BERLIN) is None or isinstance(day(text, NOW, BERLIN), date)
