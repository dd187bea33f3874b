"""What reports cost on a large desk: python -m bench.figures [TICKETS] [postgres]

Three years of tickets with their messages, histories and logs of targets, made from a seed and written past the line.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, Table

from bench.postgres import postgres
from mailtix.figures import REPORTS, By, cut
from mailtix.store import directory, figures, migrations
from mailtix.store.engine import open_engine, reading, sessions
from mailtix.store.figures import Frame
from mailtix.store.tables import history, messages, sla_log, tickets

_NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_DAYS = 3 * 365
_AGENTS = tuple(f"agent{n}@desk.example" for n in range(40))
_CATEGORIES = ("billing", "technical", "sales", "parcels", "")
_PRIORITIES = ("low", "medium", "medium", "medium", "high", "urgent", "critical")
_BATCH = 20_000
Row = dict[str, Any]


def _ticket(number: int, count: int, chance: random.Random) -> dict[Table, list[Row]]:
    """One ticket's rows: half are answered once, one in ten is reopened, one in fifty is still open."""
    opened = _NOW - timedelta(days=_DAYS) * (1 - number / count)
    agent, category = chance.choice(_AGENTS), chance.choice(_CATEGORIES)
    answered = opened + timedelta(minutes=chance.expovariate(1 / 90))
    solved = answered + timedelta(hours=chance.expovariate(1 / 20))
    is_open = chance.random() < 0.02
    answers = chance.choice((1, 1, 2, 3))
    row = {
        "id": number, "company_id": 1, "number": f"T{number}", "subject": "Help", "requester_id": 1,
        "mailbox": "support@desk.example", "source": "email", "status": "in_progress" if is_open else "closed",
        "priority": chance.choice(_PRIORITIES), "category": category, "assignee": agent, "team": category,
        "tags": [], "participants": [], "pauses": [], "watchers": [], "fields": {}, "created_at": opened,
        "updated_at": solved, "rating": chance.choice((None, None, None, 1, 3, 4, 5, 5)), "feedback": "",
        "answerable": True, "version": 1,
    }  # fmt: skip
    said = [_message(number, opened, "customer", "ann@example.org")]
    said += [_message(number, answered + timedelta(hours=n), "agent", agent) for n in range(answers)]
    lines = [_line(number, opened, "ticket", "", "open", "ann@example.org")]
    lines += [_line(number, answered, field, "", "", agent) for field in ("message", "first_response_at", "sla")]
    if not is_open:
        lines.append(_line(number, solved, "status", "waiting_customer", "resolved", agent))
        if chance.random() < 0.1:
            lines.append(
                _line(number, solved + timedelta(hours=5), "status", "resolved", "reopened", "ann@example.org")
            )
            lines.append(_line(number, solved + timedelta(hours=9), "status", "reopened", "closed", agent))
        else:
            lines.append(_line(number, solved + timedelta(hours=48), "status", "resolved", "closed", "mailtix"))
        lines.append(_line(number, solved + timedelta(hours=72), "survey", "", "", "mailtix"))
        if row["rating"]:
            lines.append(
                _line(number, solved + timedelta(hours=80), "rating", "", str(row["rating"]), "ann@example.org")
            )
    ran = [_ran(number, "first_response", (opened, answered), timedelta(hours=4), agent)]
    ran += [] if is_open else [_ran(number, "resolution", (opened, solved), timedelta(hours=24), agent)]
    return {tickets: [row], messages: said, history: lines, sla_log: ran}


def _message(ticket: int, at: datetime, author: str, sender: str) -> Row:
    return {
        "ticket_id": ticket, "journal_id": None, "at": at, "author": author, "sender": sender, "sender_name": "",
        "visibility": "public", "kind": "human", "text": "words " * 60, "message_id": "", "files": "", "because": "",
    }  # fmt: skip


def _line(ticket: int, at: datetime, field: str, old: str, new: str, actor: str) -> Row:
    return {
        "ticket_id": ticket, "at": at, "actor": actor, "field": field, "old": old, "new": new, "text": "what happened",
        "because": "why it happened", "cause": "J1",
    }  # fmt: skip


def _ran(ticket: int, target: str, span: tuple[datetime, datetime], promised: timedelta, agent: str) -> Row:
    begin, met = span
    seconds = round((met - begin).total_seconds())
    return {
        "company_id": 1, "ticket_id": ticket, "target": target, "policy": "standard", "agent": agent,
        "started_at": begin, "due_at": begin + promised, "met_at": met, "missed": met > begin + promised,
        "wall_seconds": seconds, "working_seconds": seconds // 3,
    }  # fmt: skip


def fill(engine: Engine, count: int) -> None:
    """Writes that many tickets."""
    chance = random.Random(7)
    for first in range(1, count + 1, _BATCH):
        rows: dict[Table, list[Row]] = {}
        for number in range(first, min(first + _BATCH, count + 1)):
            for table, new in _ticket(number, count, chance).items():
                rows.setdefault(table, []).extend(new)
        with engine.begin() as connection:
            for table in (tickets, messages, history, sla_log):
                connection.execute(table.insert(), rows[table])
        print(f"\r{min(first + _BATCH - 1, count):,} of {count:,} tickets", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def questions() -> Iterator[tuple[str, By, int]]:
    """Each report as it is asked by itself, over a month, a quarter and everything."""
    usual = {"volume": By.DAY, "agents": By.AGENT, "sla": By.PRIORITY, "satisfaction": By.WEEK}
    for days in (30, 90, _DAYS):
        for name in REPORTS:
            yield name, By.MONTH if days == _DAYS and usual[name].is_time else usual[name], days


def measure(engine: Engine, count: int) -> None:
    """Fills an empty database and asks it."""
    migrations.upgrade(engine)
    with sessions(engine).begin() as session:
        company = directory.company_ids(session, ["Example"])["Example"]
        directory.person(session, company, "ann@example.org", "Ann", _NOW)
    fill(engine, count)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "postgresql":  # as autovacuum does by and by
            connection.exec_driver_sql("ANALYZE")
    ask(engine, company)


def ask(engine: Engine, company: int) -> None:
    """Prints the seconds that each report takes, and of them a processor's (without those of a PostgreSQL)."""
    for name, by, days in questions():
        frame = Frame((company,), cut(_NOW - timedelta(days=days), _NOW, by, UTC), by, _AGENTS)
        with sessions(reading(engine))() as session:
            begin, busy = time.perf_counter(), time.process_time()
            table = figures.report(session, name, frame, _NOW)
            seconds, processor = time.perf_counter() - begin, time.process_time() - busy
        what = f"{name:<13} by {by:<9} {days:>5} days"
        print(f"{what}  {seconds:7.2f} s, {processor:6.2f} s of a processor  {len(table.rows)} rows", flush=True)


def main(count: int = 1_000_000, *, on_postgres: bool = False) -> None:
    """Measures on SQLite, or on a PostgreSQL of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="mailtix-figures-")))
        url = stack.enter_context(postgres(folder))[0] if on_postgres else f"sqlite:///{folder}/mailtix.db"
        engine = open_engine(url)
        stack.callback(engine.dispose)
        measure(engine, count)
        if not on_postgres:
            print(f"{(folder / 'mailtix.db').stat().st_size / 1e9:.1f} GB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.figures", description="What reports cost on a large desk.")
    parser.add_argument("tickets", type=int, nargs="?", default=1_000_000, help="how many tickets are written first")
    parser.add_argument("where", nargs="?", choices=["sqlite", "postgres"], default="sqlite", help="which database")
    given = parser.parse_args()
    main(given.tickets, on_postgres=given.where == "postgres")
