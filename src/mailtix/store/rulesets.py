"""The sets of rules that were in effect, what their rules have hit, and the wish that every node reads them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailtix.store.directory import insert_new, upsert
from mailtix.store.tables import history, rule_sets, settings

Files = tuple[tuple[str, str], ...]
_WISH = "rules reload"


@dataclass(frozen=True, slots=True)
class Hits:
    """How often a rule held, and when it last did. `actor` is how the history calls it."""

    actor: str
    shadow: bool
    count: int
    last_at: datetime


def keep(session: Session, version: str, files: Sequence[tuple[str, str]], now: datetime) -> None:
    """Keeps the texts of a set of rules that is in effect from now on; once for each version."""
    row = {"version": version, "files": [list(file) for file in files], "first_at": now}
    session.execute(insert_new(session, rule_sets), row)


def files_of(session: Session, version: str) -> Files | None:
    """The texts of that version as (name, text), None when it is not known."""
    query = select(rule_sets.c.files).where(rule_sets.c.version == version)
    found = session.execute(query).scalar_one_or_none()
    return None if found is None else tuple((name, text) for name, text in found)


def wish(session: Session, now: datetime) -> None:
    """Every node is to read its rules again."""
    insert = upsert(session, settings).values(key=_WISH, value=now.isoformat())
    session.execute(insert.on_conflict_do_update(index_elements=["key"], set_={"value": now.isoformat()}))


def wished(session: Session) -> str:
    """Something that is another text after each wish, "" before the first."""
    return session.execute(select(settings.c.value).where(settings.c.key == _WISH)).scalar_one_or_none() or ""


def hits(session: Session, since: datetime | None = None) -> list[Hits]:
    """The hits of each rule in all tickets' histories, the most frequent first."""
    count, last = func.count(), func.max(history.c.at)
    query = select(history.c.actor, history.c.field, count, last).where(history.c.field.in_(("rule", "shadow")))
    if since is not None:
        query = query.where(history.c.at >= since)
    rows = session.execute(query.group_by(history.c.actor, history.c.field).order_by(count.desc(), history.c.actor))
    return [Hits(actor, field == "shadow", number, at) for actor, field, number, at in rows]
