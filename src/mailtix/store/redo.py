"""What is needed to make everything again: what is copied because nobody decided it, and what each event needs.

`past` is a session on the database that is made again, `here` one on the new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, Table, func, select
from sqlalchemy.orm import Session

from mailtix.model.outgoing import OutgoingMail
from mailtix.store import tokens
from mailtix.store.directory import insert_new, upsert
from mailtix.store.happened import Event, Kind
from mailtix.store.journal import Entry, entry
from mailtix.store.outbox import Booked
from mailtix.store.tables import (
    companies,
    counters,
    evidence,
    history,
    hooks,
    identities,
    imap_ledger,
    jobs,
    journal,
    letters,
    mailbox_health,
    metadata,
    outbox,
    people,
    raw_mails,
    rule_sets,
    settings,
    tickets,
    timers,
)
from mailtix.store.timers import DueTimer

# What came from outside, or what only the clock and the settings have made.
COPIED: tuple[Table, ...] = (
    *(settings, companies, raw_mails, rule_sets, journal, identities, jobs, imap_ledger, mailbox_health),
    evidence,  # when it became known
)
# What stands in the journal as long as a mail has not been processed.
_UNPROCESSED = ("state", "attempts", "next_at", "error", "outcome", "because", "finished_at", "parked_at")
_AS_IT_CAME = (
    *("id", "raw_id", "company_id", "mail_from", "rcpt_tos", "mailbox", "source", "peer", "helo", "tls", "received_at"),
    "next_at",
)
# What became of a mail of ours, as far as it is not decided here.
_SENDING = ("state", "attempts", "next_at", "booked_at", "unknown_at", "reply", "finished_at")
_ROWS = 200


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something that is there from a moment on: a person, or what was found out about a mail."""

    at: datetime
    table: Table
    row: dict[str, Any]


def copy_all(past: Session, here: Session) -> None:
    """Copies what nobody decides; the mails of the journal as they came."""
    for table in COPIED:
        if table is evidence:
            continue
        columns = [table.c[name] for name in _AS_IT_CAME] if table is journal else list(table.c)
        query = select(*columns).order_by(*table.primary_key.columns)
        for rows in _batches(past, query, 5 if table is raw_mails else _ROWS):
            new = {"state": "new", "attempts": 0} if table is journal else {}
            here.execute(table.insert(), [dict(row._mapping) | new for row in rows])


def _batches(session: Session, query: Select[Any], size: int) -> Iterator[Sequence[Row[Any]]]:
    yield from session.execute(query, execution_options={"yield_per": size}).partitions(size)


def go_on_counting(past: Session, here: Session) -> None:
    """Whoever is new here, and was not there in the past, gets a number that nobody had (on PostgreSQL, which counts
    apart from the rows); so does a ticket."""
    numbered = select(counters).where(counters.c.period != tokens.SEQUENCE)
    for row in past.execute(numbered):
        here.execute(counters.insert(), dict(row._mapping))
    if here.get_bind().dialect.name != "postgresql":
        return
    for table in (people, timers):
        newest = past.execute(select(func.max(table.c.id))).scalar_one()
        if newest is not None:
            here.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), newest)))


def numbers(past: Session, ids: Sequence[int]) -> dict[int, str]:
    """The numbers of these tickets."""
    if not ids:
        return {}
    return dict(past.execute(select(tickets.c.id, tickets.c.number).where(tickets.c.id.in_(ids))).all())


def arrivals(past: Session) -> list[Arrival]:
    """Who became known when, and what was found out when; the oldest first. People are only their addresses here: what
    else is known of them follows from what happened."""
    known = (people.c.id, people.c.company_id, people.c.email, people.c.created_at)
    found = [Arrival(row.created_at, people, dict(row._mapping)) for row in past.execute(select(*known))]
    found += [Arrival(row.at, evidence, dict(row._mapping)) for row in past.execute(select(evidence))]
    return sorted(found, key=lambda arrival: (arrival.at, arrival.table.name, arrival.row.get("id", 0)))


