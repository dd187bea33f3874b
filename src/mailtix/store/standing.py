"""How senders stand with us, and what waits in the journal because of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from mailtix.model.standing import ConfirmationAsked, ConfirmationSettled, Mark
from mailtix.model.ticket import Ticket
from mailtix.store import confirmations, directory


def note_mark(
    session: Session, company_id: int, mark: Mark, cause: tuple[int | None, Ticket | None], now: datetime
) -> None:
    """Writes a mark down. `cause` is the journal number of the mail that is decided, and its ticket."""
    journal_id, ticket = cause
    match mark:
        case ConfirmationAsked(person=email, until=until):
            if journal_id is None:
                raise ValueError("only a mail can be confirmed")
            person = directory.person(session, company_id, email, "", now).id
            confirmations.ask(session, company_id, (journal_id, person, ticket.id if ticket else None), now, until)
        case ConfirmationSettled(journal=number, outcome=outcome):
            confirmations.settle(session, number, outcome, now)
        case _:
            pass
