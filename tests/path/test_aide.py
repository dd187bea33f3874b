"""What the process beside the line's reads and writes is what the line would have read and written."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ctypes import c_ulong
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from desk import CONFIG, Desk
from mailtix import aide, line, pipeline
from mailtix.aide import Aide, Change
from mailtix.line import _Bench
from mailtix.pipeline import Result
from mailtix.store import tables

COUNT = 60
SURE = CONFIG + "security: {verify: never}\n"
RULES = "- {name: All, then: {priority: urgent}}\n"


@contextmanager
def helped(desk: Desk) -> Iterator[tuple[_Bench, Callable[[], None]]]:
    """A bench of the line with an aide that lives in a thread, and what ends the aide."""
    near, far = Pipe()
    done = c_ulong(0)

    def live() -> None:
        with suppress(EOFError, OSError):
            aide.serve(far, desk.app.engine, desk.app.house, done)

    thread = threading.Thread(target=live)
    thread.start()

    def end() -> None:
        near.close()
        thread.join()

    try:
        yield _Bench(desk.app.engine, Aide(near, done)), end
    finally:
        end()


def write(desk: Desk) -> None:
    """Mails of several kinds: new ones, answers in the same batch, twins, and one with a file."""
    for number in range(COUNT // 3):
        first = f"<first{number}@example.org>"
        sender = f"ann{number}@example.org"
        file = [("plan.bin", b"\0\1" * 20_000)] if number == 5 else []
        raw, mail_from, to = desk.compose(sender, f"It burns {number}.\n\n-- \nAnn", Message_ID=first, attach=file)
        desk.put(raw, mail_from, to)
        desk.put(*desk.compose(sender, "Still burns.", subject="Re: Help", In_Reply_To=first))
        desk.put(b"Received: from elsewhere\r\n" + raw, mail_from, to)


def work(desk: Desk, bench: _Bench, limit: int = 10) -> list[Result]:
    """All that is due, as the line does it."""
    results: list[Result] = []
    while True:
        bench.read(desk.app.house, limit, desk.now)
        done = bench.process(desk.app.house, limit, desk.now)
        results += done
        if len(done) < limit:
            return results


def contents(desk: Desk) -> dict[str, Any]:
    """What stands in the tables, secrets aside: they are the same in both desks."""
    with desk.app.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table))]
            for table in (
                tables.tickets,
                tables.messages,
                tables.history,
                tables.outbox,
                tables.letters,
                tables.journal,
            )
        }


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[tuple[Desk, Desk]]:
    """Two desks with the same secrets and the same mails in their journals."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    first = Desk(tmp_path / "one", f"sqlite:///{tmp_path}/one/mailtix.db", SURE)
    write(first)
    with create_engine(f"sqlite:///{tmp_path}/one/mailtix.db").connect() as connection:
        connection.exec_driver_sql("VACUUM INTO ?", (f"{tmp_path}/two/mailtix.db",))
    second = Desk(tmp_path / "two", f"sqlite:///{tmp_path}/two/mailtix.db", SURE)
    yield first, second
    first.close()
    second.close()


