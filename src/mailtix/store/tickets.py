"""Tickets with their messages and history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, column, func, literal_column, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.sql.selectable import TextualSelect

from mailtix.model.change import MessageAdded
from mailtix.model.ticket import Pause, Person, Priority, Status, Ticket, Visibility
from mailtix.store import fulltext
from mailtix.store.engine import apart
from mailtix.store.prepared import Prepared
from mailtix.store.tables import companies, counters, history, messages, people, tickets


class LostRace(Exception):
    """Somebody else changed the ticket since it was read; the work has to be done again on what is there now."""


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One line of a ticket's history. `cause` is J12 (journal), T5 (timer), O7 (outbox) or a request's name."""

    at: datetime
    actor: str
    field: str
    old: str
    new: str
    text: str
    because: str
    cause: str


def next_number(session: Session, company_id: int, period: str) -> int:
    """The next sequence number of a company within a period, never twice.

    On PostgreSQL it is counted in a transaction of its own: processes that waited for the row until the batch of
    another ends would work in turns. So a transaction that is rolled back leaves its number out there.
    """
    if given := _given_sequence(session):
        return given
    engine, this = session.get_bind().engine, {"company_id": company_id, "period": period, "value": 1}
    if engine.dialect.name == "sqlite":
        return int(_COUNT.one(session, this).value)
    with apart(engine).connect() as connection:  # whoever needs the number commits after this
        return int(connection.execute(_count_on("postgresql"), this).scalar_one())


def _given_sequence(session: Session) -> int | None:
    """That of the new ticket whose id comes next, where it has one already."""
    ids: list[int] = session.info.get(GIVEN_IDS, [])
    sequences: dict[int, int] = session.info.get(GIVEN_SEQUENCES, {})
    return sequences.get(ids[0]) if ids else None


@cache
def _count_on(dialect: str) -> ReturningInsert[Any]:
    insert = sqlite.insert(counters) if dialect == "sqlite" else postgresql.insert(counters)
    key = ["company_id", "period"]
    return insert.on_conflict_do_update(index_elements=key, set_={"value": counters.c.value + 1}).returning(
        counters.c.value
    )


_COUNT = Prepared(_count_on)


def insert_ticket(session: Session, ticket: Ticket, company_id: int) -> int:
    """Saves a new ticket and returns its id. The requester must be in the store already."""
    values = _values(ticket) | {
        "company_id": company_id,
        "number": ticket.number,
        "mailbox": ticket.mailbox,
        "source": ticket.source,
        "created_at": ticket.created_at,
        "version": 1,
    }
    if given := session.info.get(GIVEN_IDS):
        values["id"] = given.pop(0)
    id_: int = _INSERT_TICKET.one(session, values).id
    fulltext.index_ticket(session, id_, ticket.number, ticket.subject)
    return id_


# In `Session.info`: the ids that the next new tickets get, where they have them already, and the sequence numbers of
# those that have one, by id. Ids stand in reply addresses.
GIVEN_IDS = "ids of new tickets"
GIVEN_SEQUENCES = "sequence numbers of new tickets"
_INSERT_TICKET = Prepared(tickets.insert().returning(tickets.c.id))


def update_ticket(session: Session, ticket: Ticket) -> None:
    """Saves a changed ticket. Raises LostRace when it is not at the version it was read at."""
    read = {"ticket": ticket.id, "version_read": ticket.version}
    done = _UPDATE_TICKET.one(session, read | _values(ticket) | {"version": ticket.version + 1})
    if done is None:
        raise LostRace(f"ticket {ticket.number} was changed by somebody else")


_UPDATE_TICKET = Prepared(
    tickets.update()
    .where(tickets.c.id == bindparam("ticket"), tickets.c.version == bindparam("version_read"))
    .returning(tickets.c.id)
)


