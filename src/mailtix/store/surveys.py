"""What is known of earlier surveys among a customer."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from mailtix.model.ticket import Person
from mailtix.notify.preferences import AUTOMATIC
from mailtix.store import preferences
from mailtix.store.tables import people
from mailtix.surveys import PREFERENCE, Asked


def asked(session: Session, company_id: int, person: Person) -> Asked:
    """When he was asked last, and whether he wants to be. Until the transaction ends nobody else asks him."""
    at = session.execute(_ASKED, {"id": person.id}).scalar_one_or_none()
    chosen = preferences.chosen(session, company_id, [person.email]).get(person.email, {})
    return Asked(at, "off" in (chosen.get(PREFERENCE), chosen.get(AUTOMATIC)))


_ASKED = select(people.c.surveyed_at).where(people.c.id == bindparam("id")).with_for_update()
