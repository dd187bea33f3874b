"""What the limits count, and what is asked of a long ticket, is answered from an index, however much there is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text

from mailtix.store import migrations, standing, tickets
from mailtix.store.engine import open_engine
from mailtix.store.prepared import Prepared

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
QUESTIONS = {
    "tickets": (standing._OPENED, {"person": 1, "most": 10}),
    "answers": (standing._ANSWERED, {"company": 1, "email": "ann@example.org", "since": NOW, "most": 100}),
    "mails": (standing._WRITTEN, {"ticket": 1, "email": "ann@example.org", "most": 3}),
    "heard": (tickets._HEARD, {"ticket": 1, "sender": "ann@example.org"}),
    "held": (tickets._HELD, {"ticket": 1}),
}
FOUND = {
    "tickets": ("ix_tickets_requester (requester_id=?)", "requester_id ="),
    "answers": ("ix_outbox_automatic (company_id=? AND <expr>=? AND created_at>?)", "(substr(rcpt_to, 1, 200) ="),
    "mails": ("ix_messages_sender (<expr>=? AND ticket_id=?)", "(ticket_id ="),
    "heard": ("ix_messages_sender (<expr>=? AND ticket_id=?)", "ix_messages_sender"),
    "held": ("ix_messages_held (ticket_id=?)", "ix_messages_held"),
}


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    engine = open_engine(database)
    migrations.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("question", QUESTIONS)
def test_each_count_is_answered_from_an_index_by_all_that_it_asks_for(engine: Engine, question: str) -> None:
    on_sqlite, on_postgresql = FOUND[question]

    plan = plan_of(engine, *QUESTIONS[question])

    assert (on_sqlite if engine.dialect.name == "sqlite" else on_postgresql) in plan


def plan_of(engine: Engine, prepared: Prepared, values: dict[str, object]) -> str:
    """How the database would find the answer, in its own words."""
    with engine.connect() as connection:
        explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET enable_seqscan = off"))  # a table without rows is read as a whole anyway
        compiled = prepared.statement(engine.dialect).compile(engine)
        bound = {name: str(value) if isinstance(value, datetime) else value for name, value in values.items()}
        named = compiled.construct_params(bound)
        parameters = tuple(named[name] for name in compiled.positiontup) if compiled.positiontup else named
        return "\n".join(
            " ".join(map(str, row)) for row in connection.exec_driver_sql(explain + str(compiled), parameters)
        )
