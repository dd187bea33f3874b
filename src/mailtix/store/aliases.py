"""The addresses of one customer: people of a company who are marked as the same, with the id of one of them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from mailtix.model.ticket import Person
from mailtix.store.tables import people


def others(session: Session, company_id: int, person_id: int, customer: int | None) -> tuple[Person, ...]:
    """Who else is the same customer as that person, the oldest first. `customer` is the mark of that person."""
    if customer is None:
        return ()
    rows = session.execute(_SAME, {"company": company_id, "customer": customer, "person": person_id})
    return tuple(Person(row.id, row.email, row.name, row.language, row.undeliverable) for row in rows)


# Built once, like every statement that each mail may need.
_SAME = (
    select(people)
    .where(
        people.c.company_id == bindparam("company"),
        people.c.customer == bindparam("customer"),
        people.c.id != bindparam("person"),
    )
    .order_by(people.c.id)
)


def join(session: Session, company_id: int, emails: Iterable[str]) -> None:
    """These addresses (in lower case) are one customer's from now on, with all that were one with any of them."""
    theirs = people.c.company_id == company_id
    rows = session.execute(
        select(people.c.id, people.c.customer).where(theirs, people.c.email.in_(list(emails))).with_for_update()
    ).all()
    if not rows:
        return
    marks = [row.customer for row in rows if row.customer is not None]
    mark = min([*marks, *(row.id for row in rows)])
    here = people.c.id.in_([row.id for row in rows]) | people.c.customer.in_(marks)
    session.execute(people.update().where(theirs, here).values(customer=mark))


def part(session: Session, company_id: int, email: str) -> None:
    """That address (in lower case) is nobody else's from now on."""
    theirs = people.c.company_id == company_id
    mark = session.execute(select(people.c.customer).where(theirs, people.c.email == email)).scalar_one_or_none()
    if mark is None:
        return
    session.execute(people.update().where(theirs, people.c.email == email).values(customer=None))
    left = people.c.customer == mark
    ids = session.execute(select(people.c.id).where(theirs, left)).scalars().all()
    # He may have lent them his id, which he takes along to those whom he joins next.
    session.execute(people.update().where(theirs, left).values(customer=min(ids) if len(ids) > 1 else None))
