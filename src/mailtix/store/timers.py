"""Timers: what is to be done at a moment, as rows that outlive restarts."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from mailtix.model.decision import TimerPlan
from mailtix.store.directory import new_rows
from mailtix.store.prepared import Prepared
from mailtix.store.tables import tickets, timers


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer whose moment has come."""

    id: int
    ticket_id: int
    kind: str
    due_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A timer that waits, with the number of its ticket."""

    id: int
    kind: str
    due_at: datetime
    ticket: str
    attempts: int
    error: str


def plan(session: Session, ticket_id: int, plans: frozenset[TimerPlan]) -> None:
    """Makes a ticket's timers exactly these. What has fired stays fired: the same plan is not carried out twice."""
    rows = _WAITING.all(session, {"ticket": ticket_id})
    there = {TimerPlan(row.kind, row.due_at): row.id for row in rows}
    gone = [id_ for known, id_ in there.items() if known not in plans]
    if gone:
        session.execute(timers.delete().where(timers.c.id.in_(gone)))
    add(session, ticket_id, plans - there.keys())


# What comes again for every ticket (rules at a time) is nothing that one ticket plans.
_WAITING = Prepared(
    select(timers.c.id, timers.c.kind, timers.c.due_at).where(
        timers.c.ticket_id == bindparam("ticket"),
        timers.c.fired_at.is_(None),
        ~timers.c.kind.startswith("rule_time_", autoescape=True),
    )
)


def add(session: Session, ticket_id: int, plans: Set[TimerPlan]) -> None:
    """Adds these timers to those of a ticket; for a new ticket they are all."""
    new = [
        {"ticket_id": ticket_id, "kind": p.kind, "due_at": p.due_at, "attempts": 0, "error": ""}
        for p in _ordered(plans)
    ]
    if new:
        _NEW.many(session, new)


_NEW = new_rows(timers)


def _ordered(plans: Set[TimerPlan]) -> list[TimerPlan]:
    """What is due in the same second fires in the order of its numbers: always the same one, whoever runs it."""
    return sorted(plans, key=lambda plan: (plan.due_at, plan.kind))


def claim(session: Session, limit: int, now: datetime) -> list[DueTimer]:
    """Up to `limit` timers that are due, the longest due first; locked until the transaction ends."""
    query = (
        select(timers)
        .where(timers.c.fired_at.is_(None), timers.c.due_at <= now)
        .order_by(timers.c.due_at, timers.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [DueTimer(r.id, r.ticket_id, r.kind, r.due_at, r.attempts) for r in session.execute(query)]


def fired(session: Session, timer: DueTimer, now: datetime, error: str = "", rules: str = "") -> bool:
    """The timer does its work, or is given up with `error`; `rules` is the version of the rules in effect. Returns
    whether it is there still, and waits: planning anew may have taken it away since it was claimed, and SQLite may have
    given its number to another one."""
    this = {"timer": timer.id, "its_kind": timer.kind, "its_time": timer.due_at, "now": now, "reason": error}
    this["its_rules"] = rules
    return session.execute(_FIRED, this).one_or_none() is not None


# Built once: after a standstill many fire.
_FIRED = (
    timers.update()
    .where(
        timers.c.id == bindparam("timer"),
        timers.c.kind == bindparam("its_kind"),
        timers.c.due_at == bindparam("its_time"),
        timers.c.fired_at.is_(None),
    )
    .values(fired_at=bindparam("now"), error=bindparam("reason"), rules=bindparam("its_rules"))
    .returning(timers.c.id)
)


def failed(session: Session, timer: DueTimer, error: str) -> None:
    """The timer's work failed; it stays due."""
    session.execute(timers.update().where(timers.c.id == timer.id).values(attempts=timer.attempts + 1, error=error))


def upcoming(session: Session, limit: int, ticket_id: int = 0) -> list[Upcoming]:
    """The next timers, the soonest first; of one ticket, or of all of them (0)."""
    query = (
        select(timers.c.id, timers.c.kind, timers.c.due_at, tickets.c.number, timers.c.attempts, timers.c.error)
        .join(tickets)
        .where(timers.c.fired_at.is_(None))
        .order_by(timers.c.due_at, timers.c.id)
        .limit(limit)
    )
    query = query.where(timers.c.ticket_id == ticket_id) if ticket_id else query
    return [Upcoming(*row) for row in session.execute(query)]
