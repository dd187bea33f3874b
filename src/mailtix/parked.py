"""Mail that could not be processed: the admins are told, once for all of it, and not again for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from mailtix.house import House
from mailtix.model.decision import Decision, Notice, Outcome, Row, Said, Table
from mailtix.save import Cause, save
from mailtix.store import journal
from mailtix.store.engine import Session

# What is parked in a row has one cause, and is one mail: who is told hundreds of times reads none of it.
_EVERY = timedelta(minutes=15)
# A mail for people; `mailtix parked list` shows all.
_SHOWN = 50
_REASON = 200


def tell_parked(session: Session, house: House, now: datetime) -> tuple[str, str, tuple[int, ...]] | None:
    """Tells each admin, in the session's transaction, of all that is parked, if that has become more since they were
    told. Returns the name of the work, what was told, and the mails that leave."""
    waiting = journal.parked_since_told(session, now, _EVERY) if house.admins and house.companies else []
    if not waiting:
        return None
    company_id, company = next(iter(house.companies.items()))
    rows = tuple(
        Row((f"J{mail.id}", mail.mail_from or "<>", f"{mail.received_at:%Y-%m-%d %H:%M} UTC", mail.error[:_REASON]))
        for mail in waiting[:_SHOWN]
    )
    said = Said(reason=str(len(waiting)), tables=(Table("", ("number", "from", "received", "why"), rows),))
    cause = f"parked {now:%Y-%m-%d %H:%M:%S}"
    notices = tuple(Notice("parked", to, "", True, cause, company.language, said) for to in house.admins)
    decision = Decision(Outcome.NOTED, cause, notices=notices)
    outbox = save(session, house, company_id, decision, Cause(cause), now).outbox
    return cause, f"{len(waiting)} mails are parked", outbox