def arrive(here: Session, arrived: Iterable[Arrival]) -> None:
    """They are there from now on."""
    for arrival in arrived:
        here.execute(insert_new(here, arrival.table), arrival.row)


def spare_ids(past: Session) -> int:
    """A ticket's id after which none was ever given."""
    return past.execute(select(func.max(tickets.c.id))).scalar_one() or 0


def mail(past: Session, here: Session, event: Event) -> Entry | None:
    """The mail of an event, ready to be processed; None when that is done already."""
    let_in = past.execute(select(journal.c.let_in).where(journal.c.id == event.id)).scalar_one()
    let_in = bool(let_in) and event.kind is not Kind.HELD
    this = journal.update().where(journal.c.id == event.id, journal.c.state != "done")
    if here.execute(this.values(state="new", let_in=let_in).returning(journal.c.id)).first() is None:
        return None
    return entry(here, event.id)


def timer(past: Session, here: Session, event: Event) -> DueTimer | str:
    """The timer of an event under the id that it had, which names what follows from it; or why it cannot be fired. One
    that was given up only gets its end."""
    row = past.execute(select(timers).where(timers.c.id == event.id)).one()
    same = (timers.c.ticket_id == row.ticket_id, timers.c.kind == row.kind, timers.c.due_at == row.due_at)
    id_ = here.execute(select(timers.c.id).where(*same)).scalar_one_or_none()
    if id_ is None:
        if not row.kind.startswith("rule_"):
            return f"its ticket did not plan it: {row.kind}, due {row.due_at:%Y-%m-%d %H:%M} UTC"
        if here.execute(select(tickets.c.id).where(tickets.c.id == row.ticket_id)).first() is None:
            return "its ticket is not there"
        planned = {"ticket_id": row.ticket_id, "kind": row.kind, "due_at": row.due_at, "attempts": 0, "error": ""}
        id_ = here.execute(timers.insert().returning(timers.c.id), planned).scalar_one()
    if id_ != row.id:
        _make_room(past, here, row.id)
        here.execute(timers.update().where(timers.c.id == id_).values(id=row.id))
    if row.error:
        here.execute(timers.update().where(timers.c.id == row.id).values(fired_at=row.fired_at, error=row.error))
        return ""
    return DueTimer(row.id, row.ticket_id, row.kind, row.due_at, 0)


def _make_room(past: Session, here: Session, id_: int) -> None:
    """Whatever timer has that id here gets one that no timer had."""
    newest = (session.execute(select(func.max(timers.c.id))).scalar_one() or 0 for session in (past, here))
    here.execute(timers.update().where(timers.c.id == id_).values(id=max(newest) + 1))


def rejected(past: Session, event: Event) -> tuple[Booked, str]:
    """The mail that could not be delivered, and why."""
    row = past.execute(select(outbox, letters.c.raw).join(letters).where(outbox.c.id == event.id)).one()
    mail = OutgoingMail(row.message_id, row.mail_from, row.rcpt_to, row.raw)
    made = (row.template, row.attempts, row.created_at, mail)
    return Booked(row.id, row.company_id, row.ticket_id, *made, until=row.created_at), row.reply


def note_network(past: Session, here: Session, event: Event) -> None:
    """Copies what the history says of what the network has done: a mail whose fate nobody knows, a call in vain."""
    row = past.execute(select(history).where(history.c.id == event.id)).one()
    if here.execute(select(tickets.c.id).where(tickets.c.id == row.ticket_id)).first() is not None:
        here.execute(history.insert(), {k: v for k, v in row._mapping.items() if k != "id"})


