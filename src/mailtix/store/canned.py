"""How often canned responses were used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailtix.store.directory import upsert
from mailtix.store.tables import canned_uses, companies


@dataclass(frozen=True, slots=True)
class Uses:
    """Of one canned response in one company: how often, and when it was used last (aware UTC), None for never."""

    company: str
    name: str
    uses: int
    last: datetime | None


def used(session: Session, company_id: int, name: str, now: datetime) -> None:
    """Counts one use. Two at once are two."""
    new = {"company_id": company_id, "name": name, "uses": 1, "last_used_at": now}
    once_more = {"uses": canned_uses.c.uses + 1, "last_used_at": now}
    key = ["company_id", "name"]
    session.execute(upsert(session, canned_uses).values(new).on_conflict_do_update(index_elements=key, set_=once_more))


def counted(session: Session) -> list[Uses]:
    """All that were ever used, the most used first."""
    columns = (companies.c.name.label("company"), canned_uses.c.name, canned_uses.c.uses, canned_uses.c.last_used_at)
    query = select(*columns).join(companies, companies.c.id == canned_uses.c.company_id)
    rows = session.execute(query.order_by(canned_uses.c.uses.desc(), companies.c.name, canned_uses.c.name))
    return [Uses(row.company, row.name, row.uses, row.last_used_at) for row in rows]
