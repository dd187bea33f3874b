"""What the limits cost a mail: their questions, asked among many tickets and many mails that left."""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mailtix.limits import Terms
from mailtix.model.change import Opened
from mailtix.model.standing import Standing
from mailtix.model.ticket import Person
from mailtix.store import migrations, standing, tables
from mailtix.store.engine import Engine, open_engine, sessions
from mailtix.store.tickets import insert_ticket
from mailtix.tickets.evolve import evolve

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_TICKETS_EACH = 10
_ROWS = 5_000
_ASKED = 2_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Fills an empty database and prints what one mail of a sender costs, in ms."""
    parser = argparse.ArgumentParser(prog="python -m bench.limits", description=__doc__)
    parser.add_argument("--tickets", type=int, default=50_000, metavar="N")
    parser.add_argument("--database", metavar="URL", help="an empty one (default: SQLite in a temporary folder)")
    given = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        engine = open_engine(given.database or f"sqlite:///{Path(folder)}/mailtix.db")
        migrations.upgrade(engine)
        fill(engine, given.tickets)
        for what, ticket in (("a new ticket", 0), ("an answer", 1)):
            times = sorted(asked(engine, max(1, given.tickets // _TICKETS_EACH), ticket))
            median, slow = statistics.median(times), times[int(len(times) * 0.99)]
            print(f"{what}: median {median * 1000:.3f} ms, p99 {slow * 1000:.3f} ms")
        engine.dispose()


def fill(engine: Engine, count: int) -> None:
    """Tickets of many senders, each ticket with its message and its receipt."""
    people = max(1, count // _TICKETS_EACH)
    with engine.begin() as connection:
        connection.execute(tables.companies.insert(), {"id": 1, "name": "Example"})
        for rows in _batches(people, lambda n: {"id": n, "company_id": 1, "email": _address(n), "created_at": NOW}):
            connection.execute(tables.people.insert(), rows)
    with sessions(engine).begin() as session:
        for number in range(1, count + 1):
            sender = 1 + number % people
            at = NOW - timedelta(seconds=count - number)
            opened = Opened("Help", Person(sender, _address(sender)), "support@desk.example", "email")
            insert_ticket(session, replace(evolve(None, opened, "Example", at), number=f"T{number}"), 1)
        for rows in _batches(count, lambda n: _message(n, 1 + n % people)):
            session.execute(tables.messages.insert(), rows)
        for rows in _batches(count, lambda n: _receipt(n, 1 + n % people, NOW - timedelta(seconds=count - n))):
            session.execute(tables.outbox.insert(), rows)


def asked(engine: Engine, people: int, ticket: int) -> Iterator[float]:
    """The seconds that each of many mails costs."""
    with sessions(engine).begin() as session:
        for number in range(_ASKED):
            id_ = 1 + number * 7 % people
            sender = Person(id_, _address(id_)), Standing()
            begin = time.perf_counter()
            standing.traffic(session, 1, sender, ticket and max(1, id_ - 1), Terms(), NOW)
            yield time.perf_counter() - begin


def _address(number: int) -> str:
    return f"p{number}@example.org"


def _message(number: int, sender: int) -> dict[str, Any]:
    words = {"sender_name": "", "visibility": "public", "kind": "human", "text": "It burns. " * 30, "message_id": ""}
    return {"ticket_id": number, "at": NOW, "author": "customer", "sender": _address(sender), **words} | {
        "files": "",
        "because": "",
    }


def _receipt(number: int, sender: int, at: datetime) -> dict[str, Any]:
    mail = {"message_id": f"{number}@desk.example", "mail_from": "support@desk.example", "rcpt_to": _address(sender)}
    ours = {"company_id": 1, "ticket_id": number, "template": "created", "raw": b"x" * 300, "created_at": at}
    return mail | ours | {"state": "sent", "next_at": at}


def _batches(count: int, row: Any) -> Iterator[list[dict[str, Any]]]:
    for begin in range(1, count + 1, _ROWS):
        yield [row(number) for number in range(begin, min(begin + _ROWS, count + 1))]


if __name__ == "__main__":
    main()