def by_ids(session: Session, company_id: int, ids: Iterable[int], *, lock: bool = False) -> dict[int, Ticket]:
    """These tickets of that company, by id. With `lock` nobody else changes them until the transaction ends."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = (_BY_IDS_LOCKED if lock else _BY_IDS).all(session, {"company": company_id, "ids": wanted})
    return {row.id: ticket_of(row) for row in rows}


def by_numbers(session: Session, company_id: int, numbers: Sequence[str]) -> dict[str, int]:
    """Ticket ids of that company by number (numbers in upper case)."""
    if not numbers:
        return {}
    number = func.upper(tickets.c.number)
    query = select(number, tickets.c.id).where(tickets.c.company_id == company_id, number.in_(numbers))
    return dict(session.execute(query).all())


def with_number(session: Session, number: str, company: str | None = None) -> list[Ticket]:
    """The tickets with that number (in any case): one, or one in each company that uses the same format."""
    query = select_tickets().where(func.upper(tickets.c.number) == number.upper())
    if company is not None:
        query = query.where(companies.c.name == company)
    return [ticket_of(row) for row in session.execute(query.order_by(tickets.c.id))]


def first_of(session: Session, people_ids: Sequence[int]) -> dict[int, int]:
    """The first ticket that each of these people ever opened, by person."""
    rows = session.execute(_FIRST_TICKETS, {"people": list(people_ids)})
    return {row.requester_id: row.first for row in rows}


_FIRST_TICKETS = (
    select(tickets.c.requester_id, func.min(tickets.c.id).label("first"))
    .where(tickets.c.requester_id.in_(bindparam("people", expanding=True)))
    .group_by(tickets.c.requester_id)
)


def newest(session: Session, limit: int) -> list[Ticket]:
    """The newest tickets of every company."""
    return [ticket_of(row) for row in session.execute(select_tickets().order_by(tickets.c.id.desc()).limit(limit))]


def add_message(
    session: Session, ticket_id: int, journal_id: int | None, change: MessageAdded, files: str, now: datetime
) -> int:
    """Saves a message of a ticket and returns its id. `files` is what its small plain files say."""
    values = {
        "ticket_id": ticket_id,
        "journal_id": journal_id,
        "at": now,
        "author": change.author,
        "sender": change.sender,
        "sender_name": change.sender_name,
        "visibility": change.visibility,
        "kind": change.kind,
        "text": change.text,
        "message_id": change.message_id,
        "files": files,
        "auth": change.auth,
        "warning": change.warning,
        "because": change.because,
    }
    id_: int = _INSERT_MESSAGE.one(session, values).id
    fulltext.index_message(session, id_, change.text, files)
    return id_


_INSERT_MESSAGE = Prepared(messages.insert().returning(messages.c.id))


def release_message(session: Session, ticket_id: int, message_id: int) -> None:
    """A held message becomes public."""
    held = messages.update().where(messages.c.id == message_id, messages.c.ticket_id == ticket_id)
    session.execute(held.where(messages.c.visibility == Visibility.HELD).values(visibility=Visibility.PUBLIC))


def discard_message(session: Session, ticket_id: int, message_id: int) -> None:
    """A message is no part of the conversation any more; it can still be looked up."""
    message = messages.update().where(messages.c.id == message_id, messages.c.ticket_id == ticket_id)
    session.execute(message.values(visibility=Visibility.DISCARDED))


def messages_of(session: Session, ticket_id: int) -> Sequence[Row[Any]]:
    """Every message of a ticket, oldest first."""
    return session.execute(select(messages).where(messages.c.ticket_id == ticket_id).order_by(messages.c.id)).all()


def heard(session: Session, ticket_id: int, senders: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The message ids of the first and newest public mail that each of these people wrote to a ticket; who wrote none
    is missing."""
    found = {}
    for sender in senders:
        row = _HEARD.one(session, {"ticket": ticket_id, "sender": sender})
        if row is not None and row.first is not None:
            found[sender] = (row.first, row.newest)
    return found


