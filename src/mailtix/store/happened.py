"""What has happened on a desk, in its order: mails, timers, failed deliveries, and what admins did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailtix.store.tables import acts, history, journal, late_notices, outbox, rule_sets, timers


class Kind(StrEnum):
    """What can happen, in the order of what happens at one moment."""

    ACT = "act"
    HELD = "held"
    MAIL = "mail"
    RELEASED = "released"
    TIMER = "timer"
    LATE = "late"
    QUEUES = "queues"
    REJECTED = "rejected"
    NETWORK = "network"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `id` is that of its row; `line` that of its first line in a ticket's history, 0 when it
    has left none; `opened` are the ids of the tickets that it opened; `rules` is the version of the rules then; `due`
    is when a timer was due."""

    kind: Kind
    at: datetime
    id: int
    cause: str = ""
    line: int = 0
    opened: tuple[int, ...] = ()
    rules: str = ""
    due: datetime | None = None


def events(past: Session) -> list[Event]:
    """All that has changed anything, in the order in which it did. What left a line in a history comes in the order of
    these lines, which were numbered while the tickets were locked; the rest has its place by the clock."""
    lines = _first_lines(past)
    opened = _opened(past)
    ranks = {kind: rank for rank, kind in enumerate(Kind)} | {Kind.HELD: list(Kind).index(Kind.MAIL)}
    found = [
        replace(
            event, line=lines.get((event.cause, event.at), event.line), opened=opened.get((event.cause, event.at), ())
        )
        for event in _unsorted(past)
    ]
    found.sort(key=lambda event: (event.at, ranks[event.kind], event.due or event.at, event.id))
    return list(_with_rules(past, _by_lines(found, ranks)))


def _by_lines(found: Sequence[Event], ranks: Mapping[Kind, int]) -> list[Event]:
    """The events that have left lines change places until these are in their order. What has left none stays behind
    what it came after, of its own kind and at the same moment, or else before what came after it."""
    places = [place for place, event in enumerate(found) if event.line]
    in_order = sorted((found[place] for place in places), key=lambda event: event.line)
    moved = dict(zip(in_order, places, strict=True))
    first: dict[tuple[datetime, int], int] = {}
    for event in reversed(found):
        if event.line:
            first[event.at, ranks[event.kind]] = moved[event]
    newest: dict[tuple[datetime, int], int] = {}
    order = {}
    for place, event in enumerate(found):
        like = (event.at, ranks[event.kind])
        if event.line:
            newest[like] = moved[event]
            order[event] = (newest[like], 0, place)
        else:
            order[event] = (newest.get(like, first.get(like, place)), 1 if like in newest else -1, place)
    return sorted(found, key=lambda event: order[event])


def _unsorted(past: Session) -> Iterator[Event]:
    mails = select(journal.c.id, journal.c.held_at, journal.c.finished_at, journal.c.rules, journal.c.state)
    for row in past.execute(mails):
        if row.held_at is not None:
            yield Event(Kind.HELD, row.held_at, row.id, f"J{row.id}")
        if row.state == "done":
            released = Kind.RELEASED if row.held_at is not None else Kind.MAIL
            yield Event(released, row.finished_at, row.id, f"J{row.id}", rules=row.rules)
    for id_, at, rules, due in past.execute(_FIRED):
        yield Event(Kind.TIMER, at, id_, f"T{id_}", rules=rules or "", due=due)
    for id_, at in past.execute(_TOLD):
        yield Event(Kind.LATE, at, id_)
    for line, at in past.execute(_GIVEN):
        yield Event(Kind.QUEUES, at, line, line=line)
    for id_, at in past.execute(_REJECTED):
        yield Event(Kind.REJECTED, at, id_, f"O{id_}")
    for line, at in past.execute(_NETWORK):
        yield Event(Kind.NETWORK, at, line, line=line)
    for id_, at in past.execute(select(acts.c.id, acts.c.at)):
        yield Event(Kind.ACT, at, id_)


_FIRED = select(timers.c.id, timers.c.fired_at, timers.c.rules, timers.c.due_at).where(timers.c.fired_at.is_not(None))
_TOLD = (
    select(func.min(late_notices.c.id), late_notices.c.told_at)
    .where(late_notices.c.told_at.is_not(None))
    .group_by(late_notices.c.told_at, late_notices.c.company_id, late_notices.c.reader)
)
_GIVEN = select(func.min(history.c.id), history.c.at).where(history.c.cause.startswith("Q")).group_by(history.c.at)
_REJECTED = select(outbox.c.id, outbox.c.finished_at).where(outbox.c.state == "failed", outbox.c.ticket_id.is_not(None))
_NETWORK = select(history.c.id, history.c.at).where(history.c.field.in_(["outcome_unknown", "webhook"]))


def _first_lines(past: Session) -> dict[tuple[str, datetime], int]:
    query = select(history.c.cause, history.c.at, func.min(history.c.id).label("line"))
    return {(row.cause, row.at): row.line for row in past.execute(query.group_by(history.c.cause, history.c.at))}


def _opened(past: Session) -> dict[tuple[str, datetime], tuple[int, ...]]:
    """The tickets that each cause has opened, in their order."""
    first = select(func.min(history.c.id)).group_by(history.c.ticket_id)
    found: dict[tuple[str, datetime], tuple[int, ...]] = {}
    query = select(history.c.ticket_id, history.c.cause, history.c.at).where(history.c.id.in_(first))
    for row in past.execute(query.order_by(history.c.ticket_id)):
        found[row.cause, row.at] = (*found.get((row.cause, row.at), ()), row.ticket_id)
    return found


def _with_rules(past: Session, found: Sequence[Event]) -> Iterator[Event]:
    """The events with the rules of their time. Mails and timers say which they were; all else has those of what was
    before it, or those that were new since."""
    new = past.execute(select(rule_sets.c.first_at, rule_sets.c.version).order_by(rule_sets.c.first_at)).all()
    version, seen = "", 0
    for event in found:
        while seen < len(new) and new[seen].first_at <= event.at:
            version, seen = new[seen].version, seen + 1
        version = event.rules or version
        yield replace(event, rules=version)
