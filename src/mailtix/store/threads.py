"""The thread index: which message id belongs to which ticket."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from mailtix.store.directory import new_rows
from mailtix.store.prepared import Prepared
from mailtix.store.tables import message_ids

_BEGINNING = 8  # bytes; the number of a ticket and a dot, until there are ten millions


@dataclass(frozen=True, slots=True)
class IndexedId:
    """What is known of a message id: its ticket, and whether the mail was ours."""

    ticket_id: int
    ours: bool


def index(session: Session, company_id: int, ticket_id: int, ids: Mapping[str, bool]) -> None:
    """Notes that message ids belong to a ticket, and of each whether the mail was ours. The first ticket that had an
    id keeps it."""
    rows = [
        {"company_id": company_id, "digest": _digest(id_), "ticket_id": ticket_id, "ours": ours}
        for id_, ours in ids.items()
        if id_
    ]
    if rows:
        _NEW.many(session, rows)


_NEW = new_rows(message_ids)


def move(session: Session, company_id: int, ticket_id: int, message_id: str) -> None:
    """That message id belongs to this ticket from now on."""
    there = message_ids.c.company_id == company_id, message_ids.c.digest == _digest(message_id)
    session.execute(message_ids.update().where(*there).values(ticket_id=ticket_id))


def lookup(session: Session, company_id: int, ids: Iterable[str]) -> dict[str, IndexedId]:
    """What is known of these message ids within that company."""
    digests = {_digest(id_): id_ for id_ in ids}
    if not digests:
        return {}
    rows = _LOOKUP.all(session, {"company": company_id, "digests": list(digests)})
    return {digests[bytes(r.digest)]: IndexedId(r.ticket_id, r.ours) for r in rows}


_LOOKUP = Prepared(
    select(message_ids).where(
        message_ids.c.company_id == bindparam("company"), message_ids.c.digest.in_(bindparam("digests", expanding=True))
    )
)


def _digest(message_id: str) -> bytes:
    """Ids from outside may be of any length; the index holds their first 8 bytes and 128 bits of SHA-256.

    Ours begin with the ticket's number, many others with a time: what comes together then lies together, and a mail
    writes to a page that others have written to a moment ago, not to one of many thousands."""
    whole = message_id.encode("utf-8", "surrogateescape")
    return whole[:_BEGINNING] + hashlib.sha256(whole).digest()[:16]
