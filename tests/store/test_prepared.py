"""What is prepared finds and writes what SQLAlchemy does, and fails as it does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import bindparam, event, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from mailtix.model.ticket import Visibility
from mailtix.store import (
    authentication,
    directory,
    kinship,
    migrations,
    preferences,
    standing,
    threads,
    tickets,
    timers,
)
from mailtix.store.engine import Session, is_passing, open_engine, sessions
from mailtix.store.prepared import Prepared
from mailtix.store.tables import history, messages, people, settings
from mailtix.store.tables import tickets as ticket_rows

NOW = datetime(2026, 11, 20, 12, 0, 0, 7, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
ANN = "ann@example.org"
TICKET = {
    "company_id": 1,
    "number": "TKT-1",
    "subject": "Grüße \0 \udc80",
    "requester_id": 1,
    "mailbox": "support@desk.example",
    "source": "email",
    "status": "open",
    "priority": "medium",
    "tags": ["vip", 'q"t', "ß"],
    "participants": [ANN],
    "created_at": NOW,
    "updated_at": NOW,
    "pauses": [[NOW.isoformat(), None, "because"]],
    "answerable": True,
    "watchers": [],
    "fields": {"order": "A 1"},
    "due_at": LATER,
    "merged_into": None,
}
MESSAGE = {
    "ticket_id": 1,
    "journal_id": None,
    "at": NOW,
    "author": "customer",
    "sender": ANN,
    "sender_name": "Ann",
    "visibility": Visibility.PUBLIC,
    "kind": "human",
    "text": "It burns.",
    "message_id": "one@x.example",
    "files": "",
    "because": "he wrote it",
}
LINE = {
    "ticket_id": 1,
    "at": NOW,
    "actor": ANN,
    "field": "status",
    "old": "",
    "new": "open",
    "text": "opened",
    "because": "",
    "cause": "J1",
}
QUESTIONS: dict[str, tuple[Prepared, dict[str, Any]]] = {
    "people": (directory._BY_EMAIL, {"company": 1, "emails": [ANN, "nobody@example.org"]}),
    "one of the people": (directory._BY_EMAIL, {"company": 1, "emails": [ANN]}),
    "more people than are prepared for": (
        directory._BY_EMAIL,
        {"company": 1, "emails": [ANN, *(f"{number}@example.org" for number in range(40))]},
    ),
    "nobody": (directory._BY_EMAIL, {"company": 1, "emails": []}),
    "owners": (directory._OWNERS, {"company": 1, "ids": [1, 2]}),
    "tickets": (tickets._BY_IDS, {"company": 1, "ids": [1, 2, 3]}),
    "locked tickets": (tickets._BY_IDS_LOCKED, {"company": 1, "ids": [1]}),
    "heard": (tickets._HEARD, {"ticket": 1, "sender": ANN}),
    "held": (tickets._HELD, {"ticket": 1}),
    "merged": (kinship._MERGED, {"company": 1, "ids": [1, 2]}),
    "opened": (standing._OPENED, {"person": 1, "most": 3}),
    "answered": (standing._ANSWERED, {"company": 1, "email": ANN, "since": NOW, "most": 3}),
    "written": (standing._WRITTEN, {"ticket": 1, "email": ANN, "most": 3}),
    "ids": (threads._LOOKUP, {"company": 1, "digests": [threads._digest("one@x.example"), b"x" * 16]}),
    "waiting": (timers._WAITING, {"ticket": 1}),
    "chosen": (preferences._CHOSEN, {"company": 1, "people": [ANN]}),
    "who wrote it": (authentication._KEPT, {"raw": 1, "named": "auth 1"}),
}


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    """A database in which each question finds something, as far as it can, written as the line writes it."""
    engine = open_engine(database)
    migrations.upgrade(engine)
    with sessions(engine)() as session:
        directory.company_ids(session, ["One"])
        directory.person(session, 1, ANN, "Ann", NOW)
        for number in ("TKT-1", "TKT-2"):
            assert tickets._INSERT_TICKET.one(session, {**TICKET, "number": number}) is not None
        for visibility in Visibility:
            tickets._INSERT_MESSAGE.one(session, {**MESSAGE, "visibility": visibility})
        tickets._INSERT_HISTORY.many(session, [LINE, {**LINE, "cause": "J2"}])
        threads.index(session, 1, 1, {"one@x.example": True, "two@x.example": False})
        session.execute(ticket_rows.update().where(ticket_rows.c.id == 2).values(merged_into=1))
        row = {"company_id": 1, "person": ANN, "key": "digest", "value": "daily"}
        session.execute(preferences.preferences.insert(), row)
        yield session
    engine.dispose()


def test_the_rows_are_those_of_sqlalchemy(session: Session) -> None:
    for question, (prepared, values) in QUESTIONS.items():
        theirs = session.execute(prepared.statement(session.connection().dialect), values).all()

        for _ in range(2):
            found = prepared.all(session, values)
            assert [tuple(row) for row in found] == [tuple(row) for row in theirs], question
            assert [tuple(row._fields) for row in found] == [tuple(row._fields) for row in theirs], question


def test_what_is_written_is_what_sqlalchemy_writes(session: Session) -> None:
    for prepared, values in ((tickets._INSERT_TICKET, TICKET), (tickets._INSERT_MESSAGE, MESSAGE)):
        mine = prepared.one(session, {**values, "number": "TKT-8"} if values is TICKET else values).id
        statement = prepared.statement(session.connection().dialect)
        theirs = session.execute(statement, {**values, "number": "TKT-9"} if values is TICKET else values).scalar_one()
        table = ticket_rows if values is TICKET else messages
        one, other = (as_it_stands(session, table, number) for number in (mine, theirs))
        assert one == other

    [first, second] = session.execute(select(history).order_by(history.c.id)).all()
    assert tuple(first)[1:-1] == tuple(LINE.values())[:-1]
    assert (first.cause, second.cause) == ("J1", "J2")


def as_it_stands(session: Session, table: Any, number: int) -> dict[str, str]:
    """A row as the database holds it, without what differs between any two."""
    raw = text(f"SELECT * FROM {table.name} WHERE id = {number}")
    row = dict(session.execute(raw).one()._mapping)
    return {name: json.dumps(value, default=str) for name, value in row.items() if name not in ("id", "number")}


def test_a_ticket_that_somebody_else_has_changed_is_not_written(session: Session) -> None:
    changed = {"ticket": 1, "subject": "It burns.", "updated_at": LATER}

    assert tickets._UPDATE_TICKET.one(session, {**changed, "version_read": 7}) is None
    assert tickets._UPDATE_TICKET.one(session, {**changed, "version_read": 1}).id == 1

    [ticket] = tickets.by_ids(session, 1, [1]).values()
    assert (ticket.subject, ticket.updated_at) == ("It burns.", LATER)


def test_who_is_there_already_is_not_made_anew(session: Session) -> None:
    values = {"company_id": 1, "email": ANN, "name": "", "language": "", "created_at": NOW}

    assert directory._NEW_PERSON.one(session, values) is None
    made = directory._NEW_PERSON.one(session, {**values, "email": "bob@example.org"})

    assert (made.email, made.created_at, made.key_generation, made.spam) == ("bob@example.org", NOW, 0, "")


def test_an_error_is_sqlalchemys_and_the_savepoint_can_be_taken_back(session: Session) -> None:
    savepoint = session.begin_nested()
    with pytest.raises(IntegrityError):
        tickets._INSERT_TICKET.one(session, TICKET)
    savepoint.rollback()

    with pytest.raises(IntegrityError), session.begin_nested():
        tickets._INSERT_HISTORY.many(session, [{**LINE, "actor": None}])

    assert set(tickets.by_ids(session, 1, [1, 2])) == {1, 2}


def test_however_many_rows_are_inserted_they_stand_in_their_order(session: Session) -> None:
    for count in (1, 10, 23, 0):
        session.execute(history.delete())
        tickets._INSERT_HISTORY.many(session, [{**LINE, "cause": f"J{number}"} for number in range(count)])

        kept = session.execute(select(history).order_by(history.c.id)).all()
        assert [row.cause for row in kept] == [f"J{number}" for number in range(count)]
        assert all(tuple(row)[1:-1] == tuple(LINE.values())[:-1] for row in kept)


def test_a_missing_value_is_noticed(session: Session) -> None:
    with pytest.raises(KeyError):
        standing._OPENED.all(session, {"person": 1})


def test_it_begins_the_transaction_and_is_part_of_it(session: Session) -> None:
    session.rollback()
    assert not session.in_transaction()

    assert directory._BY_EMAIL.all(session, {"company": 1, "emails": [ANN]}) == []

    assert session.in_transaction()


def test_a_lost_connection_is_known_to_be_lost(postgres: Callable[[], str]) -> None:
    engine = open_engine(postgres())
    migrations.upgrade(engine)
    with sessions(engine)() as session:
        own = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with engine.connect() as other:
            other.execute(text(f"SELECT pg_terminate_backend({own})"))

        with pytest.raises(DBAPIError) as lost:
            tickets.held_messages(session, 1)
    engine.dispose()

    assert lost.value.connection_invalidated
    assert is_passing(lost.value)


def test_whoever_listens_to_statements_hears_of_each(session: Session) -> None:
    heard: list[str] = []
    event.listen(session.connection(), "before_cursor_execute", lambda _c, _k, query, *_: heard.append(query))

    tickets.held_messages(session, 1)
    tickets._INSERT_HISTORY.many(session, [LINE])

    assert [query.split()[0] for query in heard] == ["SELECT", "INSERT"]


def test_two_rows_where_one_is_wanted_are_a_mistake(session: Session) -> None:
    everybody = Prepared(select(people.c.id).where(people.c.company_id == bindparam("company")))
    directory.person(session, 1, "bob@example.org", "", NOW)

    with pytest.raises(ValueError, match="2 rows"):
        everybody.one(session, {"company": 1})


def test_a_statement_without_rows_has_none(session: Session) -> None:
    insert = Prepared(settings.insert())

    assert insert.all(session, {"key": "a", "value": "b"}) == []

    assert directory.known_setting(session, "a") == "b"
