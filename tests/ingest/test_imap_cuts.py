"""The connection to a mailbox is cut at every command of a visit, before it reaches the server and after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from ingest.books import Books
from ingest.imap_server import PASSWORD, USER, ImapServer
from ingest.imap_wire import Cut, Wire
from ingest.journal import NOON, Heard, Journal, until
from mailtix.ingest import idle
from mailtix.ingest.accept import Acceptor
from mailtix.ingest.imap import ImapDoor
from mailtix.ingest.settings import ImapSettings

MAILS = [f"Subject: mail {number}\r\n\r\n{number}\r\n".encode() for number in range(1, 4)]
LATER = b"Subject: later\r\n\r\nwhile it waits\r\n"

# What a visit says to the server, by what the server can do and whether mail is moved.
SIGN_IN = ["CAPABILITY", "LOGIN"]
LOOK = ["SELECT", "UID SEARCH", "UID FETCH", "UID FETCH of bodies"]
VISITS: dict[str, tuple[tuple[bytes, ...], str | None, list[str]]] = {
    "move": ((), "Done", [*SIGN_IN, "LIST", "CREATE", "SUBSCRIBE", *LOOK, "UID MOVE", "IDLE", "DONE"]),
    "copy": (
        (b"MOVE",),
        "Done",
        [*SIGN_IN, "LIST", "CREATE", "SUBSCRIBE", *LOOK, "UID COPY", "UID STORE", "UID EXPUNGE", "IDLE", "DONE"],
    ),
    "mark": ((b"IDLE",), None, [*SIGN_IN, *LOOK, "UID STORE", "NOOP"]),
}
CUTS = [(way, command, when) for way, visit in VISITS.items() for command in visit[2] for when in ("before", "after")]


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def collect(
    stack: ExitStack, acceptor: Acceptor, heard: Heard, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[ImapServer, Wire]]:
    """A door to a mailbox with mail in it, over a wire; returns the server and the wire."""
    monkeypatch.setattr(idle, "SLICE", 0.02)  # tests have no patience

    def start(way: str, cut: Cut | None = None) -> tuple[ImapServer, Wire]:
        without, done, _ = VISITS[way]
        server = ImapServer(frozenset(without))
        stack.callback(server.stop)
        server.append(*MAILS)
        wire = stack.enter_context(closing(Wire(server.port, cut)))
        account: dict[str, Any] = {"host": "127.0.0.1", "port": wire.port, "tls": "none", "done": done, "poll": 0.02}
        settings = ImapSettings(username=USER, password=PASSWORD, address="support@helpdesk.example", **account)
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
        stack.callback(door.stop)
        return server, wire

    return start


def put_away(server: ImapServer, way: str) -> list[bytes]:
    """What the mailbox shows as taken."""
    if VISITS[way][1]:
        return server.mails("Done") if "Done" in server.folders() else []
    with server.client() as client:
        seen = client.search(["SEEN"])
        return [mail[b"BODY[]"] for _, mail in sorted(client.fetch(seen, ["BODY.PEEK[]"]).items())]


@pytest.mark.parametrize(("way", "command", "when"), CUTS)
def test_a_connection_cut_at_any_command_loses_no_mail_and_takes_none_twice(
    collect, journal: Journal, heard: Heard, way: str, command: str, when: str
) -> None:
    cut = Cut(command, when)
    server, wire = collect(way, cut)

    until(lambda: cut.happened and wire.connections > 1)
    server.append(LATER)
    until(lambda: set(put_away(server, way)) == {*MAILS, LATER})

    assert journal.mails == [*MAILS, LATER]
    if VISITS[way][1]:
        assert server.mails() == []
    if way != "copy":  # a COPY whose answer was lost is made again: another copy in the folder, no other mail
        assert put_away(server, way) == [*MAILS, LATER]
    until(lambda: heard.all("imap_recovered"))


@pytest.mark.parametrize("way", VISITS)
def test_the_cuts_are_made_at_every_command_of_a_visit(collect, way: str) -> None:
    server, wire = collect(way)
    last = VISITS[way][2][-1]
    until(lambda: last in wire.commands and set(put_away(server, way)) == set(MAILS))

    assert set(wire.commands) == set(VISITS[way][2])
