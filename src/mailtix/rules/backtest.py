"""Two sets of rules on the same mails: what would change, counted. Counts of parts add up to the count of the whole."""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mailtix.model.ticket import Ticket
from mailtix.rules.engine import Outcome

# Enough to see what it is about; all of them are in the JSON's counts.
_SAMPLES = 20
_CONDITION = re.compile(r"\s*(\w+)\s*(>=|<=|>|<|==?)\s*(\d+(?:\.\d+)?)\s*(%?)\s*")
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "=": operator.eq, "==": operator.eq,
}  # fmt: skip
_FIELDS = ("category", "priority", "status", "team", "assignee")


@dataclass(frozen=True, slots=True)
class Result:
    """What one set of rules made of a mail: the fields of its ticket, and the rules that held (shadow rules aside)."""

    fields: tuple[tuple[str, str], ...]
    rules: tuple[str, ...]

    @classmethod
    def of(cls, ticket: Ticket, outcome: Outcome) -> Result:
        """The result in words; "" is nothing. `mail` is kept, held, rejected or dropped."""
        fields = [(name, str(getattr(ticket, name))) for name in _FIELDS]
        fields += [("tags", ", ".join(sorted(ticket.tags))), ("watchers", ", ".join(ticket.watchers))]
        fields += [("fields", ", ".join(f"{name} {value}" for name, value in sorted(ticket.fields.items())))]
        fields += [("sla", ticket.sla_asked), ("escalation", str(ticket.escalation or "")), ("mail", outcome.mail)]
        return cls(tuple(fields), tuple(hit.rule for hit in outcome.done))


@dataclass(frozen=True, slots=True)
class Difference:
    """A mail that would come out otherwise: each field with its value before and after, rules that hold no more, and
    rules that did not hold before."""

    name: str
    ticket: str
    sender: str
    subject: str
    fields: tuple[tuple[str, str, str], ...]
    lost: tuple[str, ...]
    gained: tuple[str, ...]


def compare(before: Result, after: Result) -> tuple[tuple[tuple[str, str, str], ...], tuple[str, ...], tuple[str, ...]]:
    """The fields that differ as (field, before, after), the rules that hold no more, and those that hold now."""
    now = dict(after.fields)
    fields = tuple((name, value, now[name]) for name, value in before.fields if value != now[name])
    lost = tuple(rule for rule in before.rules if rule not in after.rules)
    return fields, lost, tuple(rule for rule in after.rules if rule not in before.rules)


@dataclass(frozen=True, slots=True)
class Load:
    """How many new tickets an agent ("" for nobody) got by the rules before and after, and the most that he had open at
    once."""

    agent: str
    before: int
    after: int
    most_before: int
    most_after: int


@dataclass(slots=True)
class Tally:
    """The counts: mails of the journal, what rules were asked about (mails, what these have changed, moments), and how
    much of that would change a ticket.

    `moves` counts (field, before, after). `loads` are known when everything has been counted.
    """

    mails: int = 0
    asked: int = 0
    changed: int = 0
    moves: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    gained: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    loads: tuple[Load, ...] = ()
    samples: list[Difference] = field(default_factory=list)

    def count(self, before: Result, after: Result, about: tuple[str, str, str, str]) -> None:
        """Counts one mail or moment; `about` is its name, ticket, sender and subject."""
        self.asked += 1
        fields, lost, gained = compare(before, after)
        self.moves.update(fields)
        self.lost.update(lost)
        self.gained.update(gained)
        self.changed += bool(fields)
        if (fields or lost or gained) and len(self.samples) < _SAMPLES:
            self.samples.append(Difference(*about, fields, lost, gained))

    def add(self, part: Tally) -> None:
        """Adds the counts of other mails."""
        self.mails += part.mails
        self.asked += part.asked
        self.changed += part.changed
        for name in ("moves", "gained", "lost"):
            getattr(self, name).update(getattr(part, name))
        self.samples = [*self.samples, *part.samples][:_SAMPLES]

    @property
    def share(self) -> float:
        """How many percent of the mails that rules were asked about would change their ticket."""
        return 100 * self.changed / self.asked if self.asked else 0.0


@dataclass(frozen=True, slots=True)
class Condition:
    """Something about the counts, such as changed>5%."""

    what: str
    sign: str
    limit: float
    percent: bool

    def holds(self, tally: Tally) -> bool:
        """Whether it is so."""
        count = {"changed": tally.changed, "gained": tally.gained.total(), "lost": tally.lost.total()}[self.what]
        value = 100 * count / tally.asked if self.percent and tally.asked else count
        return _COMPARE[self.sign](value, self.limit)


def condition(text: str) -> Condition:
    """The condition in that text. Raises ValueError with what it may be."""
    found = _CONDITION.fullmatch(text)
    if found is None or found[1] not in ("changed", "gained", "lost"):
        raise ValueError(f"{text!r} is no condition; write changed>5%, changed>100, gained>0 or lost>1%")
    return Condition(found[1], found[2], float(found[3]), bool(found[4]))
