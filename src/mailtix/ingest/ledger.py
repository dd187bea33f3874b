"""What the IMAP door remembers beyond its process: what it has taken and not yet put away, and how its visits go."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from mailtix.model.origin import Folder


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a folder: the UIDVALIDITY that it had at the last good visit (0: there was none), and the UIDs,
    under the one it has now, of what is in the journal and not yet moved or marked."""

    uidvalidity: int
    unsettled: Collection[int]


class Ledger(Protocol):
    """Rows come to be with the journal's, in one transaction (Parcel.origin); they go when the mail is put away."""

    def open(self, folder: Folder) -> Found: ...
    def settle(self, folder: Folder, uids: Collection[int]) -> None: ...


class Health(Protocol):
    """How collecting goes, for whoever asks from outside. The text holds no password."""

    def went_well(self, folder: Folder) -> None: ...
    def went_wrong(self, address: str, folder: str, text: str) -> None: ...
