from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from imapclient.exceptions import IMAPClientAbortError, LoginError

from ingest.books import Books
from ingest.imap_server import PASSWORD, USER, ImapServer, Relay
from ingest.journal import NOON, Heard, Journal, until
from ingest.wire import client_tls
from mailtix.ingest import collect as collecting
from mailtix.ingest import imap, mailbox
from mailtix.ingest.accept import Acceptor
from mailtix.ingest.imap import ImapDoor
from mailtix.ingest.settings import ImapSettings
from mailtix.model.mail import Envelope

ADDRESS = "support@helpdesk.example"
ONE = b"Return-Path: <ann@example.org>\r\nTo: Sales@helpdesk.example\r\nSubject: one\r\n\r\nIt burns.\r\n"


def mail(text: str) -> bytes:
    return f"Subject: {text}\r\n\r\n{text}\r\n".encode()


TWO = b"Subject: two\r\n\r\n\xff\x80 8-bit, no recipient\r\n"


@pytest.fixture
def serve_imap() -> Iterator[Callable[..., ImapServer]]:
    servers: list[ImapServer] = []

    def start(*without: bytes, **given: Any) -> ImapServer:
        servers.append(ImapServer(frozenset(without), **given))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def books(journal: Journal) -> Books:
    return Books(journal)


@pytest.fixture
def collect(acceptor: Acceptor, heard: Heard, books: Books) -> Iterator[Callable[..., ImapDoor]]:
    """Starts a door to the mailbox on a port; keyword arguments are ImapSettings'."""
    doors: list[ImapDoor] = []

    def start(port: int, context: Any = None, **given: Any) -> ImapDoor:
        settings: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": port,
            "tls": "none",
            "username": USER,
            "password": PASSWORD,
            "address": ADDRESS,
            "poll": 0.02,
            "timeout": 10,
        }
        door = ImapDoor(
            ImapSettings(**(settings | given)),
            acceptor,
            books,
            books,
            ours=lambda address: address.endswith("@helpdesk.example"),
            clock=lambda: NOON,
            events=heard,
            tls=context,
            first_pause=0.01,
        )
        door.start()
        doors.append(door)
        return door

    yield start
    for door in doors:
        door.stop()
        assert not door._thread.is_alive()


def test_a_mail_is_taken_with_what_its_headers_tell_of_the_envelope(serve_imap, collect, journal):
    server = serve_imap()
    server.append(ONE, TWO)
    collect(server.port, done="Processed")
    until(lambda: len(journal.parcels) == 2)
    assert journal.mails == [ONE, TWO]
    assert [parcel.envelope for parcel in journal.parcels] == [
        Envelope("ann@example.org", ("sales@helpdesk.example",), NOON, source=f"imap:{ADDRESS}"),
        Envelope("", (ADDRESS,), NOON, source=f"imap:{ADDRESS}"),
    ]


@pytest.mark.parametrize("missing", [[], [b"MOVE"], [b"MOVE", b"UIDPLUS"]], ids=["move", "copy and expunge", "copy"])
def test_what_was_taken_is_moved_to_a_folder_that_is_made_for_it(serve_imap, collect, journal, missing):
    server = serve_imap(*missing)
    server.append(ONE, TWO)
    collect(server.port, done="Processed")
    until(lambda: "Processed" in server.folders() and server.mails("Processed") == [ONE, TWO] and not server.mails())
    assert journal.mails == [ONE, TWO]


def test_mail_that_another_client_has_deleted_or_read_is_told_apart(serve_imap, collect, journal):
    server = serve_imap()
    server.append(mail("deleted"), flags=["\\Deleted"])
    server.append(mail("read on a phone"), flags=["\\Seen"])
    collect(server.port, done="Processed")
    until(lambda: journal.parcels)
    until(lambda: server.mails() == [])
    assert journal.mails == [mail("read on a phone")]


