"""An installation that collects mailboxes, in a process of the test's own, with a real journal."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest.imap_server import PASSWORD, USER, ImapServer
from ingest.journal import Heard
from mailtix.app import App, open_app
from mailtix.collecting import Books, mailboxes
from mailtix.ingest.accept import Acceptor
from mailtix.ingest.imap import ImapDoor
from mailtix.log import open_log
from mailtix.model.origin import Folder
from mailtix.store import imap_ledger, journal, mailbox_health
from mailtix.store.mailbox_health import MailboxHealth
from mailtix.terms import read_config
from running import Said, called, settings

ADDRESS = "support@desk.example"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def mail(text: str) -> bytes:
    head = f"From: Ann <ann@example.org>\r\nTo: {ADDRESS}\r\nMessage-ID: <{text}@example.org>\r\nSubject: {text}\r\n"
    return f"{head}Date: Mon, 2 Mar 2026 12:00:00 +0000\r\n\r\nIt burns: {text}.\r\n".encode()


class House:
    """An installation that collects mailboxes of one or more servers, in a process of the test's own."""

    def __init__(self, folder: Path, database: str, stack: ExitStack) -> None:
        self._folder, self._database, self._stack = folder, database, stack
        self.heard = Heard()

    def configure(self, **accounts: dict[str, Any]) -> None:
        """Mailboxes by the local part of their address, each with what is to be said in `imap`."""
        plain = {"host": "127.0.0.1", "tls": "none", "username": USER, "password": PASSWORD, "poll": "1s"}
        mailboxes = [{"address": f"{name}@desk.example", "imap": plain | more} for name, more in accounts.items()]
        self.config = settings(self._folder, self._database, companies=[{"name": "Example", "mailboxes": mailboxes}])

    def open(self) -> App:
        app = open_app(read_config(self.config, {}), open_log("json", "error"))
        self._stack.callback(app.close)
        return app

    def collect(self, app: App) -> list[ImapDoor]:
        """Doors that are open from now on."""
        acceptor = Acceptor(app.commit, lambda number: None, self.heard)
        acceptor.start()
        self._stack.callback(acceptor.close)
        books = Books(app.sessions, app.clock)
        doors = [
            ImapDoor(one, acceptor, books, books, ours=app.ours, clock=app.clock, events=self.heard, first_pause=0.01)
            for one, _ in mailboxes(app.config)
        ]
        for door in doors:
            door.start()
            self._stack.callback(door.stop)
        return doors

    def reconciled(self, *arguments: str) -> Said:
        return called(self.config, "imap", "reconcile", *arguments)


def journal_of(app: App) -> list[bytes]:
    with app.sessions() as session:
        return list(journal.raw_of(session, range(1, 100)).values())


def healths(app: App) -> list[MailboxHealth]:
    with app.sessions() as session:
        return mailbox_health.healths(session)


def unsettled(app: App, folder: Folder) -> dict[int, int]:
    with app.sessions() as session:
        return imap_ledger.unsettled(session, folder)


def arrived(server: ImapServer, raw: bytes, at: datetime, folder: str = "INBOX") -> None:
    with server.client() as client:
        if folder not in server.folders():
            client.create_folder(folder)
        client.append(folder, raw, msg_time=at)
