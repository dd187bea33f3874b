"""When to try again (pure)."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import accumulate, takewhile

FIRST = timedelta(seconds=30)  # a restart of the smarthost is over by then, and so is most greylisting soon after
LONGEST = timedelta(hours=6)
GIVE_UP = timedelta(days=5)  # RFC 5321 section 4.5.4.1: at least 4 to 5 days
SPREAD = 0.2  # what failed together must not come back together


def _delay(attempts: int) -> timedelta:
    doublings = min(attempts - 1, 20)  # far beyond LONGEST already; keeps the power in the range of timedelta
    return min(FIRST * (1 << doublings), LONGEST)


MAX_ATTEMPTS = 1 + sum(1 for _ in takewhile(lambda total: total < GIVE_UP, accumulate(map(_delay, range(1, 1000)))))


def next_attempt(attempts: int, now: datetime, chance: float) -> datetime | None:
    """When to try again after `attempts` attempts, or None: about five days have passed, the mail is given up.

    30 seconds after the first, then twice as long each time up to 6 hours, give or take a fifth. `chance` is in [0, 1).
    """
    if attempts >= MAX_ATTEMPTS:
        return None
    return now + _delay(max(attempts, 1)) * (1 - SPREAD + 2 * SPREAD * chance)
