"""What is looked at again and again, with 100,000 tickets: python -m bench.sweeps [TICKETS] [--postgres] [--similar].

Rules at a time (the timers that they set and the tickets that they meet), the queues of teams that give tickets away,
and with --similar what similar tickets suggest. CPU time of this process; of PostgreSQL's the wall time tells.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import func, select, text

from bench import search
from bench.postgres import postgres
from mailtix.app import App, open_app
from mailtix.config import load
from mailtix.log import open_log
from mailtix.query.similar import suggest, telling
from mailtix.queues import give_away
from mailtix.rule_times import set_timers
from mailtix.rules import Known
from mailtix.rules import load as load_rules
from mailtix.store import migrations, queues, similar, tables
from mailtix.store.engine import Session, open_engine, sessions

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CONFIG = """
companies: [{name: Example, mailboxes: [{address: support@desk.example}]}]
security: {verify: never}
agents:
  - {name: Ann, email: ann@desk.example, teams: [billing], availability: away}
  - {name: Bob, email: bob@desk.example, teams: [technical]}
teams: [{name: billing, strategy: least_busy}, {name: technical, strategy: round_robin}]
rules: [10.yaml]
"""
RULES = "- {name: Monday, on: {time: '0 12 * * *'}, when: {priority: low, tags: never}, then: {tag: seen}}\n"
OPEN, WAITING = 0.5, 0.01  # of all tickets


@contextmanager
def measured(what: str, times: int = 1) -> Iterator[None]:
    """Prints the time that one of so many took."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    _print(what, (time.perf_counter() - wall) / times, (time.process_time() - cpu) / times)


def _print(what: str, wall: float, cpu: float) -> None:
    print(f"{what:<72}{1000 * wall:>10.2f} ms{1000 * cpu:>10.2f} ms of CPU", flush=True)


def _waiting(app: App) -> int:
    with app.sessions() as session:
        query = select(func.count()).select_from(tables.timers).where(tables.timers.c.fired_at.is_(None))
        return session.execute(query).scalar_one()


def fill(session: Session, count: int) -> None:
    """Tickets, half of them open, each with a history; one in a hundred waits for somebody of a team to be there."""
    company = session.execute(select(tables.companies.c.id)).scalar_one()
    people = [{"company_id": company, "email": f"p{n}@example.org", "created_at": NOW} for n in range(1000)]
    session.execute(tables.people.insert(), people)
    ids = list(session.execute(select(tables.people.c.id)).scalars())
    for start in range(1, count + 1, 1000):
        rows = [_ticket(n, company, ids[n % len(ids)], count) for n in range(start, min(start + 1000, count + 1))]
        session.execute(tables.tickets.insert(), rows)
        session.execute(tables.history.insert(), [line for row in rows for line in _history(row)])
    session.commit()


def _ticket(n: int, company: int, person: int, count: int) -> dict[str, Any]:
    created, waits = NOW - timedelta(minutes=count - n), n % round(1 / WAITING) == 0
    is_open = waits or n % round(1 / OPEN) == 0
    return {
        "id": n, "company_id": company, "number": f"TKT-2026-{n:06}", "subject": "Question", "requester_id": person,
        "mailbox": "support@desk.example", "source": "email", "status": "open" if is_open else "closed",
        "assignee": "" if waits else "bob@desk.example", "team": "billing" if waits else "technical", "priority": "low",
        "tags": [], "participants": [], "created_at": created, "updated_at": created, "status_since": created,
        "owner_since": created, "pauses": [], "answerable": True, "watchers": [], "fields": {}, "version": 1,
    }  # fmt: skip


