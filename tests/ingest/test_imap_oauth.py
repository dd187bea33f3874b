"""The IMAP door signs in with access tokens: XOAUTH2 and OAUTHBEARER (RFC 7628)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from ingest.books import Books
from ingest.imap_server import USER, ImapServer
from ingest.imap_wire import Wire
from ingest.journal import NOON, Heard, Journal, until
from ingest.oauth_server import CLIENT, CONSENT, SECRET, OAuthServer
from mailtix.ingest import imap
from mailtix.ingest.accept import Acceptor
from mailtix.ingest.imap import ImapDoor
from mailtix.ingest.settings import ImapSettings
from mailtix.oauth import Client, OAuthError, Tokens

ONE = b"Subject: one\r\n\r\nIt burns.\r\n"
METHODS = pytest.mark.parametrize("method", ["xoauth2", "oauthbearer"])


class Nowhere:
    """Keeps no refresh token."""

    def read(self) -> str:
        return ""

    def write(self, token: str) -> None:
        raise AssertionError("this server gives no new one")


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def oauth(stack: ExitStack) -> OAuthServer:
    return stack.enter_context(closing(OAuthServer()))


@pytest.fixture
def server(stack: ExitStack, oauth: OAuthServer) -> ImapServer:
    server = ImapServer(accepts=oauth.accepts)
    stack.callback(server.stop)
    return server


@pytest.fixture
def collect(stack: ExitStack, oauth: OAuthServer, acceptor: Acceptor, heard: Heard, journal: Journal) -> Any:
    """Starts a door to the mailbox on that port."""

    def start(port: int, method: str = "xoauth2") -> ImapDoor:
        given: dict[str, Any] = {"host": "127.0.0.1", "port": port, "tls": "none", "done": "Done", "poll": 0.02}
        settings = ImapSettings(username=USER, address="support@helpdesk.example", method=method, **given)
        client = Client(oauth.url, CLIENT, client_secret=SECRET, refresh_token=CONSENT)
        books = Books(journal)
        door = ImapDoor(
            settings,
            acceptor,
            books,
            books,
            ours=lambda address: False,
            clock=lambda: NOON,
            events=heard,
            tokens=Tokens(client, Nowhere()),
            first_pause=0.01,
        )
        door.start()
        stack.callback(door.stop)
        return door

    return start


@METHODS
def test_mail_comes_with_an_access_token(
    server: ImapServer,
    collect: Callable[..., ImapDoor],
    oauth: OAuthServer,
    journal: Journal,
    heard: Heard,
    method: str,
) -> None:
    collect(server.port, method)
    until(lambda: heard.all("imap_opened"))
    server.append(ONE)
    until(lambda: journal.mails == [ONE])
    assert len(oauth.requests) == 1


@METHODS
def test_a_token_that_was_revoked_before_its_time_is_replaced_without_a_word(
    server: ImapServer,
    collect: Callable[..., ImapDoor],
    oauth: OAuthServer,
    heard: Heard,
    stack: ExitStack,
    method: str,
) -> None:
    wire = stack.enter_context(closing(Wire(server.port)))
    collect(wire.port, method)
    until(lambda: "IDLE" in wire.commands)
    oauth.revoke_all()
    wire.cut()
    until(lambda: heard.all("imap_recovered"))
    assert len(oauth.requests) == 2
    assert [("refuses" in str(told["text"])) for told in heard.all("imap_trouble")] == [False]


@METHODS
def test_a_server_that_refuses_every_token_is_told_with_its_status_and_not_asked_again_soon(
    server: ImapServer, collect: Callable[..., ImapDoor], oauth: OAuthServer, heard: Heard, method: str
) -> None:
    oauth.gives_bad_tokens = True
    door = collect(server.port, method)
    until(lambda: heard.all("imap_trouble"))
    [told] = heard.all("imap_trouble")
    assert f"refuses the login of {USER}; check whether the account may use IMAP, and the scope:" in str(told["text"])
    assert "(status 401)" in str(told["text"])
    assert "access-" not in str(heard.events)
    assert len(oauth.requests) == 2
    assert door._attempts == 1


def test_an_expired_consent_is_told_with_what_to_do_and_not_asked_for_again_soon(
    server: ImapServer, collect: Callable[..., ImapDoor], oauth: OAuthServer, heard: Heard
) -> None:
    oauth.consent = "another"
    door = collect(server.port)
    until(lambda: heard.all("imap_trouble"))
    assert "sign in to the account once more and put the new one into the settings" in str(heard.all("imap_trouble"))
    assert door._note_trouble(OAuthError("expired", is_refusal=True)) == imap.LOGIN_PAUSE
    assert door._note_trouble(OAuthError("not there")) < 1


def test_a_server_that_knows_no_tokens_is_told_with_what_it_offers(
    collect: Callable[..., ImapDoor], heard: Heard, stack: ExitStack
) -> None:
    server = ImapServer()
    stack.callback(server.stop)
    collect(server.port)
    until(lambda: heard.all("imap_trouble"))
    assert "it offers AUTH=PLAIN, AUTH=LOGIN, not XOAUTH2" in str(heard.all("imap_trouble"))
