"""Plain dates are read without mail-parser, and mean what mail-parser says they mean."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.parsing import front
from mailtix.parsing.dates import plain_date

DATE = re.compile(rb"^Date:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
DATES = sorted(
    {
        date.decode("utf-8", "replace").strip()
        for path in Path(__file__).parent.parent.glob("mails/*/mail.eml")
        for date in DATE.findall(path.read_bytes())
    }
)


def same_both_ways(date: str) -> bool:
    plain = plain_date(date)
    return plain is None or repr(plain) == repr(front.date(date))


@pytest.mark.parametrize("date", DATES)
def test_the_dates_of_real_mails_are_read_as_mail_parser_reads_them(date: str) -> None:
    assert same_both_ways(date)


@given(
    st.sampled_from(["Fri, ", "Mon, ", "", "fri, ", "Fri,"]),
    st.sampled_from(["20", "1", "01", "0", "30", "31", "32"]),
    st.sampled_from(["Nov", "Feb", "Jan", "nov", "Foo"]),
    st.sampled_from(["2026", "1999", "1900", "1899", "26", "2099"]),
    st.sampled_from(["10:00:00", "23:59:59", "24:00:00", "00:00:60", "00:60:00", "10:00", "1:02:03"]),
    st.sampled_from(
        [f"{s}{z}" for s in "+- " for z in ("0000", "0100", "0530", "0545", "1400", "1930", "2400", "0160")]
    ),
    st.sampled_from(["", " (CET)", " (UTC", " x", " GMT"]),
)
@settings(derandomize=True, database=None, deadline=None, max_examples=2000)
def test_any_date_is_read_as_mail_parser_reads_it(day, date, month, year, time, zone, more) -> None:
    assert same_both_ways(f"{day}{date} {month} {year} {time} {zone}{more}")


def test_a_plain_date_needs_no_parser() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    assert plain_date("Fri, 20 Nov 2026 10:00:00 +0530") == datetime(2026, 11, 20, 10, tzinfo=india)
    assert plain_date("1 Nov 2026 10:00:00 +0000 (UTC)") == datetime(2026, 11, 1, 10, tzinfo=UTC)
    assert plain_date("Fri, 20 Nov 2026 10:00:00 +0545") is None
