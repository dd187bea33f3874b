"""Files that come with mail: what is passed on, what is held, and what a virus scanner has to do with it."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clamd import EICAR, VERSION, FakeClamd
from desk import CONFIG, Desk, Sent
from mailtix.cli import main
from mailtix.ingest.accept import Parcel
from mailtix.model.mail import Envelope
from mailtix.model.ticket import Status
from mailtix.store import evidence, journal

PDF = ("report.pdf", b"%PDF-1.7 harmless")
PROGRAM = ("invoice.pdf.exe", b"MZ\x90\0\x03\0")


def files_of(mail: Sent) -> dict[str, bytes]:
    """The files that went along with a mail."""
    found = {}
    for part in mail.message.iter_attachments():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found[str(part.get_filename())] = content
    return found


def words(mail: Sent) -> str:
    return " ".join(mail.text.split())


def test_a_held_file_is_named_with_its_reason_and_not_passed_on(desk: Desk) -> None:
    desk.receive("ann@example.org", "See these.", attach=[PDF, PROGRAM])
    notice = desk.notice_to("bob")

    assert files_of(notice) == dict([PDF])
    assert "report.pdf, invoice.pdf.exe (held: a .exe file that its name disguises as .pdf)" in words(notice)
    assert "held: a .exe file" in notice.html
    assert any(line.startswith("the file invoice.pdf.exe was held: a .exe file") for line in desk.history(1))


def test_a_program_under_an_innocent_name_is_held_by_what_it_is(desk: Desk) -> None:
    desk.receive("ann@example.org", "See this.", attach=[("invoice.pdf", PROGRAM[1])])

    assert files_of(desk.notice_to("bob")) == {}
    assert "invoice.pdf (held: its content is that of a .exe file)" in words(desk.notice_to("bob"))


def test_a_customers_answer_with_a_held_file_joins_without_it(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    notices = desk.receive("ann@example.org", "Here.", reply_to=desk.notice_to("ann"), attach=[PROGRAM])

    assert notices
    assert [files_of(mail) for mail in notices] == [{}] * len(notices)
    assert "held: a .exe file" in notices[0].text
    assert ("customer", "public", "Here.") in desk.messages(1)


def test_an_agents_answer_with_a_held_file_is_refused_and_nothing_is_sent(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    notice = desk.notice_to("bob")
    before = desk.ticket(1)

    text = "#resolve\nRun this."
    [refusal] = desk.receive("bob@desk.example", text, reply_to=notice, attach=[PDF, PROGRAM])

    assert refusal.to == "bob@desk.example"
    assert "invoice.pdf.exe cannot be sent: a .exe file" in words(refusal)
    assert "report.pdf cannot" not in words(refusal)
    assert files_of(refusal) == {}
    assert (desk.ticket(1).status, desk.ticket(1).assignee) == (before.status, before.assignee)
    assert len(desk.messages(1)) == 1

    [answer] = desk.receive("bob@desk.example", text, reply_to=refusal, attach=[PDF])
    assert (answer.to, files_of(answer)) == ("ann@example.org", dict([PDF]))
    assert desk.ticket(1).status is Status.RESOLVED


def test_what_is_too_large_or_too_much_is_held_as_the_settings_say(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk("attachments: {max_files: 2, max_size: 1kB, held: [pdf]}\n" + CONFIG)
    given = [("big.txt", b"x" * 1001), PDF, ("run.exe", b"MZ is text here"), ("fourth.txt", b"4")]
    desk.receive("ann@example.org", "Many.", attach=given)
    notice = desk.notice_to("bob")

    assert files_of(notice) == {}
    for reason in (
        "big.txt (held: 1,001 bytes large, and no more than 1,000 are passed on)",
        "report.pdf (held: a .pdf file)",
        "run.exe (held: one of 4 files, and no more than 2 are passed on)",
        "fourth.txt (held: one of 4 files, and no more than 2 are passed on)",
    ):
        assert reason in words(notice)


def shown(desk: Desk, capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, object]]:
    """What `mailtix tickets attachments` says of the first ticket."""
    capsys.readouterr()
    number = desk.ticket(1).number
    config = str(desk.folder / "mailtix.yaml")
    assert main(["--config", config, "tickets", "attachments", number, "--json", *arguments]) == 0
    rows: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return rows


def test_nothing_is_lost_the_files_of_a_ticket_are_listed_and_saved(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.receive("ann@example.org", "See these.", attach=[PDF, PROGRAM])
    desk.receive("ann@example.org", "And this.", reply_to=desk.notice_to("ann"), attach=[PDF])
    folder = tmp_path / "out" / "files"

    listed = shown(desk, capsys)
    assert [(row["journal"], row["name"], bool(row["held"]), row["saved"]) for row in listed] == [
        ("J1", "report.pdf", False, None), ("J1", "invoice.pdf.exe", True, None), ("J2", "report.pdf", False, None),
    ]  # fmt: skip
    shown(desk, capsys, "--save", str(folder))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "J1-report.pdf": PDF[1], "J2-report.pdf": PDF[1],
    }  # fmt: skip
    saved = shown(desk, capsys, "--save", str(folder), "--all")
    assert (folder / "J1-invoice.pdf.exe").read_bytes() == PROGRAM[1]
    assert saved[1]["saved"] == str(folder / "J1-invoice.pdf.exe")


def test_a_file_is_saved_over_no_other_one(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk.receive("ann@example.org", "See this.", attach=[PDF])
    (tmp_path / "J1-report.pdf").write_text("mine")
    config, number = str(desk.folder / "mailtix.yaml"), desk.ticket(1).number

    assert main(["--config", config, "tickets", "attachments", number, "--save", str(tmp_path)]) == 2
    assert "is there already, and is something else" in capsys.readouterr().err
    assert (tmp_path / "J1-report.pdf").read_text() == "mine"


def test_a_name_that_no_file_system_takes_is_cut(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.receive("ann@example.org", "See this.", attach=[("漢" * 140 + ".pdf", PDF[1])])
    [row] = shown(desk, capsys, "--save", str(tmp_path / "out"))

    [path] = (tmp_path / "out").iterdir()
    assert (path.read_bytes(), path.suffix) == (PDF[1], ".pdf")
    assert row["saved"] == str(path)


def test_the_list_of_files_is_readable_for_people(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.receive("ann@example.org", "See these.", attach=[PROGRAM])
    desk.receive("eve@example.org", "No file.")
    config = str(desk.folder / "mailtix.yaml")

    assert main(["--config", config, "tickets", "attachments", desk.ticket(1).number]) == 0
    assert "exe" in capsys.readouterr().out
    assert main(["--config", config, "tickets", "attachments", desk.ticket(2).number]) == 0
    assert "has no files" in capsys.readouterr().out
    assert main(["--config", config, "tickets", "attachments", desk.ticket(1).number, "--all"]) == 2


# ---------------------------------------------------------------- with a virus scanner


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

    assert files_of(notice) == dict([PDF])
    assert "letter.pdf (held: infected: Eicar-Test-Signature)" in words(notice)
    assert len(clamd.streams) == 2


def test_an_infected_answer_of_an_agent_is_not_sent(guarded: Desk) -> None:
    guarded.receive("ann@example.org", "It burns.")
    infected = [("letter.pdf", EICAR)]
    [refusal] = guarded.receive("bob@desk.example", "Here.", reply_to=guarded.notice_to("bob"), attach=infected)

    assert refusal.to == "bob@desk.example"
    assert "letter.pdf cannot be sent: infected: Eicar-Test-Signature" in words(refusal)


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
    [row] = shown(guarded, capsys)
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
    assert files_of(guarded.notice_to("bob")) == dict([PDF])


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
    assert files_of(notice) == {}
    assert "report.pdf (held: not scanned for viruses: clamd at 127.0.0.1:" in words(notice)
    assert desk.outcome(1)[0] == "opened"
    assert desk.log.getvalue().count('"event": "not_scanned"') == 3


def test_many_mails_share_one_try_of_a_scanner_that_is_away(guarded: Desk, clamd: FakeClamd) -> None:
    clamd.mood = "hangs up"
    for number in range(10):
        raw, sender, to = guarded.compose("ann@example.org", f"Number {number}.", attach=[PDF])
        put(guarded, raw, sender, to)
    guarded.work()

    assert len(clamd.commands) == 1
    clamd.mood = ""
    guarded.wait(seconds=2)
    assert len(guarded.tickets()) == 10


def put(desk: Desk, raw: bytes, sender: str, to: tuple[str, ...]) -> None:
    """The mail is accepted, and nobody works yet."""
    desk.app.commit([Parcel(raw, Envelope(sender, to, desk.now, "smtp", "127.0.0.1"))])


def test_a_file_beyond_the_scanners_limit_is_held(guarded: Desk, clamd: FakeClamd) -> None:
    clamd.stream_max_length = 1000
    guarded.receive("ann@example.org", "See these.", attach=[PDF, ("large.pdf", b"x" * 2000)])

    assert files_of(guarded.notice_to("bob")) == dict([PDF])
    assert "large.pdf (held: not scanned for viruses: too large for the scanner)" in words(guarded.notice_to("bob"))


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


def test_a_crash_while_the_scanner_is_asked_delays_the_mail_and_no_more(
    guarded: Desk, clamd: FakeClamd, monkeypatch: pytest.MonkeyPatch
) -> None:
    scans = guarded.app.work.scans
    assert scans is not None

    def crash(self: object, files: object) -> object:
        raise MemoryError("the process dies here")

    with monkeypatch.context() as patch:
        patch.setattr(type(scans.scanner), "scan", crash)
        assert guarded.receive("ann@example.org", "See this.", attach=[PDF]) == []
    assert guarded.wait(seconds=5) == []
    guarded.wait(seconds=20)
    assert files_of(guarded.notice_to("bob")) == dict([PDF])


def test_mail_that_waits_for_a_scanner_goes_on_when_the_settings_name_none_any_more(
    guarded: Desk, clamd: FakeClamd
) -> None:
    clamd.mood = "hangs up"
    guarded.receive("ann@example.org", "See this.", attach=[PDF])
    guarded.configure(CONFIG)
    guarded.work()

    assert files_of(guarded.notice_to("bob")) == dict([PDF])


def test_a_clamd_behind_a_socket_is_asked_the_same_way(
    new_desk: Callable[..., Desk], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with FakeClamd(tmp_path_factory.mktemp("c") / "s") as clamd:
        desk = new_desk(scanned(clamd))
        desk.receive("ann@example.org", "See this.", attach=[("letter.pdf", EICAR)])
        assert "infected: Eicar-Test-Signature" in words(desk.notice_to("bob"))
