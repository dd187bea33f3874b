"""Tickets live through weeks of work, weekends, sleep and waiting; somebody counts the minutes beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.draft import Draft
from mailtix.model.change import (
    Change,
    MessageAdded,
    Opened,
    Responded,
    Snoozed,
    StatusChanged,
    TargetMet,
    Unanswered,
)
from mailtix.model.decision import Outcome
from mailtix.model.ticket import Author, Person, Priority, Status, Ticket, Visibility
from mailtix.sla import CLOSED, Calendar, Policy, Targets, Terms

MINUTE = timedelta(minutes=1)
H = timedelta(hours=1)
OFFICE = Calendar(
    "office", ZoneInfo("Europe/Berlin"), (((9 * H, 12.5 * H), (13.5 * H, 17.5 * H)),) * 5 + (CLOSED, CLOSED)
)
PROMISED = Targets(4 * H, 16 * H, 2 * H)
BEGIN = datetime(2026, 10, 23, 8, 0, tzinfo=UTC)  # a Friday; the clocks go back on Sunday


def terms(*, restart: bool) -> Terms:
    return Terms(Policy("default", {Priority.MEDIUM: PROMISED}, {Priority.MEDIUM: OFFICE}), restart=restart)


@dataclass
class Life:
    """What happens to a ticket, and what somebody writes down who sees it: when it stands, when who waits."""

    terms: Terms
    now: datetime = BEGIN
    ticket: Ticket = field(init=False)
    standing: list[tuple[datetime, bool]] = field(default_factory=list)
    met: list[TargetMet] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._decide(None, [Opened("Help", Person(1, "ann@example.org"), "support@desk.example", "email"), word()])

    def _decide(self, before: Ticket | None, changes: Sequence[Change]) -> None:
        draft = Draft(before, "Example", self.now)
        for change in changes:
            draft.change(change, "somebody", "a test")
        decision = draft.decision(Outcome.NOTED, "a test", self.terms)
        assert decision.after is not None
        self.ticket = decision.after
        self.met += [step.change for step in decision.steps if isinstance(step.change, TargetMet)]
        stands = self.ticket.status.is_done or self.ticket.status is Status.WAITING_CUSTOMER
        self.standing.append((self.now, stands or self.ticket.snoozed_until is not None))

    def happen(self, what: str, after: timedelta) -> None:
        self.now += after
        changes = list(self._changes(what))
        self._decide(self.ticket, changes)

    def _changes(self, what: str) -> Iterator[Change]:
        done = self.ticket.status.is_done
        match what:
            case "customer":
                yield word()
                if done:
                    yield StatusChanged(Status.REOPENED)
                elif self.ticket.status is Status.WAITING_CUSTOMER:
                    yield StatusChanged(Status.WAITING_SUPPORT)
            case "answer" if not done:
                yield word(Author.AGENT)
                yield Responded(self.now)
                yield StatusChanged(Status.WAITING_CUSTOMER)
            case "bounce" if self.ticket.first_response_at is not None and not done:
                yield Unanswered()
                yield StatusChanged(Status.WAITING_SUPPORT)
            case "snooze":
                yield Snoozed(self.now + timedelta(days=30))
            case "wake":
                yield Snoozed(None)
            case "resolve" if not done:
                yield StatusChanged(Status.RESOLVED)

    def counts(self, minute: datetime) -> bool:
        """Whether that minute counts: somebody works, and the ticket does not stand."""
        wall = minute.astimezone(OFFICE.zone)
        at = wall.hour * 60 + wall.minute
        works = wall.weekday() < 5 and (540 <= at < 750 or 810 <= at < 1050)
        stands = [stands for since, stands in self.standing if since <= minute]
        return works and not stands[-1]

    def counted(self, begin: datetime, end: datetime) -> timedelta:
        minutes = (begin + n * MINUTE for n in range((end - begin) // MINUTE))
        return sum(self.counts(minute) for minute in minutes) * MINUTE

    def due(self, begin: datetime, allowed: timedelta) -> datetime | None:
        """When the time is over, as things stand; None while they stand still."""
        minute = begin
        while allowed:
            if minute > self.now and self.standing[-1][1]:
                return None
            allowed -= MINUTE * self.counts(minute)
            minute += MINUTE
        return minute


def word(author: Author = Author.CUSTOMER) -> MessageAdded:
    return MessageAdded(author, "x@example.org", "X", Visibility.PUBLIC, "Words.")


events = st.sampled_from(["customer", "answer", "bounce", "snooze", "wake", "resolve", "nothing"])
gaps = st.integers(0, 60 * 30).map(lambda minutes: minutes * MINUTE)


@given(st.lists(st.tuples(events, gaps), max_size=8), st.booleans())
@settings(max_examples=150, deadline=None)
def test_due_times_are_what_somebody_counts_who_sees_each_minute(
    happenings: list[tuple[str, timedelta]], restart: bool
) -> None:
    life = Life(terms(restart=restart))
    begun = BEGIN
    for what, gap in happenings:
        was_done = life.ticket.status.is_done
        life.happen(what, gap)
        if was_done and not life.ticket.status.is_done and restart:
            begun = life.now
        ticket = life.ticket
        if ticket.first_response_at is None:
            assert ticket.first_response_due == life.due(BEGIN, 4 * H)
        if not ticket.status.is_done:
            assert ticket.resolution_due == life.due(begun, 16 * H)
        if ticket.waiting_since is None or ticket.first_response_at is None:
            assert ticket.next_response_due is None
        else:
            assert ticket.next_response_due == life.due(ticket.waiting_since, 2 * H)


@given(st.lists(st.tuples(events, gaps), max_size=8), st.booleans())
@settings(max_examples=150, deadline=None)
def test_the_time_that_a_target_took_is_what_somebody_counts(
    happenings: list[tuple[str, timedelta]], restart: bool
) -> None:
    life = Life(terms(restart=restart))
    for what, gap in happenings:
        before = len(life.met)
        standing = len(life.standing)
        life.happen(what, gap)
        seen, life.standing = life.standing, life.standing[:standing]  # what it was until now
        for met in life.met[before:]:
            assert met.at == life.now
            assert met.working == life.counted(met.started_at, met.at)
            allowed = PROMISED.of(met.target)  # type: ignore[arg-type]  # its value
            assert met.due_at is not None
            assert (met.at <= met.due_at) == (met.working <= allowed)
        life.standing = seen