def test_without_a_folder_what_was_taken_is_marked_and_not_taken_again(serve_imap, collect, journal, heard):
    server = serve_imap()
    server.append(ONE)
    collect(server.port)
    until(lambda: heard.all("accepted"))
    server.append(TWO)
    until(lambda: len(heard.all("accepted")) == 2)
    assert journal.mails == [ONE, TWO]
    with server.client() as client:
        until(lambda: all(b"\\Seen" in one for one in client.get_flags(client.search()).values()))


def test_new_mail_is_told_by_idle_long_before_the_next_poll(serve_imap, collect, journal, heard):
    server = serve_imap()
    collect(server.port, done="Processed", poll=600)
    until(lambda: heard.all("imap_opened"))

    def came_after_append() -> bool:
        server.append(ONE)  # again and again: pymap does not tell of what came just before it began to idle
        return bool(journal.mails)

    until(came_after_append)


def test_a_server_without_idle_is_asked_again_and_again(serve_imap, collect, journal, heard):
    server = serve_imap(b"IDLE")
    collect(server.port, done="Processed")
    until(lambda: heard.all("imap_opened"))
    server.append(ONE)
    until(lambda: journal.mails == [ONE])


def test_a_connection_cut_between_accept_and_move_loses_no_mail_and_fetches_none_again(
    serve_imap, collect, journal, heard
):
    server = serve_imap()
    server.append(ONE, TWO)
    relay = Relay(server.port)
    cuts = []

    def cut_once(parcels):
        if not cuts:
            cuts.append(relay.cut())

    journal.trouble = cut_once
    collect(relay.port, done="Processed")
    until(lambda: len(heard.all("accepted")) == 2)
    assert journal.mails == [ONE, TWO]  # the ledger knows that ONE was taken
    until(lambda: server.mails("Processed") == [ONE, TWO])
    assert relay.connections == 2
    until(lambda: heard.all("imap_recovered"))
    assert len(heard.all("imap_trouble")) == len(heard.all("imap_recovered")) == 1
    relay.close()


def test_mail_that_cannot_be_stored_stays_and_comes_when_the_trouble_is_over(serve_imap, collect, journal, heard):
    server = serve_imap()
    server.append(ONE, TWO)

    def fail(parcels):
        raise RuntimeError("database is down")

    journal.trouble = fail
    door = collect(server.port, done="Processed")
    until(lambda: door._attempts > 3)
    assert server.mails() == [ONE, TWO]
    journal.trouble = lambda parcels: None
    until(lambda: server.mails("Processed") == [ONE, TWO])
    until(lambda: heard.all("imap_recovered"))
    [told] = heard.all("imap_trouble")
    assert "mail stays in INBOX, it could not be stored: RuntimeError('database is down')" in str(told["text"])


def test_mails_that_are_poison_do_not_stand_in_the_way_of_others(serve_imap, collect, journal):
    server = serve_imap()
    poison = [mail(f"poison {number}") for number in range(4)]
    server.append(*poison, ONE, TWO)

    def fail(parcels):
        if any(parcel.raw in poison for parcel in parcels):
            raise ValueError("cannot be written")

    journal.trouble = fail
    collect(server.port, done="Processed")
    until(lambda: journal.mails == [ONE, TWO])
    assert server.mails() == poison


def test_a_mail_that_is_too_large_is_left_unread_and_told_once(serve_imap, collect, journal, heard):
    server = serve_imap()
    server.append(mail("x" * 2000), ONE)
    collect(server.port, done="Processed", size_limit=1000)
    until(lambda: journal.mails == [ONE])
    server.append(TWO)
    until(lambda: journal.mails == [ONE, TWO])
    assert len(heard.all("imap_left")) == 1
    assert len(server.mails()) == 1


