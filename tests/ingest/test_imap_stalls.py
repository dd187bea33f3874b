"""A mailbox whose server is silent about mail that is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from ingest.books import Books
from ingest.imap_server import PASSWORD, USER, ImapServer
from ingest.imap_wire import Wire
from ingest.journal import NOON, Heard, Journal, until
from mailtix.ingest import idle, imap
from mailtix.ingest.accept import Acceptor
from mailtix.ingest.imap import ImapDoor
from mailtix.ingest.settings import ImapSettings

Alter = Callable[[int, str, bytes], bytes]


def mail(text: str) -> bytes:
    return f"Subject: {text}\r\n\r\n{text}\r\n".encode()


def deaf(connection: int, command: str, line: bytes) -> bytes:
    """A server whose IDLE tells of nothing."""
    return b"" if b"EXISTS" in line and command in ("IDLE", "DONE") else line


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
def doors() -> list[ImapDoor]:
    return []


@pytest.fixture
def collect(
    stack: ExitStack,
    server: ImapServer,
    doors: list[ImapDoor],
    acceptor: Acceptor,
    heard: Heard,
    journal: Journal,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Alter], Wire]:
    """Starts a door over a wire that alters what the server says; no silence is too short to be noticed."""
    monkeypatch.setattr(idle, "SLICE", 0.02)
    monkeypatch.setattr(imap, "SILENCE", 0.0)

    def start(alter: Alter) -> Wire:
        wire = stack.enter_context(closing(Wire(server.port, alter=alter)))
        given: dict[str, Any] = {"host": "127.0.0.1", "port": wire.port, "tls": "none", "done": "Done", "poll": 0.05}
        settings = ImapSettings(username=USER, password=PASSWORD, address="support@helpdesk.example", **given)
        books = Books(journal)
        door = ImapDoor(
            settings,
            acceptor,
            books,
            books,
            ours=lambda address: False,
            clock=lambda: NOON,
            events=heard,
            first_pause=0.01,
        )
        door.start()
        doors.append(door)
        stack.callback(door.stop)
        return wire

    return start


def test_an_idle_that_tells_of_nothing_is_connected_anew_and_then_given_up(
    server: ImapServer, collect: Callable[[Alter], Wire], journal: Journal, heard: Heard
) -> None:
    wire = collect(deaf)
    until(lambda: "IDLE" in wire.commands)
    for number in range(imap.POLL_AFTER):
        server.append(mail(f"mail {number}"))
        until(lambda number=number: len(journal.mails) == number + 1)
        until(lambda number=number: number != 1 or heard.all("imap_recovered"))

    until(lambda: heard.all("imap_polling"))
    [trouble] = heard.all("imap_trouble")
    assert "was silent: IDLE did not tell of mail that came; connecting anew" in str(trouble["text"])
    assert wire.connections == 2

    idles = wire.commands.count("IDLE")
    server.append(mail("later"))
    until(lambda: mail("later") in journal.mails)
    assert wire.commands.count("IDLE") == idles
    assert "NOOP" in wire.commands


def test_a_silence_between_two_tellings_is_a_coincidence(
    collect: Callable[[Alter], Wire], doors: list[ImapDoor], heard: Heard
) -> None:
    collect(lambda connection, command, line: line)
    [door] = doors
    door.stop()
    door._stopping.clear()
    for _ in range(3):  # a mailbox is not needed for it
        door._listen(None, told=False, found=1)
        door._listen(None, told=True, found=1)
    door._listen(None, told=False, found=1)
    with pytest.raises(Exception, match="IDLE did not tell of mail that came"):
        door._listen(None, told=False, found=1)
    assert heard.all("imap_polling") == []


def test_a_connection_that_does_not_show_what_the_server_has_is_replaced(
    server: ImapServer, collect: Callable[[Alter], Wire], journal: Journal, heard: Heard
) -> None:
    selected = 0

    def stale(connection: int, command: str, line: bytes) -> bytes:
        """The first connection finds nothing until the folder is selected once more."""
        nonlocal selected
        if connection == 1 and command == "SELECT" and line.startswith(b"* OK [UIDVALIDITY"):
            selected += 1
        if connection == 1 and selected == 1:
            return b"* SEARCH\r\n" if line.startswith(b"* SEARCH") else deaf(connection, command, line)
        return line

    wire = collect(stale)
    until(lambda: "IDLE" in wire.commands)
    server.append(mail("one"))
    until(lambda: journal.mails == [mail("one")])
    [trouble] = heard.all("imap_trouble")
    assert "there was new mail that the connection did not show" in str(trouble["text"])
    assert wire.connections == 2
