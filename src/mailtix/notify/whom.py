"""Who is told."""

from __future__ import annotations

from mailtix.model.desk import Agent, AgentRole, Company
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


def chain(ticket: Ticket, company: Company, level: int, but: str = "") -> tuple[Agent, ...]:
    """Whom a ticket is brought to that goes up to `level`, from 1: the lead of its team, then the managers, then the
    admins, without `but`. Steps where nobody is are left out; above the highest is the highest. Where there is nobody
    at all, it is brought to its team, or to everybody else."""
    lead = company.team(ticket.team).lead
    steps = (
        tuple(agent for agent in company.agents if lead and agent.key == lead),
        tuple(agent for agent in company.agents if agent.role is AgentRole.MANAGER),
        tuple(agent for agent in company.agents if agent.role is AgentRole.ADMIN),
    )
    there = [step for step in steps if step]
    above = (tuple(agent for agent in step if agent.key != but) for step in there[min(level, len(there)) - 1 :])
    return next(filter(None, above), ()) or queue(ticket, company, but)


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
