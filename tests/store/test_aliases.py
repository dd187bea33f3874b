"""The addresses of one customer are one group, whoever joins and whoever leaves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from mailtix.store import aliases, directory, migrations
from mailtix.store.engine import open_engine

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ANN, HOME, WORK, JOE = "ann@example.org", "ann@home.example", "ann@work.example", "joe@example.net"


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    engine = open_engine(database)
    migrations.upgrade(engine)
    with Session(engine) as session:
        directory.company_ids(session, ["Example", "Other"])
        yield session
    engine.dispose()


def same(session: Session, email: str, company: str = "Example") -> set[str]:
    """Who else is the same customer."""
    number = directory.known_ids(session, [company])[company]
    person, standing = directory.sender(session, number, email, "", NOW)
    return {other.email for other in aliases.others(session, number, person.id, standing.customer)}


def join(session: Session, *emails: str, company: str = "Example") -> None:
    number = directory.known_ids(session, [company])[company]
    for email in emails:
        directory.person(session, number, email, "", NOW)
    aliases.join(session, number, emails)


def part(session: Session, email: str) -> None:
    aliases.part(session, directory.known_ids(session, ["Example"])["Example"], email)


def test_who_is_joined_is_the_same_both_ways(session: Session) -> None:
    join(session, ANN, HOME)

    assert (same(session, ANN), same(session, HOME), same(session, JOE)) == ({HOME}, {ANN}, set())


def test_groups_grow_together(session: Session) -> None:
    join(session, WORK, JOE)
    join(session, ANN, HOME)
    join(session, HOME, WORK)

    assert same(session, JOE) == {ANN, HOME, WORK}


@pytest.mark.parametrize("leaving", [ANN, HOME, WORK])
def test_who_leaves_is_alone_and_the_others_stay_together(session: Session, leaving: str) -> None:
    join(session, ANN, HOME)
    join(session, HOME, WORK)

    part(session, leaving)

    assert same(session, leaving) == set()
    [one, other] = {ANN, HOME, WORK} - {leaving}
    assert (same(session, one), same(session, other)) == ({other}, {one})


@pytest.mark.parametrize("leaving", [ANN, HOME])
def test_who_has_left_brings_nobody_along_to_his_next_group(session: Session, leaving: str) -> None:
    join(session, ANN, HOME)
    join(session, ANN, WORK)
    part(session, leaving)

    join(session, leaving, JOE)

    assert (same(session, JOE), same(session, leaving)) == ({leaving}, {JOE})


def test_another_company_knows_nothing_of_it(session: Session) -> None:
    join(session, ANN, HOME)
    join(session, ANN, JOE, company="Other")

    assert (same(session, ANN), same(session, ANN, "Other")) == ({HOME}, {JOE})
