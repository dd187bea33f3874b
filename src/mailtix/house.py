"""Everything that stays the same from mail to mail: the desk, its policy, its secrets and its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mailtix.facts import Policy
from mailtix.letters import Scribe, Seal
from mailtix.model.desk import Company
from mailtix.model.kind import OwnAddresses
from mailtix.recurring import Terms
from mailtix.render import Templates

# How long a mail waits before it is tried again, by number of failures.
_WAITS = (1, 10, 60, 300, 900)


@dataclass(frozen=True, slots=True)
class House:
    """`companies` by their id in the store. Any of `secrets` may have signed a reply address; the first signs.

    `tries` is how often a mail may fail to be processed before it is parked; `admins` are told of that. `scribe` writes
    the letters of a whole batch; None where each decision's are written when it is saved.
    """

    companies: Mapping[int, Company]
    policy: Policy
    templates: Templates
    secrets: tuple[bytes, ...]
    loop_mark: str
    number_format: str
    token_lifetime: timedelta = timedelta(days=90)
    tries: int = 5
    recurring: Terms = field(default_factory=Terms)
    admins: tuple[str, ...] = ()
    scribe: Scribe | None = None

    @property
    def seal(self) -> Seal:
        """What new reply addresses are signed with."""
        return Seal(self.secrets[0], self.token_lifetime, self.policy.survey.expires)

    def next_try(self, attempts: int, now: datetime) -> datetime | None:
        """When a mail that has failed once more, after `attempts` failures before, is tried again; None for never."""
        if attempts + 1 >= self.tries:
            return None
        return now + timedelta(seconds=_WAITS[min(attempts, len(_WAITS) - 1)])

    def own(self, company: Company) -> OwnAddresses:
        """The addresses that mail reaches that company at."""
        return OwnAddresses(frozenset(m.address.lower() for m in company.mailboxes), self.loop_mark)

    def company_of(self, address: str) -> tuple[int, Company] | None:
        """The company that an address (its sub-address aside) belongs to."""
        return next(((id_, c) for id_, c in self.companies.items() if c.mailbox(address)), None)
