"""What people set for themselves by mail: whether they take work, what they are told, which queries they keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mailtix.model.desk import AgentState, Availability


@dataclass(frozen=True, slots=True)
class AvailabilitySet:
    """An agent (key) is that until `until` (aware), None: until he says otherwise."""

    agent: str
    to: Availability
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class MaximumSet:
    """An agent (key) is given no more than that many open tickets, None: as many as the settings say."""

    agent: str
    to: int | None


@dataclass(frozen=True, slots=True)
class Preferred:
    """A person (an agent's key, or an address) has chosen `value` for `key`, "" to have it as it is for all."""

    person: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class FilterSaved:
    """An agent (key) calls that query `name`; "" forgets the name."""

    agent: str
    name: str
    query: str


Personal = AvailabilitySet | MaximumSet | Preferred | FilterSaved


@dataclass(frozen=True, slots=True)
class Mine:
    """What is set for an agent: his state at run time, his preferences, and his saved filters (name → query)."""

    state: AgentState = field(default_factory=AgentState)
    preferences: Mapping[str, str] = field(default_factory=dict)
    filters: Mapping[str, str] = field(default_factory=dict)
