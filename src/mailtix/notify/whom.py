"""Who is told."""

from __future__ import annotations

from mailtix.model.desk import Agent, Company
from mailtix.model.ticket import Person, Ticket


def desk(ticket: Ticket, company: Company, everyone: bool) -> tuple[Agent, ...]:
    """Who at the desk looks after a ticket: its assignee, else its team, else (`everyone`) all agents of the company.

    An assignee who has left the desk counts as none.
    """
    assignee = company.agent(ticket.assignee) if ticket.assignee else None
    if assignee is not None:
        return (assignee,)
    team = tuple(agent for agent in company.agents if ticket.team and ticket.team in agent.teams)
    return team or (company.agents if everyone else ())


def queue(ticket: Ticket, company: Company, but: str = "") -> tuple[Agent, ...]:
    """Who hears that nobody could take a ticket: its team and the team's lead, without `but`; if that is nobody,
    everybody else."""
    lead = company.team(ticket.team).lead
    team = tuple(agent for agent in company.agents if ticket.team in agent.teams or agent.key == lead)
    return tuple(a for a in team if a.key != but) or tuple(a for a in company.agents if a.key != but)


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