def settle_mails(past: Session, here: Session, after: int) -> int:
    """What became of the mails of ours that were written since that number; one that was taken back waits for that.
    Nothing is ever sent. Returns the newest number."""
    columns = [outbox.c[name] for name in _SENDING]
    for row in here.execute(select(outbox.c.id, outbox.c.message_id).where(outbox.c.id > after)).all():
        after = max(after, row.id)
        same = past.execute(select(*columns).where(outbox.c.message_id == row.message_id)).one_or_none()
        if same is not None and same.attempts:
            here.execute(outbox.update().where(outbox.c.id == row.id).values(dict(same._mapping)))
    return after


def settle(past: Session, here: Session, bulletins: Iterable[str], forgotten: datetime) -> None:
    """Copies what had not happened yet, and the mails about no ticket that nobody decided (of these templates). What
    was not there before is never sent. Calls from before that moment are `forgotten` when they are over."""
    _settle_journal(past, here)
    about_none = (outbox.c.ticket_id.is_(None), outbox.c.template.in_(list(bulletins)))
    for row in past.execute(select(outbox, letters.c.raw).join(letters).where(*about_none)):
        values = {k: v for k, v in row._mapping.items() if k not in ("id", "raw")}
        id_ = here.execute(insert_new(here, outbox, outbox.c.id), values).scalar_one_or_none()
        if id_ is not None:
            here.execute(letters.insert(), {"outbox_id": id_, "raw": row.raw})
    known = set(past.execute(select(outbox.c.message_id).where(outbox.c.state == "queued")).scalars())
    for row in here.execute(select(outbox.c.id, outbox.c.message_id).where(outbox.c.state == "queued")).all():
        if row.message_id not in known:
            here.execute(outbox.update().where(outbox.c.id == row.id).values(state="undone", reply="made again"))
    _settle_rule_timers(past, here)
    _settle_hooks(past, here, forgotten)


def _settle_journal(past: Session, here: Session) -> None:
    columns = [journal.c[name] for name in ("id", *_UNPROCESSED)]
    for row in past.execute(select(*columns).where(journal.c.state.not_in(["done", "held"]))).all():
        values = {name: value for name, value in row._mapping.items() if name != "id"}
        here.execute(journal.update().where(journal.c.id == row.id, journal.c.state != "done").values(values))


def _settle_rule_timers(past: Session, here: Session) -> None:
    """Times that come again are set by the clock, for the tickets that are open then."""
    there = set(here.execute(select(tickets.c.id)).scalars())
    waiting = timers.c.fired_at.is_(None) & timers.c.kind.startswith("rule_", autoescape=True)
    for row in past.execute(select(timers).where(waiting)).all():
        if row.ticket_id in there:
            values = {name: value for name, value in row._mapping.items() if name != "id"}
            here.execute(upsert(here, timers).values(values).on_conflict_do_nothing())


def _settle_hooks(past: Session, here: Session, forgotten: datetime) -> None:
    key = (hooks.c.ticket_id, hooks.c.rule, hooks.c.url, hooks.c.body)
    outcome = (hooks.c.state, hooks.c.next_at, hooks.c.attempts, hooks.c.error)
    known = {tuple(row)[:4]: row for row in past.execute(select(*key, *outcome))}
    for row in here.execute(select(*key, hooks.c.id, hooks.c.created_at)).all():
        same = known.get(tuple(row)[:4])
        if same is None and row.created_at < forgotten:
            here.execute(hooks.delete().where(hooks.c.id == row.id))
            continue
        new = {"state": "failed", "error": "made again; nobody was called"}
        if same is not None:
            new = {column.name: getattr(same, column.name) for column in outcome}
        here.execute(hooks.update().where(hooks.c.id == row.id).values(new))


def filled(here: Session) -> str:
    """The name of a table that something is in, "" when the database is empty."""
    for table in metadata.sorted_tables:
        if here.execute(select(table).limit(1)).first() is not None:
            return table.name
    return ""


def count_tickets(here: Session) -> int:
    """How many tickets there are."""
    return here.execute(select(func.count()).select_from(tickets)).scalar_one()
