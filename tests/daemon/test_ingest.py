"""Mail put in by hand, mail that is parked, and looking into mail."""

from __future__ import annotations

import json
import mailbox
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daemon.load import state
from mailtix.app import open_app
from mailtix.cli import main
from mailtix.config import load
from mailtix.ingest.accept import Parcel
from mailtix.log import open_log
from mailtix.model.mail import Envelope
from running import Daemon, asked, called, letter, run, send, settings

Start = Callable[..., Daemon]


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/mailtix.db"


@pytest.fixture
def config(tmp_path: Path, database: str) -> Path:
    return settings(tmp_path, database)


def ingested(config: Path, *arguments: str, stdin: bytes = b"", code: int = 0) -> list[dict[str, Any]]:
    """What `mailtix ingest --json` says: a row for each mail."""
    done = run(config, "ingest", "--json", *arguments, stdin=stdin)
    assert done.code == code, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def folder_of_mails(folder: Path) -> tuple[Path, Path, Path]:
    """A mail, an mbox of two and a Maildir of two."""
    eml, mbox, maildir = folder / "one.eml", folder / "two.mbox", folder / "Maildir"
    eml.write_bytes(letter("ann@example.org", "From a file"))
    box = mailbox.mbox(mbox)
    for index in (1, 2):
        box.add(letter("ann@example.org", f"From an mbox {index}"))
    box.close()
    tree = mailbox.Maildir(maildir)
    for index in (1, 2):
        tree.add(letter("ann@example.org", f"From a Maildir {index}"))
    return eml, mbox, maildir


def test_files_mboxes_maildirs_and_standard_input_become_tickets(tmp_path: Path, config: Path) -> None:
    eml, mbox, maildir = folder_of_mails(tmp_path)

    rows = ingested(config, str(eml), str(mbox), str(maildir), "-", stdin=letter("ann@example.org", "From a pipe"))

    assert [(row["state"], row["outcome"]) for row in rows] == [("done", "opened")] * 6
    assert [row["file"] for row in rows[:3]] == [str(eml), f"{mbox}#1", f"{mbox}#2"]
    assert {ticket["subject"] for ticket in asked(config, "tickets", "list")} == {
        "From a file",
        "From an mbox 1",
        "From an mbox 2",
        "From a Maildir 1",
        "From a Maildir 2",
        "From a pipe",
    }
    assert len(list((tmp_path / "sent" / "new").iterdir())) == 12, "six receipts and six notices"


def test_the_envelope_can_be_given_and_must_be_ours(config: Path) -> None:
    raw = letter("ann@example.org", "It burns").replace(b"To: support@desk.example", b"To: somebody@example.net")

    [row] = ingested(config, "--to", "support+x@desk.example", "--from", "bounce@example.org", "--pipe", "-", stdin=raw)
    assert row["outcome"] == "opened"

    done = run(config, "ingest", "--to", "somebody@example.net", "-", stdin=raw)
    assert done.code == 2
    assert "somebody@example.net: no mailbox of the settings" in done.err


