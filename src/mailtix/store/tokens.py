"""Tokens for visits, and the log of what happened to each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select, update
from sqlalchemy.orm import Session

from mailtix.model.ticket import Person
from mailtix.model.token import (
    AskNewToken,
    AskOpenTokens,
    AskToken,
    KnownTokens,
    NewToken,
    Token,
    TokenIssued,
    TokenStep,
)
from mailtix.store.directory import insert_new, person
from mailtix.store.tables import companies, counters, people, tickets, token_log, tokens
from mailtix.store.tickets import LostRace
from mailtix.tokens import evolve, render

# Sequences of ticket numbers are named by dates; this is none.
SEQUENCE = "token"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tokens are looked for: of these companies (by id); None is any. Each of `words` (casefolded) stands in the
    number, the category, or the name or address of the person. Issued from `since` on and before `until`."""

    companies: tuple[int, ...]
    is_open: bool | None = None
    words: tuple[str, ...] = ()
    categories: tuple[str, ...] | None = None
    assignee: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class LogLine:
    """One thing that happened to a token, who did it, and why."""

    at: datetime
    actor: str
    text: str
    because: str
    cause: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many tokens were issued and closed in a time, and how many are open now."""

    issued: int
    closed: int
    open: int


def next_number(session: Session, company_id: int, place: int = 0) -> str:
    """The number that the `place`th (from 0) of the tokens gets which this transaction saves. It is nobody else's
    before the transaction ends, and somebody's only when it is saved."""
    first = {"company_id": company_id, "period": SEQUENCE, "value": 0}
    session.execute(insert_new(session, counters), first)
    query = select(counters.c.value).where(*_counter(company_id)).with_for_update()
    return render(session.execute(query).scalar_one() + 1 + place)


