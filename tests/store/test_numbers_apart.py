"""Numbers of tickets are never counted twice, and nobody waits for them until somebody else's transaction ends."""

from __future__ import annotations

from collections.abc import Callable

from mailtix.store import directory, migrations, tickets
from mailtix.store.engine import open_engine, sessions


def test_on_postgresql_whoever_takes_a_number_keeps_nobody_from_the_next(postgres: Callable[[], str]) -> None:
    engine = open_engine(postgres())
    migrations.upgrade(engine)
    with sessions(engine).begin() as session:
        company = directory.company_ids(session, ["Example"])["Example"]

    with sessions(engine)() as one, sessions(engine)() as other:
        taken = [tickets.next_number(session, company, "2026") for session in (one, other, one)]
        one.commit()
        other.rollback()
    with sessions(engine).begin() as session:
        taken.append(tickets.next_number(session, company, "2026"))
        taken.append(tickets.next_number(session, company, "2027"))

    assert taken == [1, 2, 3, 4, 1]
    engine.dispose()
