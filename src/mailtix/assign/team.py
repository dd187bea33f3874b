"""The team a ticket was given to, and the teams that help it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mailtix.assign.pick import Member, Picked, Wanted, pick
from mailtix.model.copies import replace
from mailtix.model.desk import Company, Team
from mailtix.model.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Staff:
    """What must be known of people before one of them is picked: `members` of each team that may be asked, and
    `earlier`: who looked after this customer's tickets before, the newest first."""

    members: Mapping[str, tuple[Member, ...]] = field(default_factory=dict)
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a ticket ends: in a team, with an agent (a key) or, when nobody could take it, with ""."""

    team: str
    agent: str
    because: str


def asked(company: Company, team: str) -> tuple[Team, ...]:
    """The teams that are asked for somebody, in order: that one and, as far as they help out, its fallbacks."""
    teams: list[Team] = []
    name = team
    while name and name not in [asked.name for asked in teams]:
        teams.append(company.team(name))
        name = teams[-1].fallback if teams[-1].strategy else ""
    return tuple(teams)


def place_in(team: str, company: Company, staff: Staff, wanted: Wanted, now: datetime) -> Placed:
    """Where a ticket of that team ends. Nobody there: the fallback's people are asked; nobody at all: it stays."""
    reasons: list[str] = []
    for terms in asked(company, team):
        if terms.strategy is None:  # a fallback whose tickets wait for whoever takes them
            return Placed(terms.name, "", f"{'; '.join(reasons)}; {terms.name} helps out")
        picked = _pick_in(terms, staff, wanted, now)
        if picked.agent is not None:
            helps = f"{'; '.join(reasons)}; {terms.name} helps out, " if reasons else ""
            return Placed(terms.name, picked.agent.key, f"{helps}{picked.because}")
        reasons.append(f"nobody in {terms.name} can take it: {picked.because}")
    return Placed(team, "", "; ".join(reasons))


def _pick_in(terms: Team, staff: Staff, wanted: Wanted, now: datetime) -> Picked:
    assert terms.strategy is not None
    members = staff.members.get(terms.name, ())
    known = {member.agent.key for member in members}
    earlier = next((key for key in staff.earlier if key in known), "") if terms.sticky else ""
    return pick(terms.strategy, members, replace(wanted, earlier=earlier), now)


def wanted_of(ticket: Ticket, giver: str = "") -> Wanted:
    """What a ticket asks for: the skills that are called like its category or one of its tags, and the requester's
    language."""
    skills = frozenset(name.lower() for name in (ticket.category, *ticket.tags) if name)
    return Wanted(ticket.requester.email, skills, ticket.requester.language, giver=giver)
