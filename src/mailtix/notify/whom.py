"""Who is told."""

from __future__ import annotations

from collections.abc import Sequence

from mailtix.model.desk import Agent, AgentRole, Company
from mailtix.model.moment import CHAIN, Rung
from mailtix.model.ticket import Person, Ticket


def desk(ticket: Ticket, company: Company, everyone: bool) -> tuple[Agent, ...]:
    """Who at the desk looks after a ticket: its assignee, else its team, else (`everyone`) all agents of the company
    who may work on it.

    An assignee who has left the desk counts as none.
    """
    assignee = company.agent(ticket.assignee) if ticket.assignee else None
    if assignee is not None:
        return (assignee,)
    team = tuple(agent for agent in company.agents if ticket.team and ticket.team in agent.teams)
    if team or not everyone:
        return team
    return tuple(agent for agent in company.agents if agent.works_on(ticket.category)) or company.agents


def queue(ticket: Ticket, company: Company, but: str = "") -> tuple[Agent, ...]:
    """Who hears that nobody could take a ticket: its team and the team's lead, without `but`; if that is nobody,
    everybody else."""
    lead = company.team(ticket.team).lead
    team = tuple(agent for agent in company.agents if ticket.team in agent.teams or agent.key == lead)
    return tuple(a for a in team if a.key != but) or tuple(a for a in company.agents if a.key != but)


def watchers(ticket: Ticket, company: Company) -> tuple[Agent, ...]:
    """The agents who asked to hear of everything, those who have left the desk aside."""
    return tuple(agent for key in ticket.watchers if (agent := company.agent(key)) is not None)


def chain(
    ticket: Ticket, company: Company, level: int, but: str = "", rungs: Sequence[Rung] = CHAIN
) -> tuple[Agent, ...]:
    """Whom a ticket is brought to that goes up to `level`, from 1, without `but`: who stands on that step. Above the
    highest is the highest. Where there is nobody at all, it is brought to its team, or to everybody else."""
    there = steps(ticket, company, rungs)
    above = (tuple(agent for agent in step if agent.key != but) for step in there[min(level, len(there)) - 1 :])
    return next(filter(None, above), ()) or queue(ticket, company, but)


def steps(ticket: Ticket, company: Company, rungs: Sequence[Rung] = CHAIN) -> tuple[tuple[Agent, ...], ...]:
    """The steps above a ticket, each with who stands on it; those where nobody is are left out."""
    return tuple(filter(None, (_on(rung, ticket, company) for rung in rungs)))


def leads(ticket: Ticket, company: Company) -> tuple[Agent, ...]:
    """The lead of a ticket's team, if there is one."""
    return _on(Rung.LEAD, ticket, company)


def _on(rung: Rung, ticket: Ticket, company: Company) -> tuple[Agent, ...]:
    account = company.account_of(ticket.requester.email)
    match rung:
        case Rung.LEAD:
            lead = company.team(ticket.team).lead
            return tuple(agent for agent in company.agents if lead and agent.key == lead)
        case Rung.MANAGER:
            return tuple(agent for agent in company.agents if agent.role is AgentRole.MANAGER)
        case Rung.ADMIN:
            return tuple(agent for agent in company.agents if agent.role is AgentRole.ADMIN)
        case Rung.ACCOUNT_MANAGER:
            return _named(account.account_manager if account else "", company)
        case Rung.RESELLER:
            return _named(account.reseller if account else "", company)


def _named(address: str, company: Company) -> tuple[Agent, ...]:
    """Whoever has that address; he need not be an agent, and then he is only told."""
    return (company.agent(address) or Agent(address, address),) if address else ()


def customers(ticket: Ticket, company: Company, but: str = "") -> tuple[Person, ...]:
    """Everybody outside who takes part, the requester first, without `but`. An agent is only a customer of a ticket
    that he opened himself."""
    requester = ticket.requester
    people = []
    for email in ticket.participants:
        if email == but:
            continue
        if email == requester.email:
            people.append(requester)
        elif company.agent(email) is None:
            people.append(Person(0, email))
    return tuple(people)
