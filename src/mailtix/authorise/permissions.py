"""Which agent may use which command, and work on which ticket."""

from __future__ import annotations

from collections.abc import Mapping

from mailtix.model.desk import Agent, AgentRole, Company
from mailtix.model.ticket import Ticket


def no_command(agent: Agent, word: str, company: Company, permissions: Mapping[str, AgentRole]) -> str:
    """Why the agent may not use that command, and who may; "" if he may. `permissions` say who at least one must be for
    a command; what they do not name is for all agents."""
    least = permissions.get(word, AgentRole.AGENT)
    if agent.role.covers(least):
        return ""
    may = [other.name for other in company.agents if other.role.covers(least)]
    ranks = "admins" if least is AgentRole.ADMIN else "managers and admins"
    return f"only {ranks} may do that: {', '.join(may) or 'there is none'}"


def no_ticket(agent: Agent, ticket: Ticket, company: Company) -> str:
    """Why the agent may not work on the ticket, and who may; "" if he may. One of another category may all the same,
    when it was given to him or to his team."""
    if agent.works_on(ticket.category) or ticket.assignee == agent.key or (ticket.team and ticket.team in agent.teams):
        return ""
    may = [other.name for other in company.agents if other.works_on(ticket.category)]
    yours = ", ".join(agent.categories)
    return f"it is in the category {ticket.category}, and yours are: {yours}; ask {', '.join(may) or 'an admin'}"
