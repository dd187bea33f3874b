"""The numbers of the day, as somebody who works at the desk asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from mailtix.figures.counts import Counts
from mailtix.figures.periods import Period, midnight

# What of the tickets as they stand is told, in the language of queries.
ASKED = ("open", "mine", "unassigned", "urgent", "overdue", "waiting", "snoozed")


@dataclass(frozen=True, slots=True)
class Stats:
    """What there was to count today and this week, by agent (key), and how many tickets each query of ASKED finds."""

    day: Counts
    week: Counts
    now: Mapping[str, int]


def day_and_week(now: datetime, zone: tzinfo) -> tuple[Period, Period]:
    """Today and this week as far as they have gone, on the clock of `zone`; a week begins with Monday."""
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    end = now + timedelta(microseconds=1)  # a period does not include its end, and what happens now counts
    return Period("today", midnight(today, zone), end), Period("week", midnight(monday, zone), end)
