"""When recurring mail is due, and for whom."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.model.desk import Agent, Company, Mailbox, Shift, Team
from mailtix.recurring import Job, Schedule, Terms, due

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
AT = time(7, 30)
BOB = Agent("Bob", "Bob@desk.example", shift=Shift(frozenset(range(5)), time(9), time(17), NEW_YORK))
CARLA = Agent("Carla", "carla@desk.example")
COMPANY = Company(
    "Example",
    (Mailbox("support@desk.example"),),
    (BOB, CARLA),
    team_terms=(Team("billing", lead="carla@desk.example"), Team("other", lead="stranger@desk.example")),
    zone=BERLIN,
)
MONDAY = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)  # 13:30 in Berlin, 07:30 in New York


def found(job: Job, schedule: Schedule, now: datetime, managers: tuple[str, ...] = ()) -> dict[str, tuple[str, ...]]:
    """By reader: the period, when it was due, and the days it tells of."""
    told = due(Terms({job: schedule}, managers), COMPANY, now)
    return {
        item.reader.email: (
            item.period,
            f"{item.due_at:%m-%d %H:%M}",
            f"{item.begin.astimezone(item.zone):%m-%d %H:%M}",
            f"{item.end.astimezone(item.zone):%m-%d %H:%M}",
        )
        for item in told
    }


def test_ones_own_mail_comes_on_ones_own_clock() -> None:
    at_work = Schedule(AT, frozenset(range(5)))
    assert found(Job.DIGEST, at_work, MONDAY) == {
        "Bob@desk.example": ("2026-11-23", "11-23 12:30", "11-20 00:00", "11-23 00:00"),
        "carla@desk.example": ("2026-11-23", "11-23 06:30", "11-20 00:00", "11-23 00:00"),
    }
    a_second_earlier = found(Job.DIGEST, at_work, MONDAY - timedelta(seconds=1))
    assert a_second_earlier["Bob@desk.example"][:2] == ("2026-11-20", "11-20 12:30")


def test_reports_come_on_the_companys_clock_to_managers_and_to_leads_who_work_for_it() -> None:
    managers = ("mia@boss.example", "Carla@desk.example")
    reports = found(Job.SLA, Schedule(AT), MONDAY, managers)
    assert set(reports) == {"mia@boss.example", "carla@desk.example"}  # Carla once, the stranger not at all
    assert reports["mia@boss.example"][1:3] == ("11-23 06:30", "11-22 00:00")
    assert set(found(Job.MONTHLY, Schedule(AT, day_of_month=1), MONDAY, managers[:1])) == {"mia@boss.example"}


def test_the_week_and_the_month_that_are_told_of_are_those_before() -> None:
    assert found(Job.WEEKLY, Schedule(AT, frozenset({2})), MONDAY)["carla@desk.example"] == (
        "2026-W47", "11-18 06:30", "11-09 00:00", "11-16 00:00",
    )  # fmt: skip
    monthly = Schedule(AT, day_of_month=1)
    assert found(Job.MONTHLY, monthly, MONDAY, ("m@boss.example",))["m@boss.example"] == (
        "2026-11", "11-01 06:30", "10-01 00:00", "11-01 00:00",
    )  # fmt: skip


def test_nothing_is_due_that_is_not_named() -> None:
    assert due(Terms(), COMPANY, MONDAY) == ()
    assert found(Job.DIGEST, Schedule(AT, frozenset()), MONDAY) == {}


@pytest.mark.parametrize("clock", [time(2, 30), time(0, 0), time(3, 0)])
def test_a_day_on_which_the_clock_is_changed_has_one_digest_like_any_other(clock: time) -> None:
    for first in (datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC)):
        moments = {Schedule(clock).newest(first + timedelta(minutes=10 * n), BERLIN) for n in range(6 * 24 * 5)}
        days = [moment.astimezone(BERLIN).date() for moment in moments if moment]
        assert len(days) == len(set(days)) == 6


@settings(derandomize=True, database=None, max_examples=200, deadline=None)
@given(
    st.integers(1_577_836_800, 1_893_456_000).map(lambda second: datetime.fromtimestamp(second, UTC)),
    st.times(),
    st.sets(st.integers(0, 6), min_size=1),
    st.sampled_from([UTC, BERLIN, NEW_YORK, ZoneInfo("Australia/Lord_Howe")]),
)
def test_the_newest_is_past_and_on_one_of_its_days_and_less_than_eight_days_ago(
    now: datetime, clock: time, days: set[int], zone: ZoneInfo
) -> None:
    moment = Schedule(clock, frozenset(days)).newest(now, zone)
    assert moment is not None
    assert now - timedelta(days=8) < moment <= now
    assert moment.astimezone(zone).weekday() in days
