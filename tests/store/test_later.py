"""Rows that wait for the end of a batch are seen by whoever asks, as if they were there already."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import IntegrityError

from mailtix.model.decision import Outcome, TimerPlan
from mailtix.model.mail import Envelope
from mailtix.model.outgoing import OutgoingMail
from mailtix.model.ticket import Visibility
from mailtix.query import Words
from mailtix.store import directory, fulltext, journal, kinship, migrations, outbox, threads, tickets, timers
from mailtix.store.engine import Session, open_engine, sessions
from mailtix.store.journal import New
from mailtix.store.later import together
from mailtix.store.tables import history, letters, message_ids
from mailtix.store.tables import timers as timer_rows
from mailtix.store.tickets import HistoryRow

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ANN = "ann@example.org"
TICKET = {"company_id": 1, "subject": "Help", "requester_id": 1, "mailbox": "", "source": "email", "status": "open"}
TICKET |= {"priority": "medium", "tags": [], "participants": [ANN], "created_at": NOW, "updated_at": NOW, "pauses": []}
TICKET |= {"answerable": True, "watchers": [], "fields": {}}
WORDS = ("fire", "smoke", "ashes")


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    """Two tickets, each with a mail in the journal."""
    engine = open_engine(database)
    migrations.upgrade(engine)
    with sessions(engine)() as session:
        directory.company_ids(session, ["One"])
        directory.person(session, 1, ANN, "Ann", NOW)
        envelope = Envelope(ANN, ("support@desk.example",), NOW, "smtp", "192.0.2.1", "mx.example", False)
        for number in (1, 2):
            tickets._INSERT_TICKET.one(session, {**TICKET, "number": f"TKT-{number}"})
            journal.append(session, New.of(b"%d" % number, envelope, {1: "support@desk.example"}))
        yield session
    engine.dispose()


def line(cause: str) -> HistoryRow:
    """A line of a history."""
    return HistoryRow(NOW, ANN, "status", "", "open", "opened", "", cause)


def write_history(session: Session, chance: Random) -> None:
    lines = [line(f"J{chance.randrange(1000)}") for _ in range(chance.randint(1, 3))]
    tickets.add_history(session, chance.randint(1, 2), lines)


def write_timers(session: Session, chance: Random) -> None:
    due = [NOW + timedelta(minutes=chance.randrange(20)) for _ in range(2)]
    timers.add(session, chance.randint(1, 2), {TimerPlan("reminder", at) for at in due})


def plan_timers(session: Session, chance: Random) -> None:
    due = NOW + timedelta(minutes=chance.randrange(20))
    timers.plan(session, chance.randint(1, 2), frozenset([TimerPlan("reminder", due)]))


def write_ids(session: Session, chance: Random) -> None:
    ids = {f"{chance.randrange(20)}@example.org": False for _ in range(2)}
    threads.index(session, 1, chance.randint(1, 2), ids)


def write_words(session: Session, chance: Random) -> None:
    """Each word of a ticket's has its own row, which stands for nothing else."""
    known = session.info.setdefault("rows of words", set())
    row = chance.randint(1, 10_000)
    if row not in known:
        known.add(row)
        fulltext.index_ticket(session, row, "", chance.choice(WORDS))


def write_letters(session: Session, chance: Random) -> None:
    ids = [f"{chance.randrange(100)}@desk.example" for _ in range(2)]
    for id_ in dict.fromkeys(ids):
        outbox.put_in(session, 1, chance.randint(1, 2), "created", OutgoingMail(id_, "", ANN, id_.encode()), NOW)


def finish(session: Session, chance: Random) -> None:
    done = (Outcome.OPENED, f"because {chance.random()}")
    journal.finish(session, chance.randint(1, 2), done, 1, "", NOW)


def take_over(session: Session, _chance: Random) -> None:
    kinship.take_over(session, 1, 2)


def fail_inside(session: Session, chance: Random) -> None:
    """What is taken back with a savepoint of its own."""
    savepoint = session.begin_nested()
    write_history(session, chance)
    write_ids(session, chance)
    savepoint.rollback()


def ask_threads(session: Session, _chance: Random) -> Any:
    return threads.lookup(session, 1, [f"{number}@example.org" for number in range(9)])


def ask_more_threads(session: Session, _chance: Random) -> Any:
    return threads.lookup(session, 1, [f"{number}@example.org" for number in range(20)])


def ask_history(session: Session, chance: Random) -> Any:
    return tickets.history_of(session, chance.randint(1, 2))


def ask_text(session: Session, _chance: Random) -> Any:
    return session.execute(text("WITH h AS (SELECT * FROM history) SELECT count(*), max(cause) FROM h")).all()


def ask_driver(session: Session, _chance: Random) -> Any:
    return session.connection().exec_driver_sql("SELECT count(*) FROM timers").all()


def ask_words(session: Session, chance: Random) -> Any:
    asked = Words((chance.choice(WORDS),))
    return sorted(session.execute(fulltext.found(session, asked, [Visibility.PUBLIC])).scalars())


def ask_journal(session: Session, chance: Random) -> Any:
    entry = journal.entry(session, chance.randint(1, 2))
    return entry and (entry.state, entry.because)


def ask_letters(session: Session, _chance: Random) -> Any:
    return session.execute(select(letters.c.raw).order_by(letters.c.raw)).all()


WRITE = (write_history, write_timers, write_ids, write_words, write_letters, finish)
CHANGE = (plan_timers, take_over, fail_inside)
ASK = (ask_threads, ask_more_threads, ask_history, ask_text, ask_driver, ask_words, ask_journal, ask_letters)


