"""`mailtix imap reconcile`, and mail that is too old to be taken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.house import ADDRESS, NOON, House, arrived, healths, journal_of, mail
from ingest.imap_server import ImapServer
from ingest.journal import until
from mailtix.ingest import idle
from mailtix.ingest.accept import Parcel
from mailtix.model.mail import Envelope
from mailtix.model.origin import Folder, Origin


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def server(stack: ExitStack) -> ImapServer:
    server = ImapServer()
    stack.callback(server.stop)
    return server


@pytest.fixture
def house(tmp_path: Path, stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(idle, "SLICE", 0.02)
    return House(tmp_path, f"sqlite:///{tmp_path}/mailtix.db", stack)


# ---------------------------------------------------------------- old mail


def test_mail_that_came_before_since_is_left_alone(house: House, server: ImapServer) -> None:
    arrived(server, mail("last year"), NOON - timedelta(days=300))
    arrived(server, mail("that morning"), NOON - timedelta(hours=1))
    arrived(server, mail("that afternoon"), NOON + timedelta(hours=1))
    house.configure(support={"port": server.port, "done": "Done", "since": NOON.isoformat()})
    app = house.open()
    house.collect(app)
    until(lambda: journal_of(app))
    server.append(mail("now"))
    until(lambda: len(server.mails("Done")) == 2)

    assert journal_of(app) == [mail("that afternoon"), mail("now")]
    assert server.mails() == [mail("last year"), mail("that morning")]


# ---------------------------------------------------------------- reconcile


def test_when_everything_is_in_the_journal_it_says_so(house: House, server: ImapServer) -> None:
    house.configure(support={"port": server.port, "done": "Done"})
    app = house.open()
    server.append(mail("one"), mail("two"))
    house.collect(app)
    until(lambda: healths(app) and "Done" in server.folders() and len(server.mails("Done")) == 2)

    said = house.reconciled()
    assert said.out.splitlines() == [
        f"{ADDRESS}, INBOX: 0 mails looked at, all of them in the journal",
        f"{ADDRESS}, Done: 2 mails looked at, all of them in the journal",
    ]
    assert said.code == 0


def test_mail_that_somebody_has_moved_himself_is_found_and_taken(house: House, server: ImapServer) -> None:
    arrived(server, mail("by hand"), datetime.now(UTC) - timedelta(hours=2), "Done")  # noqa: TID251
    house.configure(support={"port": server.port, "done": "Done"})
    app = house.open()

    said = house.reconciled()
    assert said.code == 1
    assert "Done: 1 mails looked at, 1 passed over" in said.out
    assert "take it now: mailtix imap reconcile --take" in said.out

    taken = house.reconciled("--take")
    assert "is in the journal now: J1" in taken.out
    assert taken.code == 0
    assert journal_of(app) == [mail("by hand")]
    assert house.reconciled().code == 0


def test_mail_that_nobody_takes_is_told_and_mail_that_came_just_now_is_not(house: House, server: ImapServer) -> None:
    house.configure(support={"port": server.port, "done": "Done"})
    server.append(mail("just now"))
    fresh = house.reconciled("--json")
    assert fresh.code == 0

    arrived(server, mail("an hour ago"), datetime.now(UTC) - timedelta(hours=1))  # noqa: TID251
    waiting = house.reconciled("--json")
    [result] = json.loads(waiting.out)
    assert waiting.code == 1
    assert [lost["why"] for lost in result["folders"][0]["missing"]] == ["fresh", "waiting"]
    assert result["remarks"] == ["it was never visited; is `mailtix serve` running?"]
    assert server.mails() == [mail("just now"), mail("an hour ago")], "it changes nothing"


def test_mail_that_is_taken_and_not_yet_put_away_is_counted(house: House, server: ImapServer) -> None:
    server.append(mail("one"))
    house.configure(support={"port": server.port, "done": "Done"})
    app = house.open()
    with server.client() as client:
        folder = Folder(ADDRESS, "INBOX", client.select_folder("INBOX")[b"UIDVALIDITY"])
        [uid] = client.search()
    app.commit([Parcel(mail("one"), Envelope("", (ADDRESS,), NOON), Origin(folder, uid))])

    said = house.reconciled(ADDRESS)
    assert "1 mails looked at, all of them in the journal, 1 in the journal and not yet put away" in said.out
    assert "1 mails are taken and not yet moved or marked; the next visit does that" in said.out
    assert said.code == 0


def test_a_mailbox_that_cannot_be_reached_is_told_beside_the_others(house: House, server: ImapServer) -> None:
    house.configure(support={"port": server.port, "done": "Done"}, sales={"port": 1})
    said = house.reconciled()
    assert "sales@desk.example: 127.0.0.1:1 cannot be reached" in said.out
    assert "INBOX: 0 mails looked at" in said.out
    assert said.code == 1


def test_a_mailbox_that_is_not_collected_is_a_mistake(house: House, server: ImapServer) -> None:
    house.configure(support={"port": server.port})
    said = house.reconciled("nobody@desk.example")
    assert said.code == 2
    assert f"no such mailbox is collected by IMAP; these are: {ADDRESS}" in said.err
