"""The desk as its admin describes it: companies, mailboxes, agents."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address that customers write to."""

    address: str
    name: str = ""


class Availability(StrEnum):
    """Whether an agent takes new tickets. Only AVAILABLE does; the others say why not."""

    AVAILABLE = "available"
    BUSY = "busy"
    AWAY = "away"
    OFFLINE = "offline"


class AgentRole(StrEnum):
    """What an agent may do, the one who may most first."""

    ADMIN = "admin"
    MANAGER = "manager"
    AGENT = "agent"

    def covers(self, other: AgentRole) -> bool:
        """Whether he may do what that role may."""
        ranks = list(AgentRole)
        return ranks.index(self) <= ranks.index(other)


class Strategy(StrEnum):
    """How a team's tickets find their agent."""

    ROUND_ROBIN = "round_robin"
    LEAST_BUSY = "least_busy"
    SKILL = "skill"


@dataclass(frozen=True, slots=True)
class Shift:
    """When an agent works, on the clock of `zone`. `days` are 0 (Monday) to 6. One that ends before it begins goes past
    midnight and belongs to the day it begins on."""

    days: frozenset[int]
    begin: time
    end: time
    zone: tzinfo

    def covers(self, now: datetime) -> bool:
        """Whether `now` (aware) falls into it: `begin` does, `end` does not."""
        local = now.astimezone(self.zone)
        at, today = local.time(), local.weekday()
        if self.begin < self.end:
            return today in self.days and self.begin <= at < self.end
        yesterday = (local.date() - timedelta(days=1)).weekday()
        return (today in self.days and at >= self.begin) or (yesterday in self.days and at < self.end)


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who answers. `key` is the address in lower case; it names the agent in tickets and tokens.

    `maximum` is how many open tickets he is given, None for any number; `shift` None: he works at any time. `skills`
    are in lower case, `languages` as in RFC 5646. An AGENT with `categories` works only on tickets of these.
    """

    name: str
    email: str
    teams: tuple[str, ...] = ()
    employee_id: str = ""
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    shift: Shift | None = None
    maximum: int | None = None
    availability: Availability = Availability.AVAILABLE
    role: AgentRole = AgentRole.AGENT
    categories: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.email.lower()

    def works_on(self, category: str) -> bool:
        """Whether tickets of that category are his to work on. Those that nobody has sorted yet are everybody's."""
        return not self.categories or self.role is not AgentRole.AGENT or category in ("", *self.categories)


@dataclass(frozen=True, slots=True)
class AgentState:
    """What was set of an agent at run time; None where the settings hold. `availability` holds until `until`, then the
    settings' own does again; None: until it is set anew."""

    availability: Availability | None = None
    until: datetime | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Team:
    """What is laid down of a team. `strategy` None: its tickets wait for whoever takes them. `sticky`: a customer comes
    back to who looked after him before. `lead` is an agent's key, `fallback` the team that helps out; "" for none."""

    name: str
    strategy: Strategy | None = None
    sticky: bool = True
    lead: str = ""
    fallback: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """What is laid down of a customer: of everybody whose address (in lower case) is like one of `match`
    (*@example.com). `language` is that of mail to him when his own is not known; `account_manager` and `reseller` are
    addresses; "" for none."""

    name: str
    match: tuple[str, ...]
    vip: bool = False
    language: str = ""
    account_manager: str = ""
    reseller: str = ""


def account_in(accounts: Iterable[Account], email: str) -> Account | None:
    """The first of these accounts that an address belongs to, if any."""
    own = email.lower()
    return next((account for account in accounts if any(fnmatchcase(own, p) for p in account.match)), None)


@dataclass(frozen=True, slots=True)
class Company:
    """One tenant. Nothing of one company is ever seen by another.

    `team_terms` are the teams of which something is laid down; `category_teams` pairs a category with its team. `zone`
    is where its days begin and end. `accounts` are the customers of which something is laid down.
    """

    name: str
    mailboxes: tuple[Mailbox, ...]
    agents: tuple[Agent, ...] = ()
    categories: tuple[str, ...] = ()
    language: str = "en"
    team_terms: tuple[Team, ...] = ()
    category_teams: tuple[tuple[str, str], ...] = ()
    zone: tzinfo = UTC
    accounts: tuple[Account, ...] = ()
    _by_key: dict[str, Agent] = field(default_factory=dict, init=False, repr=False, compare=False)
    _boxes: dict[str, Mailbox] = field(default_factory=dict, init=False, repr=False, compare=False)
    _asked: dict[str, frozenset[str]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # of two the first has the key, or the address
        self._by_key.update({agent.key: agent for agent in reversed(self.agents)})
        self._boxes.update({box.address.lower(): box for box in reversed(self.mailboxes)})

    @property
    def teams(self) -> tuple[str, ...]:
        """Every team that an agent belongs to, sorted."""
        return tuple(sorted({team for agent in self.agents for team in agent.teams}))

    @property
    def addresses(self) -> Set[str]:
        """The addresses of its mailboxes, in lower case."""
        return self._boxes.keys()

    @property
    def domains(self) -> frozenset[str]:
        """The domains of its mailboxes and agents."""
        found = self._asked.get("domains")
        if found is None:  # each mail asks, and a desk may have hundreds of agents
            found = frozenset(filter(None, map(domain_of, (*self._boxes, *self._by_key))))
            self._asked["domains"] = found
        return found

    def agent(self, address: str) -> Agent | None:
        """The agent who owns that address, if any."""
        return self._by_key.get(address.lower())  # each mail asks ten times, and a desk may have hundreds

    def account_of(self, email: str) -> Account | None:
        """The first account that an address belongs to, if any."""
        return account_in(self.accounts, email)

    def members(self, team: str) -> tuple[Agent, ...]:
        """Who is in that team, in the order of the settings."""
        return tuple(agent for agent in self.agents if team in agent.teams)

    def team(self, name: str) -> Team:
        """What is laid down of that team."""
        return next((team for team in self.team_terms if team.name == name), None) or _unnamed(name)

    def zone_of(self, agent: Agent) -> tzinfo:
        """The clock that an agent lives by: that of his shift, else the company's."""
        return agent.shift.zone if agent.shift else self.zone

    def with_strategy(self, name: str, strategy: Strategy | None) -> Company:
        """The company as it is when that team's tickets are given away so; None: as they are anyway."""
        if strategy is None:
            return self
        others = tuple(team for team in self.team_terms if team.name != name)
        return replace(self, team_terms=(replace(self.team(name), strategy=strategy), *others))

    def team_of(self, category: str) -> str:
        """The team that looks after a category, "" when none is named."""
        return dict(self.category_teams).get(category, "")

    def mailbox(self, address: str) -> Mailbox | None:
        """The mailbox that an address (its sub-address aside, RFC 5233) belongs to, if any."""
        return self._boxes.get(without_detail(address))


@lru_cache(maxsize=256)
def _unnamed(name: str) -> Team:
    """A team of which nothing is laid down."""
    return Team(name)


def domain_of(address: str) -> str:
    """The domain of an address, in lower case and without the dot of the root."""
    return address.rpartition("@")[2].lower().rstrip(".")


def without_detail(address: str) -> str:
    """The address in lower case without its sub-address: Support+x@A.example → support@a.example (RFC 5233)."""
    local, _, domain = address.strip().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}".lower()


def detail(address: str) -> str:
    """The sub-address alone, in lower case: support+t.abc@a.example → t.abc, "" if there is none (RFC 5233)."""
    return address.strip().rpartition("@")[0].partition("+")[2].lower()
