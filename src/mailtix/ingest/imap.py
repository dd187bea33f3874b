"""Mail from a mailbox by IMAP: fetched, made durable, and only then moved or marked."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from datetime import datetime

from imapclient.exceptions import IMAPClientAbortError, LoginError  # type: ignore[import-untyped]

from mailtix.ingest.accept import Acceptor, Parcel
from mailtix.ingest.events import Courteous, Events
from mailtix.ingest.headers import recipients_in_headers, sender_in_headers
from mailtix.ingest.mailbox import ImapSettings, Mailbox
from mailtix.model.mail import Envelope

FIRST_PAUSE = 1.0  # seconds before the first new attempt; then twice as long each time
LONGEST_PAUSE = 300.0
# Servers lock out those who come back with a wrong password again and again.
LOGIN_PAUSE = 300.0
# One mail that cannot be stored is passed over; so many in a row mean that none can.
FAILURES_IN_A_ROW = 3
GRACE = 5.0  # seconds that stop() gives the mail at hand
LAST_GRACE = 1.0


class _NotStoredError(Exception):
    """Mail stays in the mailbox because it could not be made durable."""


class ImapDoor:
    """A thread that collects one mailbox. Whatever goes wrong is told once, and tried again after a growing pause."""

    def __init__(
        self,
        settings: ImapSettings,
        acceptor: Acceptor,
        *,
        ours: Callable[[str], bool],
        clock: Callable[[], datetime],
        events: Events,
        tls: ssl.SSLContext | None = None,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        self._settings = settings
        self._acceptor = acceptor
        self._ours = ours
        self._clock = clock
        self._events = Courteous(events)
        self._tls = tls
        self._first_pause = first_pause
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"imap {settings.address}", daemon=True)
        self._mailbox: Mailbox | None = None
        self._attempts = 0
        self._told = ""
        self._uidvalidity = 0
        self._failed: set[int] = set()
        self._too_large: set[int] = set()

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
                    self._stopping.wait(self._trouble(error))

    def _visit(self) -> None:
        """Connects and collects until stopped; raises when the connection or the journal fails."""
        tls = self._tls or (ssl.create_default_context() if self._settings.tls != "none" else None)
        self._mailbox = mailbox = Mailbox(self._settings, tls)
        try:
            self._note_uidvalidity(mailbox.uidvalidity)
            while not self._stopping.is_set():
                self._collect(mailbox)
                self._tell_recovered()
                mailbox.wait(self._settings.poll, self._stopping)
        finally:
            self._mailbox = None
            mailbox.close()

    def _note_uidvalidity(self, uidvalidity: int) -> None:
        """UIDs mean something only together with it (RFC 3501 section 2.3.1.1)."""
        if uidvalidity != self._uidvalidity:
            self._failed.clear()
            self._too_large.clear()
            self._uidvalidity = uidvalidity
            self._events.event("imap_opened", address=self._settings.address, uidvalidity=uidvalidity)

    def _collect(self, mailbox: Mailbox) -> None:
        """Takes in all that is new. Raises when mail had to be left, after trying the others."""
        left: set[int] = set()
        in_a_row = 0
        trouble: Exception | None = None
        while new := mailbox.new_mails(skip=left | self._too_large, last=self._failed):
            for uid, size in new:
                if self._stopping.is_set():
                    return
                error = self._take(mailbox, uid, size)
                in_a_row = in_a_row + 1 if error else 0
                if error:
                    trouble = error
                    left.add(uid)
                if in_a_row >= FAILURES_IN_A_ROW:
                    raise _NotStoredError from error
        if trouble:
            raise _NotStoredError from trouble

    def _take(self, mailbox: Mailbox, uid: int, size: int) -> Exception | None:
        """Takes in one mail; returns what the journal had against it."""
        if size > self._settings.size_limit:
            self._too_large.add(uid)
            self._refuse(uid, f"{size} bytes are more than the limit of {self._settings.size_limit}; it is left there")
            return None
        raw = mailbox.fetch(uid)
        if raw is None:
            return None
        try:
            journal = self._acceptor.accept_now(Parcel(raw, envelope := self._envelope(raw)))
        except Exception as error:  # whatever it is, the mail stays where it is
            self._failed.add(uid)
            return error
        self._failed.discard(uid)
        # Only now. If the connection breaks here, the mail comes again, and the journal knows it.
        mailbox.put_away(uid)
        self._events.event(
            "accepted",
            source=envelope.source,
            journal=journal,
            sender=envelope.mail_from,
            recipients=envelope.rcpt_tos,
            size=len(raw),
        )
        return None

    def _refuse(self, uid: int, text: str) -> None:
        self._events.event("imap_left", address=self._settings.address, uid=uid, text=text)

    def _envelope(self, raw: bytes) -> Envelope:
        """Whom it was for is in the headers at best; it came to this mailbox in any case."""
        return Envelope(
            mail_from=sender_in_headers(raw),
            rcpt_tos=recipients_in_headers(raw, self._ours) or (self._settings.address,),
            received_at=self._clock(),
            source=f"imap:{self._settings.address}",
        )

    def _trouble(self, error: Exception) -> float:
        """Tells of a new kind of trouble; returns the seconds to wait before the next attempt."""
        self._attempts += 1
        text = self._explain(error)
        if text != self._told:
            self._told = text
            self._events.event("imap_trouble", address=self._settings.address, text=text)
        if _is_refusal(error):
            return LOGIN_PAUSE
        doublings = min(self._attempts - 1, 20)
        return min(LONGEST_PAUSE, self._first_pause * float(2**doublings))

    def _tell_recovered(self) -> None:
        self._attempts = 0
        if self._told:
            self._told = ""
            self._events.event("imap_recovered", address=self._settings.address)

    def _explain(self, error: Exception) -> str:
        where = f"{self._settings.host}:{self._settings.port}"
        match error:
            case LoginError() if _is_refusal(error):
                return f"{where} refuses the login of {self._settings.username}; check username and password: {error}"
            case _NotStoredError():
                return f"mail stays in {self._settings.folder}, it could not be stored: {error.__cause__!r}"
            case ssl.SSLCertVerificationError():
                return f"{where} shows a certificate that is not trusted: {error.verify_message}"
            case OSError():
                return f"{where} cannot be reached: {error}"
            case _:
                return f"{where}: {error}"


def _is_refusal(error: Exception) -> bool:
    """Whether the server said no to the password, and not only lost the connection or its own database (RFC 5530)."""
    return (
        isinstance(error, LoginError)
        and not isinstance(error.__context__, IMAPClientAbortError)
        and "[UNAVAILABLE]" not in str(error)
    )
