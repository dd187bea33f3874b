"""However many rows come together, they are written by few statements, and none of them has more than one large value:
a database's driver remembers statements with what they were last given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import Binary
from sqlalchemy import Engine, event

from mailtix.model.mail import Envelope
from mailtix.model.outgoing import OutgoingMail
from mailtix.store import directory, journal, migrations, outbox
from mailtix.store.engine import open_engine, sessions
from mailtix.store.portions import portions, portions_by_size

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LARGE = 100_000  # bytes


def test_all_rows_come_in_their_order() -> None:
    for count in range(300):
        rows = list(range(count))
        assert [row for some in portions(rows) for row in some] == rows


def test_few_sizes_are_enough_for_any_number() -> None:
    assert {len(some) for count in range(1000) for some in portions(range(count))} == {1, 2, 4, 8, 16, 32, 64}
    assert all(len(list(portions(range(count)))) <= 6 for count in range(64))


def test_large_rows_come_first_and_alone() -> None:
    rows = [b"a", b"b" * LARGE, b"c", b"d" * LARGE, b"e"]
    assert [[row[:1] for row in some] for some in portions_by_size(rows, len)] == [[b"b"], [b"d"], [b"a", b"c"], [b"e"]]


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    engine = open_engine(database)
    migrations.upgrade(engine)
    with sessions(engine).begin() as session:
        directory.company_ids(session, ["One"])
    yield engine
    engine.dispose()


def inserts(engine: Engine, table: str) -> list[tuple[str, list[int]]]:
    """Each INSERT into that table from now on, with the sizes of the large values in it."""
    heard: list[tuple[str, list[int]]] = []

    def hear(_connection: object, _cursor: object, query: str, given: Any, *_: object) -> None:
        if query.startswith(f"INSERT INTO {table} "):
            values = given.values() if isinstance(given, dict) else given
            plain = [value.obj if isinstance(value, Binary) else value for value in values]
            sizes = [len(value) for value in plain if isinstance(value, bytes | memoryview)]
            heard.append((query, [size for size in sizes if size >= LARGE]))

    event.listen(engine, "before_cursor_execute", hear)
    return heard


def test_groups_of_all_sizes_are_accepted_by_few_statements(engine: Engine) -> None:
    raws, rows = inserts(engine, "raw_mails"), inserts(engine, "journal")
    sender, numbers = Envelope("ann@example.org", ("support@desk.example",), NOON), iter(range(10_000))
    for count in range(1, 65, 3):
        mails = [b"%d " % next(numbers) + b"x" * LARGE * (place % 10 == 9) for place in range(count)]
        new = [one for mail in mails for one in journal.New.of(mail, sender, {1: "support@desk.example"})]
        with sessions(engine).begin() as session:
            assert len(set(journal.append(session, new))) == count

    assert len({query for query, _ in raws}) <= 7
    assert len({query for query, _ in rows}) <= 7
    assert max(len(large) for _, large in raws) == 1


def test_each_large_letter_is_written_alone(engine: Engine) -> None:
    heard = inserts(engine, "letters")
    sizes = (10, LARGE, 10, LARGE)
    with sessions(engine).begin() as session:
        mails = [OutgoingMail(f"{n}@desk.example", "a@b.example", "c@d.example", b"") for n in range(len(sizes))]
        numbers = outbox.add(session, 1, None, [outbox.Leaving("told", mail) for mail in mails], NOON)
        assert None not in numbers
        outbox.written(session, {number or 0: b"x" * size for number, size in zip(numbers, sizes, strict=True)})

    assert [len(large) for _, large in heard] == [1, 1, 0]
