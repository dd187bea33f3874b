"""What people have chosen for themselves, and the queries that agents keep."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from mailtix.model.desk import AgentState
from mailtix.model.personal import AvailabilitySet, FilterSaved, MaximumSet, Mine, Personal, Preferred
from mailtix.store import staff
from mailtix.store.directory import upsert
from mailtix.store.prepared import Prepared
from mailtix.store.tables import preferences, saved_filters


def chosen(session: Session, company_id: int, people: Iterable[str]) -> dict[str, dict[str, str]]:
    """What these people (agents' keys or addresses, in lower case) have chosen; who has chosen nothing is missing."""
    found: dict[str, dict[str, str]] = {}
    for row in _CHOSEN.all(session, {"company": company_id, "people": list(people)}):
        found.setdefault(row.person, {})[row.key] = row.value
    return found


_CHOSEN = Prepared(
    select(preferences.c.person, preferences.c.key, preferences.c.value).where(
        preferences.c.company_id == bindparam("company"), preferences.c.person.in_(bindparam("people", expanding=True))
    )
)


def filters(session: Session, company_id: int, agents: Iterable[str]) -> dict[str, dict[str, str]]:
    """The queries that these agents (keys) keep, by name, in the order of the names; who keeps none is missing."""
    theirs = (saved_filters.c.company_id == company_id) & saved_filters.c.agent.in_(list(agents))
    found: dict[str, dict[str, str]] = {}
    for row in session.execute(select(saved_filters).where(theirs).order_by(saved_filters.c.name)):
        found.setdefault(row.agent, {})[row.name] = row.query
    return found


def mine(session: Session, company_id: int, agent: str) -> Mine:
    """All that is set for an agent (key)."""
    state = staff.states(session, [agent]).get(agent, AgentState())
    preferred = chosen(session, company_id, [agent]).get(agent, {})
    return Mine(state, preferred, filters(session, company_id, [agent]).get(agent, {}))


def save(session: Session, company_id: int, change: Personal, now: datetime) -> None:
    """Writes down what somebody has set for himself. What he does not name stays as it was."""
    match change:
        case AvailabilitySet(agent=agent, to=to, until=until):
            before = staff.lock(session, [agent], now)[agent]
            staff.set_state(session, agent, replace(before, availability=to, until=until), now)
        case MaximumSet(agent=agent, to=maximum):
            before = staff.lock(session, [agent], now)[agent]
            staff.set_state(session, agent, replace(before, maximum=maximum), now)
        case Preferred(person=person, key=key, value=value):
            of = {"company_id": company_id, "person": person, "key": key}
            _keep(session, preferences, of, "value", value)
        case FilterSaved(agent=agent, name=name, query=query):
            of = {"company_id": company_id, "agent": agent, "name": name}
            _keep(session, saved_filters, of, "query", query)
        case _:
            assert_never(change)


def _keep(session: Session, table: Table, of: dict[str, object], name: str, value: str) -> None:
    """The row with that key has that value; "" takes it away."""
    if not value:
        session.execute(table.delete().where(*(table.c[column] == wanted for column, wanted in of.items())))
        return
    statement = upsert(session, table).values({**of, name: value})
    session.execute(statement.on_conflict_do_update(index_elements=list(of), set_={name: value}))
