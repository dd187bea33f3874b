"""Agents at work: what was set of them, how much they have, and whose turn it is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailtix.model.desk import AgentState, Availability
from mailtix.model.ticket import Status
from mailtix.store.directory import insert_new, upsert
from mailtix.store.tables import agent_states, team_turns, tickets

_OPEN = [status for status in Status if not status.is_done]
# A customer's earlier agents: more would not change who is found.
_EARLIER = 5


def lock(session: Session, agents: Iterable[str], now: datetime) -> dict[str, AgentState]:
    """The states of these agents (keys). Until the transaction ends nobody else gets past this call for any of them: so
    two that pick at once see each other's picks. The order of the rows is the same for all."""
    wanted = sorted(set(agents))
    query = select(agent_states).where(agent_states.c.agent.in_(wanted)).order_by(agent_states.c.agent)
    rows = session.execute(query.with_for_update()).all()
    if len(rows) < len(wanted):
        new = sorted(set(wanted) - {row.agent for row in rows})
        session.execute(insert_new(session, agent_states), [{"agent": agent, "changed_at": now} for agent in new])
        rows = session.execute(query.with_for_update()).all()
    return {row.agent: _state(row.availability, row.until, row.maximum) for row in rows}


def states(session: Session, agents: Iterable[str]) -> dict[str, AgentState]:
    """What was set of these agents, of those only of whom something was."""
    query = select(agent_states).where(agent_states.c.agent.in_(list(agents)))
    return {row.agent: _state(row.availability, row.until, row.maximum) for row in session.execute(query)}


def set_state(session: Session, agent: str, state: AgentState, now: datetime) -> None:
    """Sets an agent's state, whatever it was."""
    values = {"availability": state.availability, "until": state.until, "maximum": state.maximum, "changed_at": now}
    statement = upsert(session, agent_states).values(agent=agent, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["agent"], set_=values))


def open_tickets(session: Session, companies: Iterable[int], agents: Iterable[str]) -> dict[str, int]:
    """How many tickets of these companies each of these agents has that are not done; none is left out."""
    mine = tickets.c.company_id.in_(list(companies)) & tickets.c.assignee.in_(list(agents))
    query = select(tickets.c.assignee, func.count()).where(mine, tickets.c.status.in_(_OPEN))
    return dict(session.execute(query.group_by(tickets.c.assignee)).all())


def turns(session: Session, company_id: int, team: str) -> dict[str, int]:
    """The number of the team's turn that each agent had last."""
    of_team = (team_turns.c.company_id == company_id) & (team_turns.c.team == team)
    return {row.agent: row.turn for row in session.execute(select(team_turns).where(of_team))}


def took_turn(session: Session, company_id: int, team: str, agent: str) -> None:
    """The agent had the team's next turn. The agents are locked by whoever picked him."""
    turn = max(turns(session, company_id, team).values(), default=0) + 1
    statement = upsert(session, team_turns).values(company_id=company_id, team=team, agent=agent, turn=turn)
    session.execute(
        statement.on_conflict_do_update(index_elements=["company_id", "team", "agent"], set_={"turn": turn})
    )


def earlier(session: Session, company_id: int, requester_id: int, ticket_id: int) -> tuple[str, ...]:
    """Who has or had other tickets of this requester, the newest ticket first."""
    theirs = (tickets.c.company_id == company_id) & (tickets.c.requester_id == requester_id)
    query = select(tickets.c.assignee).where(theirs, tickets.c.id != ticket_id, tickets.c.assignee != "")
    return tuple(dict.fromkeys(session.execute(query.order_by(tickets.c.id.desc()).limit(_EARLIER)).scalars()))


def _state(availability: str | None, until: datetime | None, maximum: int | None) -> AgentState:
    return AgentState(Availability(availability) if availability else None, until, maximum)
