"""The outbox: every mail that is to leave, as it will leave, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Row, and_, bindparam, case, func, literal_column, or_, select
from sqlalchemy.orm import Session

from mailtix.model.conversation import WrittenMail
from mailtix.model.outgoing import Cover, OutgoingMail
from mailtix.store.directory import new_rows
from mailtix.store.portions import portions_by_size
from mailtix.store.prepared import Prepared
from mailtix.store.tables import letters, outbox

_REPLY_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Booked:
    """A mail whose sending has been booked: the attempt counts whether or not it comes to an end. Until `until` nobody
    else makes one. `unknown`: what came of the attempt before was never recorded."""

    id: int
    company_id: int
    ticket_id: int | None
    template: str
    attempts: int
    created_at: datetime
    mail: OutgoingMail
    until: datetime
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail of ours, without its bytes."""

    id: int
    ticket_id: int | None
    rcpt_to: str
    template: str
    created_at: datetime
    message_id: str


@dataclass(frozen=True, slots=True)
class Leaving:
    """A mail that is to leave, written or not yet: the name of its template, what it is written because of (J12, T5,
    O7), and how long it waits before it may."""

    template: str
    mail: Cover
    cause: str = ""
    wait: timedelta = timedelta(0)


def add(
    session: Session, company_id: int, ticket_id: int | None, leaving: Sequence[Leaving], now: datetime
) -> list[int | None]:
    """Puts mails into the outbox and returns their numbers; None for one that is there already. Each that has got a
    number must be `written` in the same transaction."""
    return [_number(session, company_id, ticket_id, one, now) for one in leaving]


def _number(session: Session, company_id: int, ticket_id: int | None, one: Leaving, now: datetime) -> int | None:
    values = {
        "company_id": company_id,
        "ticket_id": ticket_id,
        "template": one.template,
        "message_id": one.mail.message_id,
        "mail_from": one.mail.mail_from,
        "rcpt_to": one.mail.rcpt_to,
        "created_at": now,
        "cause": one.cause,
        "state": "queued",
        "next_at": now + one.wait,
    }
    row = _NEW.one(session, values)
    return None if row is None else row.id


def written(session: Session, raws: Mapping[int, bytes]) -> None:
    """Saves the bytes of mails that are in the outbox, by their numbers."""
    for some in portions_by_size(list(raws), lambda number: len(raws[number])):
        _NEW_LETTERS.many(session, [{"outbox_id": number, "raw": raws[number]} for number in some])


def put_in(
    session: Session, company_id: int, ticket_id: int | None, template: str, mail: OutgoingMail, now: datetime
) -> int | None:
    """Puts a finished mail into the outbox and returns its number; None when it is there already."""
    [number] = add(session, company_id, ticket_id, [Leaving(template, mail)], now)
    written(session, {} if number is None else {number: mail.raw})
    return number


_NEW = new_rows(outbox, outbox.c.id)
_NEW_LETTERS = Prepared(letters.insert())


def book(session: Session, now: datetime, until: datetime) -> Booked | None:
    """Takes the mail that is due longest and counts an attempt before it begins; nobody else makes one before `until`.
    None when nothing is due that is not booked by somebody else."""
    values = {"now": now, "next_at": until, "booked_at": now, "found_at": now}
    row = _BOOK.one(session, values)
    if row is None:
        return None
    mail = OutgoingMail(row.message_id, row.mail_from, row.rcpt_to, row.raw)
    made = (row.template, row.attempts, row.created_at, mail, until)
    return Booked(row.id, row.company_id, row.ticket_id, *made, unknown=row.unknown_at == now)


# Spelled out: SQLite would plan a statement anew each time for a value on which an index may depend.
_is_queued = outbox.c.state == literal_column("'queued'")
# Still booked when it is booked anew: nobody has recorded what came of the attempt before.
_found = bindparam("found_at", type_=outbox.c.unknown_at.type)
_unknown_at = case((outbox.c.booked_at.is_not(None), _found), else_=outbox.c.unknown_at)
_due = (
    select(outbox.c.id)
    .where(_is_queued, outbox.c.next_at <= bindparam("now"))
    .order_by(outbox.c.next_at, outbox.c.id)
    .limit(literal_column("1"))
    .with_for_update(skip_locked=True)
)
_raw = select(letters.c.raw).where(letters.c.outbox_id == outbox.c.id).scalar_subquery()
_BOOK = Prepared(
    outbox.update()
    .where(outbox.c.id == _due.scalar_subquery())
    .values(attempts=outbox.c.attempts + 1, unknown_at=_unknown_at)
    .returning(
        *(outbox.c.id, outbox.c.company_id, outbox.c.ticket_id, outbox.c.template, outbox.c.message_id),
        *(outbox.c.mail_from, outbox.c.rcpt_to, outbox.c.created_at, outbox.c.attempts, outbox.c.unknown_at),
        _raw.label("raw"),
    )
)


