"""Tickets that wait in a queue because nobody could take them: they are given away when somebody comes who can."""

from __future__ import annotations

from datetime import datetime

from mailtix.assign import asked, why_not
from mailtix.assign.pick import Wanted, member_of
from mailtix.draft import Draft
from mailtix.gather import gather_more
from mailtix.house import House
from mailtix.model.decision import Decision, Outcome
from mailtix.model.desk import AgentState, Company
from mailtix.model.ticket import Ticket
from mailtix.placement import place
from mailtix.ruling import facts_of_moment
from mailtix.save import Cause, save
from mailtix.store import queues, staff, tickets
from mailtix.store.engine import Session

_BECAUSE = "somebody can take it now"


def give_away(session: Session, house: House, limit: int, now: datetime) -> list[tuple[str, Decision, tuple[int, ...]]]:
    """Gives away up to `limit` tickets in the session's transaction. Returns for each the name of the work, what was
    decided, and the mails that leave."""
    given: list[tuple[str, Decision, tuple[int, ...]]] = []
    for company_id, company in house.companies.items():
        teams = [
            team.name
            for team in company.team_terms
            if team.strategy and _somebody(session, house, team.name, company, now)
        ]
        waiting = queues.waiting(session, company_id, teams, limit - len(given)) if teams else []
        locked = tickets.by_ids(session, company_id, [id_ for id_, _ in waiting], lock=True) if waiting else {}
        for id_, _ in waiting:
            ticket = locked[id_]
            decision = _decided(session, house, company_id, ticket, now) if not ticket.assignee else None
            if decision is not None:
                cause = f"Q{ticket.id}.{ticket.version}"
                given.append((cause, decision, save(session, house, company_id, decision, Cause(cause), now).outbox))
    return given


def _somebody(session: Session, house: House, team: str, company: Company, now: datetime) -> bool:
    """Whether anybody of the team, or of those that help it out, may be able to take a ticket; nothing is locked."""
    people = {agent.key: agent for terms in asked(company, team) for agent in company.members(terms.name)}
    states, loads = staff.states(session, people), staff.open_tickets(session, house.companies, people)
    found = (
        member_of(agent, states.get(key, AgentState()), loads.get(key, 0), 0, now) for key, agent in people.items()
    )
    return any(not why_not(member, Wanted(), now) for member in found)


def _decided(session: Session, house: House, company_id: int, ticket: Ticket, now: datetime) -> Decision | None:
    """Who gets the ticket; None when there is nobody after all."""
    company = house.companies[company_id]
    facts = facts_of_moment(ticket, company, now)
    draft = Draft(ticket, company.name, now)
    place(facts, draft)
    if draft.asks:
        facts = gather_more(
            session, house, company_id, (facts, Decision(Outcome.NOTED, "", ticket, ticket, asks=draft.asks)), now
        )
        draft = Draft(ticket, company.name, now)
        place(facts, draft)
    agent = company.agent(draft.after.assignee)
    if agent is None:
        return None
    draft.tell(agent, "assigned", _BECAUSE)
    return draft.decision(Outcome.NOTED, _BECAUSE, house.policy.sla)
