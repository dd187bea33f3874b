"""Agents at work: what was set of them, how much they have, and whose turn it is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from mailtix.model.desk import AgentState, Availability
from mailtix.model.ticket import Status
from mailtix.store.directory import Insert, insert_new, upsert
from mailtix.store.tables import agent_states, team_turns, tickets

_OPEN = [status for status in Status if not status.is_done]
# A customer's earlier agents: more would not change who is found.
_EARLIER = 5


def lock(session: Session, agents: Iterable[str], now: datetime) -> dict[str, AgentState]:
    """The states of these agents (keys). Until the transaction ends nobody else gets past this call for any of them: so
    two that pick at once see each other's picks. The order of the rows is the same for all."""
    wanted = {"agents": sorted(set(agents))}
    rows = session.execute(_LOCK, wanted).all()
    if len(rows) < len(wanted["agents"]):
        new = sorted(set(wanted["agents"]) - {row.agent for row in rows})
        session.execute(insert_new(session, agent_states), [{"agent": agent, "changed_at": now} for agent in new])
        rows = session.execute(_LOCK, wanted).all()
    return {row.agent: _state(row) for row in rows}


def states(session: Session, agents: Iterable[str]) -> dict[str, AgentState]:
    """What was set of these agents; one of whom nothing ever was may be missing."""
    return {row.agent: _state(row) for row in session.execute(_STATES, {"agents": list(agents)})}


# Built once, like every statement that a mail may need.
_STATES = (
    select(agent_states)
    .where(agent_states.c.agent.in_(bindparam("agents", expanding=True)))
    .order_by(agent_states.c.agent)
)
_LOCK = _STATES.with_for_update()


def set_state(session: Session, agent: str, state: AgentState, now: datetime) -> None:
    """Sets an agent's state, whatever it was."""
    values = {"availability": state.availability, "until": state.until, "maximum": state.maximum, "changed_at": now}
    statement = upsert(session, agent_states).values(agent=agent, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["agent"], set_=values))


def open_tickets(session: Session, companies: Iterable[int], agents: Iterable[str]) -> dict[str, int]:
    """How many tickets of these companies each of these agents has that are not done; who has none is missing."""
    return dict(session.execute(_LOADS, {"companies": list(companies), "agents": list(agents)}).all())


_LOADS = (
    select(tickets.c.assignee, func.count())
    .where(
        tickets.c.company_id.in_(bindparam("companies", expanding=True)),
        tickets.c.assignee.in_(bindparam("agents", expanding=True)),
        tickets.c.status.in_(_OPEN),
    )
    .group_by(tickets.c.assignee)
)


def turns(session: Session, company_id: int, team: str) -> dict[str, int]:
    """The number of the team's turn that each agent had last."""
    return dict(session.execute(_TURNS, {"company": company_id, "team": team}).all())


_of_team = (team_turns.c.company_id == bindparam("company")) & (team_turns.c.team == bindparam("team"))
_TURNS = select(team_turns.c.agent, team_turns.c.turn).where(_of_team)


def took_turn(session: Session, company_id: int, team: str, agent: str) -> None:
    """The agent had the team's next turn. The agents are locked by whoever picked him."""
    turn = max(turns(session, company_id, team).values(), default=0) + 1
    values = {"company_id": company_id, "team": team, "agent": agent, "turn": turn}
    session.execute(_take_turn(session.get_bind().dialect.name), values)


@cache
def _take_turn(dialect: str) -> Insert:
    insert = sqlite.insert(team_turns) if dialect == "sqlite" else postgresql.insert(team_turns)
    key = ["company_id", "team", "agent"]
    return insert.on_conflict_do_update(index_elements=key, set_={"turn": insert.excluded.turn})


def earlier(session: Session, company_id: int, requester_id: int, ticket_id: int) -> tuple[str, ...]:
    """Who has or had other tickets of this requester, the newest ticket first."""
    rows = session.execute(_HAD, {"company": company_id, "requester": requester_id, "ticket": ticket_id})
    return tuple(dict.fromkeys(rows.scalars()))


_HAD = (
    select(tickets.c.assignee)
    .where(
        tickets.c.company_id == bindparam("company"),
        tickets.c.requester_id == bindparam("requester"),
        tickets.c.id != bindparam("ticket"),
        tickets.c.assignee != "",
    )
    .order_by(tickets.c.id.desc())
    .limit(_EARLIER)
)


def _state(row: Row[Any]) -> AgentState:
    return AgentState(Availability(row.availability) if row.availability else None, row.until, row.maximum)
