from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from ingest.journal import until
from mailtix.ingest.accept import GROUP_PARCELS, Acceptor, AcceptorClosedError, Parcel
from mailtix.model.mail import Envelope

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def parcel(raw: bytes) -> Parcel:
    return Parcel(raw, Envelope("ann@example.org", ("support@helpdesk.example",), NOON))


class SlowJournal:
    """Its first commit waits until it is let go, so that the others have to queue."""

    def __init__(self) -> None:
        self.groups: list[list[bytes]] = []
        self.busy = threading.Event()
        self.go = threading.Event()

    def commit(self, parcels: Sequence[Parcel]) -> list[tuple[int, ...]]:
        self.groups.append([one.raw for one in parcels])
        if len(self.groups) == 1:
            self.busy.set()
            assert self.go.wait(10)
        if any(one.raw.startswith(b"poison") for one in parcels):
            raise ValueError("cannot be written")
        return [(number,) for number, _ in enumerate(parcels)]


def numbers_of(raws: list[bytes], acceptor: Acceptor, journal: SlowJournal) -> list[object]:
    """Has the mails accepted while the first commit runs; returns the numbers or the exception of each."""

    async def run() -> list[object]:
        first = asyncio.create_task(acceptor.accept(parcel(b"first")))
        await asyncio.to_thread(journal.busy.wait, 10)
        others = [asyncio.create_task(acceptor.accept(parcel(raw))) for raw in raws]
        await asyncio.sleep(0)  # each task has put its parcel into the queue
        journal.go.set()
        await first
        return list(await asyncio.gather(*others, return_exceptions=True))

    return asyncio.run(run())


def test_mails_that_come_during_a_commit_share_the_next_one(heard):
    journal = SlowJournal()
    acceptor = Acceptor(journal.commit, lambda number: None, heard)
    acceptor.start()
    assert numbers_of([b"a", b"b", b"c"], acceptor, journal) == [(0,), (1,), (2,)]
    acceptor.close()
    assert journal.groups == [[b"first"], [b"a", b"b", b"c"]]


def test_a_group_has_an_upper_limit(heard):
    journal = SlowJournal()
    acceptor = Acceptor(journal.commit, lambda number: None, heard)
    acceptor.start()
    numbers_of([b"%d" % number for number in range(GROUP_PARCELS + 6)], acceptor, journal)
    acceptor.close()
    assert [len(group) for group in journal.groups] == [1, GROUP_PARCELS, 6]


def test_big_mails_share_a_commit_only_up_to_its_bytes(heard):
    journal = SlowJournal()
    acceptor = Acceptor(journal.commit, lambda number: None, heard)
    acceptor.start()
    big = bytes(9 * 1024 * 1024)
    numbers_of([big, big, big], acceptor, journal)
    acceptor.close()
    assert [len(group) for group in journal.groups] == [1, 2, 1]


def test_one_mail_that_cannot_be_written_does_not_fail_its_neighbours(heard):
    journal = SlowJournal()
    acceptor = Acceptor(journal.commit, lambda number: None, heard)
    acceptor.start()
    first, poisoned, last = numbers_of([b"a", b"poison", b"c"], acceptor, journal)
    acceptor.close()
    assert (first, last) == ((0,), (0,))
    assert isinstance(poisoned, ValueError)
    assert journal.groups == [[b"first"], [b"a", b"poison", b"c"], [b"a"], [b"poison"], [b"c"]]


def test_the_bell_is_rung_once_for_some_mails_of_a_commit(heard):
    journal, rung = SlowJournal(), []
    acceptor = Acceptor(journal.commit, rung.append, heard)
    acceptor.start()
    numbers_of([b"%d" % number for number in range(25)], acceptor, journal)
    acceptor.close()
    assert rung == [0, 0, 10, 20]


def test_mail_pours_in_until_a_moment_after_the_last_commit(heard):
    journal = SlowJournal()
    acceptor = Acceptor(journal.commit, lambda number: None, heard)
    assert (acceptor.busy, acceptor.taken) == (False, 0)
    acceptor.start()
    numbers_of([b"a", b"b"], acceptor, journal)
    assert acceptor.busy
    until(lambda: not acceptor.busy)
    acceptor.close()
    assert acceptor.taken == 3


def test_a_bell_that_is_broken_does_not_fail_the_mail(journal, heard):
    def broken(number: int) -> None:
        raise ConnectionRefusedError("no broker")

    acceptor = Acceptor(journal.commit, broken, heard)
    acceptor.start()
    assert acceptor.accept_now(parcel(b"a")) == (1,)
    assert acceptor.accept_now(parcel(b"b")) == (2,)
    acceptor.close()
    assert [fields["journal"] for fields in heard.all("ring_failed")] == [1, 2]


def test_a_log_that_cannot_be_written_stops_no_mail(journal):
    class FullDisk:
        def event(self, name, /, **fields):
            raise OSError(28, "No space left on device")

    def broken(number: int) -> None:
        raise ConnectionRefusedError("no broker")

    acceptor = Acceptor(journal.commit, broken, FullDisk())
    acceptor.start()
    assert [acceptor.accept_now(parcel(b"a")), acceptor.accept_now(parcel(b"b"))] == [(1,), (2,)]
    acceptor.close()


def test_closing_finishes_what_is_queued_and_then_takes_no_more(heard):
    journal = SlowJournal()
    acceptor = Acceptor(journal.commit, lambda number: None, heard)
    acceptor.start()
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(acceptor.accept_now, parcel(b"first"))
        assert journal.busy.wait(10)
        queued = threads.submit(acceptor.accept_now, parcel(b"queued"))
        until(lambda: not acceptor._queue.empty())
        closing = threads.submit(acceptor.close)
        journal.go.set()
        assert (first.result(10), queued.result(10), closing.result(10)) == ((0,), (0,), None)
    with pytest.raises(AcceptorClosedError):
        acceptor.accept_now(parcel(b"late"))
    assert journal.groups == [[b"first"], [b"queued"]]


def test_a_sender_who_hangs_up_in_the_queue_leaves_nothing_behind(heard):
    journal = SlowJournal()
    acceptor = Acceptor(journal.commit, lambda number: None, heard)
    acceptor.start()

    async def run() -> None:
        first = asyncio.create_task(acceptor.accept(parcel(b"first")))
        await asyncio.to_thread(journal.busy.wait, 10)
        gone = asyncio.create_task(acceptor.accept(parcel(b"gone")))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        journal.go.set()
        await first

    asyncio.run(run())
    acceptor.close()
    assert journal.groups == [[b"first"]]
