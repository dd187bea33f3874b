"""Counts what the report about tokens is made of: each count is one statement that walks an index on time."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import replace
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
    periods, by = frame.periods, frame.by or By.DAY
    whole = replace(frame, periods=(Period("", periods[0].begin, periods[-1].end),), by=None)
    each, together = visits(session, frame, now), visits(session, whole, now)
    keys = [period.label for period in periods] if by.is_time else each.keys
    return as_table(each, together, keys, by)


def visits(session: Session, frame: Frame, now: datetime) -> Visits:
    """What there is to count of tokens in that frame."""
    came, gone = issued(session, frame), closed(session, frame)
    return Visits(came, gone, _open(session, frame, (came, gone), now))


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


def closed(session: Session, frame: Frame) -> dict[str, Spread]:
    """Tokens that were closed, by how long they were open. The times are sorted here: SQLite has no percentiles."""
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
    return {label: Spread.of(seconds, seconds) for label, seconds in times.items()}


def _open(
    session: Session, frame: Frame, counted: tuple[Mapping[str, Issued], Mapping[str, Spread]], now: datetime
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
        moves = {label: Moves(left=one.count) for label, one in gone.items()}
        labels = [period.label for period in frame.periods]
        return backlog(there.get("", 0), labels, created, moves, later.get("", 0))
    return {label: there.get(label, 0) - later.get(label, 0) for label in {*there, *later}}


def _more(came: Issued | None, gone: Spread | None) -> int:
    return (came.all if came else 0) - (gone.count if gone else 0)


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