def _counter(company_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return counters.c.company_id == company_id, counters.c.period == SEQUENCE


def save(session: Session, company_id: int, step: TokenStep, said: tuple[str, str], now: datetime) -> Token:
    """Writes one change of a token down; `said` is the line of the log, and the cause (J12). Returns the token as it is
    afterwards. Raises LostRace when somebody else has closed it meanwhile."""
    after = evolve(step.change, step.actor, now)
    if isinstance(step.change, TokenIssued):
        id_ = _insert(session, company_id, after)
    else:
        id_ = _update(session, company_id, step.change.token, after)
    text, cause = said
    line = {"token_id": id_, "at": now, "actor": step.actor, "text": text, "because": step.because, "cause": cause}
    session.execute(token_log.insert(), line)
    return after


def _insert(session: Session, company_id: int, token: Token) -> int:
    place = int(token.number.removeprefix("TK"))
    session.execute(update(counters).where(*_counter(company_id)).values(value=place))
    found_by = f"{token.number} {token.category} {token.person.name} {token.person.email}".casefold()
    values = {
        "company_id": company_id,
        "number": token.number,
        "person_id": token.person.id,
        "ticket_id": token.ticket or None,
        "category": token.category,
        "assignee": token.assignee,
        "found_by": found_by,
        "issued_at": token.issued_at,
        "issued_by": token.issued_by,
    }
    id_: int = session.execute(tokens.insert().returning(tokens.c.id), values).scalar_one()
    return id_


def _update(session: Session, company_id: int, before: Token, after: Token) -> int:
    """Only what the change is about is written, and only where the token is open or closed as it was found."""
    mine = (tokens.c.company_id == company_id, tokens.c.number == before.number)
    same = tokens.c.closed_at.is_(None) if before.closed_at is None else tokens.c.closed_at.is_not(None)
    fields = ("number", "assignee", "closed_at", "closed_by", "printed_at")
    values: dict[str, object] = {
        name: getattr(after, name)
        for name in fields
        if name == "number" or getattr(after, name) != getattr(before, name)
    }
    if after.closed_at is not None:
        values["open_seconds"] = int((after.closed_at - after.issued_at).total_seconds())
    query = update(tokens).where(*mine, same).values(values).returning(tokens.c.id)
    id_: int | None = session.execute(query).scalar_one_or_none()
    if id_ is None:
        raise LostRace(f"token {before.number} was closed by somebody else")
    return id_


def look_up(
    session: Session,
    company_id: int,
    known: KnownTokens,
    ask: AskNewToken | AskToken | AskOpenTokens,
    now: datetime,
) -> KnownTokens:
    """What is known of tokens, with the answer to that question."""
    match ask:
        case AskNewToken(place=place, email=email):
            who = person(session, company_id, email, "", now)
            new = NewToken(next_number(session, company_id, place), who)
            return replace(known, new={**known.new, ask: new})
        case AskToken(number=number):
            found = by_number(session, company_id, number, lock=True)
            return replace(known, by_number={**known.by_number, number: found})
        case AskOpenTokens(limit=limit, categories=categories):
            wanted = Wanted((company_id,), is_open=True, categories=categories)
            there = tuple(find(session, wanted, limit, newest_first=False))
            return replace(known, open=there, open_count=count(session, wanted))


def by_number(session: Session, company_id: int, number: str, *, lock: bool = False) -> Token | None:
    """The token with that number; with `lock`, nobody else changes it before the transaction ends."""
    query = _select().where(tokens.c.company_id == company_id, tokens.c.number == number)
    row = session.execute(query.with_for_update(of=tokens) if lock else query).one_or_none()
    return _token(row) if row is not None else None


def find(session: Session, wanted: Wanted, limit: int, *, newest_first: bool = True) -> list[Token]:
    """The tokens that are wanted, at most `limit`."""
    order = (tokens.c.issued_at, tokens.c.id)
    sort = [column.desc() for column in order] if newest_first else order
    return [_token(row) for row in session.execute(_select().where(*_where(wanted)).order_by(*sort).limit(limit))]


def count(session: Session, wanted: Wanted) -> int:
    """How many they are."""
    joined = select(func.count()).select_from(tokens)
    number: int = session.execute(joined.where(*_where(wanted))).scalar_one()
    return number


def tally(session: Session, company_ids: Sequence[int], begin: datetime, end: datetime) -> Tally:
    """What there was of tokens from `begin` to `end`, and what is open now."""
    ours = tokens.c.company_id.in_(company_ids)

    def within(column: ColumnElement[Any]) -> int:
        query = select(func.count()).select_from(tokens).where(ours, column >= begin, column < end)
        number: int = session.execute(query).scalar_one()
        return number

    is_open = count(session, Wanted(tuple(company_ids), is_open=True))
    return Tally(within(tokens.c.issued_at), within(tokens.c.closed_at), is_open)


def log_of(session: Session, token: Token) -> list[LogLine]:
    """What happened to a token, the oldest first."""
    rows = session.execute(select(token_log).where(token_log.c.token_id == token.id).order_by(token_log.c.id))
    return [LogLine(row.at, row.actor, row.text, row.because, row.cause) for row in rows]


def _where(wanted: Wanted) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [tokens.c.company_id.in_(wanted.companies)]
    if wanted.is_open is not None:
        where.append(tokens.c.closed_at.is_(None) if wanted.is_open else tokens.c.closed_at.is_not(None))
    where += [tokens.c.found_by.contains(word, autoescape=True) for word in wanted.words]
    if wanted.categories is not None:
        where.append(tokens.c.category.in_(wanted.categories))
    if wanted.assignee is not None:
        where.append(tokens.c.assignee == wanted.assignee)
    if wanted.since is not None:
        where.append(tokens.c.issued_at >= wanted.since)
    if wanted.until is not None:
        where.append(tokens.c.issued_at < wanted.until)
    return where


def _select() -> Select[Any]:
    person = (people.c.email, people.c.name, people.c.language, people.c.undeliverable)
    return (
        select(tokens, *person, companies.c.name.label("company"), tickets.c.number.label("ticket_number"))
        .join(people, people.c.id == tokens.c.person_id)
        .join(companies, companies.c.id == tokens.c.company_id)
        .outerjoin(tickets, tickets.c.id == tokens.c.ticket_id)
    )


def _token(row: Row[Any]) -> Token:
    return Token(
        number=row.number,
        person=Person(row.person_id, row.email, row.name, row.language, row.undeliverable),
        issued_at=row.issued_at,
        issued_by=row.issued_by,
        company=row.company,
        category=row.category,
        assignee=row.assignee,
        ticket=row.ticket_id or 0,
        ticket_number=row.ticket_number or "",
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        printed_at=row.printed_at,
        id=row.id,
    )
