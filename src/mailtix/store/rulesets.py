"""The sets of rules that were in effect, what their rules have hit, and the wish that every node reads them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from mailtix.store.directory import insert_new, upsert
from mailtix.store.tables import history, journal, rule_sets, settings, tickets

Files = tuple[tuple[str, str], ...]
_WISH = "rules reload"
# Written into the statement: a database uses the partial index only when it can see that the query fits it.
_HITS: BindParameter[Any] = bindparam("hits", ("rule", "shadow"), expanding=True, literal_execute=True)


@dataclass(frozen=True, slots=True)
class Hits:
    """How often a rule held, and when it last did. `actor` is how the history calls it."""

    actor: str
    shadow: bool
    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Trial:
    """Once that a shadow rule held: for which mail (`cause`) of which ticket, and what it would have done."""

    actor: str
    ticket: str
    at: datetime
    cause: str
    text: str
    because: str


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
    query = select(history.c.actor, history.c.field, count, last).where(history.c.field.in_(_HITS))
    if since is not None:
        query = query.where(history.c.at >= since)
    rows = session.execute(query.group_by(history.c.actor, history.c.field).order_by(count.desc(), history.c.actor))
    return [Hits(actor, field == "shadow", number, at) for actor, field, number, at in rows]


def kept_out(session: Session, rule: str, since: datetime | None = None) -> tuple[int, datetime | None]:
    """How many mails that rule has dropped or rejected, and when it last did."""
    by_it = (
        and_(journal.c.outcome == outcome, journal.c.because.startswith(f"{word} by rule {rule}: ", autoescape=True))
        for outcome, word in (("ignored", "dropped"), ("rejected", "rejected"))
    )
    query = select(func.count(), func.max(journal.c.finished_at)).where(or_(*by_it))
    if since is not None:
        query = query.where(journal.c.finished_at >= since)
    count, last = session.execute(query).one()
    return count, last


def trials(session: Session, since: datetime | None, limit: int) -> list[Trial]:
    """What shadow rules would have done, the newest first."""
    columns = (history.c.actor, tickets.c.number, history.c.at, history.c.cause, history.c.text, history.c.because)
    query = select(*columns).join(tickets).where(history.c.field == "would")
    if since is not None:
        query = query.where(history.c.at >= since)
    return [Trial(*row) for row in session.execute(query.order_by(history.c.id.desc()).limit(limit))]
