"""Where in a mailbox a mail was found (RFC 3501 section 2.3.1.1)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of the mailbox of one of our addresses. UIDs mean something only together with `uidvalidity`."""

    address: str
    name: str
    uidvalidity: int


@dataclass(frozen=True, slots=True)
class Origin:
    """One mail in a folder."""

    folder: Folder
    uid: int
