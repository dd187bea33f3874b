"""A moment that has come, while it is decided what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailtix.draft import Draft
from mailtix.facts import Policy
from mailtix.model.decision import TimerPlan
from mailtix.model.desk import Agent, Company
from mailtix.model.ticket import Ticket
from mailtix.notify import whom
from mailtix.surveys import Asked

# What comes later than that after its time was held up: mailtix stood still, or had too much to do.
LATE = timedelta(minutes=15)
ACTOR = "mailtix"


@dataclass(frozen=True, slots=True)
class Moment:
    """What was planned, for which ticket, and what the act does about it. `asked` is what is known of earlier surveys
    among the requester, as far as the act needs it."""

    plan: TimerPlan
    draft: Draft
    company: Company
    policy: Policy
    asked: Asked

    @property
    def ticket(self) -> Ticket:
        """The ticket as it stands."""
        return self.draft.after

    @property
    def now(self) -> datetime:
        """The time at which it is carried out, which may be later than that which was planned."""
        return self.draft.now

    @property
    def is_late(self) -> bool:
        """Whether it was held up."""
        return self.now - self.plan.due_at > LATE

    def desk(self) -> tuple[Agent, ...]:
        """Who at the desk looks after the ticket."""
        return whom.desk(self.ticket, self.company, everyone=self.policy.notify_unassigned)


# What is done at a moment: it changes the draft, and returns why. A draft that it leaves as it is means: nothing.
Act = Callable[[Moment], str]
