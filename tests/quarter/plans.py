"""What a ticket waits for, as it stands."""

from __future__ import annotations

from collections.abc import Iterator

from quarter.life import TARGETS, Life, Plan
from quarter.tables import BEFORE, DAY, HOUR, MINUTE, SHARES, STEPS, silence, table


def waiting_for(life: Life) -> Iterator[Plan]:
    """Everything that is to be done by itself, if nothing happens to it before."""
    warn, close, solved = silence(life.category)
    if life.status == "resolved" and solved is not None and life.solved is not None:
        yield life.solved + solved, "close"
    if life.status == "closed" and life.closed is not None and not life.rated:
        yield life.closed + DAY, "survey"
    if life.is_done:
        return
    for target in TARGETS:
        yield from _targets(life, target)
    if life.promised is not None:
        yield life.promised, "promise"
        yield life.promised - HOUR, "promise_soon"
    if life.sleeps_until is not None:
        yield life.sleeps_until, "wake"
        return
    passed = table(life.promise.calendar)
    if life.waits_since is not None:
        yield passed.after(life.waits_since, 24 * HOUR), "pending"
    if life.status != "waiting_customer":
        if not life.assignee:
            yield passed.after(max(life.status_since, life.owner_since), 30 * MINUTE), "unassigned"
    elif warn is None:
        yield life.status_since + close, "close"
    elif life.warned is None:
        yield life.status_since + warn, "close_warning"
    else:
        yield life.warned + close - warn, "close"


def _targets(life: Life, target: str) -> Iterator[Plan]:
    began, allowed = life.began(target), life.allowed(target)
    if began is None or allowed is None:
        return
    due = life.over(began, allowed)
    if due is None:
        return
    yield due, f"{target}_breach"
    for early in (*(allowed * share // 100 for share in SHARES), allowed - BEFORE):
        warned = life.over(began, early) if early > 0 else None
        if warned is not None and began < warned < due:
            yield warned, f"{target}_warning"
    level = life.level + 1
    if level <= STEPS:
        passed = table(life.promise.calendar)
        yield (passed.after(due, (level - 1) * HOUR) if level > 1 else due), f"{target}_escalation_{level}"
