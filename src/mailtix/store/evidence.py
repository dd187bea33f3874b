"""What the network said of a mail, kept beside its bytes; and the mails that wait until it has said something.

A mail that waits stands in the journal with a state of its own: the line does not see it, and it costs nothing.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailtix.model.scan import Scan
from mailtix.store.directory import upsert
from mailtix.store.journal import Entry, due_entries
from mailtix.store.tables import evidence, journal

_VIRUS = "virus"
_ERROR_LENGTH = 2000


class WaitsFor(StrEnum):
    """What a mail waits for, as the state it has in the journal meanwhile."""

    SCAN = "scan"
    AUTH = "auth"


def scan_of(session: Session, raw_id: int) -> Scan | None:
    """What the virus scanner said of the files of that raw mail; None when it was not asked."""
    query = select(evidence.c.value).where(evidence.c.raw_id == raw_id, evidence.c.kind == _VIRUS)
    value = session.execute(query).scalar_one_or_none()
    return None if value is None else Scan(value["answers"], value["failed"], value["scanner"])


def await_scan(session: Session, id_: int) -> None:
    """That mail of the journal waits for the scanner."""
    wait(session, id_, WaitsFor.SCAN)


def wait(session: Session, id_: int, state: WaitsFor) -> None:
    """That mail of the journal waits for that."""
    session.execute(journal.update().where(journal.c.id == id_).values(state=state, attempts=0))


def book(session: Session, state: WaitsFor, limit: int, now: datetime, until: datetime) -> list[Entry]:
    """Up to `limit` mails that wait for that, oldest first, each with the attempts before this one. The attempt is
    counted, and nobody else makes one before `until`. A raw mail that waits for two companies comes once."""
    entries = {entry.raw_id: entry for entry in reversed(due_entries(session, state, limit, now))}
    if entries:
        update = journal.update().where(journal.c.raw_id.in_(entries), journal.c.state == state)
        session.execute(update.values(attempts=journal.c.attempts + 1, next_at=until))
    return sorted(entries.values(), key=lambda entry: entry.id)


def keep(session: Session, raw_id: int, scan: Scan, now: datetime) -> None:
    """The scanner's last word on a raw mail; the mails that waited for it are processed now. The first word stays."""
    value = {"answers": dict(scan.answers), "failed": scan.failed, "scanner": scan.scanner}
    row = {"raw_id": raw_id, "kind": _VIRUS, "value": value, "at": now}
    session.execute(upsert(session, evidence).values(row).on_conflict_do_nothing())
    release(session, WaitsFor.SCAN, now, raw_id)


def again(session: Session, raw_id: int, error: str, next_at: datetime) -> None:
    """The scanner said nothing: it is asked again at `next_at`."""
    update = journal.update().where(journal.c.raw_id == raw_id, journal.c.state == WaitsFor.SCAN)
    session.execute(update.values(error=error[:_ERROR_LENGTH], next_at=next_at))


def unbook(session: Session, entry: Entry, now: datetime) -> None:
    """The booked attempt to ask the scanner was not made."""
    update = journal.update().where(journal.c.raw_id == entry.raw_id, journal.c.state == WaitsFor.SCAN)
    session.execute(update.values(attempts=entry.attempts, next_at=now))


def release_all(session: Session, state: WaitsFor, now: datetime) -> None:
    """Nothing waits for that any more: there is nobody now who is asked."""
    release(session, state, now, None)


def release(session: Session, state: WaitsFor, now: datetime, raw_id: int | None) -> None:
    """What waits for that, of one raw mail or of all, is processed now."""
    update = journal.update().where(journal.c.state == state)
    if raw_id is not None:
        update = update.where(journal.c.raw_id == raw_id)
    session.execute(update.values(state="new", attempts=0, error="", next_at=now))
