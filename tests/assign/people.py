"""Agents and members, as tests of assignment name them."""

from __future__ import annotations

from mailtix.assign import Member
from mailtix.model.desk import Agent, Availability, Shift


def agent(name: str, *, skills: str = "", languages: str = "", shift: Shift | None = None) -> Agent:
    """Ann is ann@desk.example; skills and languages are separated by spaces."""
    email = f"{name.lower()}@desk.example"
    return Agent(name, email, ("team",), skills=tuple(skills.split()), languages=tuple(languages.split()), shift=shift)


def member(name: str, open_: int = 0, maximum: int | None = None, turn: int = 0, **how: str) -> Member:
    """An available member of the team."""
    return Member(agent(name, **how), open_, turn, maximum)  # type: ignore[arg-type]


def absent(name: str, availability: Availability = Availability.AWAY) -> Member:
    return Member(agent(name), availability=availability)
