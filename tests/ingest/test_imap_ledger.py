"""Mailboxes with the real journal behind them: the ledger, what is told from outside, and mail that comes twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from ingest.house import ADDRESS, NOON, House, healths, journal_of, mail, unsettled
from ingest.imap_server import ImapServer
from ingest.imap_wire import Cut, Wire
from ingest.journal import until
from ingest.oauth_server import CLIENT, CONSENT, SECRET, OAuthServer
from mailtix.collecting import tokens_of
from mailtix.config import OAuthConfig
from mailtix.ingest import idle
from mailtix.ingest.accept import Parcel
from mailtix.model.mail import Envelope
from mailtix.model.origin import Folder, Origin
from running import asked


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
def house(tmp_path: Path, database: str, stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(idle, "SLICE", 0.02)
    return House(tmp_path, database, stack)


# ---------------------------------------------------------------- the ledger


def test_a_mail_and_its_place_are_written_together_or_not_at_all(house: House) -> None:
    house.configure(support={"port": 1})
    app, folder = house.open(), Folder(ADDRESS, "INBOX", 77)
    [[number]] = app.commit([Parcel(mail("one"), Envelope("", (ADDRESS,), NOON), Origin(folder, 5))])
    assert unsettled(app, folder) == {5: number}

    ours = Parcel(mail("two"), Envelope("", (ADDRESS,), NOON), Origin(folder, 6))
    foreign = Parcel(mail("three"), Envelope("", ("x@elsewhere.example",), NOON), Origin(folder, 7))
    with pytest.raises(ValueError, match="ours"):
        app.commit([ours, foreign])
    assert unsettled(app, folder) == {5: number}
    assert journal_of(app) == [mail("one")]


def test_what_was_taken_before_the_connection_broke_is_put_away_without_being_fetched_again(
    house: House, server: ImapServer, stack: ExitStack
) -> None:
    wire = stack.enter_context(closing(Wire(server.port, Cut("UID MOVE", "before"))))
    house.configure(support={"port": wire.port, "done": "Done"})
    app = house.open()
    server.append(mail("one"), mail("two"))
    house.collect(app)
    until(lambda: wire.connections == 2 and len(server.mails("Done")) == 2)

    assert wire.commands.count("UID FETCH of bodies") == 1
    assert journal_of(app) == [mail("one"), mail("two")]
    until(lambda: unsettled(app, Folder(ADDRESS, "INBOX", healths(app)[0].uidvalidity)) == {})
    assert house.heard.all("imap_settled") == [{"address": ADDRESS, "mails": 2}]


def test_a_folder_that_was_numbered_anew_is_told_and_its_mail_is_known_by_its_bytes(
    house: House, server: ImapServer, stack: ExitStack
) -> None:
    house.configure(support={"port": server.port, "done": "Done"})
    app = house.open()
    server.append(mail("one"))
    [door] = house.collect(app)
    until(lambda: healths(app) and healths(app)[0].last_ok_at)
    door.stop()
    old = Folder(ADDRESS, "INBOX", healths(app)[0].uidvalidity)
    app.commit([Parcel(mail("one"), Envelope("", (ADDRESS,), NOON), Origin(old, 999))])

    restored = ImapServer()
    stack.callback(restored.stop)
    restored.append(mail("one"), mail("two"))
    house.configure(support={"port": restored.port, "done": "Done"})
    house.collect(house.open())
    until(lambda: restored.mails("Done") == [mail("one"), mail("two")])

    assert journal_of(app) == [mail("one"), mail("two")]
    assert len(house.heard.all("imap_renumbered")) == 1
    assert unsettled(app, old) == {}, "nobody can find it any more"


# ---------------------------------------------------------------- the same mail


def test_the_same_mail_in_two_mailboxes_and_by_smtp_is_one_message(
    house: House, server: ImapServer, stack: ExitStack
) -> None:
    other = ImapServer()
    stack.callback(other.stop)
    house.configure(support={"port": server.port, "done": "Done"}, sales={"port": other.port, "done": "Done"})
    app = house.open()
    raw = mail("one")
    server.append(b"Delivered-To: support@desk.example\r\n" + raw)
    other.append(b"Delivered-To: sales@desk.example\r\n" + raw, raw)
    house.collect(app)
    until(lambda: len(house.heard.all("accepted")) == 3)
    app.commit([Parcel(raw, Envelope("ann@example.org", (ADDRESS, "sales@desk.example"), NOON, source="smtp"))])
    app.work.everything()

    [ticket] = asked(house.config, "tickets", "list")
    shown = asked(house.config, "tickets", "show", ticket["number"])
    assert [message["author"] for message in shown["messages"]].count("customer") == 1


# ---------------------------------------------------------------- what is told from outside


def test_how_a_mailbox_fares_can_be_read_by_other_processes(house: House, server: ImapServer) -> None:
    house.configure(support={"port": server.port, "password": "hunter2"}, sales={"port": server.port})
    app = house.open()
    house.collect(app)
    until(lambda: len(healths(app)) == 2)

    sales, support = healths(app)
    assert (sales.address, sales.folder, sales.is_troubled, sales.trouble) == ("sales@desk.example", "INBOX", False, "")
    assert sales.uidvalidity > 0
    assert (support.address, support.is_troubled, support.last_ok_at) == (ADDRESS, True, None)
    assert "check username and password" in support.trouble
    assert "hunter2" not in support.trouble


def test_trouble_that_is_over_is_no_trouble_any_more(house: House, server: ImapServer, stack: ExitStack) -> None:
    wire = stack.enter_context(closing(Wire(server.port, Cut("SELECT", "before"))))
    house.configure(support={"port": wire.port})
    app = house.open()
    house.collect(app)
    until(lambda: healths(app) and healths(app)[0].last_ok_at)
    [health] = healths(app)
    assert health.trouble
    assert not health.is_troubled


def test_a_newer_refresh_token_outlives_the_process(house: House, stack: ExitStack) -> None:
    house.configure(support={"port": 1})
    oauth = stack.enter_context(closing(OAuthServer(rotates=True)))
    config = OAuthConfig(token_url=oauth.url, client_id=CLIENT, client_secret=SECRET, refresh_token=CONSENT)
    for number in (1, 2, 3):
        assert tokens_of(house.open().sessions, config).access_token() == f"access-{number}"
    assert [asked["refresh_token"] for asked in oauth.requests] == [CONSENT, "refresh-1", "refresh-2"]
