"""When recurring mail comes. What is not named does not come at all."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from mailtix.config.staff import DAYS, days_of
from mailtix.recurring import Job, Schedule
from mailtix.yamltext import Section, wrong

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


def _clock(value: Any) -> Any:
    """The time as 07:30. YAML reads 7:30 without quotes as a number of base 60 (YAML 1.1)."""
    text = f"{value // 60}:{value % 60:02}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise wrong(f"'{text[:20]}' is no time of day", 'write it as "07:30"')
    return f"{int(found[1]):02}:{found[2]}"


def _days(value: Any) -> Any:
    """The days of the week, each once and in their order; mon-fri is written out."""
    items = value if isinstance(value, list | tuple) else [value]
    if not items:
        raise wrong("this list is empty", "leave the whole section out when nothing is to come")
    return tuple(sorted({day for item in items for day in days_of(item)}, key=DAYS.index))


def _one_day(value: str) -> str:
    days = days_of(value)
    if len(days) != 1:
        raise wrong(f"'{value}' is more than one day", "name one: mon")
    return days[0]


Clock = Annotated[str, BeforeValidator(_clock)]


class DailyConfig(Section):
    at: Clock
    days: Annotated[tuple[str, ...], BeforeValidator(_days)] = DAYS[:5]

    def as_model(self) -> Schedule:
        return Schedule(time.fromisoformat(self.at), frozenset(map(DAYS.index, self.days)))


class WeeklyConfig(Section):
    at: Clock
    day: Annotated[str, AfterValidator(_one_day)] = "mon"

    def as_model(self) -> Schedule:
        return Schedule(time.fromisoformat(self.at), frozenset({DAYS.index(self.day)}))


class MonthlyConfig(Section):
    at: Clock
    # every month has a 28th
    day: Annotated[int, Field(ge=1, le=28)] = 1

    def as_model(self) -> Schedule:
        return Schedule(time.fromisoformat(self.at), day_of_month=self.day)


class RecurringConfig(Section):
    digest: DailyConfig | None = None
    sla_report: DailyConfig | None = None
    weekly: WeeklyConfig | None = None
    monthly: MonthlyConfig | None = None

    def schedules(self) -> dict[Job, Schedule]:
        """What comes, and when."""
        named = {job: getattr(self, job.value) for job in Job}
        return {job: section.as_model() for job, section in named.items() if section is not None}
