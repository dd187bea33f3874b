"""Many mails are written down at once, and each is written down once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, select

from mailtix.model.mail import Envelope
from mailtix.store import directory, journal, migrations, tables
from mailtix.store.engine import open_engine, sessions
from mailtix.store.journal import New

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    engine = open_engine(database)
    migrations.upgrade(engine)
    with sessions(engine).begin() as session:
        assert directory.company_ids(session, ["One", "Two"]) == {"One": 1, "Two": 2}
    yield engine
    engine.dispose()


def written(engine: Engine, *mails: tuple[bytes, tuple[int, ...]]) -> list[int]:
    """The numbers of these mails, each for these companies, written in one transaction."""
    new = [
        one
        for raw, companies in mails
        for one in New.of(raw, envelope(raw), dict.fromkeys(companies, "support@desk.example"))
    ]
    with sessions(engine).begin() as session:
        return journal.append(session, new)


def envelope(raw: bytes) -> Envelope:
    return Envelope(
        f"{raw.hex()}@example.org", ("support@desk.example",), NOON, "smtp", "192.0.2.1", "mx.example", True
    )


def raws(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(tables.raw_mails)).scalar_one()


def test_numbers_are_given_in_the_order_in_which_mails_came(engine: Engine) -> None:
    mails = [(b"%d" % number, (1,)) for number in range(70)]
    numbers = written(engine, *mails)
    assert numbers == sorted(set(numbers))
    with sessions(engine).begin() as session:
        entries = [journal.entry(session, number) for number in numbers]
    assert [(one.raw, one.envelope, one.company_id) for one in entries if one] == [
        (raw, envelope(raw), 1) for raw, _ in mails
    ]


def test_the_same_mail_keeps_its_number_within_a_group_and_later(engine: Engine) -> None:
    first, again, other = written(engine, (b"a", (1,)), (b"a", (1,)), (b"b", (1,)))
    assert first == again != other
    assert written(engine, (b"c", (1,)), (b"b", (1,)), (b"a", (1,)))[1:] == [other, first]
    assert raws(engine) == 3


def test_a_mail_for_two_companies_is_stored_once_and_has_a_number_for_each(engine: Engine) -> None:
    one, two = written(engine, (b"a", (1, 2)))
    assert one != two
    assert written(engine, (b"a", (2,)), (b"a", (1,))) == [two, one]
    assert raws(engine) == 1


def test_two_writers_of_the_same_mails_in_opposite_order_agree_on_their_numbers(engine: Engine) -> None:
    both = Barrier(2)

    def write(mails: list[tuple[bytes, tuple[int, ...]]]) -> list[int]:
        both.wait(30)
        return written(engine, *mails)

    with ThreadPoolExecutor(2) as threads:
        for turn in range(10):
            mails = [(b"%d %d" % (turn, number), (1,)) for number in range(20)]
            forwards, backwards = threads.submit(write, mails), threads.submit(write, mails[::-1])
            assert forwards.result(60) == backwards.result(60)[::-1]


def test_the_queue_is_counted_no_further_than_it_matters(engine: Engine) -> None:
    numbers = written(engine, *((b"%d" % number, (1,)) for number in range(12)))
    states = dict(zip(numbers, ["done", "parked", "held", "scan", "scan", "auth"], strict=False))
    with sessions(engine).begin() as session:
        for number, state in states.items():
            session.execute(tables.journal.update().where(tables.journal.c.id == number).values(state=state))
        counts = [journal.backlog(session, most) for most in (1, 6, 7, 8, 9, 10, 1000)]
    assert counts == [1, 6, 7, 8, 9, 9, 9]


def test_the_first_of_several_mails_is_the_same_asked_together_and_one_by_one(engine: Engine) -> None:
    first, *those = written(engine, *((bytes([letter]), (1, 2)[letter == 2 :][:1]) for letter in range(7)))
    mails = list(zip((1, 2, 1, 1, 1, 1), (b"same", b"same", b"other", b"same", b"new", b"new"), those, strict=True))
    with sessions(engine).begin() as session:
        assert journal.first_of(session, 1, b"other", first) == first
    with sessions(engine)() as session:  # taken back at its end
        one_by_one = {id_: journal.first_of(session, company, digest, id_) for company, digest, id_ in mails}
    with sessions(engine).begin() as session:
        together = journal.firsts_of(session, mails)
        assert journal.firsts_of(session, []) == {}

    one, two, _, _, five, _ = those
    assert list(together.values()) == [one, two, first, one, five, five]
    assert together == one_by_one
