"""What finding costs among many tickets, and what the index of words costs each mail that comes in."""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from sqlalchemy import exists, or_, text
from sqlalchemy.orm import Session

from bench.postgres import postgres
from mailtix.model.change import MessageAdded
from mailtix.model.desk import Agent, Company
from mailtix.model.ticket import Author, Person, Priority, Status, Ticket, Visibility
from mailtix.query import Known, Query, parse
from mailtix.store import fulltext, migrations, search, tables
from mailtix.store import tickets as store
from mailtix.store.engine import Engine, Sessions, open_engine, reading, sessions

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SAID = 3  # messages of a ticket
LENGTH = (20, 160)  # words of a message
MANY, SOME, FEW = "aprinter", "bsmoke", "cbucket"  # in a fifth of the messages, in one of 200, in one of 20,000
DESK = Company("Example", (), tuple(Agent(f"Agent {n}", f"a{n}@desk.example", ("billing",)) for n in range(20)))
ASKED = (
    "open",
    "mine",
    "unassigned priority>=high",
    "overdue sort:due",
    "status:open sort:priority sort:updated",
    "idle:3d open",
    "requester:p7@example.org",
    "requester:*77@example.org",
    "from:p7@example.org",
    "tag:refund",
    "number:777",
    FEW,
    SOME,
    MANY,
    f"{MANY} {SOME}",
    f'"{SOME} {MANY}"',
    "cbuck*",
    f"open {MANY}",
    f"-{MANY} open",
)


def fill(session: Session, count: int, chance: random.Random) -> None:
    """Tickets of two years, a twentieth of them open, with their messages and the index, by large statements."""
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(3, 10))) for _ in range(30_000)]
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    company = {"id": 1, "name": "Example"}
    session.execute(tables.companies.insert(), [company])
    people = max(10, count // 10)
    rows = [{"id": n, "company_id": 1, "email": f"p{n}@example.org", "created_at": NOW} for n in range(1, people + 1)]
    session.execute(tables.people.insert(), rows)
    for start in range(1, count + 1, 1000):
        ids = range(start, min(start + 1000, count + 1))
        session.execute(tables.tickets.insert(), [_ticket_row(n, count, people, chance) for n in ids])
        said = [_message_row(n, part, words, weights, chance) for n in ids for part in range(SAID)]
        session.execute(tables.messages.insert(), said)
        for n in ids:
            fulltext.index_ticket(session, n, f"TKT-2026-{n:06}", "Question")
        for row in said:
            fulltext.index_message(session, row["id"], row["text"], "")
        session.commit()


def _ticket_row(n: int, count: int, people: int, chance: random.Random) -> dict[str, Any]:
    created = NOW - timedelta(days=730) * (1 - n / count)
    is_open = chance.random() < (0.5 if n > count * 0.95 else 0.03)
    return {
        "id": n, "company_id": 1, "number": f"TKT-2026-{n:06}", "subject": "Question", "mailbox": "s@desk.example",
        "requester_id": chance.randint(1, people), "source": "email", "participants": [], "tags": _tags(chance),
        "status": Status.OPEN if is_open else Status.CLOSED, "priority": chance.choice(list(Priority)),
        "assignee": chance.choice(["", *(agent.key for agent in DESK.agents)]) if is_open else DESK.agents[0].key,
        "created_at": created, "updated_at": created + timedelta(days=1), "answerable": True, "watchers": [],
        "resolution_due": created + timedelta(days=2), "fields": {}, "pauses": [],
    }  # fmt: skip


def _tags(chance: random.Random) -> list[str]:
    return ["refund"] if chance.random() < 0.02 else []


def _message_row(
    ticket: int, part: int, words: list[str], weights: list[float], chance: random.Random
) -> dict[str, Any]:
    said = chance.choices(words, weights, k=chance.randint(*LENGTH))
    for word, share in ((MANY, 0.2), (SOME, 0.005), (FEW, 0.00005)):
        if chance.random() < share:
            said.insert(chance.randrange(len(said)), word)
    return {
        "id": ticket * SAID + part, "ticket_id": ticket, "at": NOW, "author": Author.CUSTOMER, "kind": "human",
        "sender": f"p{chance.randint(1, 10_000)}@example.org", "sender_name": "", "visibility": Visibility.PUBLIC,
        "text": " ".join(said), "message_id": "", "files": "", "because": "",
    }  # fmt: skip


def ask(opened: Sessions) -> None:
    """Prints what each query costs, and what LIKE over every message did."""
    known = Known.of([DESK], DESK.agents[3].key)
    print(f"{'query':<42} {'found':>8} {'first 50':>10} {'count':>10}   (ms, median of 5)")
    for asked in ASKED:
        query = parse(asked, known)
        assert isinstance(query, Query), query
        with opened() as session:
            number = search.count(session, query, 1, NOW)
            first = _median(lambda q=query, s=session: search.find(s, q, 1, NOW, 50))  # type: ignore[misc]
            all_ = _median(lambda q=query, s=session: search.count(s, q, 1, NOW))  # type: ignore[misc]
        print(f"{asked:<42} {number:>8} {first:>10.1f} {all_:>10.1f}")
    with opened() as session:
        for word in (FEW, MANY):
            before = _median(lambda w=word, s=session: _like(s, w), 1)  # type: ignore[misc]
            print(f"{'LIKE %' + word + '%':<42} {'':>8} {before:>10.1f}")


def _like(session: Session, word: str) -> object:
    """The statement that was used before there was an index."""
    messages, tickets = tables.messages, tables.tickets
    said = or_(messages.c.text.icontains(word), messages.c.files.icontains(word))
    named = (tickets.c.number.icontains(word), tickets.c.subject.icontains(word))
    query = store.select_tickets().where(or_(*named, exists().where(messages.c.ticket_id == tickets.c.id, said)))
    return session.execute(query.order_by(tickets.c.id.desc()).limit(50)).all()


def _median(work: Callable[[], object], times: int = 5) -> float:
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begin) * 1000)
    return statistics.median(taken)