def _heard_on(dialect: str) -> TextualSelect:
    """SQLite is told the way: where most messages are of one ticket it would go through all of them for somebody who
    wrote none. The index holds the beginnings of addresses."""
    way = "INDEXED BY ix_messages_sender" if dialect == "sqlite" else ""
    said = f"""SELECT message_id FROM messages {way}
        WHERE substr(sender, 1, 200) = substr(:sender, 1, 200) AND substr(sender, 201) = substr(:sender, 201)
        AND ticket_id = :ticket AND visibility = '{Visibility.PUBLIC}'"""
    edges = f"SELECT ({said} ORDER BY id LIMIT 1) AS first, ({said} ORDER BY id DESC LIMIT 1) AS newest"
    asked = text(edges).bindparams(bindparam("sender", type_=messages.c.sender.type))
    return asked.columns(column("first", messages.c.message_id.type), column("newest", messages.c.message_id.type))


_HEARD = Prepared(_heard_on)


def held_messages(session: Session, ticket_id: int) -> list[tuple[int, str, int]]:
    """Messages that wait beside the ticket: (id, sender, journal number of the mail or 0)."""
    rows = _HELD.all(session, {"ticket": ticket_id})
    return [(row.id, row.sender, row.journal_id or 0) for row in rows]


# Spelled out: a database takes a partial index only for what it can see.
_HELD = Prepared(
    select(messages.c.id, messages.c.sender, messages.c.journal_id)
    .where(messages.c.ticket_id == bindparam("ticket"), messages.c.visibility == literal_column(f"'{Visibility.HELD}'"))
    .order_by(messages.c.id)
)


def add_history(session: Session, ticket_id: int, rows: Sequence[HistoryRow]) -> None:
    """Appends to a ticket's history."""
    if rows:
        values = [
            {
                "ticket_id": ticket_id,
                "at": row.at,
                "actor": row.actor,
                "field": row.field,
                "old": row.old,
                "new": row.new,
                "text": row.text,
                "because": row.because,
                "cause": row.cause,
            }
            for row in rows
        ]
        _INSERT_HISTORY.many(session, values)


_INSERT_HISTORY = Prepared(history.insert())


def history_of(session: Session, ticket_id: int) -> list[HistoryRow]:
    """A ticket's history, oldest first."""
    rows = session.execute(select(history).where(history.c.ticket_id == ticket_id).order_by(history.c.id))
    return [HistoryRow(r.at, r.actor, r.field, r.old, r.new, r.text, r.because, r.cause) for r in rows]


def changes_of(session: Session, ticket_ids: Sequence[int]) -> dict[int, list[HistoryRow]]:
    """The lines of these tickets' histories that tell of a changed field, and of each message, by ticket, oldest
    first."""
    fields = history.c.field.in_(("category", "priority", "status", "team", "assignee", "tags", "rating", "message"))
    either = fields | history.c.field.startswith("field.", autoescape=True)
    query = select(history).where(history.c.ticket_id.in_(ticket_ids), either).order_by(history.c.id)
    found: dict[int, list[HistoryRow]] = {}
    for r in session.execute(query) if ticket_ids else ():
        row = HistoryRow(r.at, r.actor, r.field, r.old, r.new, r.text, r.because, r.cause)
        found.setdefault(r.ticket_id, []).append(row)
    return found


def company_of(session: Session, ticket_id: int) -> tuple[int, str] | None:
    """Id and name of the company that a ticket belongs to."""
    query = select(companies.c.id, companies.c.name).join(tickets).where(tickets.c.id == ticket_id)
    row = session.execute(query).one_or_none()
    return (row.id, row.name) if row else None


