"""A ticket that nobody has: its category's team gets it, and of a team with a strategy somebody does. Pure."""

from __future__ import annotations

from mailtix.assign import place_in, wanted_of
from mailtix.draft import Draft
from mailtix.facts import Facts
from mailtix.model.change import Assigned, Noted, TeamChanged
from mailtix.model.decision import AskStaff
from mailtix.model.desk import Strategy


def place(facts: Facts, draft: Draft, giver: str = "") -> str:
    """Gives the ticket away, though not to `giver` (a key). Returns why nobody could take it, "" otherwise.

    An assignee who has left the desk counts as none. Where the people of the team are not known yet, the draft asks.
    """
    company, ticket = facts.company, draft.after
    if ticket.assignee and company.agent(ticket.assignee) is not None:
        return ""
    if not ticket.team and (team := company.team_of(ticket.category)):
        draft.change(TeamChanged(team), "mailtix", f"{team} looks after the category {ticket.category}")
    team = draft.after.team
    company = company.with_strategy(team, _named(draft))
    if not team or company.team(team).strategy is None:
        return ""
    if facts.staff is None or team not in facts.staff.members:
        draft.ask(AskStaff(team))
        return ""
    placed = place_in(team, company, facts.staff, wanted_of(draft.after, giver), draft.now)
    draft.change(TeamChanged(placed.team), f"team {team}", placed.because)
    if placed.agent:
        draft.change(Assigned(placed.agent, turn_of=placed.team), f"team {placed.team}", placed.because)
    elif company.team(placed.team).strategy is not None:
        draft.change(Noted("nobody", placed.because), f"team {team}", placed.because)
        return placed.because
    return ""


def _named(draft: Draft) -> Strategy | None:
    """The strategy that a rule has named for this ticket."""
    given = [change for change in draft.changes if isinstance(change, TeamChanged)]
    return given[-1].strategy if given else None
