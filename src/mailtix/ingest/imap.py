"""Mail from a mailbox by IMAP: a thread that visits it, comes back after trouble, and tells of it."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from imapclient.exceptions import IMAPClientAbortError, LoginError  # type: ignore[import-untyped]

from mailtix.ingest.accept import Acceptor
from mailtix.ingest.collect import Collector, NotStoredError
from mailtix.ingest.events import Courteous, Events
from mailtix.ingest.ledger import Health, Ledger
from mailtix.ingest.mailbox import Mailbox
from mailtix.ingest.settings import ImapSettings
from mailtix.model.origin import Folder
from mailtix.oauth import OAuthError, Tokens

FIRST_PAUSE = 1.0  # seconds before the first new attempt; then twice as long each time
LONGEST_PAUSE = 300.0
# Servers lock out those who come back with a wrong password again and again.
LOGIN_PAUSE = 300.0
GRACE = 5.0  # seconds that stop() gives the mail at hand
LAST_GRACE = 1.0
# A good visit is written down as often as that, and when there was trouble before.
NOTED_EVERY = timedelta(seconds=60)
# Silence of that many seconds during which mail came is no coincidence. It may have come just before IDLE began, so it
# takes two such silences in a row, and four until IDLE is given up.
SILENCE = 10.0
DEAF_AFTER = 2
POLL_AFTER = 4


class _StalledError(Exception):
    """The connection is open and says nothing of mail that is there."""


class ImapDoor:
    """A thread that collects one mailbox. Whatever goes wrong is told once, and tried again after a growing pause."""

    def __init__(
        self,
        settings: ImapSettings,
        acceptor: Acceptor,
        ledger: Ledger,
        health: Health,
        *,
        ours: Callable[[str], bool],
        clock: Callable[[], datetime],
        events: Events,
        tls: ssl.SSLContext | None = None,
        tokens: Tokens | None = None,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        self._settings = settings
        self._health = health
        self._clock = clock
        self._events = Courteous(events)
        self._tls = tls
        self._tokens = tokens
        self._first_pause = first_pause
        self._stopping = threading.Event()
        self._collector = Collector(
            settings, acceptor, ledger, ours=ours, clock=clock, events=self._events, stopping=self._stopping
        )
        self._thread = threading.Thread(target=self._run, name=f"imap {settings.address}", daemon=True)
        self._mailbox: Mailbox | None = None
        self._attempts = 0
        self._told = ""
        self._silences = 0
        self._noted_at: datetime | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends after the mail at hand, within seconds also when the server does not answer."""
        self._stopping.set()
        self._thread.join(GRACE)
        if self._thread.is_alive() and self._mailbox is not None:
            self._mailbox.cut()
            self._thread.join(LAST_GRACE)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._visit()
            except Exception as error:  # one broken mailbox must not end the door: whatever it is, it is tried again
                if not self._stopping.is_set():
                    self._stopping.wait(self._note_trouble(error))

    def _visit(self) -> None:
        """Connects and collects until stopped; raises when the connection or the journal fails."""
        tls = self._tls or (ssl.create_default_context() if self._settings.tls != "none" else None)
        self._mailbox = mailbox = Mailbox(self._settings, tls, self._tokens)
        try:
            folder = mailbox.enter()
            self._collector.begin(mailbox, folder)
            self._collector.collect(mailbox)
            while not self._stopping.is_set():
                self._note_success(folder)
                told = mailbox.wait(self._settings.poll, self._stopping, trusted=self._silences < POLL_AFTER)
                self._listen(mailbox, told=told, found=self._collector.collect(mailbox))
        finally:
            self._mailbox = None
            mailbox.close()

    def _listen(self, mailbox: Mailbox, *, told: bool, found: int) -> None:
        """Watches whether the server tells us of what comes. Raises when it does not, so that we connect anew."""
        if told:
            self._silences = 0
            return
        if self._stopping.is_set() or self._settings.poll < SILENCE:
            return
        if not found and mailbox.is_stalled():
            raise _StalledError("there was new mail that the connection did not show")
        if found and self._silences < POLL_AFTER:
            self._silences += 1
            if self._silences == POLL_AFTER:
                text = f"IDLE does not tell of new mail; it is looked for every {self._settings.poll:g} seconds"
                self._events.event("imap_polling", address=self._settings.address, text=text)
            elif self._silences == DEAF_AFTER:
                raise _StalledError("IDLE did not tell of mail that came")

    # ------------------------------------------------------------ how it goes

    def _note_success(self, folder: Folder) -> None:
        now = self._clock()
        was_troubled = self._attempts > 0
        self._attempts = 0
        if self._told:
            self._told = ""
            self._events.event("imap_recovered", address=self._settings.address)
        if was_troubled or self._noted_at is None or now - self._noted_at >= NOTED_EVERY:
            with contextlib.suppress(Exception):  # mail is more important than the note that it came
                self._health.went_well(folder)
                self._noted_at = now

    def _note_trouble(self, error: Exception) -> float:
        """Tells of a new kind of trouble; returns the seconds to wait before the next attempt."""
        self._attempts += 1
        text = explained(error, self._settings)
        if text != self._told:
            self._told = text
            self._events.event("imap_trouble", address=self._settings.address, text=text)
        with contextlib.suppress(Exception):  # the database may be the trouble
            self._health.went_wrong(self._settings.address, self._settings.folder, text)
        if _is_refusal(error):
            return LOGIN_PAUSE
        doublings = min(self._attempts - 1, 20)
        return min(LONGEST_PAUSE, self._first_pause * float(2**doublings))


def explained(error: Exception, settings: ImapSettings) -> str:
    """What is wrong, in words that say what to do, without a password."""
    where = f"{settings.host}:{settings.port}"
    match error:
        case LoginError() if _is_refusal(error):
            what = "username and password" if settings.password else "whether the account may use IMAP, and the scope"
            return f"{where} refuses the login of {settings.username}; check {what}: {error}"
        case OAuthError():
            return str(error)
        case NotStoredError():
            return f"mail stays in {settings.folder}, it could not be stored: {error.__cause__!r}"
        case ssl.SSLCertVerificationError():
            return f"{where} shows a certificate that is not trusted: {error.verify_message}"
        case _StalledError():
            return f"{where} was silent: {error}; connecting anew"
        case OSError():
            return f"{where} cannot be reached: {error}"
        case _:
            return f"{where}: {error}"


def _is_refusal(error: Exception) -> bool:
    """Whether the server said no to the password, and not only lost the connection or its own database (RFC 5530)."""
    if isinstance(error, OAuthError):
        return error.is_refusal
    return (
        isinstance(error, LoginError)
        and not isinstance(error.__context__, IMAPClientAbortError)
        and "[UNAVAILABLE]" not in str(error)
    )