def select_tickets() -> Select[Any]:
    """Tickets with their requester and company: rows for `ticket_of`."""
    person = (people.c.email, people.c.name.label("person_name"), people.c.language, people.c.undeliverable)
    return (
        select(tickets, *person, companies.c.name.label("company"))
        .join(people, people.c.id == tickets.c.requester_id)
        .join(companies, companies.c.id == tickets.c.company_id)
    )


_of_ids = (
    select_tickets()
    .where(tickets.c.company_id == bindparam("company"), tickets.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(tickets.c.id)
)
_BY_IDS, _BY_IDS_LOCKED = Prepared(_of_ids), Prepared(_of_ids.with_for_update(of=tickets))


def _values(ticket: Ticket) -> dict[str, Any]:
    """What of a ticket may change."""
    return {
        "subject": ticket.subject,
        "requester_id": ticket.requester.id,
        "status": ticket.status,
        "priority": ticket.priority,
        "category": ticket.category,
        "assignee": ticket.assignee,
        "team": ticket.team,
        "tags": sorted(ticket.tags),
        "participants": list(ticket.participants),
        "updated_at": ticket.updated_at,
        "first_response_at": ticket.first_response_at,
        "resolved_at": ticket.resolved_at,
        "closed_at": ticket.closed_at,
        "first_response_due": ticket.first_response_due,
        "resolution_due": ticket.resolution_due,
        "resolution_from": ticket.resolution_from,
        "next_response_due": ticket.next_response_due,
        "waiting_since": ticket.waiting_since,
        "pauses": [[p.begin.isoformat(), p.end.isoformat() if p.end else None, p.because] for p in ticket.pauses],
        "sla_policy": ticket.sla_policy,
        "sla_asked": ticket.sla_asked,
        "rating": ticket.rating,
        "feedback": ticket.feedback,
        "answerable": ticket.answerable,
        "watchers": list(ticket.watchers),
        "fields": dict(ticket.fields),
        "snoozed_until": ticket.snoozed_until,
        "due_at": ticket.due_at,
        "escalation": ticket.escalation,
        "status_since": ticket.status_since,
        "spoken_at": ticket.spoken_at,
        "owner_since": ticket.owner_since,
        "close_warned_at": ticket.close_warned_at,
        "merged_into": ticket.merged_into or None,
    }


def ticket_of(row: Row[Any]) -> Ticket:
    """The ticket of a row of `select_tickets`."""
    return Ticket(
        id=row.id,
        company=row.company,
        number=row.number,
        subject=row.subject,
        requester=Person(row.requester_id, row.email, row.person_name, row.language, row.undeliverable),
        mailbox=row.mailbox,
        source=row.source,
        created_at=row.created_at,
        status=Status(row.status),
        priority=Priority(row.priority),
        category=row.category,
        assignee=row.assignee,
        team=row.team,
        tags=frozenset(row.tags),
        participants=tuple(row.participants),
        updated_at=row.updated_at,
        first_response_at=row.first_response_at,
        resolved_at=row.resolved_at,
        closed_at=row.closed_at,
        first_response_due=row.first_response_due,
        resolution_due=row.resolution_due,
        resolution_from=row.resolution_from,
        next_response_due=row.next_response_due,
        waiting_since=row.waiting_since,
        pauses=tuple(_pause(*pause) for pause in row.pauses),
        sla_policy=row.sla_policy,
        sla_asked=row.sla_asked,
        rating=row.rating,
        feedback=row.feedback,
        answerable=row.answerable,
        watchers=tuple(row.watchers),
        fields=row.fields,
        snoozed_until=row.snoozed_until,
        due_at=row.due_at,
        escalation=row.escalation,
        status_since=row.status_since,
        spoken_at=row.spoken_at,
        owner_since=row.owner_since,
        close_warned_at=row.close_warned_at,
        merged_into=row.merged_into or 0,
        version=row.version,
    )


def _pause(begin: str, end: str | None, because: str) -> Pause:
    return Pause(datetime.fromisoformat(begin), datetime.fromisoformat(end) if end else None, because)
