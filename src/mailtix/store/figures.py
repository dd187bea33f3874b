"""Counts what tables of figures are made of: one statement for each kind of count, whatever the rows are.

Every statement walks from the periods to what happened in them by an index on time; no statement reads what happened
at another time. Times are counted in whole seconds, so that both databases come to the same.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    column,
    distinct,
    func,
    literal,
    or_,
    select,
    union_all,
    values,
)
from sqlalchemy.orm import Session

from mailtix.figures import REPORTS, By, Counts, Created, Kept, Marks, Moves, Period, Spread, Table, backlog
from mailtix.model.ticket import Author, Status, Visibility
from mailtix.store.tables import Utc, history, messages, sla_log, tickets

_OPEN = [status for status in Status if not status.is_done]
_DONE = [status for status in Status if status.is_done]
_SOLVED = [Status.RESOLVED, Status.CLOSED]
# Written into the statement: a database uses a partial index only when it can see that the query fits it.
_COUNTED: BindParameter[Any] = bindparam(
    "counted", ("rating", "status", "survey"), expanding=True, literal_execute=True
)
# Rows that are fetched at once, where millions may come.
_FETCHED = 10_000


@dataclass(frozen=True, slots=True)
class Frame:
    """What is counted: tickets of these companies, in these periods (at least one, each after the other), by what; `by`
    None: all under the key "". `agents` are the keys of those who answer."""

    companies: tuple[int, ...]
    periods: tuple[Period, ...]
    by: By | None
    agents: tuple[str, ...] = ()


# Which counts each report shows.
_SHOWN: Mapping[str, frozenset[str]] = {
    "volume": frozenset({"created", "handled", "moves", "backlog", "spreads"}),
    "agents": frozenset({"created", "handled", "moves", "open", "spreads", "kept", "marks"}),
    "sla": frozenset({"spreads", "kept"}),
    "satisfaction": frozenset({"marks"}),
}
_ALL = frozenset[str]().union(*_SHOWN.values())


def report(session: Session, name: str, frame: Frame, now: datetime) -> Table:
    """The report of that name (one of figures.REPORTS). `now` is when the session reads."""
    shown, periods = _SHOWN[name] - {"spreads"}, frame.periods
    whole = replace(frame, periods=(Period("", periods[0].begin, periods[-1].end),), by=None)
    each, together = spreads(session, frame) if "spreads" in _SHOWN[name] else ({}, {})
    counts = replace(count(session, frame, now, shown), spreads=each)
    total = replace(count(session, whole, now, shown), spreads=together)
    by = frame.by or By.DAY
    keys = [period.label for period in periods] if by.is_time else [*counts.keys]
    if by is By.AGENT and name == "agents":  # who did nothing has a row too
        keys += frame.agents
    return REPORTS[name](counts, total, keys, by)


def count(session: Session, frame: Frame, now: datetime, shown: frozenset[str] = _ALL) -> Counts:
    """What there is to count in that frame: what is `shown`, all else stays empty. `now` is when the session reads."""
    opened = created(session, frame) if "created" in shown else {}
    moved = moves(session, frame) if "moves" in shown else {}
    there = open_now(session, frame) if shown & {"open", "backlog"} else {}
    return Counts(
        created=opened,
        handled=handled(session, frame) if "handled" in shown else {},
        moves=moved,
        backlog=_backlogs(session, frame, Counts(opened, {}, moved, {}, there), now) if "backlog" in shown else {},
        open=there,
        spreads=spreads(session, frame)[0] if "spreads" in shown else {},
        kept=kept(session, frame) if "kept" in shown else {},
        marks=marks(session, frame) if "marks" in shown else {},
    )


def _backlogs(session: Session, frame: Frame, counted: Counts, now: datetime) -> dict[str, int]:
    """The open tickets when each period ended: counted back from those that are open now."""
    end, by_time = frame.periods[-1].end, _by_time(frame)
    later: Mapping[str, int] = {}
    if end < now:
        # Without agents whoever has a ticket counts, not who ended it: it is he whose open tickets became fewer.
        rest = Frame(frame.companies, (Period("", end, now),), None if by_time else frame.by)
        later = _growth(created(session, rest), moves(session, rest))
    if by_time:
        labels = [period.label for period in frame.periods]
        return backlog(counted.open.get("", 0), labels, counted.created, counted.moves, later.get("", 0))
    return {key: counted.open.get(key, 0) - later.get(key, 0) for key in {*counted.open, *later}}


def _growth(opened: Mapping[str, Created], moved: Mapping[str, Moves]) -> dict[str, int]:
    """How many open tickets came to be more."""
    none, still = Created(), Moves()
    return {
        key: opened.get(key, none).new - moved.get(key, still).left + moved.get(key, still).back
        for key in {*opened, *moved}
    }


def created(session: Session, frame: Frame) -> dict[str, Created]:
    """Tickets that were opened, and those of them that are resolved or closed now."""
    periods, when = periods_of(frame), tickets.c.created_at
    key = _key(frame, periods, tickets.c.assignee)
    done = func.count().filter(tickets.c.status.in_(_SOLVED))
    query = select(key, func.count(), done).select_from(periods).join(tickets, within(periods, when))
    rows = session.execute(query.where(tickets.c.company_id.in_(frame.companies)).group_by(key))
    return {label_of(frame, k): Created(new, solved) for k, new, solved in rows}


def handled(session: Session, frame: Frame) -> dict[str, int]:
    """Tickets in which an agent wrote to the customer."""
    periods = periods_of(frame)
    key = _key(frame, periods, messages.c.sender)
    query = (
        select(key, func.count(distinct(messages.c.ticket_id)))
        .select_from(periods)
        .join(messages, and_(within(periods, messages.c.at), _TO_CUSTOMERS))
        .join(tickets, tickets.c.id == messages.c.ticket_id)
    )
    rows = session.execute(query.where(tickets.c.company_id.in_(frame.companies)).group_by(key))
    return {label_of(frame, k): number for k, number in rows}


_TO_CUSTOMERS = and_(
    messages.c.author == bindparam("by_agent", Author.AGENT.value, literal_execute=True),
    messages.c.visibility == bindparam("to_customer", Visibility.PUBLIC.value, literal_execute=True),
)


def moves(session: Session, frame: Frame) -> dict[str, Moves]:
    """Passages of tickets out of the open ones and back. Who resolved it has resolved it, when he is an agent; else who
    has the ticket. One that was merged into another was not resolved."""
    periods = periods_of(frame)
    actor = case((history.c.actor.in_(frame.agents), history.c.actor), else_=tickets.c.assignee)
    left = and_(history.c.old.not_in(_DONE), history.c.new.in_(_DONE))
    back = and_(history.c.old.in_(_DONE), history.c.new.not_in(_DONE))
    resolved = and_(left, history.c.new.in_(_SOLVED), tickets.c.merged_into.is_(None))
    key = _key(frame, periods, actor).label("key")
    # Tickets are grouped before they are counted: a distinct count of each column would sort all rows for each.
    flags = [
        func.max(case((which, 1), else_=0)).label(name) for name, which in (("resolved", resolved), ("reopened", back))
    ]
    sums = [func.count().filter(which).label(name) for name, which in (("left", left), ("back", back))]
    moved = (
        select(key, tickets.c.id.label("ticket"), *flags, *sums)
        .select_from(periods)
        .join(history, and_(counted("status"), within(periods, history.c.at)))
        .join(tickets, tickets.c.id == history.c.ticket_id)
        .where(tickets.c.company_id.in_(frame.companies))
        .group_by(key, tickets.c.id)
        .cte("moved")
    )
    # Not in WHERE: SQLite would look for all answers there ever were rather than for the ticket's messages.
    answer = func.count().filter(_TO_CUSTOMERS)
    answers = select(answer).select_from(messages).where(messages.c.ticket_id == moved.c.ticket).scalar_subquery()
    one_touch = func.count().filter(and_(moved.c.resolved == 1, answers == 1))
    columns = (func.sum(moved.c[name]) for name in ("resolved", "reopened", "left", "back"))
    rows = session.execute(select(moved.c.key, one_touch, *columns).group_by(moved.c.key))
    return {
        label_of(frame, key): Moves(int(resolved), touched, int(reopened), int(left), int(back))
        for key, touched, resolved, reopened, left, back in rows
    }


def open_now(session: Session, frame: Frame) -> dict[str, int]:
    """The tickets that are open now; those of all together under "" when rows are time."""
    key = literal("") if _by_time(frame) else _key(frame, None, tickets.c.assignee)
    query = select(key.label("key"), func.count()).where(
        tickets.c.company_id.in_(frame.companies), tickets.c.status.in_(_OPEN)
    )
    return {str(k): number for k, number in session.execute(query.group_by("key")) if number}


def spreads(session: Session, frame: Frame) -> tuple[dict[tuple[str, str], Spread], dict[tuple[str, str], Spread]]:
    """How the times lie that targets took, of those reached in the period: by key and target, and of all keys together
    under "". The times are sorted here: SQLite has no percentiles, and numbering rows for them takes it much longer."""
    periods = periods_of(frame)
    log = _logged(frame, periods, sla_log.c.met_at, sla_log.c.wall_seconds, sla_log.c.working_seconds)
    query = log.where(sla_log.c.wall_seconds.is_not(None), sla_log.c.working_seconds.is_not(None))
    times: dict[tuple[str, str], tuple[array[int], array[int]]] = {}
    for key, target, wall, working in session.execute(query.execution_options(yield_per=_FETCHED)):
        walls, workings = times.setdefault((key, target), (array("q"), array("q")))
        walls.append(wall)
        workings.append(working)
    together: dict[tuple[str, str], tuple[array[int], array[int]]] = {}
    for (_, target), (walls, workings) in times.items():
        all_walls, all_workings = together.setdefault(("", target), (array("q"), array("q")))
        all_walls.extend(walls)
        all_workings.extend(workings)
    each = {(label_of(frame, key), target): Spread.of(*both) for (key, target), both in times.items()}
    return each, {key: Spread.of(*both) for key, both in together.items()}


def kept(session: Session, frame: Frame) -> dict[tuple[str, str], Kept]:
    """Promised targets that were reached in time (counted when they were reached) or not (when they were due)."""
    periods = periods_of(frame)
    promised = sla_log.c.due_at.is_not(None)
    in_time = _logged(frame, periods, sla_log.c.met_at, sla_log.c.missed).where(promised, ~sla_log.c.missed)
    too_late = _logged(frame, periods, sla_log.c.due_at, sla_log.c.missed).where(promised, sla_log.c.missed)
    both = union_all(in_time, too_late).cte("both")
    met, missed = func.count().filter(~both.c.wall), func.count().filter(both.c.wall)
    rows = session.execute(select(both.c.key, both.c.target, met, missed).group_by(both.c.key, both.c.target))
    return {(label_of(frame, key), target): Kept(*numbers) for key, target, *numbers in rows}


def _logged(frame: Frame, periods: CTE, when: ColumnElement[Any], *what: ColumnElement[Any]) -> Select[Any]:
    """Rows of the log of targets with their key, by the moment that counts."""
    named = [column.label(name) for column, name in zip(what, ("wall", "working"), strict=False)]
    key = _key(frame, periods, sla_log.c.agent).label("key")
    query = select(key, sla_log.c.target.label("target"), *named).select_from(periods)
    query = query.join(sla_log, within(periods, when))
    if frame.by in (By.CATEGORY, By.PRIORITY, By.STATUS, By.TEAM):
        query = query.join(tickets, tickets.c.id == sla_log.c.ticket_id)
    return query.where(sla_log.c.company_id.in_(frame.companies))


def marks(session: Session, frame: Frame) -> dict[str, Marks]:
    """Surveys that were sent, and the marks of the tickets that were rated."""
    periods = periods_of(frame)
    key = _key(frame, periods, tickets.c.assignee).label("key")
    query = (
        select(key, history.c.field, tickets.c.rating, func.count(distinct(tickets.c.id)))
        .select_from(periods)
        .join(history, and_(or_(counted("survey"), counted("rating")), within(periods, history.c.at)))
        .join(tickets, tickets.c.id == history.c.ticket_id)
        .where(tickets.c.company_id.in_(frame.companies))
        .group_by(key, history.c.field, tickets.c.rating)
    )
    asked: dict[str, int] = {}
    given: dict[str, list[int]] = {}
    for row_key, field, rating, number in session.execute(query):
        label = label_of(frame, row_key)
        if field == "survey":
            asked[label] = asked.get(label, 0) + number
        elif rating is not None:
            given.setdefault(label, [0] * 5)[rating - 1] += number
    none = [0] * 5
    return {k: Marks(asked.get(k, 0), tuple(given.get(k, none))) for k in {*asked, *given}}  # type: ignore[arg-type]


def counted(field: str) -> ColumnElement[bool]:
    """Lines of history about that field, said so that the index of what is counted serves."""
    return and_(history.c.field == field, history.c.field.in_(_COUNTED))


def periods_of(frame: Frame) -> CTE:
    """The periods as a table to walk from, each with its number."""
    columns = (column("number", Integer), column("begin_at", Utc), column("end_at", Utc))
    rows = [(number, period.begin, period.end) for number, period in enumerate(frame.periods)]
    return values(*columns, name="periods").data(rows).cte("periods")


def within(periods: CTE, when: ColumnElement[Any]) -> ColumnElement[bool]:
    """That the moment lies in the period."""
    return and_(when >= periods.c.begin_at, when < periods.c.end_at)


def _key(frame: Frame, periods: CTE | None, agent: ColumnElement[Any]) -> ColumnElement[Any]:
    """What makes a row."""
    match frame.by:
        case None:
            return literal("")
        case By.AGENT:
            return agent
        case By.DAY | By.WEEK | By.MONTH if periods is not None:
            return cast(periods.c.number, Text)
        case by:
            return tickets.c[by.value]


def label_of(frame: Frame, key: Any) -> str:
    """The key as tables know it: a period by its label."""
    return frame.periods[int(key)].label if _by_time(frame) else str(key or "")


def _by_time(frame: Frame) -> bool:
    return frame.by is not None and frame.by.is_time
