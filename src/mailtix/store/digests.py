"""What an agent's digest tells: the tickets that wait for him, and what happened to those that he has."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from mailtix.model.ticket import Author, Status, Ticket, Visibility
from mailtix.store.figures import counted
from mailtix.store.tables import history, messages, sla_log, tickets
from mailtix.store.tickets import by_ids

_OPEN = [status for status in Status if not status.is_done]
_DONE = [status for status in Status if status.is_done]
# Who has more open tickets than that reads no list of them.
_MOST = 500


def open_of(session: Session, company_id: int, agent: str) -> list[Ticket]:
    """The open tickets that an agent (key) has, the oldest first."""
    return _found(session, company_id, tickets.c.assignee == agent)


def unassigned(session: Session, company_id: int, teams: Collection[str]) -> list[Ticket]:
    """The open tickets that nobody has, of these teams or of none, the oldest first."""
    return _found(session, company_id, and_(tickets.c.assignee == "", tickets.c.team.in_(["", *sorted(teams)])))


def _found(session: Session, company_id: int, condition: ColumnElement[bool]) -> list[Ticket]:
    query = select(tickets.c.id).where(tickets.c.company_id == company_id, tickets.c.status.in_(_OPEN), condition)
    ids = list(session.execute(query.order_by(tickets.c.id).limit(_MOST)).scalars())
    return list(by_ids(session, company_id, ids).values())


def opened(session: Session, company_id: int, teams: Collection[str], since: datetime, until: datetime) -> int:
    """How many tickets came in for these teams, or for none."""
    there = and_(tickets.c.company_id == company_id, tickets.c.created_at >= since, tickets.c.created_at < until)
    query = select(func.count()).select_from(tickets).where(there, tickets.c.team.in_(["", *sorted(teams)]))
    return int(session.execute(query).scalar_one())


def heard(session: Session, ids: Iterable[int], since: datetime, until: datetime) -> int:
    """How many messages customers wrote in these tickets."""
    by_customers = and_(messages.c.author == Author.CUSTOMER, messages.c.visibility == Visibility.PUBLIC)
    then = and_(messages.c.at >= since, messages.c.at < until)
    query = select(func.count()).select_from(messages).where(messages.c.ticket_id.in_(list(ids)), then, by_customers)
    return int(session.execute(query).scalar_one())


def moved(session: Session, company_id: int, agent: str, since: datetime, until: datetime) -> tuple[int, int]:
    """How many tickets an agent resolved, and how many of his were opened again."""
    done, back = history.c.new.in_([Status.RESOLVED, Status.CLOSED]), history.c.old.in_(_DONE)
    his_doing = and_(history.c.actor == agent, done, history.c.old.not_in(_DONE))
    his_loss = and_(tickets.c.assignee == agent, back, history.c.new.not_in(_DONE))
    query = (
        select(func.count().filter(his_doing), func.count().filter(his_loss))
        .select_from(history)
        .join(tickets, tickets.c.id == history.c.ticket_id)
        .where(counted("status"))
        .where(history.c.at >= since, history.c.at < until, tickets.c.company_id == company_id)
        .where(or_(his_doing, his_loss))
    )
    resolved, reopened = session.execute(query).one()
    return resolved, reopened


@dataclass(frozen=True, slots=True)
class Missed:
    """A target that was missed: of which ticket, who had it then, and when it was due."""

    number: str
    subject: str
    target: str
    agent: str
    due_at: datetime


def missed(session: Session, company_id: int, since: datetime, until: datetime, limit: int) -> list[Missed]:
    """Targets that were missed, the first due first."""
    columns = (tickets.c.number, tickets.c.subject, sla_log.c.target, sla_log.c.agent, sla_log.c.due_at)
    query = (
        select(*columns)
        .join(tickets, tickets.c.id == sla_log.c.ticket_id)
        .where(sla_log.c.company_id == company_id, sla_log.c.missed)
        .where(sla_log.c.due_at >= since, sla_log.c.due_at < until)
        .order_by(sla_log.c.due_at, sla_log.c.id)
        .limit(limit)
    )
    return [Missed(*row) for row in session.execute(query)]
