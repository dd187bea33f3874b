"""Comparing a mailbox with the journal: each mail of its folders is read, and known by its bytes or missing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from mailtix.ingest.collect import groups
from mailtix.ingest.headers import sender_in_headers
from mailtix.ingest.mailbox import BATCH, Listed, Mailbox
from mailtix.ingest.settings import ImapSettings
from mailtix.model.origin import Folder

# What came just now is taken in a moment, and nothing to worry about.
FRESH = timedelta(minutes=15)


class Why(StrEnum):
    """Why a mail of the server is not in the journal."""

    FRESH = "fresh"  # it came just now
    WAITING = "waiting"  # the next visit takes it
    TOO_LARGE = "too large"
    PASSED_OVER = "passed over"  # somebody has read or moved it before it was taken


@dataclass(frozen=True, slots=True)
class Missing:
    """A mail that is on the server and not in the journal. `size` in bytes."""

    folder: str
    uid: int
    size: int
    arrived_at: datetime | None
    sender: str
    why: Why


@dataclass(frozen=True, slots=True)
class Compared:
    """One folder: how many mails were looked at; which of them are missing; and how many are in the journal and still
    wait to be moved or marked."""

    folder: Folder
    mails: int = 0
    not_put_away: int = 0
    missing: tuple[Missing, ...] = ()


@dataclass(slots=True)
class Reconciliation:
    """Goes through folders. `known` gives those of some SHA-256 digests whose mails are in the journal; `found` is told
    the bytes of each mail that is not."""

    settings: ImapSettings
    known: Callable[[Sequence[bytes]], Collection[bytes]]
    found: Callable[[bytes, Missing], None]
    now: datetime
    _new: frozenset[int] = field(default=frozenset(), init=False)

    def compare(self, mailbox: Mailbox, name: str) -> Compared:
        """Looks at all of a folder that came since `settings.since` and is not deleted. Changes nothing on the server.
        Raises as Mailbox does."""
        folder = mailbox.look(name)
        mails = waiting = 0
        missing: list[Missing] = []
        for window in mailbox.windows():
            self._new = frozenset(mailbox.new_mails(window)) if name == self.settings.folder else frozenset()
            uids = mailbox.all_mails(window)
            for start in range(0, len(uids), BATCH):
                listed = [mail for mail in mailbox.listed(uids[start : start + BATCH]) if self._is_of_interest(mail)]
                lost = list(self._lost(mailbox, name, listed))
                mails += len(listed)
                waiting += len(self._new & {mail.uid for mail in listed} - {mail.uid for mail in lost})
                missing += lost
        return Compared(folder, mails, waiting, tuple(missing))

    def _is_of_interest(self, mail: Listed) -> bool:
        since = self.settings.since
        return since is None or mail.arrived_at is None or mail.arrived_at >= since

    def _lost(self, mailbox: Mailbox, folder: str, listed: Sequence[Listed]) -> Iterator[Missing]:
        by_uid = {mail.uid: mail for mail in listed}
        for group in groups(listed):
            raws = mailbox.fetch(group)
            digests = {uid: hashlib.sha256(raw).digest() for uid, raw in raws.items()}
            known = self.known(list(digests.values()))
            for uid, raw in raws.items():
                if digests[uid] not in known:
                    mail = by_uid[uid]
                    sender = sender_in_headers(raw)
                    lost = Missing(folder, uid, mail.size, mail.arrived_at, sender, self._why(mail))
                    self.found(raw, lost)
                    yield lost

    def _why(self, mail: Listed) -> Why:
        if mail.size > self.settings.size_limit:
            return Why.TOO_LARGE
        if mail.uid not in self._new:
            return Why.PASSED_OVER
        is_fresh = mail.arrived_at is not None and self.now - mail.arrived_at < FRESH
        return Why.FRESH if is_fresh else Why.WAITING
