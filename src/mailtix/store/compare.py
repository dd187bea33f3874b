"""Two databases of the same desk: where they differ, in words. Reads only."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Table, func, literal, or_, select
from sqlalchemy.orm import Session

from mailtix.store.tables import (
    acts,
    agent_states,
    canned_uses,
    confirmations,
    counters,
    history,
    hooks,
    journal,
    late_notices,
    message_ids,
    messages,
    outbox,
    people,
    preferences,
    saved_filters,
    sla_log,
    team_turns,
    ticket_links,
    tickets,
    timers,
    token_log,
    tokens,
)

_SHOWN = 200
_ROWS = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """`where` it is (a ticket by its number, a mail by its journal number, a person by address), `what` differs, and
    what it `was` and `is`; "" where there is nothing."""

    where: str
    what: str
    was: str = ""
    now: str = ""

    def __str__(self) -> str:
        if not (self.was or self.now):
            return f"{self.where}: {self.what}"
        if self.was and self.now:
            return f"{self.where}: {self.what} was {self.was}, is {self.now}"
        return f"{self.where}: {self.what} {f'is missing: {self.was}' if self.was else f'is new: {self.now}'}"


@dataclass(frozen=True, slots=True)
class _Compared:
    """How a table is compared: row by row (`single`: `group` is its key), or as the rows that belong to one `group`,
    a number that is the same in both databases. `skipped` columns say nothing, or are counted by each database."""

    table: Table
    group: ColumnElement[int] | Column[int]
    name: Callable[[Mapping[int, str], int], str]
    single: bool = False
    only: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ("id",)


def _ticket(numbers: Mapping[int, str], id_: int) -> str:
    return f"ticket {numbers.get(id_, id_)}" if id_ else "without a ticket"


def _of(word: str) -> Callable[[Mapping[int, str], int], str]:
    return lambda numbers, id_: f"{word}{id_}"


def _all(numbers: Mapping[int, str], id_: int) -> str:
    return "the desk"


_JOURNAL = ("state", "outcome", "because", "ticket_id", "rules", "let_in", "held_at", "finished_at")
_OUTBOX = ("template", "message_id", "mail_from", "rcpt_to", "created_at", "cause", "state")
_COMPARED = (
    _Compared(tickets, tickets.c.id, _ticket, single=True),
    _Compared(messages, messages.c.ticket_id, _ticket, skipped=("id", "ticket_id")),
    _Compared(history, history.c.ticket_id, _ticket, skipped=("id", "ticket_id")),
    _Compared(ticket_links, ticket_links.c.ticket_id, _ticket, skipped=("ticket_id",)),
    _Compared(message_ids, message_ids.c.ticket_id, _ticket, skipped=("ticket_id",)),
    _Compared(sla_log, sla_log.c.ticket_id, _ticket, skipped=("id", "ticket_id")),
    _Compared(timers, timers.c.ticket_id, _ticket, only=("kind", "due_at", "fired_at", "error")),
    _Compared(hooks, hooks.c.ticket_id, _ticket, only=("rule", "url", "body", "created_at", "state")),
    _Compared(late_notices, late_notices.c.ticket_id, _ticket, skipped=("id", "ticket_id")),
    _Compared(outbox, func.coalesce(outbox.c.ticket_id, 0), _ticket, only=_OUTBOX),
    _Compared(journal, journal.c.id, _of("J"), single=True, only=_JOURNAL),
    _Compared(people, people.c.id, _of("person "), single=True, skipped=("created_at",)),
    _Compared(tokens, tokens.c.person_id, _of("person "), skipped=("id", "person_id")),
    _Compared(confirmations, confirmations.c.journal_id, _of("J"), single=True),
    _Compared(counters, counters.c.company_id, _of("company ")),
    _Compared(canned_uses, canned_uses.c.company_id, _of("company ")),
    _Compared(team_turns, team_turns.c.company_id, _of("company ")),
    _Compared(preferences, preferences.c.company_id, _of("company ")),
    _Compared(saved_filters, saved_filters.c.company_id, _of("company ")),
    _Compared(agent_states, literal(0), _all, only=("agent", "availability", "until", "maximum")),
    _Compared(acts, literal(0), _all),
)
# Beside these the log of tokens, which is found through them.
TABLES = (*(one.table for one in _COMPARED), token_log)
_LOG = ("at", "actor", "text", "because", "cause")


def differences(past: Session, here: Session) -> Iterator[Difference]:
    """Every difference of what is made here to what was there in the past, table by table."""
    known = select(tickets.c.id, tickets.c.number)
    numbers = dict(here.execute(known).all()) | dict(past.execute(known).all())
    for one in _COMPARED:
        for group, was, now in _side_by_side(past, here, one):
            where = one.name(numbers, group)
            if one.single and was and now:
                yield from _columns(where, was[0], now[0])
            else:
                yield from _rows(where, one.table.name, was, now)
    yield from _rows("tokens", token_log.name, _token_log(past), _token_log(here))


_Plain = tuple[tuple[str, str], ...]


def _side_by_side(
    past: Session, here: Session, one: _Compared
) -> Iterator[tuple[int, Sequence[_Plain], Sequence[_Plain]]]:
    """The rows of each group in both databases, as far as they are not the same."""
    left, right = _groups(past, one), _groups(here, one)
    was, now = next(left, None), next(right, None)
    while was is not None or now is not None:
        group = min(side[0] for side in (was, now) if side is not None)
        one_side = was[1] if was is not None and was[0] == group else []
        other_side = now[1] if now is not None and now[0] == group else []
        if one_side != other_side:
            yield group, one_side, other_side
        was = next(left, None) if was is not None and was[0] == group else was
        now = next(right, None) if now is not None and now[0] == group else now


def _groups(session: Session, one: _Compared) -> Iterator[tuple[int, list[_Plain]]]:
    names = one.only or tuple(c.name for c in one.table.c if c.name not in one.skipped)
    key = one.group.label("compared_group")
    order = [one.table.c.id] if "id" in one.table.c else list(one.table.primary_key.columns)
    query = select(key, *(one.table.c[name] for name in names)).order_by(key, *order)
    if one.table is agent_states:  # who was only locked has a row that says nothing
        query = query.where(or_(agent_states.c.availability.is_not(None), agent_states.c.maximum.is_not(None)))
    rows = session.execute(query, execution_options={"yield_per": _ROWS})
    for group, mine in groupby(rows, key=lambda row: row.compared_group):
        plain = [_plain(row, names) for row in mine]
        yield group, plain if one.table in (messages, history) else sorted(plain)


def _plain(row: Row[Any], names: Sequence[str]) -> _Plain:
    return tuple((name, _text(getattr(row, name))) for name in names)


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bytes():
            return value.hex()
        case datetime():
            return value.isoformat()
        case list() | dict():
            return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)


def _token_log(session: Session) -> list[_Plain]:
    query = select(tokens.c.company_id, tokens.c.number, *(token_log.c[name] for name in _LOG))
    rows = session.execute(query.join(tokens, tokens.c.id == token_log.c.token_id).order_by(token_log.c.id))
    return [_plain(row, ("company_id", "number", *_LOG)) for row in rows]


def _columns(where: str, was: _Plain, now: _Plain) -> Iterator[Difference]:
    for (name, before), (_, after) in zip(was, now, strict=True):
        if before != after:
            yield Difference(where, name, _quoted(before), _quoted(after))


def _rows(where: str, table: str, was: Sequence[_Plain], now: Sequence[_Plain]) -> Iterator[Difference]:
    missing, new = Counter(was) - Counter(now), Counter(now) - Counter(was)
    for row in missing.elements():
        yield Difference(where, table, was=_told(row))
    for row in new.elements():
        yield Difference(where, table, now=_told(row))
    if not (missing or new) and list(was) != list(now):
        yield Difference(where, table, "in one order", "in another")


def _told(row: _Plain) -> str:
    return ", ".join(f"{name} {_quoted(value)}" for name, value in row if value)


def _quoted(value: str) -> str:
    return f'"{value[:_SHOWN]}{"…" if len(value) > _SHOWN else ""}"'
