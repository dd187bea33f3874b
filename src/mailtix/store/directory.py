"""Companies, people and the installation's own settings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Column, Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from mailtix.model.standing import Standing
from mailtix.model.thread import Keyholder
from mailtix.model.ticket import Person
from mailtix.store.prepared import Prepared
from mailtix.store.tables import companies, people, settings

Insert = sqlite.Insert | postgresql.Insert


def upsert(session: Session, table: Table) -> Insert:
    """An INSERT that can say ON CONFLICT, in the words of the database at hand."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def insert_new(session: Session, table: Table, *returning: Column[Any]) -> Insert:
    """INSERT … ON CONFLICT DO NOTHING, its values to be given when it is executed. Built once: SQLAlchemy takes longer
    to build a statement than SQLite to carry it out."""
    return _insert_new(session.get_bind().dialect.name, table, returning)


@cache
def _insert_new(dialect: str, table: Table, returning: tuple[Column[Any], ...]) -> Insert:
    statement = (sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)).on_conflict_do_nothing()
    return statement.returning(*returning) if returning else statement  # type: ignore[return-value]


def new_rows(table: Table, *returning: Column[Any]) -> Prepared:
    """The same for what each mail brings."""
    return Prepared(lambda dialect: _insert_new(dialect, table, returning))


def setting(session: Session, key: str, default: str) -> str:
    """The installation's value of `key`; whoever comes first sets it to `default`, all others get that one."""
    session.execute(upsert(session, settings).values(key=key, value=default).on_conflict_do_nothing())
    value: str = session.execute(select(settings.c.value).where(settings.c.key == key)).scalar_one()
    return value


def company_ids(session: Session, names: Sequence[str]) -> dict[str, int]:
    """The ids of these companies, which are made where they are new."""
    for name in names:
        session.execute(upsert(session, companies).values(name=name).on_conflict_do_nothing())
    rows = session.execute(select(companies.c.name, companies.c.id).where(companies.c.name.in_(names)))
    return dict(rows.all())


def company_names(session: Session) -> dict[int, str]:
    """Every company that ever was, by id."""
    return dict(session.execute(select(companies.c.id, companies.c.name)).all())


def known_ids(session: Session, names: Sequence[str]) -> dict[str, int]:
    """The ids of those of these companies that are there; reads only."""
    rows = session.execute(select(companies.c.name, companies.c.id).where(companies.c.name.in_(names)))
    return {row.name: row.id for row in rows}


def known_setting(session: Session, key: str) -> str:
    """The installation's value of `key`, "" when it has none yet; reads only."""
    return session.execute(select(settings.c.value).where(settings.c.key == key)).scalar_one_or_none() or ""


def person(session: Session, company: int, email: str, name: str, now: datetime, language: str = "") -> Person:
    """The person with that address (lower case) in that company, made when new. A known name is kept."""
    return sender(session, company, email, name, now, language)[0]


def sender(
    session: Session, company: int, email: str, name: str, now: datetime, language: str = ""
) -> tuple[Person, Standing]:
    """The same person, and how he stands with us."""
    row = _row(session, company, email)
    if row is None:
        values = {"company_id": company, "email": email, "name": name, "language": language, "created_at": now}
        row = _NEW_PERSON.one(session, values)
        row = row or _row(session, company, email)  # somebody else may have made him meanwhile
        assert row is not None
    found = Person(row.id, row.email, row.name, row.language, row.undeliverable)
    standing = Standing(row.spam, row.silent_since, row.silent_last, row.counted_from, row.customer)
    if (name and not found.name) or (language and not found.language):
        new = {"name": found.name or name, "language": found.language or language}
        session.execute(people.update().where(people.c.id == found.id).values(new))
        return replace(found, name=new["name"], language=new["language"]), standing
    return found, standing


def keyholders(session: Session, company: int, named: Mapping[str, str], now: datetime) -> dict[str, Keyholder]:
    """The people with these addresses (lower case → name), each made when new and named when it had no name."""
    rows = _BY_EMAIL.all(session, {"company": company, "emails": list(named)})
    found = {row.email: Keyholder(row.id, row.key_generation) for row in rows}
    nameless = {row.email for row in rows if named[row.email] and not row.name}
    for email, name in named.items():
        if email not in found or email in nameless:
            known = person(session, company, email, name, now)
            found.setdefault(email, Keyholder(known.id))
    return found


_BY_EMAIL = Prepared(
    select(people).where(
        people.c.company_id == bindparam("company"), people.c.email.in_(bindparam("emails", expanding=True))
    )
)
_NEW_PERSON = new_rows(people, *people.c)


def _row(session: Session, company: int, email: str) -> Any:
    return _BY_EMAIL.one(session, {"company": company, "emails": [email]})


def mark(session: Session, company: int, email: str, reason: str) -> None:
    """Notes why mail to that address fails for good, "" when it arrives again."""
    there = people.update().where(people.c.company_id == company, people.c.email == email)
    session.execute(there.values(undeliverable=reason))


def owners(session: Session, company: int, ids: Collection[int]) -> dict[int, tuple[str, int]]:
    """Whose keys name these people of that company: address and key generation, by id."""
    if not ids:
        return {}
    rows = _OWNERS.all(session, {"company": company, "ids": list(ids)})
    return {row.id: (row.email, row.key_generation) for row in rows}


_OWNERS = Prepared(
    select(people.c.id, people.c.email, people.c.key_generation).where(
        people.c.company_id == bindparam("company"), people.c.id.in_(bindparam("ids", expanding=True))
    )
)


def revoke_keys(session: Session, email: str, companies: Collection[int]) -> dict[int, int]:
    """No key that was made for that address (lower case) in these companies is believed any more. Returns the new
    generation for each company that knows it."""
    his = people.update().where(people.c.email == email, people.c.company_id.in_(companies))
    rows = session.execute(
        his.values(key_generation=people.c.key_generation + 1).returning(people.c.company_id, people.c.key_generation)
    )
    return {row.company_id: row.key_generation for row in rows}


def email_of(session: Session, company: int, id_: int) -> str:
    """The address of a person of that company, "" when there is none."""
    query = select(people.c.email).where(people.c.company_id == company, people.c.id == id_)
    return session.execute(query).scalar_one_or_none() or ""