def outcome(session: Session, seed: int, deferred: bool) -> list[Any]:
    """All that is answered in the course of a random work, and what is there at its end, in the order in which it was
    written; without the ids, of which PostgreSQL gives none twice."""
    chance = Random(seed)
    answers: list[Any] = []
    savepoint = session.begin_nested()
    session.info.pop("rows of words", None)
    with together(session) if deferred else nullcontext():
        for _ in range(30):
            step = chance.choice(chance.choice((WRITE, WRITE, WRITE, CHANGE, ASK)))
            answers.append((step.__name__, step(session, chance)))
    for table in (history, timer_rows, message_ids):
        order = table.c.id if "id" in table.c else table.c.digest
        rows = session.execute(select(table).order_by(order)).all()
        answers += [[value for name, value in row._mapping.items() if name != "id"] for row in rows]
    answers += [ask(session, Random(seed)) for ask in ASK]
    savepoint.rollback()
    return answers


def test_nobody_can_tell_that_rows_have_waited(session: Session) -> None:
    for seed in range(40):
        assert outcome(session, seed, deferred=True) == outcome(session, seed, deferred=False), seed


def in_batch(session: Session, *steps: Callable[[], Any]) -> None:
    """Does all of that in one batch."""
    with together(session):
        for step in steps:
            step()


def heard(session: Session) -> list[str]:
    """The beginning of each statement from now on."""
    found: list[str] = []
    connection = session.connection()
    event.listen(
        connection, "before_cursor_execute", lambda _c, _k, query, *_: found.append(" ".join(query.split()[:3]))
    )
    return found


def test_rows_are_written_together_and_words_last(session: Session) -> None:
    with together(session):
        sent = heard(session)
        for number in (2, 1):
            fulltext.index_ticket(session, number, f"TKT-{number}", "fire")
            fulltext.index_message(session, number, "smoke", "")
            tickets.add_history(session, number, [line("J1"), line("J2")])
            journal.finish(session, number, (Outcome.OPENED, ""), 1, "", NOW)
        assert sent == []

    assert sent == ["INSERT INTO history", "UPDATE journal SET", "INSERT INTO search_words"]


def test_who_asks_has_only_that_written_which_he_asks_for(session: Session) -> None:
    with together(session):
        sent = heard(session)
        tickets.add_history(session, 1, [line("J1")])
        threads.index(session, 1, 1, {"one@example.org": False})
        directory.person(session, 1, ANN, "Ann", NOW)
        assert [statement.split()[0] for statement in sent] == ["SELECT"]

        assert threads.lookup(session, 1, ["one@example.org"])

        assert sent[1] == "INSERT INTO message_ids"
        assert not [statement for statement in sent if "history" in statement]


def test_what_others_hang_on_is_not_deleted_before_these_are_written(session: Session) -> None:
    mail = OutgoingMail("one@desk.example", "", ANN, b"raw")
    with together(session):
        assert outbox.put_in(session, 1, 1, "created", mail, NOW)
        session.execute(outbox.outbox.delete())

    assert session.execute(select(func.count()).select_from(letters)).scalar_one() == 0


def test_lines_of_a_history_stand_in_the_order_in_which_they_were_told(session: Session) -> None:
    told = []
    with together(session):
        for number in range(70):
            told.append(f"J{number}")
            tickets.add_history(session, 1 + number % 2, [line(told[-1])])

    assert session.execute(select(history.c.cause).order_by(history.c.id)).scalars().all() == told


def test_rows_of_another_shape_wait_behind_those_before(session: Session) -> None:
    rows = [{**row(number), **({} if number % 2 else {"rules": "1"})} for number in range(4)]
    with together(session):
        for one in rows:
            timers._NEW.many(session, [one])

    kept = session.execute(select(timer_rows.c.kind, timer_rows.c.rules).order_by(timer_rows.c.id)).all()
    assert [tuple(one) for one in kept] == [("0", "1"), ("1", None), ("2", "1"), ("3", None)]


def row(number: int) -> dict[str, Any]:
    return {"ticket_id": 1, "kind": str(number), "due_at": NOW, "attempts": 0, "error": ""}


@pytest.mark.parametrize("fails", [lambda _session: 1 / 0, lambda session: tickets._INSERT_TICKET.one(session, TICKET)])
def test_where_something_fails_nothing_is_written_and_nothing_waits(
    session: Session, fails: Callable[[Session], Any]
) -> None:
    savepoint = session.begin_nested()
    with pytest.raises((ZeroDivisionError, IntegrityError)):
        in_batch(session, lambda: tickets.add_history(session, 1, [line("J1")]), lambda: fails(session))
    savepoint.rollback()
    assert tickets.history_of(session, 1) == []

    sent = heard(session)
    tickets.add_history(session, 1, [line("J2")])

    assert sent == ["INSERT INTO history"]
    assert [one.cause for one in tickets.history_of(session, 1)] == ["J2"]


def test_a_row_that_cannot_be_written_is_an_error_of_sqlalchemys_at_the_end_or_where_it_is_asked_for(
    session: Session,
) -> None:
    bad = {**row(1), "kind": None}
    for asks in (False, True):
        savepoint = session.begin_nested()
        ask = [lambda: timers.plan(session, 1, frozenset()), pytest.fail] if asks else []
        with pytest.raises(IntegrityError):
            in_batch(session, lambda: timers._NEW.many(session, [bad]), *ask)
        savepoint.rollback()

    assert session.execute(select(func.count()).select_from(timer_rows)).scalar_one() == 0