@pytest.mark.parametrize("done", ["Processed", None], ids=["move", "mark"])
def test_a_folder_that_is_larger_than_a_window_is_taken_in_its_order_and_in_groups(
    serve_imap, collect, journal, heard, monkeypatch, done
):
    monkeypatch.setattr(mailbox, "WINDOW", 4)
    monkeypatch.setattr(collecting, "BATCH", 3)
    monkeypatch.setattr(collecting, "GROUP_BYTES", len(mail("00")) * 2)
    server = serve_imap()
    mails = [mail(f"{number:02}") for number in range(14)]
    server.append(*mails[:5], mail("x" * 500), *mails[5:])
    collect(server.port, done=done, size_limit=400)
    until(lambda: len(heard.all("accepted")) == 14)
    server.append(TWO)
    until(lambda: len(heard.all("accepted")) == 15)
    assert journal.mails == [*mails, TWO]
    assert max(len(group) for group in journal.groups) <= 2
    if done:
        until(lambda: server.mails("Processed") == [*mails, TWO])
    # pymap ends a connection now and then ([SERVERBUG]) on which it tells of new mail while it is told DONE.
    assert [trouble for trouble in heard.all("imap_trouble") if "unterminated line" not in trouble["text"]] == []


def test_a_wrong_password_is_told_once_clearly_and_without_the_password(serve_imap, collect, heard, monkeypatch):
    monkeypatch.setattr(imap, "LOGIN_PAUSE", 0.01)
    server = serve_imap()
    relay = Relay(server.port)
    collect(relay.port, password="hunter2")
    until(lambda: relay.connections > 2)
    [told] = heard.all("imap_trouble")
    assert "refuses the login of support; check username and password" in str(told["text"])
    assert "hunter2" not in str(heard.events)
    relay.close()


def test_a_refused_login_is_not_repeated_soon_but_one_that_was_only_interrupted_is(collect):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        door = collect(silent.getsockname()[1], timeout=0.3)
        refused = LoginError("b'[AUTHENTICATIONFAILED] no'")
        interrupted = LoginError("socket error: EOF")
        interrupted.__context__ = IMAPClientAbortError("socket error: EOF")
        assert door._note_trouble(refused) == imap.LOGIN_PAUSE
        assert door._note_trouble(interrupted) < 1
        assert door._note_trouble(LoginError("b'[UNAVAILABLE] try later'")) < 1
        door.stop()


def test_a_server_that_cannot_be_reached_is_told_once_and_tried_until_it_is_there(serve_imap, collect, journal, heard):
    server = serve_imap()
    relay = Relay(server.port)
    relay.close()
    door = collect(relay.port, done="Processed")
    until(lambda: door._attempts > 3)
    [told] = heard.all("imap_trouble")
    assert "cannot be reached" in str(told["text"])
    assert told["address"] == ADDRESS


def test_one_broken_mailbox_harms_no_other(serve_imap, collect, journal, heard):
    server = serve_imap()
    server.append(ONE)
    collect(server.port, folder="No such folder", address="broken@helpdesk.example")
    collect(server.port, done="Processed")
    until(lambda: journal.mails == [ONE])
    until(lambda: heard.all("imap_trouble"))
    assert {fields["address"] for fields in heard.all("imap_trouble")} == {"broken@helpdesk.example"}


def test_mail_comes_over_starttls_with_what_the_server_can_do_after_the_login(serve_imap, collect, journal, server_tls):
    server = serve_imap(tls=server_tls)
    server.append(ONE)
    door = collect(server.port, context=client_tls(), tls="starttls", done="Processed")
    until(lambda: journal.mails == [ONE])
    assert door._mailbox._can_idle  # pymap offers it only after the login


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(serve_imap, collect, journal, heard, server_tls):
    server = serve_imap(tls=server_tls)
    server.append(ONE)
    collect(server.port, tls="starttls", done="Processed")
    until(lambda: heard.all("imap_trouble"))
    assert "shows a certificate that is not trusted" in str(heard.all("imap_trouble")[0]["text"])
    assert journal.mails == []


def test_stopping_ends_idle_at_once(serve_imap, collect, heard):
    server = serve_imap()
    door = collect(server.port, poll=600)
    until(lambda: heard.all("imap_opened"))
    begin = time.monotonic()
    door.stop()
    assert time.monotonic() - begin < 2


def test_stopping_does_not_wait_for_a_server_that_is_silent(collect, monkeypatch):
    monkeypatch.setattr(imap, "GRACE", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        door = collect(silent.getsockname()[1], timeout=0.3)
        connection, _ = silent.accept()
        door.stop()
        connection.close()
        until(lambda: not door._thread.is_alive())