@pytest.mark.parametrize("most", [0, 24], ids=["written here", "written there"])
def test_with_an_aide_everything_is_as_without(
    twins: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    alone, other = twins
    monkeypatch.setattr(aide, "_MOST_LETTERS", most)
    work(alone, _Bench(alone.app.engine))
    with helped(other) as (bench, _):
        results = work(other, bench)
        assert bench.lost() is None

    assert len(results) == COUNT
    assert [result.outcome for result in results] == ["opened", "joined", "duplicate"] * (COUNT // 3)
    assert contents(other) == contents(alone)


def test_the_aide_reads_and_writes(twins: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    desk, _ = twins
    there, here = threading.Event(), []
    monkeypatch.setattr(aide._Room, "_write", _noting(aide._Room._write, there))
    monkeypatch.setattr("mailtix.save.write", lambda *_: here.append("written"))
    with helped(desk) as (bench, _end):
        work(desk, bench)

    assert there.is_set()
    assert here == []


def _noting(call: Callable[..., None], happened: threading.Event) -> Callable[..., None]:
    def noting(*arguments: Any) -> None:
        happened.set()
        call(*arguments)

    return noting


def test_when_the_aide_has_ended_the_line_does_its_work_and_says_so_once(twins: tuple[Desk, Desk]) -> None:
    alone, other = twins
    work(alone, _Bench(alone.app.engine))
    with helped(other) as (bench, end):
        results = bench.process(other.app.house, 3, other.now)
        end()
        results += work(other, bench)
        lost, again = bench.lost(), bench.lost()

    assert len(results) == COUNT
    assert contents(other) == contents(alone)
    assert lost is not None
    assert again is None


def test_a_letter_that_cannot_be_written_there_is_written_here(
    twins: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, other = twins
    work(alone, _Bench(alone.app.engine))

    def fail(*_: Any) -> None:
        raise MemoryError("too large")

    monkeypatch.setattr(aide, "write", fail)
    with helped(other) as (bench, _):
        work(other, bench)
        assert bench.lost() is None

    assert contents(other) == contents(alone)


def test_letters_of_mails_that_fail_are_not_mistaken_for_those_of_others(
    twins: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, _ = twins
    whole = pipeline.save

    def save(session: Any, house: Any, company_id: int, decision: Any, cause: Any, now: Any) -> Any:
        saved = whole(session, house, company_id, decision, cause, now)
        if cause.name == "J16":
            raise ZeroDivisionError("only this one")
        return saved

    monkeypatch.setattr(pipeline, "save", save)
    with helped(desk) as (bench, _end):
        results = work(desk, bench)

    assert [result.cause for result in results if result.outcome == "failed"] == ["J16"]
    with desk.app.engine.connect() as connection:
        query = select(tables.outbox.c.rcpt_to, tables.outbox.c.message_id, tables.letters.c.raw)
        letters = connection.execute(query.join(tables.letters)).all()
    assert letters
    for to, message_id, raw in letters:
        assert f"Message-ID: <{message_id}>".encode() in raw
        assert f"<{to}>".encode() in raw


def test_the_aide_knows_changed_rules_and_forgets_what_it_has_read(
    twins: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, _ = twins
    monkeypatch.setattr(line.database, "is_awaited", lambda _engine: True)
    change = Change(desk.app.config, (("rules.yaml", RULES),))
    with helped(desk) as (bench, _end):
        bench.process(desk.app.house, 10, desk.now)
        bench.read(desk.app.house, 10, desk.now)
        assert bench._read
        bench.change(change)
        assert bench._read == {}
        while done := bench.process(change.made_to(desk.app.house), 10, desk.now):
            bench.read(desk.app.house, 10, desk.now)
        assert done == []
        assert bench.lost() is None

    assert [ticket.priority == "urgent" for ticket in desk.tickets()] == [n > 3 for n in range(COUNT // 3)]


def test_a_batch_goes_on_while_nobody_waits_for_its_end(
    twins: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, other = twins
    assert len(_Bench(desk.app.engine).process(desk.app.house, 10, desk.now)) == 50

    monkeypatch.setattr(line.database, "is_awaited", lambda _engine: True)
    assert len(_Bench(other.app.engine).process(other.app.house, 10, other.now)) == 10


def test_a_small_batch_stays_small(twins: tuple[Desk, Desk]) -> None:
    desk, _ = twins
    assert len(_Bench(desk.app.engine).process(desk.app.house, 3, desk.now)) == 3


def test_the_aide_reads_what_the_line_will_not_have_come_to(
    twins: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, _ = twins
    monkeypatch.setattr(aide, "_MOST_READ", 20)
    room = aide._Room(desk.app.engine, desk.app.house, c_ulong(0))

    assert not room.reads
    assert room.answer(aide._Next(10, desk.now)) == {}
    while room.reads:
        room.read()
    first = room.answer(aide._Next(20, desk.now))
    while room.reads:
        room.read()
    second = room.answer(aide._Next(55, desk.now))

    assert list(first) == list(range(31, 51))
    assert {mail.mail.subject for mail in first.values()} == {"Help", "Re: Help"}
    assert list(second) == list(range(56, COUNT + 1))


def test_the_aide_rests_when_it_has_read_enough(twins: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    desk, _ = twins
    monkeypatch.setattr(aide, "_MOST_READ", 10)
    monkeypatch.setattr(aide, "_MOST_BYTES", 30_000)  # mail 16 has a file of 40,000
    room = aide._Room(desk.app.engine, desk.app.house, c_ulong(0))
    room.answer(aide._Next(0, desk.now))
    while room.reads:
        room.read()

    assert list(room.answer(aide._Next(10, desk.now))) == list(range(11, 17))
    assert room.reads
