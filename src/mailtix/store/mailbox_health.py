"""How collecting each mailbox goes, as rows that every process of an installation can read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailtix.store.directory import upsert
from mailtix.store.tables import mailbox_health


@dataclass(frozen=True, slots=True)
class MailboxHealth:
    """One mailbox. `last_ok_at` is when all that was in it was last taken in; `trouble` what last went wrong and what
    to do about it, "" when nothing ever did. `uidvalidity` is 0 before the first visit."""

    address: str
    folder: str
    uidvalidity: int
    last_ok_at: datetime | None
    trouble: str
    trouble_at: datetime | None

    @property
    def is_troubled(self) -> bool:
        """Whether the last visit went wrong."""
        return self.trouble_at is not None and (self.last_ok_at is None or self.trouble_at > self.last_ok_at)


def healths(session: Session) -> list[MailboxHealth]:
    """What is known of every mailbox that was ever visited, by address."""
    columns = mailbox_health.c
    query = select(
        columns.address,
        columns.folder,
        columns.uidvalidity,
        columns.last_ok_at,
        columns.last_trouble,
        columns.trouble_at,
    )
    return [MailboxHealth(*row) for row in session.execute(query.order_by(columns.address))]


def note_visit(session: Session, address: str, folder: str, uidvalidity: int, now: datetime) -> None:
    """All that was new in the folder has been taken in."""
    _note(session, address, {"folder": folder, "uidvalidity": uidvalidity, "last_ok_at": now})


def note_trouble(session: Session, address: str, folder: str, text: str, now: datetime) -> None:
    """Something went wrong; the text says what to do, and holds no password."""
    _note(session, address, {"folder": folder, "last_trouble": text, "trouble_at": now})


def _note(session: Session, address: str, values: dict[str, object]) -> None:
    row = {"address": address, "uidvalidity": 0, "last_trouble": "", **values}
    insert = upsert(session, mailbox_health).values(row)
    session.execute(insert.on_conflict_do_update(index_elements=[mailbox_health.c.address], set_=values))
