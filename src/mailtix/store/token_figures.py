"""Counts what the report about tokens is made of: each count is one statement that walks an index on time."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, Text, cast, func, literal, select
from sqlalchemy.orm import Session

from mailtix.figures import By, Created, Moves, Period, Spread, Table, backlog
from mailtix.figures.visits import Issued, Visits
from mailtix.figures.visits import tokens as as_table
from mailtix.store.figures import Frame, label_of, periods_of, within
from mailtix.store.tables import tokens

_FETCHED = 10_000  # rows at once, where many may come


def report(session: Session, frame: Frame, now: datetime) -> Table:
    """The report `tokens`. `now` is when the session reads. A token is counted for the category that it has and for
    the agent who looks after it today."""
    labels, by = [period.label for period in frame.periods], frame.by or By.DAY
    came, gone = issued(session, frame), closed(session, frame)
    there = _open(session, frame, (came, gone), now)
    keys = labels if by.is_time else {*came, *gone, *(key for key, number in there.items() if number)}
    last = there[labels[-1]] if by.is_time else sum(there.values())
    return as_table(Visits(came, _spreads(gone), there), _together(came, gone, last), keys, by)


def _together(came: Mapping[str, Issued], gone: Mapping[str, array[int]], last: int) -> Visits:
    """All rows as one: a token is issued once and closed once, so numbers add up; times lie anew."""
    every = array("q")
    for seconds in gone.values():
        every.extend(seconds)
    all_ = list(came.values())
    total = Issued(sum(i.all for i in all_), sum(i.with_ticket for i in all_), sum(i.printed for i in all_))
    return Visits({"": total}, _spreads({"": every}), {"": last})


def _spreads(times: Mapping[str, array[int]]) -> dict[str, Spread]:
    return {key: Spread.of(seconds, seconds) for key, seconds in times.items() if seconds}


def issued(session: Session, frame: Frame) -> dict[str, Issued]:
    """Tokens that were issued."""
    periods = periods_of(frame)
    key = _key(frame, periods).label("key")
    query = (
        select(key, func.count(), func.count(tokens.c.ticket_id), func.count(tokens.c.printed_at))
        .select_from(periods)
        .join(tokens, within(periods, tokens.c.issued_at))
        .where(tokens.c.company_id.in_(frame.companies))
        .group_by("key")
    )
    return {label_of(frame, found): Issued(*numbers) for found, *numbers in session.execute(query)}


def closed(session: Session, frame: Frame) -> dict[str, array[int]]:
    """Tokens that were closed: how long each was open, in seconds. SQLite has no percentiles, so all are fetched."""
    periods = periods_of(frame)
    query = (
        select(_key(frame, periods), tokens.c.open_seconds)
        .select_from(periods)
        .join(tokens, within(periods, tokens.c.closed_at))
        .where(tokens.c.company_id.in_(frame.companies))
    )
    times: dict[str, array[int]] = {}
    for found, seconds in session.execute(query.execution_options(yield_per=_FETCHED)):
        times.setdefault(label_of(frame, found), array("q")).append(seconds)
    return times


def _open(
    session: Session, frame: Frame, counted: tuple[Mapping[str, Issued], Mapping[str, array[int]]], now: datetime
) -> dict[str, int]:
    """The open tokens when each period ended: counted back from those that are open now."""
    end, by_time = frame.periods[-1].end, frame.by is not None and frame.by.is_time
    key = literal("") if by_time else _key(frame, None)
    query = select(key.label("key"), func.count()).where(
        tokens.c.company_id.in_(frame.companies), tokens.c.closed_at.is_(None)
    )
    there = {str(found): number for found, number in session.execute(query.group_by("key"))}
    later: dict[str, int] = {}
    if end < now:
        rest = Frame(frame.companies, (Period("", end, now),), None if by_time else frame.by)
        since, over = issued(session, rest), closed(session, rest)
        later = {label: _more(since.get(label), over.get(label)) for label in {*since, *over}}
    if by_time:
        came, gone = counted
        created = {label: Created(new=one.all) for label, one in came.items()}
        moves = {label: Moves(left=len(seconds)) for label, seconds in gone.items()}
        labels = [period.label for period in frame.periods]
        return backlog(there.get("", 0), labels, created, moves, later.get("", 0))
    return {label: there.get(label, 0) - later.get(label, 0) for label in {*there, *later}}


def _more(came: Issued | None, gone: array[int] | None) -> int:
    """How many open tokens came to be more."""
    return (came.all if came else 0) - len(gone or ())


def _key(frame: Frame, periods: CTE | None) -> ColumnElement[Any]:
    """What makes a row."""
    match frame.by:
        case None:
            return literal("")
        case By.CATEGORY:
            return tokens.c.category
        case By.AGENT:
            return tokens.c.assignee
        case by if by.is_time and periods is not None:
            return cast(periods.c.number, Text)
        case by:
            raise ValueError(f"tokens have no {by}")
