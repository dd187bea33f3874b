"""What the line asks of the database for each mail is found by an index, however much is there already."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event

from mailtix.store import journal, migrations
from mailtix.store.engine import open_engine, sessions

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
