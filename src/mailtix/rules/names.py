"""What rules may name: companies, teams, agents, categories, lists of words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from pydantic import ValidationInfo

from mailtix.model.desk import Agent, Company
from mailtix.yamltext import did_you_mean, wrong

T = TypeVar("T")
WordLists = Mapping[str, Mapping[str, tuple[str, ...]]]
IsOpen = Callable[[datetime], bool]
"""Whether a calendar is open at a moment (aware)."""


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field of tickets: a text, number, date or choice (of `choices`)."""

    name: str
    kind: str = "text"
    choices: tuple[str, ...] = ()

    def refusal(self, value: str) -> str:
        """Why that value cannot stand in it, "" when it can."""
        match self.kind:
            case "choice" if value not in self.choices:
                return f"it is one of: {', '.join(self.choices)}"
            case "number" if not _NUMBER.fullmatch(value):
                return "it holds a number: 17 or 2.5"
            case "date" if not _is_date(value):
                return "it holds a date: 2026-12-31"
        return ""


_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,10})?", re.ASCII)


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Known:
    """What rules may name. `categories` empty: any name will do. `desks` say which company has what; `words` are the
    lists of words by name and language. `policies` are the service levels, `calendars` tell when they are open, `hosts`
    are those that may be told of things (webhooks). `sentiment` measures how a text sounds; None: nothing can."""

    categories: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    agents: tuple[Agent, ...] = ()
    companies: tuple[str, ...] = ()
    desks: tuple[Company, ...] = ()
    words: WordLists = field(default_factory=dict)
    fields: tuple[CustomField, ...] = ()
    policies: tuple[str, ...] = ()
    calendars: Mapping[str, IsOpen] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()
    sentiment: Callable[[str], float] | None = None

    @classmethod
    def of(cls, companies: Sequence[Company]) -> Known:
        """What those companies know. Categories are only checked if each company lists its own."""
        listed = all(company.categories for company in companies)
        return cls(
            categories=_each_once(name for company in companies for name in company.categories) if listed else (),
            teams=_each_once(team for company in companies for team in company.teams),
            agents=_each_once(agent for company in companies for agent in company.agents),
            companies=tuple(company.name for company in companies),
            desks=tuple(companies),
        )

    def agent(self, name: str) -> Agent | None:
        """The agent of that address, or the only one of that name."""
        wanted = name.strip().casefold()
        by_address = [agent for agent in self.agents if agent.key == wanted]
        found = by_address or [agent for agent in self.agents if agent.name.casefold() == wanted]
        return found[0] if len(found) == 1 else None


def _each_once(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))


def known_in(info: ValidationInfo) -> Known | None:
    """What the files at hand may name; None when only the form is asked about."""
    known = info.context["known"] if info.context else None
    return known if isinstance(known, Known) else None


def company(name: str, info: ValidationInfo) -> str:
    """The name, if there is such a company."""
    known = known_in(info)
    return _checked(name, known.companies, "company") if known else name


def team(name: str, info: ValidationInfo) -> str:
    """The name, if there is such a team."""
    known = known_in(info)
    return _checked(name, known.teams, "team") if known else name


def category(name: str, info: ValidationInfo) -> str:
    """The name, if there is such a category or the companies list none."""
    known = known_in(info)
    return _checked(name, known.categories, "category") if known and known.categories else name


def agent(name: str, info: ValidationInfo) -> str:
    """The agent's key."""
    known = known_in(info)
    if known is None:
        return name.lower()
    if found := known.agent(name):
        return found.key
    if sum(other.name.casefold() == name.casefold() for other in known.agents) > 1:
        raise wrong(f"there is more than one agent '{name}'", "give his address")
    raise wrong(f"there is no agent '{name}'", did_you_mean(name, _agents(known)))


def agent_or_team(name: str, info: ValidationInfo) -> str:
    """The team's name, or the agent's key."""
    known = known_in(info)
    if known is None or name in known.teams:
        return name
    if found := known.agent(name):
        return found.key
    raise wrong(f"there is no agent or team '{name}'", did_you_mean(name, [*known.teams, *_agents(known)]))


def word_list(name: str, info: ValidationInfo) -> str:
    """The name, if there is such a list of words."""
    known = known_in(info)
    return _checked(name, tuple(known.words), "list of words") if known else name


def calendar(name: str, info: ValidationInfo) -> str:
    """The name, if there is such a calendar."""
    known = known_in(info)
    return _checked(name, tuple(known.calendars), "calendar") if known else name


def policy(name: str, info: ValidationInfo) -> str:
    """The name, if there is such a service level."""
    known = known_in(info)
    return _checked(name, known.policies, "service level") if known else name


def custom_field(name: str, info: ValidationInfo) -> str:
    """The name, if tickets have such a field."""
    known = known_in(info)
    return _checked(name, tuple(field.name for field in known.fields), "custom field") if known else name


def values_of_fields(values: Mapping[str, str], info: ValidationInfo) -> Mapping[str, str]:
    """The values, if the fields may hold them; "" takes a value off."""
    known = known_in(info)
    for custom in known.fields if known else ():
        value = values.get(custom.name, "")
        if value and (reason := custom.refusal(value)):
            raise wrong(f"the field '{custom.name}' cannot be '{value}'", reason)
    return values


def _agents(known: Known) -> list[str]:
    return [*(agent.email for agent in known.agents), *(agent.name for agent in known.agents)]


def _checked(name: str, names: Sequence[str], what: str) -> str:
    if name not in names:
        raise wrong(f"there is no {what} '{name}'", did_you_mean(name, names))
    return name
