"""The log of targets: what was promised to customers, and what has become of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailtix.store.tables import sla_log


@dataclass(frozen=True, slots=True)
class Logged:
    """A row of the log. `met_at` None: not yet reached; `due_at` None: nothing was promised."""

    ticket: int
    target: str
    policy: str
    agent: str
    started_at: datetime
    due_at: datetime | None
    met_at: datetime | None
    missed: bool
    working_seconds: int | None


def logged(session: Session, ticket_ids: Sequence[int]) -> list[Logged]:
    """The log of these tickets, each ticket's oldest row first."""
    log = sla_log.c
    columns = (
        log.ticket_id, log.target, log.policy, log.agent, log.started_at, log.due_at, log.met_at, log.missed,
        log.working_seconds,
    )  # fmt: skip
    query = select(*columns).where(log.ticket_id.in_(ticket_ids)).order_by(log.ticket_id, log.started_at, log.id)
    return [Logged(*row) for row in session.execute(query)] if ticket_ids else []
