"""What was promised to whom: policies, and which of them a ticket has, with the reason. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

from mailtix.model.desk import Account, account_in
from mailtix.model.ticket import Priority, Status, Ticket
from mailtix.sla.calendar import ALWAYS, Calendar

# The reason of a pause that is no status.
SNOOZED = "snoozed"


class Target(StrEnum):
    """What may be promised. Each counts once for a ticket, the next response as often as the customer asks."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"

    @property
    def words(self) -> str:
        return self.value.replace("_", " ")


TARGETS = tuple(Target)


@dataclass(frozen=True, slots=True)
class Targets:
    """The working time that each target may take; None: nothing is promised."""

    first_response: timedelta | None = None
    resolution: timedelta | None = None
    next_response: timedelta | None = None

    def of(self, target: Target) -> timedelta | None:
        """The time of that target."""
        found: timedelta | None = getattr(self, target)  # each is a field of its name
        return found


@dataclass(frozen=True, slots=True)
class Conditions:
    """Which tickets a policy is for: all that are named must hold, and of each one of its values. `requester` holds
    patterns of addresses in lower case (*@example.com). `vip` asks whether he belongs to an account that matters, by
    the `accounts` of each company."""

    company: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    requester: tuple[str, ...] = ()
    vip: bool | None = None
    accounts: Mapping[str, tuple[Account, ...]] = field(default_factory=dict)

    def fit(self, ticket: Ticket) -> bool:
        """Whether it is for that ticket."""
        return (
            (not self.company or ticket.company in self.company)
            and (not self.team or ticket.team in self.team)
            and (not self.category or ticket.category in self.category)
            and (not self.priority or ticket.priority.value in self.priority)
            and (not self.tag or not ticket.tags.isdisjoint(self.tag))
            and (not self.requester or _matches(ticket.requester.email.lower(), self.requester))
            and self.vip in (None, self._is_vip(ticket))
        )

    def _is_vip(self, ticket: Ticket) -> bool:
        account = account_in(self.accounts.get(ticket.company, ()), ticket.requester.email)
        return account is not None and account.vip

    def refusal(self, ticket: Ticket) -> str:
        """Why it is not for that ticket, "" when it is."""
        return "; ".join(self._misses(ticket))

    def _misses(self, ticket: Ticket) -> Iterator[str]:
        single = {"company": ticket.company, "team": ticket.team, "category": ticket.category}
        for name, value in (single | {"priority": ticket.priority.value}).items():
            wanted: tuple[str, ...] = getattr(self, name)
            if wanted and value not in wanted:
                yield f"its {name} is {value or 'none'}, not {' or '.join(wanted)}"
        if self.tag and not ticket.tags.intersection(self.tag):
            yield f"it has no tag {' or '.join(self.tag)}"
        email = ticket.requester.email.lower()
        if self.requester and not _matches(email, self.requester):
            yield f"its requester {email or 'is unknown and'} is not {' or '.join(self.requester)}"
        if self.vip not in (None, self._is_vip(ticket)):
            yield f"its requester is {'no' if self.vip else 'a'} VIP"

    def __str__(self) -> str:
        names = ("company", "team", "category", "priority", "tag", "requester")
        said = [f"{name} {' or '.join(values)}" for name in names if (values := getattr(self, name))]
        return ", ".join(said if self.vip is None else [*said, "a VIP" if self.vip else "no VIP"])


def _matches(email: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(email, pattern) for pattern in patterns)


@dataclass(frozen=True, slots=True)
class Policy:
    """A service level: targets by priority, and the calendar in which their time is counted (none: all the time)."""

    name: str
    targets: Mapping[Priority, Targets]
    calendars: Mapping[Priority, Calendar] = field(default_factory=dict)
    when: Conditions = Conditions()

    def allowed(self, target: Target, priority: Priority) -> timedelta | None:
        """The working time that a target may take, None when nothing is promised."""
        targets = self.targets.get(priority)
        return None if targets is None else targets.of(target)

    def calendar(self, priority: Priority) -> Calendar:
        """In which the time of that priority is counted."""
        return self.calendars.get(priority, ALWAYS)


@dataclass(frozen=True, slots=True)
class Terms:
    """All that was laid down. `policies` are tried in order, then there is `general`. `warn_at` are shares of the time
    (0 to 1) or working times before the end. `pauses` names the statuses that no target counts, and SNOOZED. With
    `restart`, the time for the resolution begins anew when a ticket is opened again; else it goes on."""

    general: Policy
    policies: tuple[Policy, ...] = ()
    warn_at: tuple[float | timedelta, ...] = (0.75,)
    pauses: frozenset[str] = frozenset({Status.WAITING_CUSTOMER, SNOOZED})
    restart: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """The policy of a ticket and why it is that one; `refused` are those that were tried before, each with why not."""

    policy: Policy
    because: str
    refused: tuple[tuple[str, str], ...] = ()


def policy_of(ticket: Ticket, terms: Terms) -> Policy:
    """The policy that a ticket has: the one a rule has asked for, else the first that fits, else the general one."""
    if ticket.sla_asked:
        for policy in (*terms.policies, terms.general):
            if policy.name == ticket.sla_asked:
                return policy
    return next((policy for policy in terms.policies if policy.when.fit(ticket)), terms.general)


def choose(ticket: Ticket, terms: Terms) -> Choice:
    """The same, with the reasons."""
    chosen = policy_of(ticket, terms)
    if chosen.name == ticket.sla_asked:
        return Choice(chosen, "a rule has asked for it")
    missing = "a rule has asked for it, but there is no such policy"
    refused = [(ticket.sla_asked, missing)] if ticket.sla_asked else []
    for policy in terms.policies:
        if policy is chosen:
            return Choice(policy, str(policy.when) or "it is for every ticket", tuple(refused))
        refused.append((policy.name, policy.when.refusal(ticket)))
    return Choice(terms.general, "no other policy fits" if refused else "it is the only one", tuple(refused))
