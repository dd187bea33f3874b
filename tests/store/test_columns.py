"""What stands in the columns is what SQLAlchemy itself would write there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import sqlite

from mailtix.store.tables import Utc

DIALECT = sqlite.dialect()
THEIRS = sqlite.DATETIME()
INDIA = timezone(timedelta(hours=5, minutes=30))


@pytest.mark.parametrize(
    "time",
    [
        datetime(2026, 11, 20, 12, tzinfo=UTC),
        datetime(2026, 1, 1, 2, 3, 4, 5, tzinfo=INDIA),
        datetime(987, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        None,
    ],
)
def test_sqlite_holds_a_time_as_text_in_utc(time: datetime | None) -> None:
    column = Utc()
    written = column.bind_processor(DIALECT)(time)

    theirs = THEIRS.bind_processor(DIALECT)
    assert theirs is not None
    assert written == theirs(time.astimezone(UTC).replace(tzinfo=None) if time else None)
    assert column.result_processor(DIALECT, None)(written) == time
