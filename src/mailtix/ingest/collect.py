"""Taking in what is new in a folder: fetched in groups, made durable, and only then moved or marked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime

from mailtix.ingest.accept import Acceptor, Parcel
from mailtix.ingest.events import Events
from mailtix.ingest.headers import recipients_in_headers, sender_in_headers
from mailtix.ingest.ledger import Found, Ledger
from mailtix.ingest.mailbox import BATCH, Listed, Mailbox
from mailtix.ingest.settings import ImapSettings
from mailtix.model.mail import Envelope
from mailtix.model.origin import Folder, Origin

# One mail that cannot be stored is passed over; so many in a row mean that none can.
FAILURES_IN_A_ROW = 3
# What is fetched at once is in memory several times; a larger mail comes alone.
GROUP_BYTES = 4 * 1024 * 1024


class NotStoredError(Exception):
    """Mail stays in the mailbox because it could not be made durable."""


class Collector:
    """Takes in one folder, over one connection after another. Raises as Mailbox does, and NotStoredError."""

    def __init__(
        self,
        settings: ImapSettings,
        acceptor: Acceptor,
        ledger: Ledger,
        *,
        ours: Callable[[str], bool],
        clock: Callable[[], datetime],
        events: Events,
        stopping: threading.Event,
    ) -> None:
        self._settings = settings
        self._acceptor = acceptor
        self._ledger = ledger
        self._ours = ours
        self._clock = clock
        self._events = events
        self._stopping = stopping
        self._folder = Folder(settings.address, settings.folder, 0)
        self._failed: set[int] = set()
        self._left: set[int] = set()
        self._in_a_row = 0
        self._trouble: Exception | None = None

    def begin(self, mailbox: Mailbox, folder: Folder) -> None:
        """Opens a folder on a new connection, and puts away what was taken before the last one broke."""
        if folder != self._folder:  # UIDs mean something only together with UIDVALIDITY (RFC 3501 section 2.3.1.1)
            self._failed.clear()
            self._left.clear()
            self._events.event("imap_opened", address=folder.address, uidvalidity=folder.uidvalidity)
        self._folder = folder
        found = self._known(folder)
        if found.unsettled:
            mailbox.put_away(found.unsettled)
            self._settle(found.unsettled)
            self._events.event("imap_settled", address=folder.address, mails=len(found.unsettled))

    def _known(self, folder: Folder) -> Found:
        try:
            found = self._ledger.open(folder)
        except Exception as error:  # without a database nothing can be taken
            raise NotStoredError from error
        if found.uidvalidity not in (0, folder.uidvalidity):
            text = "the server has numbered the folder anew; mail that was taken already is known by its bytes"
            self._events.event("imap_renumbered", address=folder.address, folder=folder.name, text=text)
        return found

    def collect(self, mailbox: Mailbox) -> int:
        """Takes in all that is new and returns how many mails that was. Raises when mail had to be left, after trying
        the others."""
        self._trouble, self._in_a_row, total = None, 0, 0
        failed_before = sorted(self._failed)
        windows = mailbox.windows()
        while windows:
            newest = 0
            for window in windows:
                new = [uid for uid in mailbox.new_mails(window) if uid not in self._failed | self._left]
                newest = max([newest, *new])
                total += self._take_all(mailbox, new)
            # What came meanwhile: not every server tells of that when IDLE begins.
            windows = [(newest + 1, None)] if newest else []
        total += self._take_all(mailbox, failed_before)
        if self._trouble is not None:
            raise NotStoredError from self._trouble
        return total

    def _take_all(self, mailbox: Mailbox, uids: list[int]) -> int:
        """Returns how many of these are durable and put away."""
        return sum(self._take_batch(mailbox, uids[start : start + BATCH]) for start in range(0, len(uids), BATCH))

    def _take_batch(self, mailbox: Mailbox, uids: list[int]) -> int:
        taken = 0
        if self._stopping.is_set():
            return taken
        wanted = [one for one in mailbox.listed(uids) if self._is_wanted(one)]
        self._failed -= set(uids) - {one.uid for one in wanted}  # what has gone is nobody's trouble
        for group in groups(wanted):
            if self._stopping.is_set():
                break
            taken += self._take(mailbox, group)
        return taken

    def _is_wanted(self, mail: Listed) -> bool:
        settings = self._settings
        if settings.since is not None and mail.arrived_at is not None and mail.arrived_at < settings.since:
            self._left.add(mail.uid)
            return False
        if mail.size > settings.size_limit:
            self._left.add(mail.uid)
            text = f"{mail.size} bytes are more than the limit of {settings.size_limit}; it is left there"
            self._events.event("imap_left", address=settings.address, uid=mail.uid, text=text)
            return False
        return True

    def _take(self, mailbox: Mailbox, uids: list[int]) -> int:
        """Takes in a group and returns how many of it are durable and put away."""
        parcels = {uid: self._parcel(uid, raw) for uid, raw in mailbox.fetch(uids).items()}
        settled = self._acceptor.accept_all(list(parcels.values()))
        stored: dict[int, tuple[int, ...]] = {}
        for uid, numbers in zip(parcels, settled, strict=True):
            if isinstance(numbers, Exception):  # whatever it is, the mail stays where it is
                self._note_failure(uid, numbers)
            else:
                self._in_a_row = 0
                self._failed.discard(uid)
                stored[uid] = numbers
                self._tell(parcels[uid], numbers)
        if stored:
            # Only now. If the connection breaks here, the ledger knows what is to be put away.
            mailbox.put_away(stored)
            self._settle(stored)
        if self._in_a_row >= FAILURES_IN_A_ROW:
            raise NotStoredError from self._trouble
        return len(stored)

    def _note_failure(self, uid: int, error: Exception) -> None:
        self._trouble = error
        self._failed.add(uid)
        self._in_a_row += 1

    def _settle(self, uids: Collection[int]) -> None:
        try:
            self._ledger.settle(self._folder, uids)
        except Exception as error:
            raise NotStoredError from error

    def _parcel(self, uid: int, raw: bytes) -> Parcel:
        envelope = envelope_of(raw, self._settings.address, self._ours, self._clock())
        return Parcel(raw, envelope, Origin(self._folder, uid))

    def _tell(self, parcel: Parcel, journal: tuple[int, ...]) -> None:
        envelope = parcel.envelope
        self._events.event(
            "accepted",
            source=envelope.source,
            journal=journal,
            sender=envelope.mail_from,
            recipients=envelope.rcpt_tos,
            size=len(parcel.raw),
        )


def envelope_of(raw: bytes, address: str, ours: Callable[[str], bool], now: datetime) -> Envelope:
    """Whom a mail was for is in its headers at best; it came to this mailbox in any case."""
    return Envelope(
        mail_from=sender_in_headers(raw),
        rcpt_tos=recipients_in_headers(raw, ours) or (address,),
        received_at=now,
        source=f"imap:{address}",
    )


def groups(mails: Sequence[Listed]) -> Iterator[list[int]]:
    """The UIDs in groups that are fetched at once; a mail that is large stands alone."""
    group: list[int] = []
    size = 0
    for mail in mails:
        if group and size + mail.size > GROUP_BYTES:
            yield group
            group, size = [], 0
        group.append(mail.uid)
        size += mail.size
    if group:
        yield group
