"""What the archive tells of people and moments: who had which ticket when, and the timers that have fired."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from mailtix.assign import Had, Handed, Moment, Went
from mailtix.model.ticket import Status
from mailtix.sla import Target
from mailtix.store.tables import companies, history, people, tickets, timers

_BY_ITSELF = ("rule ", "team ")
_TARGETS = tuple(f"{target}_{what}" for target in Target for what in ("warning", "breach"))


@dataclass(frozen=True, slots=True)
class FiredTimer:
    """A timer that has done its work, at that moment."""

    id: int
    ticket_id: int
    company_id: int
    kind: str
    at: datetime


def had_before(session: Session, begin: datetime) -> list[Had]:
    """The tickets that were there at that moment, in the order in which their agents got them."""
    columns = (tickets.c.id, companies.c.name, people.c.email)
    query = (
        select(*columns)
        .select_from(tickets)
        .join(companies, companies.c.id == tickets.c.company_id)
        .join(people, people.c.id == tickets.c.requester_id)
    )
    known = {id_: (name, email) for id_, name, email in session.execute(query.where(tickets.c.created_at < begin))}
    found: dict[int, Had] = {}
    for row in session.execute(_changes().where(history.c.at < begin)):
        if row.ticket_id not in known:
            continue
        had = found.get(row.ticket_id) or Had(row.ticket_id, *known[row.ticket_id], "")
        if row.field == "status":
            found[row.ticket_id] = Had(had.ticket, had.company, had.customer, had.agent, had.team, not _done(row.new))
        else:
            found.pop(row.ticket_id, None)  # so that it comes after those before it
            team = row.actor.removeprefix("team ") if row.actor.startswith("team ") else ""
            found[row.ticket_id] = Had(had.ticket, had.company, had.customer, row.new, team, had.open)
    return list(found.values())


def by_people(session: Session, begin: datetime | None) -> Iterator[Moment]:
    """What people have done with tickets since then that counts for loads, oldest first."""
    query = _changes() if begin is None else _changes().where(history.c.at >= begin)
    for row in session.execute(query):
        if row.field == "status" and _done(row.old) is not _done(row.new):
            yield Went(row.at, row.ticket_id, back=_done(row.old))
        elif row.field == "assignee" and not row.actor.startswith(_BY_ITSELF):
            yield Handed(row.at, row.ticket_id, row.new)


def _changes() -> Select[Any]:
    columns = (history.c.ticket_id, history.c.at, history.c.actor, history.c.field, history.c.old, history.c.new)
    return select(*columns).where(history.c.field.in_(("status", "assignee"))).order_by(history.c.id)


def _done(status: str) -> bool:
    return bool(status) and Status(status).is_done


def fired(session: Session, begin: datetime | None) -> list[int]:
    """The numbers of all timers since then that rules may be for, oldest first."""
    mine = or_(
        timers.c.kind.startswith("rule_", autoescape=True),
        timers.c.kind.in_(_TARGETS),
    )
    query = select(timers.c.id).where(timers.c.fired_at.is_not(None), timers.c.error == "", mine)
    query = query.where(timers.c.fired_at >= begin) if begin is not None else query
    return list(session.execute(query.order_by(timers.c.fired_at, timers.c.id)).scalars())


def fired_timers(session: Session, ids: Sequence[int]) -> list[FiredTimer]:
    """These timers, oldest first."""
    columns = (timers.c.id, timers.c.ticket_id, tickets.c.company_id, timers.c.kind, timers.c.fired_at)
    query = select(*columns).join(tickets, tickets.c.id == timers.c.ticket_id).where(timers.c.id.in_(ids))
    return [FiredTimer(*row) for row in session.execute(query.order_by(timers.c.fired_at, timers.c.id))]
