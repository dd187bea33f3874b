"""The thread index finds an id again, whatever its length, and keeps together what came together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from mailtix.store import directory, migrations, threads
from mailtix.store.engine import Session, open_engine, sessions
from mailtix.store.tables import message_ids, tickets

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    engine = open_engine(database)
    migrations.upgrade(engine)
    with sessions(engine)() as session:
        directory.company_ids(session, ["One"])
        ann = directory.person(session, 1, "ann@example.org", "Ann", NOON).id
        there = {"company_id": 1, "requester_id": ann, "mailbox": "support@desk.example", "source": "email"}
        state = {"status": "open", "priority": "medium", "answerable": True, "created_at": NOON, "updated_at": NOON}
        lists = {"tags": [], "participants": [], "pauses": [], "watchers": [], "fields": {}}
        for number in range(1, 13):
            session.execute(tickets.insert(), {"number": f"TKT-{number}", "subject": "", **there, **state, **lists})
        yield session
    engine.dispose()


def test_ids_that_begin_alike_are_told_apart(session: Session) -> None:
    ids = ["", "1", "1.", "20261120.1@x.example", "20261120.2@x.example", "ä" * 500, "\udcff", "x" * 2000, "x" * 2001]
    for ticket, id_ in enumerate(ids, 1):
        threads.index(session, 1, ticket, {id_: bool(ticket % 2)})

    found = threads.lookup(session, 1, ids)

    assert {id_: one.ticket_id for id_, one in found.items()} == {id_: n for n, id_ in enumerate(ids, 1) if id_}
    assert all(one.ours == bool(one.ticket_id % 2) for one in found.values())
    assert threads.lookup(session, 1, ["20261120.3@x.example", "x" * 1999]) == {}


def test_what_begins_with_one_ticket_lies_together(session: Session) -> None:
    """Found in the order of the index: the ids of new tickets stand behind those of older ones."""
    for n in range(5):
        for ticket in (10, 11, 12):
            threads.index(session, 1, ticket, {f"{ticket}.{n}{'abcde'[n] * 20}@desk.example": True})

    in_order = session.execute(select(message_ids.c.ticket_id).order_by(message_ids.c.digest)).scalars().all()

    assert list(in_order) == [10] * 5 + [11] * 5 + [12] * 5
