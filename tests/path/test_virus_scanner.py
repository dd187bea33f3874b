"""A virus scanner beside the desk: what it finds, and what becomes of mail when it is slow or away."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from clamd import EICAR, VERSION, FakeClamd
from desk import CONFIG, Desk
from mailtix.cli import main
from mailtix.model.scan import Scan
from mailtix.store import evidence, journal

PDF = ("report.pdf", b"%PDF-1.7 harmless")


@pytest.fixture
def clamd() -> Iterator[FakeClamd]:
    with FakeClamd() as fake:
        yield fake


def scanned(clamd: FakeClamd, more: str = "") -> str:
    return f"attachments: {{clamd: '{clamd.address}', clamd_timeout: 5s{more}}}\n{CONFIG}"


@pytest.fixture
def guarded(new_desk: Callable[..., Desk], clamd: FakeClamd) -> Desk:
    """A desk that asks a clamd."""
    return new_desk(scanned(clamd))


def test_an_infected_file_is_held_and_a_clean_one_beside_it_is_passed_on(guarded: Desk, clamd: FakeClamd) -> None:
    guarded.receive("ann@example.org", "See these.", attach=[PDF, ("letter.pdf", b"%PDF-1.7" + EICAR)])
    notice = guarded.notice_to("bob")

    assert notice.files == dict([PDF])
    assert "letter.pdf (held: infected: Eicar-Test-Signature)" in notice.words
    assert len(clamd.streams) == 2


def test_an_infected_answer_of_an_agent_is_not_sent(guarded: Desk) -> None:
    guarded.receive("ann@example.org", "It burns.")
    infected = [("letter.pdf", EICAR)]
    [refusal] = guarded.receive("bob@desk.example", "Here.", reply_to=guarded.notice_to("bob"), attach=infected)

    assert refusal.to == "bob@desk.example"
    assert "letter.pdf cannot be sent: infected: Eicar-Test-Signature" in refusal.words


def test_mail_without_files_does_not_wait_for_the_scanner(guarded: Desk, clamd: FakeClamd) -> None:
    clamd.mood = "silent"
    assert guarded.receive("ann@example.org", "It burns.")
    assert clamd.commands == []


def test_the_answer_is_kept_and_asked_for_only_once(
    guarded: Desk, clamd: FakeClamd, capsys: pytest.CaptureFixture[str]
) -> None:
    guarded.receive("ann@example.org", "See this.", attach=[("letter.pdf", EICAR)])
    raw, sender, to = guarded.compose("ann@example.org", "Again.", attach=[PDF])
    guarded.accept(raw, sender, to)
    guarded.accept(raw, sender, to)

    assert len(clamd.streams) == 2
    with guarded.app.sessions() as session:
        entry = journal.entry(session, 1)
        assert entry is not None
        scan = evidence.scan_of(session, entry.raw_id)
    assert scan is not None
    assert (list(scan.answers.values()), scan.scanner) == (["infected: Eicar-Test-Signature"], VERSION)
    guarded.configure(CONFIG)  # what was found stays found, also when nobody is asked any more
    config, number = str(guarded.folder / "mailtix.yaml"), guarded.ticket(1).number
    assert main(["--config", config, "tickets", "attachments", number, "--json"]) == 0
    [row] = json.loads(capsys.readouterr().out)
    assert row["held"] == "infected: Eicar-Test-Signature"


def test_a_mail_for_two_companies_is_scanned_once(new_desk: Callable[..., Desk], clamd: FakeClamd) -> None:
    two = CONFIG.replace("agents:", "  - {name: Two, mailboxes: [{address: help@two.example}]}\nagents:")
    desk = new_desk(f"attachments: {{clamd: '{clamd.address}'}}\n{two}")
    desk.receive("ann@example.org", "Hello.", to="support@desk.example, help@two.example", attach=[PDF])

    assert {ticket.company for ticket in desk.tickets()} == {"Example", "Two"}
    assert len(clamd.streams) == 1


def test_a_scanner_that_comes_back_is_asked_again_and_the_mail_goes_on(guarded: Desk, clamd: FakeClamd) -> None:
    clamd.mood = "hangs up"
    assert guarded.receive("ann@example.org", "See this.", attach=[PDF]) == []
    assert guarded.tickets() == []
    with guarded.app.sessions() as session:
        assert journal.waiting(session) == 1

    clamd.mood = ""
    guarded.wait(seconds=2)
    assert guarded.notice_to("bob").files == dict([PDF])


def test_a_mail_is_processed_with_its_files_held_when_the_scanner_stays_away(new_desk: Callable[..., Desk]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    desk = new_desk(f"attachments: {{clamd: '127.0.0.1:{port}'}}\njournal: {{tries: 3}}\n{CONFIG}")
    assert desk.receive("ann@example.org", "See this.", attach=[PDF]) == []
    assert desk.wait(seconds=2) == []
    assert desk.wait(seconds=5) == []
    assert desk.receive("eve@example.org", "No file.")  # the others are not held up
    desk.wait(seconds=6)

    notice = desk.notice_to("bob")
    assert notice.files == {}
    assert "report.pdf (held: not scanned for viruses: clamd at 127.0.0.1:" in notice.words
    assert desk.outcome(1)[0] == "opened"
    assert desk.log.getvalue().count('"event": "not_scanned"') == 3


def test_many_mails_share_one_try_of_a_scanner_that_is_away(guarded: Desk, clamd: FakeClamd) -> None:
    clamd.mood = "hangs up"
    for number in range(10):
        raw, sender, to = guarded.compose("ann@example.org", f"Number {number}.", attach=[PDF])
        guarded.put(raw, sender, to)
    guarded.work()

    assert len(clamd.commands) == 1
    clamd.mood = ""
    guarded.wait(seconds=2)
    assert len(guarded.tickets()) == 10


def test_a_file_beyond_the_scanners_limit_is_held(guarded: Desk, clamd: FakeClamd) -> None:
    clamd.stream_max_length = 1000
    guarded.receive("ann@example.org", "See these.", attach=[PDF, ("large.pdf", b"x" * 2000)])

    assert guarded.notice_to("bob").files == dict([PDF])
    assert "large.pdf (held: not scanned for viruses: too large for the scanner)" in guarded.notice_to("bob").words


def test_while_the_scanner_is_asked_other_mail_goes_on(guarded: Desk, clamd: FakeClamd) -> None:
    clamd.mood = "slow"
    guarded.put(*guarded.compose("ann@example.org", "See this.", attach=[PDF]))
    asking = threading.Thread(target=guarded.app.work.mail, args=(1,))  # as the bell does
    asking.start()
    try:
        wait_until(lambda: clamd.commands)
        guarded.put(*guarded.compose("eve@example.org", "It burns."))
        guarded.app.work.mail(2)
        assert [ticket.requester.email for ticket in guarded.tickets()] == ["eve@example.org"]
    finally:
        clamd.patience.set()
        asking.join()
    assert [ticket.requester.email for ticket in guarded.tickets()] == ["eve@example.org", "ann@example.org"]


def wait_until(true: Callable[[], object]) -> None:
    """Returns when it is true; fails after a time in which it always is."""
    pause = threading.Event()
    for _ in range(2000):
        if true():
            return
        pause.wait(0.005)
    pytest.fail("waited in vain")


def test_no_transaction_is_open_while_the_scanner_is_asked(
    guarded: Desk, clamd: FakeClamd, monkeypatch: pytest.MonkeyPatch
) -> None:
    scans = guarded.app.work.scans
    assert scans is not None
    pool = guarded.app.engine.pool
    open_connections = []
    scan = type(scans.scanner).scan

    def watched(self: object, files: object) -> object:
        open_connections.append(pool.checkedout())  # type: ignore[attr-defined]
        return scan(self, files)  # type: ignore[arg-type]

    monkeypatch.setattr(type(scans.scanner), "scan", watched)
    guarded.receive("ann@example.org", "See this.", attach=[PDF])
    assert open_connections == [0]


class Crash(BaseException):
    """The process dies here: nobody catches it."""


def test_a_mistake_of_ours_holds_up_no_other_mail_and_in_the_end_not_even_this_one(
    guarded: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    scans = guarded.app.work.scans
    assert scans is not None
    scan = type(scans.scanner).scan

    def stumble(self: object, files: dict[str, bytes]) -> object:
        if b"poison" in files.values():
            raise RuntimeError("stumbled")
        return scan(self, files)  # type: ignore[arg-type]

    monkeypatch.setattr(type(scans.scanner), "scan", stumble)
    guarded.put(*guarded.compose("eve@example.org", "Poison.", attach=[("a.txt", b"poison")]))
    guarded.receive("ann@example.org", "See this.", attach=[PDF])
    assert [ticket.requester.email for ticket in guarded.tickets()] == ["ann@example.org"]

    for _ in range(5):
        guarded.wait(minutes=5, seconds=1)
    assert "a.txt (held: not scanned for viruses: RuntimeError: stumbled)" in guarded.notice_to("bob").words
    assert guarded.ticket(2).requester.email == "eve@example.org"


def test_a_scanner_that_needs_all_its_time_for_some_is_asked_about_the_others_in_the_next_round(guarded: Desk) -> None:
    guarded.app.work.scans = replace(guarded.app.work.scans, scanner=Hasty())  # type: ignore[type-var]
    assert guarded.receive("ann@example.org", "See this.", attach=[PDF]) == []

    with guarded.app.sessions.begin() as session:
        [entry] = evidence.book(session, evidence.WaitsFor.SCAN, 10, guarded.now, guarded.now)
    assert entry.attempts == 0


class Hasty:
    """A scanner whose time is over before it begins."""

    timeout = 0.0

    def scan(self, files: dict[str, bytes]) -> Scan:
        raise AssertionError("there is no time to ask")


def test_a_crash_while_the_scanner_is_asked_delays_the_mail_and_no_more(
    guarded: Desk, clamd: FakeClamd, monkeypatch: pytest.MonkeyPatch
) -> None:
    scans = guarded.app.work.scans
    assert scans is not None

    def crash(self: object, files: object) -> object:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(type(scans.scanner), "scan", crash)
        with pytest.raises(Crash):
            guarded.receive("ann@example.org", "See this.", attach=[PDF])
    assert guarded.wait(seconds=5) == []
    guarded.wait(seconds=20)
    assert guarded.notice_to("bob").files == dict([PDF])


def test_mail_that_waits_for_a_scanner_goes_on_when_the_settings_name_none_any_more(
    guarded: Desk, clamd: FakeClamd
) -> None:
    clamd.mood = "hangs up"
    guarded.receive("ann@example.org", "See this.", attach=[PDF])
    guarded.configure(CONFIG)
    guarded.work()

    assert guarded.notice_to("bob").files == dict([PDF])


def test_a_clamd_behind_a_socket_is_asked_the_same_way(
    new_desk: Callable[..., Desk], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with FakeClamd(tmp_path_factory.mktemp("c") / "s") as clamd:
        desk = new_desk(scanned(clamd))
        desk.receive("ann@example.org", "See this.", attach=[("letter.pdf", EICAR)])
        assert "infected: Eicar-Test-Signature" in desk.notice_to("bob").words