def test_a_pipe_is_told_to_try_later_when_we_fail(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    config = settings(tmp_path, f"sqlite:///{tmp_path}/file/mailtix.db")

    done = run(config, "ingest", "--pipe", "-", stdin=letter("ann@example.org", "It burns"))

    assert done.code == 75  # EX_TEMPFAIL of sysexits.h: the mail server keeps the mail and tries again
    assert "Traceback" not in done.err


def test_a_file_that_is_not_there_is_named(config: Path, tmp_path: Path) -> None:
    done = called(config, "ingest", str(tmp_path / "missing.eml"))

    assert done.code == 2
    assert f"{tmp_path}/missing.eml: no such file or folder" in done.err


def test_a_pipe_gives_a_mail_back_only_while_it_is_not_ours(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = settings(tmp_path, database, journal={"tries": 1})
    (tmp_path / "one.eml").write_bytes(letter("ann@example.org", "It burns"))

    def fails(*_: object) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr("mailtix.pipeline.parse_with_files", fails)

    assert main(["--config", str(config), "ingest", str(tmp_path / "one.eml"), "--pipe"]) == 0
    assert [row["error"] for row in asked(config, "parked", "list")] == ["RuntimeError: a mistake of ours"]
    assert main(["--config", str(config), "ingest", str(tmp_path / "one.eml")]) == 1


def test_a_daemon_that_runs_beside_takes_part_in_the_work(
    tmp_path: Path, postgres: Callable[[], str], start: Start
) -> None:
    config = settings(tmp_path, postgres())
    start(config)
    box = mailbox.mbox(tmp_path / "many.mbox")
    for index in range(200):
        box.add(letter("ann@example.org", f"Mail {index}"))
    box.close()

    rows = ingested(config, str(tmp_path / "many.mbox"))

    assert {(row["state"], row["outcome"]) for row in rows} == {("done", "opened")}
    assert len({row["ticket"] for row in rows}) == 200


def test_the_same_mail_by_smtp_and_by_hand_is_one_message(
    config: Path, database: str, tmp_path: Path, start: Start
) -> None:
    raw = letter("ann@example.org", "It burns")
    daemon = start(config)
    send(daemon.port(), raw)
    daemon.wait("opened")

    [same] = ingested(config, "-", stdin=raw)
    [also] = ingested(config, "-", stdin=b"Received: from another.example by desk.example\r\n" + raw)

    assert same["journal"] == "J1"
    assert (also["journal"], also["outcome"]) == ("J2", "duplicate")
    assert state(database)["messages"] == 1
    assert len(asked(config, "tickets", "list")) == 1


def test_mail_that_cannot_be_processed_is_parked_seen_and_retried(
    config: Path, database: str, tmp_path: Path, start: Start
) -> None:
    two = [
        {"name": "Example", "mailboxes": [{"address": "support@desk.example"}]},
        {"name": "Other", "mailboxes": [{"address": "help@other.example"}]},
    ]
    both = {"companies": two, "journal": {"tries": 1}}
    raw = letter("ann@example.org", "It burns").replace(b"support@desk.example", b"help@other.example")
    config = settings(tmp_path, database, **both)
    with_nobody_to_process(config, raw)

    config = settings(tmp_path, database, companies=two[:1], journal={"tries": 1})
    start(config).wait("parked")

    [row] = asked(config, "parked", "list")
    assert (row["id"], row["attempts"]) == (1, 1)
    assert "not in the configuration any more" in row["error"]
    shown = asked(config, "parked", "show", "J1")
    assert "It burns" in shown["raw"]
    assert shown["rcpt_tos"] == ["help@other.example"]
    done = called(config, "parked", "retry", "J1", "--json")
    assert (done.code, json.loads(done.out)[0]["state"]) == (1, "parked"), "nothing has changed yet"

    config = settings(tmp_path, database, **both)
    [done] = asked(config, "parked", "retry", "--all")
    assert (done["state"], done["outcome"]) == ("done", "opened")
    [ticket] = asked(config, "tickets", "list")
    assert (ticket["company"], ticket["subject"]) == ("Other", "It burns")
    assert asked(config, "parked", "list") == []


def with_nobody_to_process(config: Path, raw: bytes) -> None:
    """A mail is accepted, and the process ends before it gets to it."""
    log = open_log("json", "error")
    app = open_app(load(config, {}), log)
    app.commit([Parcel(raw, Envelope("ann@example.org", ("help@other.example",), app.clock(), "smtp"))])
    app.close()


def test_a_parked_mail_that_is_none_is_said_so(config: Path) -> None:
    for arguments in (["show", "J7"], ["retry", "J7"]):
        done = called(config, "parked", *arguments)
        assert done.code == 1
        assert "J7 is not parked" in done.err
    assert called(config, "parked", "retry").code == 2
    assert called(config, "parked", "show", "seven").code == 2


def test_inspect_says_of_each_mail_one_object_a_line_and_needs_no_config(tmp_path: Path) -> None:
    eml, mbox, maildir = folder_of_mails(tmp_path)
    raw = letter("Ann <ann@example.org>", "From a pipe")

    done = run(None, "inspect", "--json", str(eml), str(mbox), str(maildir), "-", stdin=raw, cwd=tmp_path)

    assert done.code == 0, done.err
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert [row["subject"] for row in rows[:3]] == ["From a file", "From an mbox 1", "From an mbox 2"]
    assert {row["subject"] for row in rows[3:5]} == {"From a Maildir 1", "From a Maildir 2"}
    assert (rows[5]["file"], rows[5]["from_addr"], rows[5]["from_name"]) == ("-", "ann@example.org", "Ann")
    assert rows[5]["reply_text"].strip() == "Please help."
    whole = run(None, "inspect", "--json", str(tmp_path), cwd=tmp_path)
    assert len(whole.out.splitlines()) == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Maildir", "one.eml", "two.mbox"], "nothing was written"


def test_inspect_looks_into_hundreds_of_mails_in_order(tmp_path: Path) -> None:
    for index in range(250):
        (tmp_path / f"{index:04}.eml").write_bytes(letter("ann@example.org", f"Mail {index}"))

    done = run(None, "inspect", "--json", str(tmp_path))

    assert [json.loads(line)["subject"] for line in done.out.splitlines()] == [f"Mail {i}" for i in range(250)]
