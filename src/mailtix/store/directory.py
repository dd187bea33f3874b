"""Companies, people and the installation's own settings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from mailtix.model.ticket import Person
from mailtix.store.tables import companies, people, settings

Insert = sqlite.Insert | postgresql.Insert


def upsert(session: Session, table: Table) -> Insert:
    """An INSERT that can say ON CONFLICT, in the words of the database at hand."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


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


def person(session: Session, company: int, email: str, name: str, now: datetime, language: str = "") -> Person:
    """The person with that address (lower case) in that company, made when new. A known name is kept."""
    found = _person(session, company, email)
    if found is None:
        values = {"company_id": company, "email": email, "name": name, "language": language, "created_at": now}
        session.execute(upsert(session, people).values(values).on_conflict_do_nothing())
        found = _person(session, company, email)
        assert found is not None
    if (name and not found.name) or (language and not found.language):
        new = {"name": found.name or name, "language": found.language or language}
        session.execute(people.update().where(people.c.id == found.id).values(new))
        return Person(found.id, found.email, new["name"], new["language"])
    return found


def _person(session: Session, company: int, email: str) -> Person | None:
    query = select(people).where(people.c.company_id == company, people.c.email == email)
    row = session.execute(query).one_or_none()
    return Person(row.id, row.email, row.name, row.language) if row else None


def email_of(session: Session, company: int, id_: int) -> str:
    """The address of a person of that company, "" when there is none."""
    query = select(people.c.email).where(people.c.company_id == company, people.c.id == id_)
    return session.execute(query).scalar_one_or_none() or ""
