"""What many moments that are due at once cost, and what mail that comes in meanwhile waits for them."""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench.postgres import postgres
from bench.usage import usage
from mailtix.app import App, open_app
from mailtix.config import load
from mailtix.ingest.accept import Parcel
from mailtix.log import open_log
from mailtix.model.mail import Envelope
from mailtix.store import tables

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
AGENTS = 20
CONFIG = """
companies: [{name: Example, mailboxes: [{address: support@desk.example}]}]
security: {verify: never}
agents:
""" + "".join(f"  - {{name: Agent {n}, email: a{n}@desk.example}}\n" for n in range(AGENTS))
MAIL = (
    "From: c{0}@example.org\r\nTo: support@desk.example\r\nSubject: Question {0}\r\n"
    "Message-ID: <{0}@example.org>\r\n\r\nHi.\r\n"
)


def fill(session: Session, count: int) -> None:
    """Tickets whose first response is due now, each with the timer that says so."""
    company = session.execute(select(tables.companies.c.id)).scalar_one()
    rows = [{"company_id": company, "email": f"p{n}@example.org", "created_at": NOW} for n in range(1000)]
    session.execute(tables.people.insert(), rows)
    people = list(session.execute(select(tables.people.c.id)).scalars())
    for start in range(1, count + 1, 1000):
        ids = range(start, min(start + 1000, count + 1))
        session.execute(tables.tickets.insert(), [_ticket(n, company, people[n % len(people)]) for n in ids])
        timers = [{"ticket_id": n, "kind": "first_response_breach", "due_at": NOW} for n in ids]
        session.execute(tables.timers.insert(), timers)
    session.commit()


def _ticket(n: int, company: int, person: int) -> dict[str, Any]:
    created = NOW - timedelta(hours=4)
    return {
        "id": n,
        "company_id": company,
        "number": f"TKT-2025-{n:06}",
        "subject": "Question",
        "requester_id": person,
        "mailbox": "support@desk.example",
        "source": "email",
        "status": "assigned",
        "priority": "medium",
        "assignee": f"a{n % AGENTS}@desk.example",
        "tags": [],
        "participants": [],
        "created_at": created,
        "updated_at": created,
        "status_since": created,
        "owner_since": created,
        "first_response_due": NOW,
        "resolution_due": NOW + timedelta(hours=20),
        "resolution_from": created,
        "waiting_since": created,
        "sla_policy": "default",
        "pauses": [],
        "answerable": True,
        "watchers": [],
        "fields": {},
        "version": 1,
    }


def run(folder: Path, database: str, count: int, late: timedelta) -> None:
    """Carries all of them out while mail comes in, and says what that took."""
    path = folder / "mailtix.yaml"
    path.write_text(f"database: {database}\noutbound: {{maildir: sent}}\n{CONFIG}", encoding="utf-8")
    app = open_app(load(path, {}), open_log("json", "error", StringIO()), now=lambda: NOW + late)
    try:
        with app.sessions() as session:
            fill(session, count)
        with _mails(app) as waits:
            begin = time.perf_counter()
            app.work.timers()
            while app.work.more_timers:
                app.work.timers()
            took = time.perf_counter() - begin
        with app.sessions() as session:
            left, missed, mails = _state(session, NOW + late)
    finally:
        app.close()
    kind = database.partition(":")[0].partition("+")[0]
    how, memory = "late" if late else "on time", usage(os.getpid()).memory / 2**20
    print(f"{kind}, {count:,} due, {how}: {took:.1f} s, {count / took:,.0f} a second, {memory:,.0f} MiB")
    print(f"  {missed:,} done, {left} left, {mails:,} mails to leave")
    if waits:
        ordered = sorted(waits)
        most, last = ordered[len(ordered) * 95 // 100], ordered[-1]
        print(f"  {len(ordered)} mails came in meanwhile; from accepted to done, in ms:", end=" ")
        print(f"median {statistics.median(ordered) * 1000:.0f}, 95 % {most * 1000:.0f}, slowest {last * 1000:.0f}")


def _state(session: Session, now: datetime) -> tuple[int, int, int]:
    """The timers that are still due, the targets that were noted as missed, and the mails that tell of them."""
    timers, outbox = tables.timers.c, tables.outbox.c
    due = (timers.fired_at.is_(None)) & (timers.due_at <= now)
    counted = (due, tables.history.c.field == "sla_missed", outbox.template.in_(("sla_breach", "caught_up")))
    left, missed, mails = (session.execute(select(func.count()).where(what)).scalar_one() for what in counted)
    return left, missed, mails


@contextmanager
def _mails(app: App) -> Iterator[list[float]]:
    """A mail each quarter of a second; how many seconds each took until it was a ticket."""
    waits: list[float] = []
    over = threading.Event()

    def write() -> None:
        number = 0
        while not over.wait(0.25):
            number += 1
            raw = MAIL.format(number).encode()
            envelope = Envelope(f"c{number}@example.org", ("support@desk.example",), NOW, "smtp", "127.0.0.1")
            begin = time.perf_counter()
            app.commit([Parcel(raw, envelope)])
            app.work.mails()
            waits.append(time.perf_counter() - begin)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield waits
    finally:
        over.set()
        thread.join()


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints what it measures."""
    parser = argparse.ArgumentParser(prog="python -m bench.moments", description=__doc__)
    parser.add_argument("--due", type=int, default=100_000, metavar="N", help="moments that are due (default: 100000)")
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of its own instead of SQLite")
    parser.add_argument("--on-time", action="store_true", help="they are due just now: everybody is told of each")
    asked = parser.parse_args(arguments)
    late = timedelta(0) if asked.on_time else timedelta(hours=1)
    with TemporaryDirectory(prefix="mailtix-bench-") as name:
        folder = Path(name)
        if not asked.postgres:
            run(folder, f"sqlite:///{folder}/mailtix.db", asked.due, late)
            return 0
        with postgres(folder) as (url, _):
            run(folder, url, asked.due, late)
    return 0


if __name__ == "__main__":
    sys.exit(main())
