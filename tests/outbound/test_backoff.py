"""When the next attempt is made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count, pairwise

from hypothesis import given
from hypothesis import strategies as st

from mailtix.outbound.backoff import MAX_ATTEMPTS, next_attempt

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def attempts_until_given_up(chance: float) -> list[datetime]:
    now, times = NOW, [NOW]
    for attempts in count(1):
        due = next_attempt(attempts, now, chance)
        if due is None:
            break
        now = due
        times.append(now)
    return times


def test_the_first_repeat_comes_within_a_minute() -> None:
    assert next_attempt(1, NOW, 0.5) == NOW + timedelta(seconds=30)


def test_a_mail_is_given_up_after_about_five_days() -> None:
    first, *_, last = attempts_until_given_up(0.5)
    assert timedelta(days=4.5) <= last - first <= timedelta(days=5)


def test_chance_moves_the_end_by_a_fifth_at_most() -> None:
    (early, *_, soonest), (late, *_, latest) = attempts_until_given_up(0.0), attempts_until_given_up(0.999)
    assert timedelta(days=3.8) <= soonest - early < latest - late <= timedelta(days=6)


def test_the_pauses_grow_to_six_hours_and_no_further() -> None:
    pauses = [later - earlier for earlier, later in pairwise(attempts_until_given_up(0.5))]
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=6)
    assert len(pauses) == MAX_ATTEMPTS - 1


def test_what_failed_together_comes_back_apart() -> None:
    times = {next_attempt(8, NOW, chance / 100) for chance in range(100)}
    assert len(times) == 100
    assert None not in times


@given(st.integers(), st.floats(0, 1, exclude_max=True))
def test_any_count_of_attempts_gives_a_time_to_come_or_an_end(attempts: int, chance: float) -> None:
    due = next_attempt(attempts, NOW, chance)
    assert due is None if attempts >= MAX_ATTEMPTS else due is not None and due > NOW
