"""Tickets that belong together: links, merged tickets, messages that move; and the log of targets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, false, or_, select
from sqlalchemy.orm import Session

from mailtix.model.change import TargetMet, TargetMissed
from mailtix.model.ticket import Ticket
from mailtix.store import threads
from mailtix.store.directory import insert_new
from mailtix.store.prepared import Prepared
from mailtix.store.tables import message_ids, messages, sla_log, ticket_links, tickets


def link(session: Session, ticket_id: int, other_id: int, kind: str, now: datetime) -> None:
    """Notes, at both tickets, that they have to do with each other."""
    pairs = [(ticket_id, other_id), (other_id, ticket_id)]
    rows = [{"ticket_id": one, "other_id": other, "kind": kind, "at": now} for one, other in pairs]
    session.execute(insert_new(session, ticket_links), rows)


def links_of(session: Session, ticket_id: int) -> list[tuple[str, str, str]]:
    """The tickets that one has to do with: (number, subject, kind), the oldest link first."""
    query = (
        select(tickets.c.number, tickets.c.subject, ticket_links.c.kind)
        .join(tickets, tickets.c.id == ticket_links.c.other_id)
        .where(ticket_links.c.ticket_id == ticket_id)
        .order_by(ticket_links.c.at, tickets.c.id)
    )
    return [(row.number, row.subject, row.kind) for row in session.execute(query)]


def followed(session: Session, company_id: int, ids: Iterable[int]) -> dict[int, int]:
    """For those of these tickets that were merged: the ticket in which their messages are now. No ticket is merged into
    one that was merged itself, at that time; a chain made later is followed to its end."""
    found: dict[int, int] = {}
    waiting = {id_: id_ for id_ in ids}
    while waiting:
        rows = _MERGED.all(session, {"company": company_id, "ids": sorted(set(waiting.values()))})
        into = {row.id: row.merged_into for row in rows}
        waiting = {id_: into[at] for id_, at in waiting.items() if at in into and into[at] != id_}
        found |= waiting
    return found


_MERGED = Prepared(
    select(tickets.c.id, tickets.c.merged_into).where(
        tickets.c.company_id == bindparam("company"),
        tickets.c.id.in_(bindparam("ids", expanding=True)),
        tickets.c.merged_into.is_not(None),
    )
)


def take_over(session: Session, ticket_id: int, other_id: int) -> None:
    """Every message of the other ticket, and every message id, belongs to this one from now on."""
    for table in (messages, message_ids):
        session.execute(table.update().where(table.c.ticket_id == other_id).values(ticket_id=ticket_id))


def goes_on_as(session: Session, ticket: Ticket) -> str:
    """The number of the ticket in which the messages of a merged one are now, "" when it was not merged."""
    company_id = session.execute(select(tickets.c.company_id).where(tickets.c.id == ticket.id)).scalar_one()
    there = followed(session, company_id, [ticket.id]).get(ticket.id, 0)
    return session.execute(select(tickets.c.number).where(tickets.c.id == there)).scalar_one_or_none() or ""


def merged_into(session: Session, ticket_id: int) -> list[str]:
    """The numbers of the tickets that became a part of that one, the oldest first."""
    query = select(tickets.c.number).where(tickets.c.merged_into == ticket_id).order_by(tickets.c.id)
    return list(session.execute(query).scalars())


def take_message(session: Session, company_id: int, ticket_id: int, message_id: int) -> None:
    """One message and its message id belong to this ticket from now on; it is one that the customer's mail brought."""
    update = messages.update().where(messages.c.id == message_id).values(ticket_id=ticket_id)
    for row in session.execute(update.returning(messages.c.message_id)):
        threads.move(session, company_id, ticket_id, row.message_id)


def met(session: Session, company_id: int, ticket_id: int, agent: str, target: TargetMet) -> None:
    """A target was reached: its row is completed, or made when it was never missed."""
    wall = target.at - target.started_at
    missed = target.due_at is not None and target.at > target.due_at
    values = {
        "agent": agent,
        "policy": target.policy,
        "due_at": target.due_at,
        "met_at": target.at,
        "working_seconds": round(target.working.total_seconds()),
        "wall_seconds": round(wall.total_seconds()),
    }
    _upsert(session, (company_id, ticket_id, target.target, target.started_at), values | {"missed": missed})


_NOT_MET: dict[str, object] = {"met_at": None, "working_seconds": None, "wall_seconds": None}


def unmet(session: Session, ticket: Ticket) -> None:
    """What a ticket is waiting for, as it stands, was not met: something that had met it was taken back."""
    log = sla_log.c
    open_targets: list[ColumnElement[bool]] = []
    if not ticket.status.is_done:
        open_targets.append((log.target == "resolution") & (log.started_at == ticket.resolution_from))
    if ticket.first_response_at is None:
        open_targets.append(log.target == "first_response")
    if ticket.waiting_since is not None:
        open_targets.append((log.target == "next_response") & (log.started_at == ticket.waiting_since))
    there = sla_log.update().where(log.ticket_id == ticket.id, log.met_at.is_not(None))
    session.execute(there.where(or_(false(), *open_targets)).values(_NOT_MET))


def missed(session: Session, company_id: int, ticket_id: int, agent: str, target: TargetMissed) -> None:
    """A target was not reached in time; when it is, the row is completed. What had reached it before the ticket was
    opened again has not lasted."""
    values = {"agent": agent, "policy": target.policy, "due_at": target.due_at, "missed": True}
    _upsert(session, (company_id, ticket_id, target.target, target.started_at), values | _NOT_MET)


def _upsert(session: Session, key: tuple[int, int, str, datetime], values: Mapping[str, object]) -> None:
    company_id, ticket_id, target, started_at = key
    own = {"ticket_id": ticket_id, "target": target, "started_at": started_at}
    there = sla_log.update().where(*(sla_log.c[name] == value for name, value in own.items()))
    updated = session.execute(there.values(dict(values)).returning(sla_log.c.id)).one_or_none()
    if updated is None:
        session.execute(insert_new(session, sla_log), {"company_id": company_id, **own, **values})
