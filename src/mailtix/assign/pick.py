"""One of a team: the strategies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

from mailtix.model.desk import Agent, AgentState, Availability, Strategy


@dataclass(frozen=True, slots=True)
class Member:
    """An agent as he stands now. `open` counts the tickets that he has and that are not done; `turn` is the number of
    his team's turn that he had last, 0 for none. `maximum` and `availability` are those in effect.
    """

    agent: Agent
    open: int = 0
    turn: int = 0
    maximum: int | None = None
    availability: Availability = Availability.AVAILABLE
    until: datetime | None = None


def member_of(agent: Agent, state: AgentState, open_: int, turn: int, now: datetime) -> Member:
    """The agent with what was set of him at run time, as far as it still holds."""
    maximum = agent.maximum if state.maximum is None else state.maximum
    if state.availability is None or (state.until is not None and state.until <= now):
        return Member(agent, open_, turn, maximum, agent.availability)
    return Member(agent, open_, turn, maximum, state.availability, state.until)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a ticket asks of its agent. `skills` in lower case; `language` "" when it is not known; `earlier` is the key
    of who looked after this customer last, `giver` of who has just given the ticket away."""

    customer: str = ""
    skills: frozenset[str] = frozenset()
    language: str = ""
    earlier: str = ""
    giver: str = ""


@dataclass(frozen=True, slots=True)
class Picked:
    """Who gets it, None when nobody can, and because of what."""

    agent: Agent | None
    because: str


def pick(strategy: Strategy, members: Sequence[Member], wanted: Wanted, now: datetime) -> Picked:
    """The member who gets the ticket. Never one who is not there, not on shift, or has his maximum already."""
    reasons = [(member, why_not(member, wanted, now)) for member in members]
    able = [member for member, no in reasons if not no]
    unable = [f"{member.agent.name} {no}" for member, no in reasons if no]
    if not able:
        return Picked(None, ", ".join(unable) or "nobody is in it")
    earlier = next((member for member in able if member.agent.key == wanted.earlier), None)
    if earlier is not None:
        return Picked(earlier.agent, f"sticky: {_load(earlier)} looked after {wanted.customer} before")
    ranked = _ranked(strategy, able, wanted)
    words = [_words(strategy, member, wanted) for member in ranked]
    return Picked(ranked[0].agent, f"{strategy}: {', '.join([*words, *unable])}")


def why_not(member: Member, wanted: Wanted, now: datetime) -> str:
    """Why that member cannot get a ticket now; "" when he can."""
    if member.agent.key == wanted.giver:
        return "gave it away"
    if member.availability is not Availability.AVAILABLE:
        until = f" until {member.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if member.until else ""
        return f"{member.availability}{until}"
    if member.agent.shift is not None and not member.agent.shift.covers(now):
        return "off shift"
    if member.maximum is not None and member.open >= member.maximum:
        return f"{member.open}/{member.maximum} full"
    return ""


def _ranked(strategy: Strategy, able: Sequence[Member], wanted: Wanted) -> list[Member]:
    """The best first. Whom the strategy does not tell apart, the turn does, then the order of the settings."""
    most = max((member.maximum or 0 for member in able), default=0) or 1

    def share(member: Member) -> Fraction:
        """How full his hands are; who has no maximum counts as one with the largest of the team."""
        return Fraction(member.open, member.maximum or most)

    match strategy:
        case Strategy.ROUND_ROBIN:
            return sorted(able, key=lambda member: member.turn)
        case Strategy.LEAST_BUSY:
            return sorted(able, key=lambda member: (share(member), member.turn))
        case Strategy.SKILL:
            return sorted(able, key=lambda member: (*_lacks(member, wanted), share(member), member.turn))


def _lacks(member: Member, wanted: Wanted) -> tuple[bool, int]:
    """What he falls short of. The language counts first: who knows the matter but cannot be understood is no help."""
    return not _speaks(member, wanted), -len(_knows(member, wanted))


def _knows(member: Member, wanted: Wanted) -> list[str]:
    return sorted(wanted.skills.intersection(member.agent.skills))


def _speaks(member: Member, wanted: Wanted) -> bool:
    """Whether the primary subtags agree (RFC 5646 section 2.2.1): who speaks pt is understood in pt-BR."""
    spoken = {tag.partition("-")[0].lower() for tag in member.agent.languages}
    return bool(wanted.language) and wanted.language.partition("-")[0].lower() in spoken


def _words(strategy: Strategy, member: Member, wanted: Wanted) -> str:
    if strategy is Strategy.ROUND_ROBIN:
        return f"{member.agent.name} (turn {member.turn})" if member.turn else f"{member.agent.name} (no turn yet)"
    if strategy is Strategy.LEAST_BUSY:
        return _load(member)
    language = [f"speaks {wanted.language}"] if _speaks(member, wanted) else []
    matches = [*language, *(f"knows {skill}" for skill in _knows(member, wanted))]
    return f"{_load(member)} ({', '.join(matches) or 'no match'})"


def _load(member: Member) -> str:
    return f"{member.agent.name} {member.open}" + (f"/{member.maximum}" if member.maximum is not None else "")