def insert(opened: Sessions, chance: random.Random, mails: int) -> None:
    """Prints what saving a ticket with its first message costs with and without the index, ten in a transaction and
    each in a savepoint, as the line does; the two in turns, so that both meet the same machine."""
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(3, 10))) for _ in range(30_000)]
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    taken: dict[bool, float] = {True: 0.0, False: 0.0}
    for batch in range(mails // 5):
        indexed = bool(batch % 2)
        texts = [" ".join(chance.choices(words, weights, k=chance.randint(*LENGTH))) for _ in range(10)]
        numbers = range(10_000_000 + batch * 10, 10_000_000 + batch * 10 + 10)
        begin = time.perf_counter()
        with _indexing(indexed), opened.begin() as session:
            for number, said in zip(numbers, texts, strict=True):
                with session.begin_nested():
                    _save(session, number, said)
        taken[indexed] += time.perf_counter() - begin
    each = {indexed: seconds * 1000 / mails for indexed, seconds in taken.items()}
    print(
        f"a new ticket with its message: {each[False]:.2f} ms without the index of words, {each[True]:.2f} ms with it"
    )


def _save(session: Session, number: int, said: str) -> None:
    person = Person(1, "p1@example.org")
    ticket = Ticket(
        0, "Example", f"TKT-{number}", "Question", person, "support@desk.example", "email", NOW, updated_at=NOW
    )
    id_ = store.insert_ticket(session, ticket, 1)
    message = MessageAdded(Author.CUSTOMER, "p1@example.org", "", Visibility.PUBLIC, said, f"{number}@x", "human", "")
    store.add_message(session, id_, None, message, "", NOW)


@contextmanager
def _indexing(on: bool) -> Iterator[None]:
    if on:
        yield
        return
    with patch.object(fulltext, "_index", lambda *_: None):
        yield


def run(engine: Engine, count: int, mails: int) -> None:
    """Fills an empty database and measures on it."""
    migrations.upgrade(engine)
    chance = random.Random(11)
    with sessions(engine)() as session:
        begin = time.perf_counter()
        fill(session, count, chance)
        print(f"{count} tickets with {SAID} messages each, filled in {time.perf_counter() - begin:.0f} s")
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in ("tickets", "messages"):  # the rows above were given their ids
                connection.execute(text(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))"))
            # PostgreSQL does so by itself, sooner or later; SQLite is nowhere told to
            connection.execute(text("VACUUM ANALYZE"))
    ask(sessions(reading(engine)))
    insert(sessions(engine), chance, mails)
    engine.dispose()


def main(arguments: Sequence[str]) -> None:
    """Measures on SQLite, or with --postgres on a PostgreSQL of its own."""
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000, metavar="N")
    parser.add_argument("--mails", type=int, default=2000, metavar="N", help="saved with and without the index")
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL that the bench starts")
    asked = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="mailtix-search-") as folder:
        if asked.postgres:
            with postgres(Path(folder)) as (url, _pid):
                run(open_engine(url), asked.tickets, asked.mails)
        else:
            run(open_engine(f"sqlite:///{folder}/mailtix.db"), asked.tickets, asked.mails)


if __name__ == "__main__":
    main(sys.argv[1:])
