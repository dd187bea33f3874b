"""Who answers: agents with their shifts, teams with their strategies."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field

from mailtix.config.scalars import Language, MailAddress, Names, one_or_many
from mailtix.model.desk import Agent, AgentRole, Availability, Shift, Strategy, Team
from mailtix.yamltext import Section, wrong

Name = Annotated[str, Field(min_length=1, max_length=200)]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = r"([01]?\d|2[0-4]):([0-5]\d)"
_HOURS = re.compile(rf"{_CLOCK}\s*-\s*{_CLOCK}", re.ASCII)


def _days(value: Any) -> Any:
    """A list of days, each once and in the order of the week; mon-fri is written out."""
    items = value if isinstance(value, list | tuple) else [value]
    if not items:
        raise wrong("this list is empty", "leave the key out for mon-fri")
    return tuple(sorted({day for item in items for day in days_of(item)}, key=DAYS.index))


def days_of(item: Any) -> list[str]:
    """The days of a text such as `mon`, `mon-fri` or `fri-mon`, in their order."""
    first, dash, last = str(item).strip().lower().replace(" ", "").partition("-")
    if first not in DAYS or (dash and last not in DAYS):
        raise wrong(f"'{str(item)[:40]}' is no day of the week", f"there are: {', '.join(DAYS)}, and mon-fri")
    begin, end = DAYS.index(first), DAYS.index(last or first)
    return [DAYS[day % 7] for day in range(begin, (end if end >= begin else end + 7) + 1)]


def _hours(value: str) -> str:
    found = _HOURS.fullmatch(value.strip())
    if found is None or any(found[hour] == "24" and found[minute] != "00" for hour, minute in ((1, 2), (3, 4))):
        raise wrong("these are no hours", "write them as 09:00-17:30; 22:00-06:00 goes past midnight")
    begin, end = f"{int(found[1]) % 24:02}:{found[2]}", f"{int(found[3]):02}:{found[4]}"
    return f"{begin}-{end}"


def _zone(value: str) -> str:
    try:
        return ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder's name, or one that leads out, is an OSError
        raise wrong(f"there is no time zone '{value[:60]}'", "write it as Europe/Berlin, or UTC") from None


Zone = Annotated[str, AfterValidator(_zone)]


class ShiftConfig(Section):
    days: Annotated[tuple[str, ...], BeforeValidator(_days)] = DAYS[:5]
    hours: Annotated[str, AfterValidator(_hours)] = "00:00-24:00"
    zone: Zone = "UTC"

    def as_model(self) -> Shift:
        """The shift; 24:00 is the midnight that ends the day."""
        begin, end = (time(int(clock[:2]) % 24, int(clock[3:])) for clock in self.hours.split("-"))
        return Shift(frozenset(map(DAYS.index, self.days)), begin, end, ZoneInfo(self.zone))


def _lower(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in names)


class AgentConfig(Section):
    name: Name
    email: MailAddress
    teams: Names = ()
    company: Names = ()
    employee_id: str = ""
    skills: Annotated[Names, AfterValidator(_lower)] = ()
    languages: Annotated[tuple[Language, ...], BeforeValidator(one_or_many)] = ()
    shift: ShiftConfig | None = None
    max: Annotated[int, Field(ge=0, le=100_000)] | None = None
    availability: Availability = Availability.AVAILABLE
    role: AgentRole = AgentRole.AGENT
    categories: Names = ()

    def serves(self, company: str) -> bool:
        """Whether he works for that company; one who names none works for all."""
        return not self.company or company in self.company

    def as_model(self) -> Agent:
        """The agent as the rest of the program knows him."""
        return Agent(
            name=self.name,
            email=self.email,
            teams=self.teams,
            employee_id=self.employee_id,
            skills=self.skills,
            languages=self.languages,
            shift=self.shift.as_model() if self.shift else None,
            maximum=self.max,
            availability=self.availability,
            role=self.role,
            categories=self.categories,
        )


class TeamConfig(Section):
    name: Name
    strategy: Strategy | None = None
    sticky: bool = True
    lead: MailAddress | None = None
    fallback: Name | None = None

    def as_model(self) -> Team:
        """The team as the rest of the program knows it."""
        return Team(self.name, self.strategy, self.sticky, (self.lead or "").lower(), self.fallback or "")


class CategoryConfig(Section):
    name: Name
    team: Name | None = None


def category(value: Any) -> Any:
    """A category that is only named is one without a team."""
    return value if isinstance(value, dict | CategoryConfig) else {"name": value}
