"""The thread index: which message id belongs to which ticket."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailtix.store.directory import upsert
from mailtix.store.tables import message_ids


@dataclass(frozen=True, slots=True)
class IndexedId:
    """What is known of a message id: its ticket, and whether the mail was ours."""

    ticket_id: int
    ours: bool


def index(session: Session, company_id: int, message_id: str, ticket_id: int, *, ours: bool) -> None:
    """Notes that a message id belongs to a ticket. The first ticket that had it keeps it."""
    if not message_id:
        return
    values = {
        "company_id": company_id,
        "digest": _digest(message_id),
        "ticket_id": ticket_id,
        "ours": ours,
    }
    session.execute(upsert(session, message_ids).values(values).on_conflict_do_nothing())


def lookup(session: Session, company_id: int, ids: Iterable[str]) -> dict[str, IndexedId]:
    """What is known of these message ids within that company."""
    digests = {_digest(id_): id_ for id_ in ids}
    if not digests:
        return {}
    query = select(message_ids).where(message_ids.c.company_id == company_id, message_ids.c.digest.in_(list(digests)))
    return {digests[bytes(r.digest)]: IndexedId(r.ticket_id, r.ours) for r in session.execute(query)}


def _digest(message_id: str) -> bytes:
    """Ids from outside may be of any length; the index holds 128 bits of SHA-256."""
    return hashlib.sha256(message_id.encode("utf-8", "surrogateescape")).digest()[:16]
