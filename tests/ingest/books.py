"""A ledger and a note of how visits go that remember, beside the journal that remembers (ingest.journal)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from ingest.journal import Journal
from mailtix.ingest.ledger import Found
from mailtix.model.origin import Folder


@dataclass
class Books:
    """As in the database: what is committed with an origin stands in the ledger until it is settled."""

    journal: Journal
    settled: set[tuple[Folder, int]] = field(default_factory=set)
    good: list[Folder] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def open(self, folder: Folder) -> Found:
        written = {parcel.origin for parcel in self.journal.parcels if parcel.origin and parcel.origin.folder == folder}
        left = {origin.uid for origin in written if (folder, origin.uid) not in self.settled}
        return Found(self.good[-1].uidvalidity if self.good else 0, left)

    def settle(self, folder: Folder, uids: Collection[int]) -> None:
        self.settled |= {(folder, uid) for uid in uids}

    def went_well(self, folder: Folder) -> None:
        self.good.append(folder)

    def went_wrong(self, address: str, folder: str, text: str) -> None:
        self.troubles.append(text)
