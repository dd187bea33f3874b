"""The IMAP door against a Dovecot of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.books import Books
from ingest.imap_wire import Cut, Wire
from ingest.journal import NOON, Heard, Journal, until
from ingest.oauth_server import CLIENT, CONSENT, SECRET, OAuthServer
from ingest.wire import client_tls
from mailtix.ingest.accept import Acceptor
from mailtix.ingest.imap import ImapDoor
from mailtix.ingest.settings import ImapSettings
from mailtix.oauth import Client, Tokens
from peers.dovecot import Dovecot

pytestmark = pytest.mark.peers

ONE = b"Delivered-To: sales@helpdesk.example\r\nSubject: one\r\n\r\nIt burns.\r\n"
TWO = b"Subject: two\r\n\r\n\xff 8-bit\r\n"


@pytest.fixture
def oauth() -> Iterator[OAuthServer]:
    server = OAuthServer()
    yield server
    server.close()


@pytest.fixture
def dovecot(oauth: OAuthServer) -> Iterator[Dovecot]:
    with tempfile.TemporaryDirectory(prefix="dovecot-") as home:  # pytest's own folders are closed to Dovecot's users
        Path(home).chmod(0o755)
        server = Dovecot(Path(home), oauth.url)
        yield server
        server.stop()


@pytest.fixture
def collect(dovecot: Dovecot) -> Iterator[Callable[..., tuple[Journal, Heard]]]:
    """Starts a door to the mailbox; keyword arguments are ImapSettings'. Returns what it brings and tells."""
    journal, heard = Journal(), Heard()
    books = Books(journal)
    acceptor = Acceptor(journal.commit, journal.rung.append, heard)
    acceptor.start()
    doors: list[ImapDoor] = []

    def start(tokens: Tokens | None = None, **given: Any) -> tuple[Journal, Heard]:
        settings: dict[str, Any] = {"host": "127.0.0.1", "port": dovecot.port, "tls": "none", "poll": 600}
        settings |= {"username": "support", "password": "secret", "address": "support@helpdesk.example"}
        door = ImapDoor(
            ImapSettings(**(settings | given)),
            acceptor,
            books,
            books,
            ours=lambda address: address.endswith("@helpdesk.example"),
            clock=lambda: NOON,
            events=heard,
            tls=client_tls(),
            tokens=tokens,
            first_pause=0.05,
        )
        door.start()
        doors.append(door)
        return journal, heard

    yield start
    for door in doors:
        door.stop()
    acceptor.close()


@pytest.mark.parametrize("tls", ["none", "starttls", "ssl"])
def test_mail_is_taken_and_moved_and_new_mail_is_heard_by_idle(dovecot, collect, tls):
    dovecot.append(ONE, TWO)
    journal, heard = collect(tls=tls, port=dovecot.tls_port if tls == "ssl" else dovecot.port, done="Done/Mailtix")
    until(lambda: len(heard.all("accepted")) == 2)
    dovecot.append(ONE)
    until(lambda: len(heard.all("accepted")) == 3)
    assert journal.mails == [ONE, TWO, ONE]
    assert [parcel.envelope.rcpt_tos[0].partition("@")[0] for parcel in journal.parcels] == [
        "sales",
        "support",
        "sales",
    ]
    until(lambda: (dovecot.mails(), dovecot.mails("Done/Mailtix")) == ([], [ONE, TWO, ONE]))
    assert heard.all("imap_trouble") == []


def test_without_a_folder_the_mail_is_marked_by_keyword_even_when_a_person_has_read_it(dovecot, collect):
    dovecot.append(ONE)
    with dovecot.client() as client:
        client.add_flags(client.search(), ["\\Seen"])
    journal, heard = collect()
    until(lambda: heard.all("accepted"))
    dovecot.append(TWO)
    until(lambda: len(heard.all("accepted")) == 2)
    assert journal.mails == [ONE, TWO]
    with dovecot.client() as client:
        until(lambda: len(client.search(["KEYWORD", "$Mailtix"])) == 2)


def test_a_wrong_password_is_refused_once(dovecot, collect):
    _, heard = collect(password="wrong")
    until(lambda: heard.all("imap_trouble"))
    assert "check username and password" in str(heard.all("imap_trouble")[0]["text"])


def test_a_server_that_goes_away_and_comes_back_loses_nothing(dovecot, collect):
    journal, heard = collect(done="Done")
    until(lambda: heard.all("imap_opened"))
    dovecot.stop()
    until(lambda: heard.all("imap_trouble"), seconds=30)  # Dovecot's processes live ten seconds longer
    dovecot.start()
    dovecot.append(ONE)
    until(lambda: journal.mails == [ONE])
    until(lambda: dovecot.mails("Done") == [ONE])


class Nowhere:
    """Keeps no refresh token."""

    def read(self) -> str:
        return ""

    def write(self, token: str) -> None:
        raise AssertionError("this server gives no new one")


@pytest.mark.parametrize("method", ["xoauth2", "oauthbearer"])
def test_an_access_token_opens_the_mailbox_and_a_bad_one_is_replaced_once(dovecot, collect, oauth, method):
    tokens = Tokens(Client(oauth.url, CLIENT, client_secret=SECRET, refresh_token=CONSENT), Nowhere())
    tokens.access_token()
    oauth.revoke_all()
    dovecot.append(ONE)
    journal, heard = collect(tokens, method=method, password="", done="Done")
    until(lambda: journal.mails == [ONE])
    assert heard.all("imap_trouble") == []
    assert len(oauth.requests) == 2


@pytest.mark.parametrize("method", ["xoauth2", "oauthbearer"])
def test_a_refused_token_is_told_as_such(dovecot, collect, oauth, method):
    oauth.gives_bad_tokens = True
    tokens = Tokens(Client(oauth.url, CLIENT, client_secret=SECRET, refresh_token=CONSENT), Nowhere())
    _, heard = collect(tokens, method=method, password="")
    until(lambda: heard.all("imap_trouble"))
    assert "refuses the login of support; check whether the account may use IMAP" in str(heard.all("imap_trouble"))


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("command", ["SELECT", "UID FETCH of bodies", "UID MOVE", "IDLE"])
def test_a_connection_cut_at_a_command_loses_no_mail_and_takes_none_twice(dovecot, collect, command, when):
    cut = Cut(command, when)
    wire = Wire(dovecot.port, cut)
    dovecot.append(ONE, TWO)
    journal, heard = collect(port=wire.port, done="Done")
    until(lambda: cut.happened and heard.all("imap_recovered"))
    until(lambda: dovecot.mails("Done") == [ONE, TWO])
    assert journal.mails == [ONE, TWO]
    assert dovecot.mails() == []
    wire.close()
