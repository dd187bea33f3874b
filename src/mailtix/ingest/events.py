"""What the doors tell the log."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Protocol


class Events(Protocol):
    """Where a door says what happened. Fields may hold text from outside: whoever writes them quotes them.

    accepted, refused, not_accepted, smtp_trouble, tls_failed (source, peer, …) · ring_failed (journal, error) ·
    imap_opened, imap_recovered (address) · imap_settled (address, mails) · imap_trouble, imap_polling (address, text) ·
    imap_renumbered (address, folder, text) · imap_left (address, uid, text)
    """

    def event(self, name: str, /, **fields: object) -> None: ...


@dataclass(frozen=True, slots=True)
class Courteous:
    """Events that never fail: a log that cannot be written (full disk, closed pipe) is no reason to stop mail."""

    events: Events

    def event(self, name: str, /, **fields: object) -> None:
        with contextlib.suppress(Exception):
            self.events.event(name, **fields)