def record(
    session: Session, booked: Booked, state: str, reply: str, now: datetime, next_at: datetime | None = None
) -> bool:
    """What came of an attempt. `state` is sent, failed or queued (then `next_at` says when it is tried again).

    False when that is recorded already, or when a newer attempt has been booked meanwhile: from one who is late it only
    counts that the mail was taken.
    """
    values: dict[str, Any] = {"state": state, "reply": reply[:_REPLY_LENGTH], "booked_at": None}
    values |= {"next_at": next_at} if next_at else {"finished_at": now}
    this = {"mail": booked.id, "attempt": booked.attempts, "taken": state == "sent"}
    return _RECORD.one(session, this | values) is not None


_is_newest = and_(outbox.c.booked_at.is_not(None), outbox.c.attempts == bindparam("attempt"))
_RECORD = Prepared(
    outbox.update()
    .where(
        outbox.c.id == bindparam("mail"),
        _is_queued,
        or_(bindparam("taken", type_=Boolean()), _is_newest),
    )
    .returning(outbox.c.id)
)


def take_back(session: Session, numbers: Sequence[int], now: datetime) -> bool:
    """Keeps mails from leaving for which no attempt was ever made. False when an attempt has begun for one of them:
    then it may have left, and the caller must not go on."""
    if not numbers:
        return True
    waiting = outbox.c.state == "queued", outbox.c.attempts == 0
    update = outbox.update().where(outbox.c.id.in_(numbers), *waiting).values(state="undone", finished_at=now)
    return len(session.execute(update.returning(outbox.c.id)).all()) == len(set(numbers))


def release(session: Session, now: datetime) -> int:
    """Makes every attempt that is under way due again, and returns how many there were. Only for one who knows that
    whoever made them is gone: the single process of an embedded installation, when it starts. They stay booked, so that
    the next attempt knows of them."""
    update = outbox.update().where(outbox.c.state == "queued", outbox.c.booked_at.is_not(None))
    return len(session.execute(update.values(next_at=now).returning(outbox.c.id)).all())


def note_unknown(session: Session, id_: int, now: datetime) -> None:
    """The mail may have arrived: nobody knows what came of an attempt."""
    session.execute(outbox.update().where(outbox.c.id == id_).values(unknown_at=now))


def told(session: Session, ticket_id: int, readers: Iterable[str]) -> dict[str, str]:
    """Which of these people (addresses) we have written to about a ticket, in lower case, with the message id of the
    newest mail to each."""
    newest = {reader.lower(): newest_to(session, ticket_id, reader) for reader in readers}
    return {reader: mail.message_id for reader, mail in newest.items() if mail is not None}


_SENT = select(
    outbox.c.id, outbox.c.ticket_id, outbox.c.rcpt_to, outbox.c.template, outbox.c.created_at, outbox.c.message_id
)


def of_message(session: Session, company_id: int, message_id: str) -> SentMail | None:
    """The outgoing mail with that message id."""
    row = _OF_MESSAGE.one(session, {"company": company_id, "message": message_id})
    return SentMail(*row) if row else None


_OF_MESSAGE = Prepared(
    _SENT.where(outbox.c.company_id == bindparam("company"), outbox.c.message_id == bindparam("message"))
)


def newest_to(session: Session, ticket_id: int, email: str) -> SentMail | None:
    """The newest mail about a ticket to that address, however its letters were written."""
    if not email.isascii():  # a database may know small letters of ASCII only
        every = (SentMail(*row) for row in session.execute(_SENT_ABOUT, {"ticket": ticket_id}))
        return next((mail for mail in every if mail.rcpt_to.lower() == email.lower()), None)
    row = _NEWEST_TO.one(session, {"ticket": ticket_id, "email": email})
    return SentMail(*row) if row else None


_SENT_ABOUT = _SENT.where(outbox.c.ticket_id == bindparam("ticket")).order_by(outbox.c.id.desc())
_reader = func.lower(bindparam("email", type_=outbox.c.rcpt_to.type))
_NEWEST_TO = Prepared(
    _SENT.where(outbox.c.ticket_id == bindparam("ticket"), func.lower(outbox.c.rcpt_to) == _reader)
    .order_by(outbox.c.id.desc())
    .limit(literal_column("1"))
)


def written_for(session: Session, ticket_id: int) -> list[WrittenMail]:
    """The answers to customers about a ticket that left or wait to leave, oldest first."""
    columns = (outbox.c.id, outbox.c.cause, outbox.c.rcpt_to, outbox.c.state, outbox.c.attempts)
    query = select(*columns).where(outbox.c.ticket_id == ticket_id, outbox.c.template == "reply")
    return [
        WrittenMail(row.id, row.cause, row.rcpt_to, row.state, row.state == "queued" and not row.attempts)
        for row in session.execute(query.order_by(outbox.c.id))
    ]


def counts(session: Session) -> dict[str, int]:
    """How many mails are queued, sent, failed and undone."""
    query = select(outbox.c.state, func.count()).group_by(outbox.c.state)
    return dict(session.execute(query).all())


def of_ticket(session: Session, ticket_id: int) -> Sequence[Row[Any]]:
    """Every mail that left or is to leave about a ticket, oldest first (without its bytes)."""
    return session.execute(select(outbox).where(outbox.c.ticket_id == ticket_id).order_by(outbox.c.id)).all()
