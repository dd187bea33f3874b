"""The mailboxes that are collected by IMAP: from their settings to doors with a ledger in the database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailtix.app import App
from mailtix.config import Config, ImapConfig, OAuthConfig
from mailtix.ingest.accept import Acceptor
from mailtix.ingest.imap import ImapDoor
from mailtix.ingest.ledger import Found
from mailtix.ingest.settings import ImapSettings
from mailtix.model.origin import Folder
from mailtix.oauth import Client, Tokens
from mailtix.store import imap_ledger, mailbox_health, oauth
from mailtix.store.engine import Sessions


def imap_doors(app: App, acceptor: Acceptor) -> Iterator[ImapDoor]:
    """A door for each mailbox that has `imap` in the settings, not yet started."""
    books = Books(app.sessions, app.clock)
    for settings, imap in mailboxes(app.config):
        tokens = tokens_of(app.sessions, imap.oauth) if imap.oauth else None
        yield ImapDoor(settings, acceptor, books, books, ours=app.ours, clock=app.clock, events=app.log, tokens=tokens)
        app.log.info("collecting", mailbox=settings.address, server=f"{settings.host}:{settings.port}")


def mailboxes(config: Config) -> Iterator[tuple[ImapSettings, ImapConfig]]:
    """Every mailbox that is collected."""
    for company in config.companies:
        for mailbox in company.mailboxes:
            if mailbox.imap is not None:
                yield _settings(mailbox.address, mailbox.imap), mailbox.imap


def _settings(address: str, imap: ImapConfig) -> ImapSettings:
    return ImapSettings(
        host=imap.host,
        port=imap.port,
        tls=imap.tls,
        username=imap.username,
        password=imap.password.get_secret_value() if imap.password else "",
        folder=imap.folder,
        done=imap.done,
        since=imap.since,
        address=address,
        poll=imap.poll / timedelta(seconds=1),
        method=imap.oauth.method if imap.oauth else "xoauth2",
    )


def tokens_of(sessions: Sessions, config: OAuthConfig) -> Tokens:
    """The access tokens for an account."""
    client = Client(
        token_url=config.token_url,
        client_id=config.client_id,
        grant=config.grant,
        client_secret=config.client_secret.get_secret_value() if config.client_secret else "",
        refresh_token=config.refresh_token.get_secret_value() if config.refresh_token else "",
        scope=config.scope,
    )
    return Tokens(client, _KeptToken(sessions, client.refresh_token))


@dataclass(frozen=True, slots=True)
class Books:
    """What the doors remember, in the database."""

    sessions: Sessions
    clock: Callable[[], datetime]

    def open(self, folder: Folder) -> Found:
        with self.sessions.begin() as session:
            known = next((h for h in mailbox_health.healths(session) if h.address == folder.address), None)
            imap_ledger.forget_others(session, folder)
            before = known.uidvalidity if known and known.folder == folder.name else 0
            return Found(before, tuple(imap_ledger.unsettled(session, folder)))

    def settle(self, folder: Folder, uids: Collection[int]) -> None:
        with self.sessions.begin() as session:
            imap_ledger.settle(session, folder, uids)

    def went_well(self, folder: Folder) -> None:
        with self.sessions.begin() as session:
            mailbox_health.note_visit(session, folder.address, folder.name, folder.uidvalidity, self.clock())

    def went_wrong(self, address: str, folder: str, text: str) -> None:
        with self.sessions.begin() as session:
            mailbox_health.note_trouble(session, address, folder, text, self.clock())


@dataclass(frozen=True, slots=True)
class _KeptToken:
    sessions: Sessions
    configured: str

    def read(self) -> str:
        with self.sessions() as session:
            return oauth.refresh_token(session, self.configured)

    def write(self, token: str) -> None:
        with self.sessions.begin() as session:
            oauth.keep_refresh_token(session, self.configured, token)
