"""The outbox: what is put into it, what leaves first, and what is found without going through all of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from desk import Desk
from mailtix.model.outgoing import OutgoingMail
from mailtix.store import directory, migrations, outbox, tables
from mailtix.store.engine import Session, open_engine, sessions
from mailtix.store.outbox import Leaving
from mailtix.store.prepared import Prepared

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=20)
MAIL = OutgoingMail("<1@example.com>", "support@example.com", "ann@example.org", b"Subject: It burns\r\n\r\n\xff\r\n")


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    engine = open_engine(database)
    migrations.upgrade(engine)
    with sessions(engine).begin() as session:
        directory.company_ids(session, ["One"])
        yield session
    engine.dispose()


def leaving(number: int, to: str = "ann@example.org") -> Leaving:
    mail = replace(MAIL, message_id=f"<{number}@example.com>", rcpt_to=to, raw=b"Subject: %d\r\n\r\n" % number)
    return Leaving("created", mail, "J1")


def put_in(session: Session, company: int, ticket: int | None, several: list[Leaving]) -> list[int]:
    """Puts finished mails into the outbox and returns the numbers of those that are new."""
    numbers = outbox.add(session, company, ticket, several, NOW)
    new = {n: one.mail for n, one in zip(numbers, several, strict=True) if n and isinstance(one.mail, OutgoingMail)}
    outbox.written(session, {number: mail.raw for number, mail in new.items()})
    return list(new)


def test_a_booking_brings_the_mail_as_it_was_put_in(session: Session) -> None:
    [number] = put_in(session, 1, None, [Leaving("created", MAIL, "J1")])

    booked = outbox.book(session, NOW, LATER)

    assert booked is not None
    assert (booked.id, booked.attempts, booked.unknown, booked.mail) == (number, 1, False, MAIL)
    assert outbox.book(session, NOW, LATER) is None


def test_mails_that_are_put_in_together_leave_in_their_order_with_their_own_bytes(session: Session) -> None:
    several = [leaving(number) for number in (3, 1, 2)]

    numbers = put_in(session, 1, None, several)

    booked = [outbox.book(session, NOW, LATER) for _ in several]
    assert [(one.id, one.mail) for one in booked if one] == [
        (number, one.mail) for number, one in zip(numbers, several, strict=True)
    ]


def test_a_mail_that_is_there_already_gets_no_second_number_and_keeps_its_bytes(session: Session) -> None:
    [first] = put_in(session, 1, None, [leaving(1)])
    again = replace(leaving(1), mail=replace(MAIL, message_id="<1@example.com>", raw=b"other"))

    [second] = put_in(session, 1, None, [again, leaving(2)])

    assert second != first
    raws = session.execute(select(tables.letters.c.raw).order_by(tables.letters.c.outbox_id)).scalars().all()
    assert raws == [b"Subject: 1\r\n\r\n", b"Subject: 2\r\n\r\n"]


def test_nothing_is_put_in_where_there_is_nothing_to_say(session: Session) -> None:
    assert outbox.add(session, 1, None, [], NOW) == []


def test_a_mail_that_waits_is_booked_when_it_has_waited(session: Session) -> None:
    put_in(session, 1, None, [replace(leaving(1), wait=timedelta(minutes=1))])

    assert outbox.book(session, NOW, LATER) is None
    assert outbox.book(session, NOW + timedelta(minutes=1), LATER) is not None


def test_whom_a_ticket_has_written_to_is_known_in_any_case_with_the_newest_mail(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    ticket = desk.ticket(1).id
    with desk.app.sessions.begin() as session:
        [company] = desk.app.house.companies
        put_in(session, company, ticket, [leaving(1, "Ann@Example.org"), leaving(2, "eve@example.net")])

        told = outbox.told(session, ticket, ["ANN@example.org", "carl@example.org"])

    assert told == {"ann@example.org": "<1@example.com>"}


def test_letters_beyond_ascii_have_two_cases_too(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    with desk.app.sessions.begin() as session:
        ticket = session.execute(select(tables.tickets.c.id)).scalar_one()
        put_in(session, 1, ticket, [leaving(1, "ÄRGER@example.org"), leaving(2, "ÖL@example.org")])
        put_in(session, 1, ticket, [leaving(3, "Ärger@example.org")])
        told = outbox.told(session, ticket, ["ärger@example.org", "Öl@example.org", "übel@example.org"])

    assert told == {"ärger@example.org": "<3@example.com>", "öl@example.org": "<2@example.com>"}


@pytest.mark.parametrize(
    ("statement", "values", "index"),
    [
        (outbox._BOOK, {"now": NOW, "next_at": LATER, "booked_at": NOW, "found_at": NOW}, "ix_outbox_due"),
        (outbox._NEWEST_TO, {"ticket": 1, "email": "ann@example.org"}, "ix_outbox_ticket"),
        (outbox._OF_MESSAGE, {"company": 1, "message": "<1@example.com>"}, "sqlite_autoindex_outbox_1"),
    ],
    ids=["what is due", "the newest to a reader", "one of ours"],
)
def test_sqlite_goes_through_no_more_than_it_needs(
    tmp_path: Path, statement: Prepared, values: dict[str, Any], index: str
) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/mailtix.db")
    migrations.upgrade(engine)
    asked: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _k, query, values, *_: asked.append((query, values)))

    with sessions(engine)() as session:
        statement.one(session, values)
        query, given = asked[-1]
        plan = [row[3] for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", given)]
    engine.dispose()

    assert any(index in step for step in plan), plan
    assert not any((step.startswith("SCAN outbox") and index not in step) or "TEMP B-TREE" in step for step in plan), (
        plan
    )
