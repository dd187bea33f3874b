"""The log of targets: what was promised to customers and what has become of it; and the lives that it comes from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailtix.model.ticket import Author, Ticket, Visibility
from mailtix.store.tables import history, messages, sla_log, tickets
from mailtix.store.tickets import HistoryRow, select_tickets, ticket_of


@dataclass(frozen=True, slots=True)
class Logged:
    """A row of the log. `met_at` None: not yet reached; `due_at` None: nothing was promised."""

    ticket: int
    target: str
    policy: str
    agent: str
    started_at: datetime
    due_at: datetime | None
    met_at: datetime | None
    missed: bool
    working_seconds: int | None


def logged(session: Session, ticket_ids: Sequence[int]) -> list[Logged]:
    """The log of these tickets, each ticket's oldest row first."""
    log = sla_log.c
    columns = (
        log.ticket_id, log.target, log.policy, log.agent, log.started_at, log.due_at, log.met_at, log.missed,
        log.working_seconds,
    )  # fmt: skip
    query = select(*columns).where(log.ticket_id.in_(ticket_ids)).order_by(log.ticket_id, log.started_at, log.id)
    return [Logged(*row) for row in session.execute(query)] if ticket_ids else []


def waited_since(session: Session, ticket_id: int, answered_at: datetime) -> datetime | None:
    """Since when the customer had waited for the answer of that moment; None when he has got a later one. Where nothing
    is known of his waiting, it is that moment."""
    said = messages.c
    later = select(said.id).where(
        said.ticket_id == ticket_id,
        said.at > answered_at,
        said.author == Author.AGENT,
        said.visibility == Visibility.PUBLIC,
    )
    if session.execute(later.limit(1)).first() is not None:
        return None
    log = sla_log.c
    began = select(log.started_at).where(
        log.ticket_id == ticket_id, log.target == "next_response", log.met_at == answered_at
    )
    return session.execute(began.order_by(log.started_at).limit(1)).scalar() or answered_at


@dataclass(frozen=True, slots=True)
class Life:
    """What is kept of a ticket's past: lines of its history and who said something when, both oldest first."""

    ticket: Ticket
    lines: tuple[HistoryRow, ...]
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """That somebody said something, without what."""

    at: datetime
    author: str
    sender: str
    visibility: str
    kind: str


def lives(session: Session, begin: datetime, fields: Sequence[str], after: int, limit: int) -> list[Life]:
    """Up to `limit` tickets with ids above `after` that were opened since `begin`, in the order of their ids, each with
    those lines of its history that are about these fields."""
    opened = select_tickets().where(tickets.c.created_at >= begin, tickets.c.id > after)
    found = [ticket_of(row) for row in session.execute(opened.order_by(tickets.c.id).limit(limit))]
    ids = [ticket.id for ticket in found]
    lines, words = _lines(session, ids, fields), _words(session, ids)
    return [Life(ticket, tuple(lines[ticket.id]), tuple(words[ticket.id])) for ticket in found]


def _lines(session: Session, ids: Sequence[int], fields: Sequence[str]) -> dict[int, list[HistoryRow]]:
    query = select(history).where(history.c.ticket_id.in_(ids), history.c.field.in_(fields)).order_by(history.c.id)
    found = defaultdict[int, list[HistoryRow]](list)
    for r in session.execute(query) if ids else ():
        row = HistoryRow(r.at, r.actor, r.field, r.old, r.new, r.text, r.because, r.cause)
        found[r.ticket_id].append(row)
    return found


def _words(session: Session, ids: Sequence[int]) -> dict[int, list[Word]]:
    said = messages.c
    columns = (said.ticket_id, said.at, said.author, said.sender, said.visibility, said.kind)
    query = select(*columns).where(said.ticket_id.in_(ids)).order_by(said.id)
    found = defaultdict[int, list[Word]](list)
    for id_, *word in session.execute(query) if ids else ():
        found[id_].append(Word(*word))
    return found
