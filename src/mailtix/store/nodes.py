"""The processes that do the work: each says from time to time that it is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailtix.store.directory import upsert
from mailtix.store.tables import nodes

# Whoever was killed cannot take his row away; after so long nobody asks for him any more.
_FORGOTTEN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Node:
    """One process, named as process@machine. `doors`: it takes mail in. `seen_at`: when its sweep last began
    a round."""

    name: str
    doors: bool
    started_at: datetime
    seen_at: datetime


def beat(session: Session, name: str, doors: bool, now: datetime) -> None:
    """That process is there and works."""
    row = {"name": name, "doors": doors, "started_at": now, "seen_at": now}
    insert = upsert(session, nodes).values(row)
    session.execute(insert.on_conflict_do_update(index_elements=[nodes.c.name], set_={"seen_at": now}))
    session.execute(nodes.delete().where(nodes.c.seen_at < now - _FORGOTTEN))


def gone(session: Session, name: str) -> None:
    """That process ends, and means to."""
    session.execute(nodes.delete().where(nodes.c.name == name))


def only(session: Session, name: str) -> None:
    """Whoever else was there is gone: for the single process of an embedded installation, when it starts."""
    session.execute(nodes.delete().where(nodes.c.name != name))


def alive_or_lost(session: Session) -> list[Node]:
    """Every process that has not said goodbye, the last seen first."""
    query = select(nodes.c.name, nodes.c.doors, nodes.c.started_at, nodes.c.seen_at)
    return [Node(*row) for row in session.execute(query.order_by(nodes.c.seen_at.desc(), nodes.c.name))]
