"""A decision while it is being made: steps are added, and the ticket is seen as it stands after each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from mailtix import sla
from mailtix.model.change import (
    Absorbed,
    AddressFailed,
    CannedUsed,
    Change,
    Linked,
    MessageAdded,
    MessageDiscarded,
    MessageReleased,
    MessageTaken,
    Noted,
    Restored,
    TargetMet,
    TargetMissed,
)
from mailtix.model.copies import replace
from mailtix.model.decision import Ask, Decision, Hook, Notice, Outcome, Said, Step
from mailtix.model.desk import Agent
from mailtix.model.personal import Personal
from mailtix.model.standing import Mark
from mailtix.model.ticket import Person, Ticket
from mailtix.model.token import TokenStep
from mailtix.tickets.evolve import evolve

# These are worth a line of history although they change no field of the ticket.
_EVENTS = (
    MessageAdded, MessageReleased, MessageDiscarded, MessageTaken, Noted, AddressFailed, Absorbed, Linked, TargetMet,
    TargetMissed, CannedUsed,
)  # fmt: skip
NOTHING = Said()


class Draft:
    """Collects the steps and notices of one decision about one ticket."""

    def __init__(self, before: Ticket | None, company: str, now: datetime) -> None:
        self.before = before
        self._after = before
        self._company = company
        self._now = now
        self._steps: list[Step] = []
        self._notices: list[Notice] = []
        self._asks: list[Ask] = []
        self._also: list[Decision] = []
        self._take_back: list[int] = []
        self._personal: list[Personal] = []
        self._marks: list[Mark] = []
        self._hooks: list[Hook] = []
        self._tokens: list[TokenStep] = []

    @property
    def after(self) -> Ticket:
        """The ticket as it stands now."""
        if self._after is None:
            raise ValueError("no ticket has been opened yet")
        return self._after

    @property
    def now(self) -> datetime:
        """The moment of the decision."""
        return self._now

    @property
    def changes(self) -> tuple[Change, ...]:
        """What has been changed so far, in order."""
        return tuple(step.change for step in self._steps)

    @property
    def others(self) -> tuple[Decision, ...]:
        """What the same mail has decided about other tickets so far."""
        return tuple(self._also)

    def ask(self, what: Ask) -> None:
        """That must be known before this decision is final."""
        self._asks.append(what)

    def also(self, other: Decision) -> None:
        """The same mail decides that about another ticket."""
        self._also.append(other)

    @property
    def personal(self) -> tuple[Personal, ...]:
        """What somebody has set for himself so far, in order."""
        return tuple(self._personal)

    @property
    def asks(self) -> tuple[Ask, ...]:
        """What must be known before this is more than a guess."""
        return tuple(self._asks)

    def set(self, personal: Personal) -> None:
        """Somebody has set that for himself."""
        self._personal.append(personal)

    def mark(self, mark: Mark) -> None:
        """That is noted of a sender, or of a mail that waits."""
        self._marks.append(mark)

    def call(self, hook: Hook) -> None:
        """Another program is told of it."""
        self._hooks.append(hook)

    @property
    def tokens(self) -> tuple[TokenStep, ...]:
        """What becomes of tokens so far, in order."""
        return tuple(self._tokens)

    def hand(self, step: TokenStep) -> None:
        """That becomes of a token."""
        self._tokens.append(step)

    def take_back(self, mails: Iterable[int]) -> None:
        """These mails of the outbox must not leave."""
        self._take_back += mails

    def change(self, change: Change, actor: str, because: str) -> None:
        """Adds a step, unless it would leave the ticket as it is."""
        found, after = self._after, evolve(self._after, change, self._company, self._now)
        if found is not None and not isinstance(change, _EVENTS) and _is_same(found, after):
            return
        self._after = after
        self._steps.append(Step(change, actor, because, found, after))

    def tell(self, reader: Agent | Person, template: str, because: str, said: Said = NOTHING) -> None:
        """Adds a notice to somebody at the desk or to a customer. What makes itself is not sent to an address that
        fails; an agent's answer is, for he may know better."""
        if isinstance(reader, Agent):
            self._notices.append(Notice(template, reader.email, reader.name, True, because, "", said))
        elif reader.email and (template == "reply" or not reader.undeliverable):
            self._notices.append(Notice(template, reader.email, reader.name, False, because, reader.language, said))

    def tells(self, email: str) -> bool:
        """Whether somebody is told something already."""
        return any(notice.to.lower() == email.lower() for notice in self._notices)

    def _as_counted(self) -> Ticket | None:
        """The ticket as its clocks have found it: what is taken back has never been, and what another ticket brings
        along was reached there."""
        found = self.before
        for step in self._steps if found is not None else ():
            if isinstance(step.change, Restored | Absorbed):
                found = evolve(found, step.change, self._company, self._now)
        return found

    def decision(self, outcome: Outcome, because: str, terms: sla.Terms) -> Decision:
        """What was decided, and what that means for the ticket's clocks: pauses, targets reached, new due times."""
        if self._after is not None:
            for change, why in sla.settle(self._as_counted(), self._after, terms, self._now):
                self.change(change, "mailtix", why)
        return Decision(
            outcome,
            because,
            self.before,
            self._after,
            tuple(self._steps),
            tuple(self._notices),
            tuple(dict.fromkeys(self._asks)),
            tuple(self._also),
            tuple(self._take_back),
            tuple(self._personal),
            tuple(self._marks),
            hooks=tuple(self._hooks),
            tokens=tuple(self._tokens),
        )


def _is_same(found: Ticket, after: Ticket) -> bool:
    """Whether nothing was changed but the moment of the last change."""
    if after is found or after.updated_at == found.updated_at:
        return after is found or after == found
    return replace(after, updated_at=found.updated_at) == found
