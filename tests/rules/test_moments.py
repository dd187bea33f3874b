"""Moments that come again, spam scores, and the events of rules by themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtix.rules import load
from mailtix.rules.cron import cron
from mailtix.rules.events import Idle
from mailtix.rules.spam import score_of
from rules.desk import KNOWN, because, fits

BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "newest"),
    [
        ("0 9 * * mon-fri", "2026-11-20 08:00"),
        ("45 * * * *", "2026-11-20 08:45"),
        ("0 9 * * sun", "2026-11-15 08:00"),
        ("0 9 * * 7", "2026-11-15 08:00"),
        ("0 */6 * * *", "2026-11-20 05:00"),
        ("0 22-23 * * *", "2026-11-19 22:00"),
        ("0 0 29 feb *", "2024-02-28 23:00"),
        ("0 12 1 * fri", "2026-11-13 11:00"),
        ("30 2 29 3 *", "2026-03-29 01:30"),
    ],
)
def test_the_newest_of_moments_that_come_again_is_found_on_the_clock_of_the_zone(written: str, newest: str) -> None:
    found = cron(written).newest(FRIDAY, BERLIN)
    assert found is not None
    assert f"{found:%Y-%m-%d %H:%M}" == newest


@given(st.integers(1_600_000_000, 2_050_000_000), st.integers(0, 59), st.integers(0, 23))
def test_a_moment_of_each_day_is_at_most_a_day_and_an_hour_ago(now: int, minute: int, hour: int) -> None:
    at = datetime.fromtimestamp(now, UTC)
    found = cron(f"{minute} {hour} * * *").newest(at, BERLIN)
    assert found is not None
    assert timedelta(0) <= at - found <= timedelta(hours=25)


@pytest.mark.parametrize(
    ("name", "value", "score"),
    [
        ("X-Spam-Score", "7.5", 7.5),
        ("x-spam-score", " -1 / 5 ", -1),
        ("X-Spam-Status", "No, score=-0.1 required=5.0 tests=BAYES_00", -0.1),
        ("X-Spamd-Result", "default: False [3.20 / 15.00];", 3.2),
        ("X-Rspamd-Score", "12", 12),
        ("X-Spam-Score", "*****", None),
        ("X-Spam-Status", "Yes", None),
        ("X-Spam-Score", "7,5", None),
        ("X-Other", "7", None),
    ],
)
def test_the_score_is_read_as_mail_servers_write_it(name: str, value: str, score: float | None) -> None:
    assert score_of([(name, value)]) == score


def test_the_first_score_counts_for_it_was_added_last() -> None:
    assert score_of([("Subject", "9"), ("X-Spam-Score", "8"), ("X-Spam-Score", "-100")]) == 8


def test_a_score_that_nobody_told_is_neither_high_nor_low() -> None:
    assert not fits("{spam_score: '<5'}")
    assert because("{spam_score: '>5'}", headers=(("X-Spam-Score", "5.5"),)) == "spam score is 5.5"


def test_rules_for_different_silences_are_told_apart_and_switched_off_ones_wait_for_nothing() -> None:
    rules = load(
        [
            (
                "r.yaml",
                """
- {name: A, on: {idle: 1d12h}, then: {tag: a}}
- {name: B, on: [new, {idle: 36h}], then: {tag: b}}
- {name: C, on: {idle: 2d}, enabled: false, then: {tag: c}}
""",
            )
        ],
        KNOWN,
    )
    assert rules.idles == (Idle(timedelta(hours=36)),)
    assert rules.timer("rule_idle_129600") == Idle(timedelta(hours=36))
    assert rules.timer("rule_idle_1") is None
