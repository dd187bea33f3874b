"""Mails that do nothing until somebody says that he wrote them: of whom it was asked, until when, and what he said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailtix.store.directory import insert_new
from mailtix.store.tables import confirmations, messages, people


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What was asked about the mail with that journal number, of whom (his address). `outcome` is "" until he has
    answered."""

    journal: int
    person: str
    ticket: int | None
    until: datetime
    settled_at: datetime | None
    outcome: str


def ask(session: Session, company_id: int, asked: tuple[int, int, int | None], now: datetime, until: datetime) -> None:
    """Notes that somebody was asked about a mail: (its journal number, the person, its ticket)."""
    journal, person, ticket = asked
    row = {"journal_id": journal, "company_id": company_id, "person_id": person, "ticket_id": ticket}
    session.execute(insert_new(session, confirmations), row | {"asked_at": now, "expires_at": until})


def find(session: Session, company_id: int, journal: int) -> Confirmation | None:
    """What was asked about that mail of the company. Nobody else settles it until the transaction ends."""
    query = (
        select(confirmations, people.c.email)
        .join(people, people.c.id == confirmations.c.person_id)
        .where(confirmations.c.journal_id == journal, confirmations.c.company_id == company_id)
        .with_for_update(of=confirmations)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    return Confirmation(journal, row.email, row.ticket_id, row.expires_at, row.settled_at, row.outcome)


def settle(session: Session, journal: int, outcome: str, now: datetime) -> None:
    """He has answered: never again for this mail."""
    this = confirmations.update().where(confirmations.c.journal_id == journal, confirmations.c.settled_at.is_(None))
    session.execute(this.values(settled_at=now, outcome=outcome))


def asked_since(session: Session, company_id: int, email: str, since: datetime) -> int:
    """How often that person (an address in lower case) was asked since then."""
    query = (
        select(func.count())
        .select_from(confirmations)
        .join(people, people.c.id == confirmations.c.person_id)
        .where(people.c.company_id == company_id, people.c.email == email, confirmations.c.asked_at > since)
    )
    return session.execute(query).scalar_one()


def held_message(session: Session, ticket_id: int, journal: int) -> int:
    """The message that this mail left waiting beside the ticket, 0 when there is none."""
    query = select(func.max(messages.c.id)).where(
        messages.c.ticket_id == ticket_id, messages.c.journal_id == journal, messages.c.visibility == "held"
    )
    return session.execute(query).scalar_one() or 0
