"""What is to happen by itself as time goes by: closing, escalating, reminding. As the admin has laid it down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


class Rung(StrEnum):
    """Who stands above an agent: a step that an escalated ticket may go up to."""

    LEAD = "lead"
    MANAGER = "manager"
    ADMIN = "admin"
    ACCOUNT_MANAGER = "account_manager"
    RESELLER = "reseller"


CHAIN = (Rung.LEAD, Rung.MANAGER, Rung.ADMIN, Rung.ACCOUNT_MANAGER)


@dataclass(frozen=True, slots=True)
class Silence:
    """When tickets are closed that nobody goes on with. Of one that waits for its customer, `warn` after that he is
    told so, and `after` that it is closed; a resolved one is closed after `resolved`. None: not by itself."""

    warn: timedelta | None = timedelta(days=5)
    after: timedelta | None = timedelta(days=7)
    resolved: timedelta | None = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Closing:
    """The same for all tickets, and for those of some categories."""

    general: Silence = Silence()
    categories: Mapping[str, Silence] = field(default_factory=dict)

    def of(self, category: str) -> Silence:
        """What holds for that category."""
        return self.categories.get(category, self.general)


@dataclass(frozen=True, slots=True)
class Escalation:
    """Whom a ticket is brought to, step by step. With `on_breach` a missed target does it, one more step each `every`
    of working time. `tell_customer`: he hears that we are late."""

    on_breach: bool = True
    chain: tuple[Rung, ...] = CHAIN
    every: timedelta = timedelta(hours=1)
    tell_customer: bool = False


@dataclass(frozen=True, slots=True)
class Reminders:
    """After how much working time the desk is reminded of a ticket that nobody has, and of a customer who waits for an
    answer; and how long before it is due of what an agent has promised. None: of that it is not."""

    unassigned: timedelta | None = timedelta(minutes=30)
    pending: timedelta | None = timedelta(hours=24)
    due: timedelta | None = timedelta(hours=1)
