"""What the line asks of the database for each mail is found by an index, however much is there already."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event

from mailtix.model.mail import Envelope
from mailtix.store import directory, journal, migrations
from mailtix.store.engine import open_engine, sessions
from mailtix.store.journal import New

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_sqlite_finds_the_mails_that_are_due_without_going_through_the_journal(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/mailtix.db")
    migrations.upgrade(engine)
    asked: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _k, query, values, *_: asked.append((query, values)))

    with sessions(engine)() as session:
        journal.claim(session, 10, NOW)
        query, values = asked[-1]
        plan = [row[3] for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values)]
    engine.dispose()

    assert any("ix_journal_due" in step for step in plan), plan
    assert not any(step.endswith("SCAN journal") or "TEMP B-TREE" in step for step in plan), plan


def test_sqlite_finds_whose_turn_it_is_without_going_through_the_journal(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/mailtix.db")
    migrations.upgrade(engine)
    with sessions(engine).begin() as session:
        [company] = directory.company_ids(session, ["One"]).values()
        envelope = Envelope("ann@example.org", ("support@desk.example",), NOW, "smtp", "192.0.2.1", "mx.example", False)
        mails = [New.of(b"%d" % number, envelope, {company: "support@desk.example"}) for number in range(3)]
        journal.append(session, [one for group in mails for one in group])
    asked: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _k, query, values, *_: asked.append((query, values)))

    with sessions(engine)() as session:
        assert len(journal.claim(session, 2, NOW)) == 2
        query, values = asked[-1]
        plan = [row[3] for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values)]
    engine.dispose()

    assert any("ix_journal_turns" in step for step in plan), plan
    assert not any(step.endswith("SCAN journal") for step in plan), plan
