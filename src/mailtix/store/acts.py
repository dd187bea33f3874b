"""What admins did at the command line, in its order: no mail tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailtix.model.desk import AgentState
from mailtix.store import directory, staff
from mailtix.store.tables import acts


@dataclass(frozen=True, slots=True)
class KeptAct:
    """One of them: its name, and all that it rested on."""

    what: str
    value: dict[str, Any]


def keep(session: Session, what: str, value: Mapping[str, Any], now: datetime) -> None:
    """Writes down that it was done."""
    session.execute(acts.insert(), {"at": now, "what": what, "value": dict(value)})


def find(session: Session, id_: int) -> KeptAct:
    """The one with that id, which is there."""
    row = session.execute(select(acts.c.what, acts.c.value).where(acts.c.id == id_)).one()
    return KeptAct(row.what, row.value)


def set_agent(session: Session, agent: str, state: AgentState, now: datetime) -> None:
    """What holds for that agent (a key) from now on, before the settings."""
    until = state.until.isoformat() if state.until else None
    value = {"agent": agent, "availability": state.availability, "until": until, "maximum": state.maximum}
    keep(session, "agent", value, now)
    staff.set_state(session, agent, state, now)


def revoke_keys(session: Session, email: str, companies: list[int], now: datetime) -> dict[int, int]:
    """No key that was made for that address (lower case) in these companies is believed any more. Returns the new
    generation for each company that knows it."""
    keep(session, "keys", {"email": email, "companies": companies}, now)
    return directory.revoke_keys(session, email, companies)
