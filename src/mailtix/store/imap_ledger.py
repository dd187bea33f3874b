"""What was taken from mailboxes and is not yet moved or marked there: written with the journal, settled afterwards."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from mailtix.model.origin import Folder, Origin
from mailtix.store.directory import insert_new
from mailtix.store.tables import imap_ledger, journal, raw_mails

# SQLite takes 32,766 values in one statement, PostgreSQL's driver 65,535.
_AT_ONCE = 500


def add(session: Session, origin: Origin, journal_id: int, now: datetime) -> None:
    """The mail at that place is in the journal with that number."""
    folder = origin.folder
    row = {"address": folder.address, "folder": folder.name, "uidvalidity": folder.uidvalidity, "uid": origin.uid}
    session.execute(insert_new(session, imap_ledger), row | {"journal_id": journal_id, "at": now})


def unsettled(session: Session, folder: Folder) -> dict[int, int]:
    """The journal number of each mail of the folder that is taken and not yet moved or marked, by UID."""
    rows = session.execute(select(imap_ledger.c.uid, imap_ledger.c.journal_id).where(_of(folder)))
    return {row.uid: row.journal_id for row in rows}


def settle(session: Session, folder: Folder, uids: Collection[int]) -> None:
    """These mails are moved or marked."""
    gone = sorted(uids)
    for start in range(0, len(gone), _AT_ONCE):
        mine = and_(_of(folder), imap_ledger.c.uid.in_(gone[start : start + _AT_ONCE]))
        session.execute(imap_ledger.delete().where(mine))


def forget_others(session: Session, folder: Folder) -> int:
    """Drops what was noted under another UIDVALIDITY of the folder, which nobody can find any more. Returns how many
    mails that were."""
    same = and_(imap_ledger.c.address == folder.address, imap_ledger.c.folder == folder.name)
    old = and_(same, imap_ledger.c.uidvalidity != folder.uidvalidity)
    return len(session.execute(imap_ledger.delete().where(old).returning(imap_ledger.c.uid)).all())


def in_journal(session: Session, digests: Sequence[bytes], company_id: int) -> set[bytes]:
    """Those of these SHA-256 digests whose mails are in the journal of that company."""
    found: set[bytes] = set()
    for start in range(0, len(digests), _AT_ONCE):
        query = select(raw_mails.c.sha256).join(journal).where(journal.c.company_id == company_id)
        found |= set(session.execute(query.where(raw_mails.c.sha256.in_(digests[start : start + _AT_ONCE]))).scalars())
    return found


def _of(folder: Folder) -> ColumnElement[bool]:
    return and_(
        imap_ledger.c.address == folder.address,
        imap_ledger.c.folder == folder.name,
        imap_ledger.c.uidvalidity == folder.uidvalidity,
    )
