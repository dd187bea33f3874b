"""How senders stand with us, what came from them and went to them lately, and what waits because of it."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from sqlalchemy import ColumnElement, bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from mailtix.limits import Terms as Limits
from mailtix.limits import Traffic
from mailtix.model.standing import (
    ConfirmationAsked,
    ConfirmationSettled,
    Joined,
    LetIn,
    Mark,
    Parted,
    Silenced,
    SpamSender,
    Standing,
    Surveyed,
)
from mailtix.model.ticket import Person, Ticket
from mailtix.store import aliases, confirmations, directory
from mailtix.store.prepared import Prepared
from mailtix.store.tables import journal, messages, outbox, people, tickets

# The templates of answers that nobody wrote. Spelled out: a database takes a partial index only for what it can see.
_AUTOMATIC: list[ColumnElement[str]] = [
    literal_column(f"'{name}'") for name in ("created", "answered", "told", "confirm", "verify")
]


def traffic(
    session: Session, company_id: int, sender: tuple[Person, Standing], ticket_id: int, terms: Limits, now: datetime
) -> Traffic:
    """What came from a sender and went to him, as far as the limits count it. `ticket_id` is that of the ticket that he
    has written to, 0 for none."""
    person, standing = sender
    since = max(now - terms.quiet, standing.counted_from or now - terms.quiet)
    most = max((rate.count for rate in terms.answers), default=0)
    answers = {"company": company_id, "email": person.email, "since": since, "most": most}
    answered = [row.created_at for row in _ANSWERED.all(session, answers)] if most and person.email else []
    if ticket_id:
        own = {"ticket": ticket_id, "email": person.email, "most": terms.alike.count - 1}
        rows = [(row.at, row.text) for row in _WRITTEN.all(session, own)]
        return Traffic(answered=answered, written=[row for row in rows if _counts(row[0], standing)])
    opened = _OPENED.all(session, {"person": person.id, "most": terms.new_tickets.count})
    return Traffic([row.created_at for row in opened if _counts(row.created_at, standing)], answered)


def _counts(at: datetime, standing: Standing) -> bool:
    return standing.counted_from is None or at > standing.counted_from


# Each is answered from an index. Addresses are compared as far as the indexes hold them: asked for the whole one as
# well, SQLite would leave the index.
_OPENED = Prepared(
    select(tickets.c.created_at)
    .where(tickets.c.requester_id == bindparam("person"))
    .order_by(tickets.c.id.desc())
    .limit(bindparam("most"))
)
_ANSWERED = Prepared(
    select(outbox.c.created_at)
    .where(
        outbox.c.company_id == bindparam("company"),
        func.substr(outbox.c.rcpt_to, literal_column("1"), literal_column("200"))
        == func.substr(bindparam("email"), literal_column("1"), literal_column("200")),
        outbox.c.template.in_(_AUTOMATIC),
        outbox.c.created_at > bindparam("since"),
    )
    .order_by(outbox.c.created_at.desc())
    .limit(bindparam("most"))
)
_WRITTEN = Prepared(
    select(messages.c.at, messages.c.text)
    .where(
        messages.c.ticket_id == bindparam("ticket"),
        func.substr(messages.c.sender, literal_column("1"), literal_column("200"))
        == func.substr(bindparam("email"), literal_column("1"), literal_column("200")),
        messages.c.kind == "human",
    )
    .order_by(messages.c.id.desc())
    .limit(bindparam("most"))
)


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
        case Silenced(sender=email, since=since):
            _set(session, company_id, email, silent_since=since, silent_last=now)
        case SpamSender(sender=email, because=because):
            _set(session, company_id, email, spam=because)
        case Surveyed(person=email):
            _set(session, company_id, email, surveyed_at=now)
        case Joined(one=one, other=other):
            aliases.join(session, company_id, (one, other))
        case Parted(email=email):
            aliases.part(session, company_id, email)
        case LetIn(sender=email):
            person = directory.person(session, company_id, email, "", now).id
            _set(session, company_id, email, spam="", silent_since=None, silent_last=None, counted_from=now)
            held = journal.update().where(journal.c.sender_id == person, journal.c.state == "held")
            session.execute(held.values(state="new", let_in=True, attempts=0, error="", next_at=now))
        case _:
            assert_never(mark)


def _set(session: Session, company_id: int, email: str, **values: object) -> None:
    his = people.update().where(people.c.company_id == company_id, people.c.email == email)
    session.execute(his.values(values))


def count_from(session: Session, person_id: int, now: datetime) -> None:
    """What was done for that person until now was let in by somebody, and does not count for the limits."""
    session.execute(people.update().where(people.c.id == person_id).values(counted_from=now))


def hold(session: Session, journal_id: int, whose: tuple[int, int | None], because: str, now: datetime) -> None:
    """That mail waits in the journal until somebody lets its sender in, or that mail. `whose` is the sender's person,
    and the ticket that it is about."""
    person, ticket = whose
    values = {"state": "held", "sender_id": person, "error": because, "ticket_id": ticket, "held_at": now}
    session.execute(journal.update().where(journal.c.id == journal_id).values(values))


def waiting_ones(session: Session, company_id: int, emails: tuple[str, ...]) -> tuple[str, ...]:
    """Those of these addresses (in lower case) whose mail waits."""
    query = select(people.c.email).where(people.c.company_id == company_id, people.c.email.in_(emails))
    waits = (people.c.silent_since.is_not(None)) | (people.c.spam != "")
    return tuple(session.execute(query.where(waits).order_by(people.c.email)).scalars())


def held_of(session: Session, journal_id: int) -> str:
    """Whose mail it is that waits in the journal under that number."""
    query = select(people.c.email).join(journal, journal.c.sender_id == people.c.id).where(journal.c.id == journal_id)
    return session.execute(query).scalar_one_or_none() or ""