def _history(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    line = {"ticket_id": row["id"], "at": row["created_at"], "actor": "team", "because": "", "cause": "J1", "text": "x"}
    yield {**line, "field": "ticket", "old": "", "new": "open"}
    yield {**line, "field": "team", "old": "", "new": row["team"]}
    yield {**line, "field": "nobody" if not row["assignee"] else "assignee", "old": "", "new": row["assignee"]}


def sweeps(app: App) -> None:
    """Rules at a time, and the queues."""
    house, company = app.house, next(iter(app.house.companies))
    others = load_rules([("10.yaml", RULES.replace("priority: low", "status: waiting_internal"))], Known())
    sifted = replace(house, policy=replace(house.policy, rules=others))
    with app.sessions.begin() as session:
        set_timers(session, sifted, NOW - timedelta(days=1))
        with measured("looking for those it may be for, when it has come and there are none"):
            set_timers(session, sifted, NOW)
    with app.sessions.begin() as session:
        set_timers(session, house, NOW - timedelta(days=1))
        with measured("a time that has not come", 100):
            for _ in range(100):
                set_timers(session, house, NOW - timedelta(hours=1))
        with measured("its timers for every open ticket, when it has come"):
            set_timers(session, house, NOW)
    rounds, before = 5, _waiting(app)
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(rounds):
        app.work.timers()
    wall, cpu, met = time.perf_counter() - wall, time.process_time() - cpu, before - _waiting(app)
    _print(f"each of {before:,} tickets that a rule meets then ({met:,} tried)", wall / met, cpu / met)
    with app.sessions.begin() as session:
        with measured("a team for which nothing waits", 20):
            for _ in range(20):
                queues.waiting(session, company, ["technical"], 100)
        with measured(f"a team for which {WAITING:.0%} of all tickets wait", 20):
            for _ in range(20):
                queues.waiting(session, company, ["billing"], 100)
        with measured("the whole look, when nobody of that team is there", 20):
            for _ in range(20):
                give_away(session, house, 100, NOW)


def suggestions(url: str, count: int) -> None:
    """What similar tickets suggest, for mails of the words of the archive."""
    engine, chance = open_engine(url), random.Random(12)
    migrations.upgrade(engine)
    with sessions(engine)() as session:
        search.fill(session, count, chance)
        session.execute(text("UPDATE tickets SET category = CASE WHEN id % 3 = 0 THEN 'billing' ELSE 'technical' END"))
        session.commit()
        if engine.dialect.name == "postgresql":
            session.execute(text("ANALYZE"))
        texts = list(session.execute(select(tables.messages.c.text).limit(5000)).scalars())
        mails = [(f"{search.MANY} {search.SOME}", chance.choice(texts)) for _ in range(50)]
        with measured("the category that similar tickets suggest", len(mails)):
            for subject, said in mails:
                suggest(similar.seen(session, 1, telling(subject, said)), ())
    engine.dispose()


def run(folder: Path, url: str, count: int) -> None:
    """Fills a database and measures on it."""
    (folder / "10.yaml").write_text(RULES)
    path = folder / "mailtix.yaml"
    path.write_text(f"database: {url}\noutbound: {{maildir: sent}}\n{CONFIG}", encoding="utf-8")
    app = open_app(load(path, {}), open_log("json", "error", StringIO()), now=lambda: NOW)
    try:
        with app.sessions() as session:
            fill(session, count)
            if "postgresql" in url:
                session.execute(text("ANALYZE"))
                session.commit()
        sweeps(app)
    finally:
        app.close()


def main(arguments: Sequence[str]) -> None:
    """On SQLite, or on a PostgreSQL of its own."""
    parser = argparse.ArgumentParser(prog="python -m bench.sweeps", description=__doc__)
    parser.add_argument("tickets", type=int, nargs="?", default=100_000)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--similar", action="store_true")
    asked = parser.parse_args(arguments)
    work: Callable[[Path, str], None] = (
        (lambda _, url: suggestions(url, asked.tickets))
        if asked.similar
        else lambda at, url: run(at, url, asked.tickets)
    )
    with TemporaryDirectory(prefix="mailtix-sweeps-") as name:
        folder = Path(name)
        if asked.postgres:
            with postgres(folder) as (url, _):
                work(folder, url)
        else:
            work(folder, f"sqlite:///{folder}/mailtix.db")


if __name__ == "__main__":
    main(sys.argv[1:])
