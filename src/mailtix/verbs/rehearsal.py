"""What other promises would have meant: tickets of the past live once more, under other terms. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from mailtix.model.change import Change, MessageAdded, TargetMet
from mailtix.model.ticket import Author, Status, Ticket, Visibility
from mailtix.sla import Target, Terms, clocks, due_of, policy_of, settle
from mailtix.store.promises import Life, Logged
from mailtix.store.tickets import HistoryRow
from mailtix.tickets import retrace
from mailtix.tickets.evolve import evolve

# The lines of a history that are needed.
FIELDS = ("ticket", "message", *retrace.FIELDS)
Key = tuple[str, str]  # target, priority


@dataclass(frozen=True, slots=True)
class Tally:
    """How many promises were kept, and how many were made that are over."""

    kept: Counter[Key]
    made: Counter[Key]

    @classmethod
    def empty(cls) -> Tally:
        """Nothing yet."""
        return cls(Counter(), Counter())

    def add(self, target: str, priority: str, *, kept: bool) -> None:
        """Counts one promise, for its priority and for all of them ("")."""
        for key in ((target, priority), (target, "")):
            self.made[key] += 1
            self.kept[key] += kept

    def share(self, key: Key) -> float | None:
        """The part that was kept (0 to 1), None when none was made."""
        return self.kept[key] / self.made[key] if self.made[key] else None


def rehearse(lives: Iterable[Life], terms: Terms, tally: Tally, now: datetime) -> None:
    """Counts what would have become of the promises of these terms until `now`."""
    for life in lives:
        for target, kept in _promises(life, terms, now):
            tally.add(target, life.ticket.priority, kept=kept)


def remember(lives: Iterable[Life], log: Iterable[Logged], terms: Terms, tally: Tally, now: datetime) -> None:
    """Counts what has become of the promises that were made: by the log of targets, and by the due times of tickets for
    what is over and was never reached. `terms` are those in effect."""
    tickets = {life.ticket.id: life.ticket for life in lives}
    known = set()
    for row in log:
        known.add((row.ticket, row.target, row.started_at))
        if row.due_at is not None and (row.missed or row.met_at is not None or row.due_at <= now):
            tally.add(row.target, tickets[row.ticket].priority, kept=not row.missed and row.met_at is not None)
    for ticket in tickets.values():
        for target, started_at in _late(ticket, terms, now):
            if (ticket.id, target, started_at) not in known:
                tally.add(target, ticket.priority, kept=False)


def _promises(life: Life, terms: Terms, now: datetime) -> Iterator[tuple[str, bool]]:
    """Each promise that was reached or missed, with whether it was kept."""
    ticket = _born(life.ticket)
    before: Ticket | None = None
    reached: dict[tuple[str, datetime], bool] = {}
    for at, lines in groupby(life.lines, key=lambda line: line.at):
        for change in _changes(life, list(lines)):
            ticket = evolve(ticket, change, ticket.company, at)
        for follows, _ in settle(before, ticket, terms, at):
            ticket = evolve(ticket, follows, ticket.company, at)
            if isinstance(follows, TargetMet) and follows.due_at is not None:
                reached[follows.target, follows.started_at] = follows.at <= follows.due_at
        before = ticket
    yield from ((target, kept) for (target, _), kept in reached.items())
    yield from ((target, False) for target, _ in _late(ticket, terms, now))


def _born(ticket: Ticket) -> Ticket:
    """The ticket as it was when it was opened."""
    return Ticket(
        ticket.id, ticket.company, ticket.number, ticket.subject, ticket.requester, ticket.mailbox, ticket.source,
        ticket.created_at, updated_at=ticket.created_at, answerable=ticket.answerable,
    )  # fmt: skip


def _changes(life: Life, lines: list[HistoryRow]) -> Iterator[Change]:
    for line in lines:
        if line.field == "message":
            yield from _said(life, line)
        else:
            yield from retrace.retraced(line.field, line.old, line.new, line.text)


def _said(life: Life, line: HistoryRow) -> Iterator[MessageAdded]:
    """Who said it: the message of that moment. One that has gone to another ticket since is left out."""
    sender = line.text.rpartition(" of ")[2]
    for word in life.words:
        if (word.at, word.sender or "nobody", word.visibility) == (line.at, sender, line.new) and not line.old:
            author, visibility = Author(word.author), Visibility(word.visibility)
            yield MessageAdded(author, word.sender, "", visibility, "", kind=word.kind)
            return


def _late(ticket: Ticket, terms: Terms, now: datetime) -> Iterator[tuple[Target, datetime]]:
    """The targets that are over and were not reached, each with when its time began."""
    given_up = ticket.merged_into or ticket.status is Status.CANCELLED
    for clock in () if given_up else clocks(ticket, policy_of(ticket, terms)):
        due = due_of(clock.target, ticket)
        if clock.stopped_at is None and due is not None and due <= now:
            yield clock.target, clock.started_at
