"""What targets count when the machine's clock is put back while a pause goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mailtix.model.ticket import Pause
from mailtix.sla import ALWAYS, Clock, Target

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def test_a_pause_that_ends_before_it_began_makes_no_time_count_twice() -> None:
    # It began at 9:30; the clock was put back to 9:20, and then the pause ended.
    pause = Pause(NINE + 30 * MINUTE, NINE + 20 * MINUTE, "waiting_customer")
    clock = Clock(Target.FIRST_RESPONSE, NINE, None, HOUR, ALWAYS, (pause,))

    assert clock.due_at() == NINE + HOUR
    assert clock.worked(NINE + 40 * MINUTE) == 40 * MINUTE
