"""Time cut into rows, and the times that people write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.figures import By, cut, read_moment

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # half past midnight of the 21st in Berlin
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia")
# any second of the years 2000 to 2039
MOMENTS = st.integers(946_684_800, 2_208_988_800).map(lambda second: datetime.fromtimestamp(second, UTC))


@settings(derandomize=True, database=None, max_examples=150, deadline=None)
@given(
    MOMENTS, st.timedeltas(timedelta(seconds=1), timedelta(days=500)), st.sampled_from(ZONES), st.sampled_from(list(By))
)
def test_periods_cover_the_time_without_a_gap_and_without_an_overlap(
    begin: datetime, length: timedelta, zone: str, by: By
) -> None:
    periods = cut(begin, begin + length, by, ZoneInfo(zone))

    assert (periods[0].begin, periods[-1].end) == (begin, begin + length)
    assert all(one.end == next_.begin for one, next_ in pairwise(periods))
    assert all(period.begin < period.end for period in periods)
    assert len({period.label for period in periods}) == len(periods)


@pytest.mark.parametrize(
    ("by", "labels"),
    [
        (By.DAY, ["2026-12-30", "2026-12-31", "2027-01-01", "2027-01-02", "2027-01-03", "2027-01-04"]),
        (By.WEEK, ["2026-W53", "2027-W01"]),  # the year's last week goes on until Sunday, 3 January
        (By.MONTH, ["2026-12", "2027-01"]),
        (By.TEAM, ["2026-12-30 to 2027-01-04"]),
    ],
)
def test_rows_are_named_by_their_day_week_or_month(by: By, labels: list[str]) -> None:
    begin, end = datetime(2026, 12, 30, tzinfo=UTC), datetime(2027, 1, 5, tzinfo=UTC)
    assert [period.label for period in cut(begin, end, by, UTC)] == labels


def test_a_day_has_23_or_25_hours_when_the_clock_is_changed() -> None:
    spring = cut(datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC), By.DAY, BERLIN)
    autumn = cut(datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC), By.DAY, BERLIN)
    assert [(p.label, (p.end - p.begin).total_seconds() / 3600) for p in (*spring, *autumn)] == [
        ("2026-03-29", 23),
        ("2026-10-25", 25),
    ]


def test_times_are_written_as_a_length_or_as_a_date() -> None:
    def said(text: str, *, through: bool = False) -> str:
        return f"{read_moment(text, BERLIN, NOW, through=through):%m-%d %H:%M}"

    assert said("12h") == "11-20 11:30"
    assert said("1d") == "11-19 23:00"  # yesterday in Berlin began at eleven in the evening
    assert said("2w") == "11-06 23:00"
    assert said("2026-11-01") == "10-31 23:00"
    assert said("2026-11-01", through=True) == "11-01 23:00"


@pytest.mark.parametrize("text", ["", "30", "30 days", "yesterday", "2026-13-01", "-1d", "٣d"])
def test_what_is_no_time_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="write 30d, 12h, 4w, or a date such as 2026-11-20"):
        read_moment(text, UTC, NOW)
