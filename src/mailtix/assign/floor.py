"""Who would have got the tickets of the past: people and what they have, as the time of the archive goes by once more.

What was set of people at run time (away, another maximum) is not kept, so they are as the settings have them; their
shifts are. Tickets are done, put back and handed on when they were.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from mailtix.assign.pick import Wanted, member_of
from mailtix.assign.team import Staff, asked, place_in
from mailtix.model.desk import AgentState, Company, Strategy
from mailtix.model.ticket import Priority

_KNOWN = AgentState()
_EARLIER = 5  # of a customer's agents, as many as the line looks at
_RANKS = {priority: rank for rank, priority in enumerate(Priority)}


@dataclass(frozen=True, slots=True)
class Came:
    """Rules have sorted a mail or a moment: its ticket as it was then. `opens`: it was new. `agent` (a key) is whom a
    rule has named; without one, whoever has the ticket keeps it."""

    at: datetime
    ticket: int
    company: str
    customer: str
    language: str
    team: str
    category: str
    agent: str
    priority: Priority
    tags: frozenset[str]
    strategy: Strategy | None = None
    opens: bool = True


@dataclass(frozen=True, slots=True)
class Went:
    """Work on a ticket has ended, or with `back` begun again."""

    at: datetime
    ticket: int
    back: bool = False


@dataclass(frozen=True, slots=True)
class Handed:
    """A person has given a ticket to an agent (a key), or to nobody ("")."""

    at: datetime
    ticket: int
    agent: str


@dataclass(frozen=True, slots=True)
class Had:
    """A ticket that was there before: whose it was, and whether work on it went on."""

    ticket: int
    company: str
    customer: str
    agent: str
    team: str = ""
    open: bool = True


Moment = Came | Went | Handed


@dataclass(frozen=True, slots=True)
class Loads:
    """How many new tickets each agent (by key, "" for nobody) got, and the most that he had open at once."""

    given: Counter[str]
    most: Counter[str]


class Floor:
    """The people of all companies, by name, on one day after the other."""

    def __init__(self, companies: Mapping[str, Company], before: Iterable[Had] = ()) -> None:
        self._companies = companies
        self._given: Counter[str] = Counter()
        self._loads: Counter[str] = Counter()
        self._most: Counter[str] = Counter()
        self._owners: dict[int, str] = {}
        self._done: set[int] = set()
        self._turns: dict[tuple[str, str], dict[str, int]] = {}
        self._earlier: dict[tuple[str, str], list[str]] = {}
        self._waiting: dict[int, Came] = {}
        self._queues: dict[tuple[str, str], list[tuple[int, datetime, int]]] = {}
        for had in before:  # oldest first: the last of a team had the last turn
            if not had.open:
                self._done.add(had.ticket)
            self._own(had.ticket, had.agent)
            self._note(had.company, had.customer, had.agent, had.team)

    def live(self, moments: Iterable[Moment]) -> Loads:
        """Goes through these moments, oldest first. Returns what people got."""
        for moment in moments:
            match moment:
                case Came():
                    self._came(moment)
                case Went(ticket=ticket, back=back):
                    self._went(ticket, back=back)
                case Handed(ticket=ticket, agent=agent):
                    self._waits_no_more(ticket)
                    self._own(ticket, agent)
            self._try_again(moment.at)
        self._given[""] += sum(came.opens for came in self._waiting.values())
        return Loads(+self._given, +self._most)

    def _came(self, came: Came) -> None:
        if not came.opens and came.ticket not in self._owners:  # of a mail that was no ticket for these rules
            return
        owner = came.agent or ("" if came.opens else self._owners[came.ticket])
        if owner and self._companies[came.company].agent(owner) is not None:
            self._give(came, owner, came.team if came.agent else "")
        elif not self._place(came, came.at):
            self._owners.setdefault(came.ticket, "")
            self._wait(came)

    def _wait(self, came: Came) -> None:
        """Nobody has it. Where its team gives tickets away by itself, it does so as soon as it can."""
        if came.ticket in self._waiting:
            return
        company = self._companies[came.company]
        team = came.team or company.team_of(came.category)
        if team and company.team(team).strategy is not None:
            self._waiting[came.ticket] = came
            entry = (-_RANKS[came.priority], came.at, came.ticket)
            heapq.heappush(self._queues.setdefault((came.company, team), []), entry)
        elif came.opens:
            self._given[""] += 1

    def _waits_no_more(self, ticket: int) -> None:
        came = self._waiting.pop(ticket, None)
        if came is not None and came.opens:
            self._given[""] += 1

    def _place(self, came: Came, at: datetime) -> bool:
        """Gives the ticket to somebody of its team. False when nobody could take it, or nobody is asked."""
        company = self._companies[came.company]
        team = came.team or company.team_of(came.category)
        company = company.with_strategy(team, came.strategy)
        if not team or company.team(team).strategy is None:
            return False
        members = {
            terms.name: tuple(
                member_of(agent, _KNOWN, self._loads[agent.key], self._turn(came.company, terms.name, agent.key), at)
                for agent in company.members(terms.name)
            )
            for terms in asked(company, team)
        }
        skills = frozenset(name.lower() for name in (came.category, *came.tags) if name)
        staff = Staff(members, tuple(self._earlier.get((came.company, came.customer), ())))
        placed = place_in(team, company, staff, Wanted(came.customer, skills, came.language), at)
        if not placed.agent:
            return False
        self._give(came, placed.agent, placed.team)
        return True

    def _give(self, came: Came, agent: str, team: str) -> None:
        if came.opens:
            self._given[agent] += 1
        self._own(came.ticket, agent)
        self._note(came.company, came.customer, agent, team)

    def _try_again(self, now: datetime) -> None:
        """What nobody could take is given away as soon as somebody can, the most urgent first, then the oldest."""
        for queue in self._queues.values() if self._waiting else ():
            while queue:
                came = self._waiting.get(queue[0][2])
                if came is not None and not self._place(came, now):
                    break
                heapq.heappop(queue)
                self._waiting.pop(came.ticket if came else 0, None)

    def _went(self, ticket: int, *, back: bool) -> None:
        owner, was_done = self._owners.get(ticket, ""), ticket in self._done
        if back:
            self._done.discard(ticket)
        else:
            self._done.add(ticket)
            self._waits_no_more(ticket)
        if owner and was_done is back:
            self._load(owner, 1 if back else -1)

    def _own(self, ticket: int, agent: str) -> None:
        before, counts = self._owners.get(ticket, ""), ticket not in self._done
        self._owners[ticket] = agent
        if counts and before != agent:
            self._load(before, -1)
            self._load(agent, 1)

    def _load(self, agent: str, by: int) -> None:
        if agent:
            self._loads[agent] += by
            self._most[agent] = max(self._most[agent], self._loads[agent])

    def _note(self, company: str, customer: str, agent: str, team: str) -> None:
        """Who looked after the customer last, and whose turn it was."""
        if not agent:
            return
        had = self._earlier.setdefault((company, customer), [])
        had[:] = [agent, *(other for other in had if other != agent)][:_EARLIER]
        if team:
            turns = self._turns.setdefault((company, team), {})
            turns[agent] = max(turns.values(), default=0) + 1

    def _turn(self, company: str, team: str, agent: str) -> int:
        return self._turns.get((company, team), {}).get(agent, 0)
