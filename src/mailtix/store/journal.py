"""The journal: every mail that was accepted, as it came, and what became of it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, literal, literal_column, select
from sqlalchemy.orm import Session

from mailtix.model.decision import Outcome
from mailtix.model.mail import Envelope
from mailtix.store.directory import insert_new, new_rows, setting
from mailtix.store.portions import portions, portions_by_size
from mailtix.store.prepared import Prepared
from mailtix.store.tables import identities, journal, raw_mails, settings

# An error's text is for people; a page of it says what there is to say.
_ERROR_LENGTH = 2000
# The states of mail that is not processed unless somebody says so.
ASIDE = ("parked", "held")
# When the admins were last told of what is parked.
_TOLD = "told of parked mail"


@dataclass(frozen=True, slots=True)
class Entry:
    """One accepted mail of one company. `rules` is the version of the rules that it was decided by; `let_in` says that
    somebody wants it to be processed, whatever the limits say."""

    id: int
    company_id: int
    raw: bytes
    envelope: Envelope
    attempts: int
    state: str = "new"
    error: str = ""
    outcome: str = ""
    because: str = ""
    ticket_id: int | None = None
    raw_id: int = 0
    rules: str = ""
    let_in: bool = False
    mailbox: str = ""


@dataclass(frozen=True, slots=True)
class Parked:
    """A mail that stands aside: parked because it could not be processed, or held until somebody lets it in. `size` in
    bytes; `error` says why."""

    id: int
    state: str
    source: str
    mail_from: str
    received_at: datetime
    attempts: int
    size: int
    error: str


@dataclass(frozen=True, slots=True)
class New:
    """A mail that is to be written down for a company, and the mailbox of that company's that it came to; `digest` is
    the SHA-256 of its bytes."""

    raw: bytes
    digest: bytes
    envelope: Envelope
    company_id: int
    mailbox: str

    @classmethod
    def of(cls, raw: bytes, envelope: Envelope, mailboxes: Mapping[int, str]) -> tuple[New, ...]:
        """The mail for each of these companies, with their mailboxes."""
        digest = hashlib.sha256(raw).digest()
        return tuple(cls(raw, digest, envelope, id_, mailbox) for id_, mailbox in mailboxes.items())


def append(session: Session, mails: Sequence[New]) -> list[int]:
    """Writes mails down, many with one statement. Returns their journal numbers: the same bytes for the same company
    are the same mail (a client that missed our 250 sends it again), and keep their number."""
    raw_ids = _raw_ids(session, {mail.digest: mail.raw for mail in mails})
    keys = [(raw_ids[mail.digest], mail.company_id) for mail in mails]
    rows = {key: _values(mail.envelope, *key, mail.mailbox) for key, mail in zip(keys, mails, strict=True)}
    insert = insert_new(session, journal, journal.c.raw_id, journal.c.company_id, journal.c.id)
    connection = session.connection()
    written = (row for some in portions(list(rows.values())) for row in connection.execute(insert, some))
    numbers = {(row[0], row[1]): row[2] for row in written}
    for raw_id, company_id in rows.keys() - numbers.keys():
        query = select(journal.c.id).where(journal.c.raw_id == raw_id, journal.c.company_id == company_id)
        numbers[raw_id, company_id] = session.execute(query).scalar_one()
    return [numbers[key] for key in keys]


def _raw_ids(session: Session, raws: Mapping[bytes, bytes]) -> dict[bytes, int]:
    """The ids of these raw mails, by digest; they are written where they are new. The large ones come first, all in the
    order of their digests: two processes that write the same mails in different order would wait for each other."""
    insert = insert_new(session, raw_mails, raw_mails.c.sha256, raw_mails.c.id)
    ids: dict[bytes, int] = {}
    for some in portions_by_size(sorted(raws), lambda digest: len(raws[digest])):
        rows = [{"sha256": digest, "size": len(raws[digest]), "data": raws[digest]} for digest in some]
        ids |= {row[0]: row[1] for row in session.connection().execute(insert, rows)}
    known = raws.keys() - ids.keys()
    if known:
        query = select(raw_mails.c.sha256, raw_mails.c.id).where(raw_mails.c.sha256.in_(known))
        ids |= {row[0]: row[1] for row in session.execute(query)}
    return ids


def _values(envelope: Envelope, raw_id: int, company_id: int, mailbox: str) -> dict[str, Any]:
    return {
        "raw_id": raw_id,
        "company_id": company_id,
        "mail_from": envelope.mail_from,
        "rcpt_tos": list(envelope.rcpt_tos),
        "mailbox": mailbox,
        "source": envelope.source,
        "peer": envelope.peer,
        "helo": envelope.helo,
        "tls": envelope.tls,
        "received_at": envelope.received_at,
        "state": "new",
        "next_at": envelope.received_at,
    }


def claim(session: Session, limit: int, now: datetime) -> list[Entry]:
    """Up to `limit` mails that are to be processed now, oldest first, locked as `due_entries` locks them. While many
    wait for one mailbox, the oldest of each other mailbox has its turn as well."""
    oldest = due_entries(session, "new", limit, now)
    if len(oldest) < limit or limit == 1:
        return oldest
    others = _oldest_of_others(session, {entry.mailbox for entry in oldest}, limit // 2, now)
    return [*oldest[: limit - len(others)], *others]


def _oldest_of_others(session: Session, mailboxes: Collection[str], limit: int, now: datetime) -> list[Entry]:
    """The oldest due mail of each of up to `limit` mailboxes that are not among these."""
    turns = _TURNS.all(session, {"now": now, "mailboxes": list(mailboxes), "most": limit})
    if not turns:
        return []
    ids = [turn.first for turn in turns]
    query = _entries().where(journal.c.id.in_(ids), journal.c.state == "new").order_by(journal.c.id)
    return [_entry(row) for row in session.execute(query.with_for_update(skip_locked=True, of=journal))]


_TURNS = Prepared(
    select(func.min(journal.c.id).label("first"))
    .where(
        journal.c.state == literal_column("'new'"),
        journal.c.next_at <= bindparam("now"),
        journal.c.mailbox.not_in(bindparam("mailboxes", expanding=True)),
    )
    .group_by(journal.c.mailbox)
    .order_by(literal_column("first"))
    .limit(bindparam("most"))
)


def due_entries(session: Session, state: str, limit: int, now: datetime, after: int = 0) -> list[Entry]:
    """Up to `limit` mails in that state that are due and whose numbers are above `after`, oldest first. On PostgreSQL
    they are locked until the transaction ends and skipped by everyone else; on SQLite the transaction itself is the
    lock."""
    return [_entry(row) for row in _due(state).all(session, {"now": now, "most": limit, "after": after})]


@cache
def _due(state: str) -> Prepared:
    # The state is written out, and the order is that of the index of the mails in that state: else SQLite goes through
    # the whole journal for each batch.
    return Prepared(
        _entries()
        .where(
            journal.c.state == literal_column(f"'{state}'"),
            journal.c.next_at <= bindparam("now"),
            journal.c.id > bindparam("after"),
        )
        .order_by(journal.c.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True, of=journal)
    )


def finish(
    session: Session, id_: int, done: tuple[Outcome, str], ticket_id: int | None, rules: str, now: datetime
) -> None:
    """The mail has been dealt with: what became of it, and why; `rules` is the version of the rules in effect."""
    outcome, because = done
    values = {"outcome": outcome, "because": because, "ticket_id": ticket_id, "rules": rules, "finished_at": now}
    _FINISH.many(session, [{"finished": id_, "state": "done", "error": ""} | values])


_FINISH = Prepared(journal.update().where(journal.c.id == bindparam("finished")))


def failed(session: Session, entry: Entry, error: str, next_at: datetime | None, now: datetime) -> None:
    """Processing failed: again at `next_at`, or parked when that is None."""
    values: dict[str, Any] = {"attempts": entry.attempts + 1, "error": error[:_ERROR_LENGTH]}
    values |= {"state": "parked", "parked_at": now} if next_at is None else {"next_at": next_at}
    session.execute(journal.update().where(journal.c.id == entry.id).values(values))


def first_of(session: Session, company_id: int, digest: bytes, id_: int) -> int:
    """The journal number of the first mail with that identity; it is `id_` itself when this is the first."""
    values = {"company_id": company_id, "digest": digest, "journal_id": id_}
    insert = insert_new(session, identities, identities.c.journal_id)
    is_first = session.execute(insert, values).scalar_one_or_none() is not None
    if is_first:
        return id_
    query = select(identities.c.journal_id).where(identities.c.company_id == company_id, identities.c.digest == digest)
    first: int = session.execute(query).scalar_one()
    return first


def firsts_of(session: Session, mails: Sequence[tuple[int, bytes, int]]) -> dict[int, int]:
    """As `first_of` for several mails, each given as (company, identity, journal number), oldest first: that number,
    and the number of the first mail with its identity."""
    # In the order of the digests: two processes that write the same ones in different order would wait for each other.
    rows = [
        {"company_id": company_id, "digest": digest, "journal_id": id_}
        for company_id, digest, id_ in sorted(mails, key=lambda mail: mail[1])
    ]
    _NEW_IDENTITIES.many(session, rows)
    firsts = {}
    for company in {company for company, _, _ in mails}:
        digests = [digest for of, digest, _ in mails if of == company]
        for row in _FIRSTS.all(session, {"company": company, "digests": digests}):
            firsts[company, bytes(row.digest)] = row.journal_id
    return {id_: firsts[company, digest] for company, digest, id_ in mails}


_NEW_IDENTITIES = new_rows(identities)
_FIRSTS = Prepared(
    select(identities.c.digest, identities.c.journal_id).where(
        identities.c.company_id == bindparam("company"), identities.c.digest.in_(bindparam("digests", expanding=True))
    )
)


def entry(session: Session, id_: int) -> Entry | None:
    """The journal entry with that number."""
    row = session.execute(_entries().where(journal.c.id == id_)).one_or_none()
    return _entry(row) if row else None


def decided(session: Session, since: datetime | None) -> list[int]:
    """The numbers of all mails that are dealt with, of those that came since then, oldest first."""
    query = select(journal.c.id).where(journal.c.state == "done")
    if since is not None:
        query = query.where(journal.c.received_at >= since)
    return list(session.execute(query.order_by(journal.c.id)).scalars())


def entries(session: Session, ids: Sequence[int]) -> list[Entry]:
    """These mails, oldest first, without their bytes."""
    query = select(journal, literal(b"").label("data")).where(journal.c.id.in_(ids)).order_by(journal.c.id)
    return [_entry(row) for row in session.execute(query)]


def raw_of(session: Session, ids: Sequence[int]) -> dict[int, bytes]:
    """The bytes of these mails by journal number."""
    query = select(journal.c.id, raw_mails.c.data).join(raw_mails).where(journal.c.id.in_(ids))
    return {row.id: row.data for row in session.execute(query)}


def parked(session: Session) -> list[Parked]:
    """What is parked or held, oldest first."""
    came = (journal.c.source, journal.c.mail_from, journal.c.received_at, journal.c.attempts)
    query = select(journal.c.id, journal.c.state, *came, raw_mails.c.size, journal.c.error).join(raw_mails)
    rows = [row for state in ASIDE for row in session.execute(query.where(journal.c.state == state))]
    return [Parked(*row) for row in sorted(rows, key=lambda row: row.id)]


def parked_since_told(session: Session, now: datetime, every: timedelta) -> list[Parked]:
    """What is parked, if some of it was parked since somebody was last told, and that is `every` ago; he is told now,
    by nobody else."""
    newest = session.execute(select(func.max(journal.c.parked_at)).where(journal.c.state == "parked")).scalar_one()
    if newest is None:
        return []
    setting(session, _TOLD, "")
    query = select(settings.c.value).where(settings.c.key == _TOLD).with_for_update()
    told = session.execute(query).scalar_one()
    if told and not (newest > datetime.fromisoformat(told) <= now - every):
        return []
    session.execute(settings.update().where(settings.c.key == _TOLD).values(value=now.isoformat()))
    return [mail for mail in parked(session) if mail.state == "parked"]


def drop(session: Session, id_: int, because: str, now: datetime) -> bool:
    """One mail that is parked or held is never processed; it stays in the journal, with the reason. Returns whether it
    was there."""
    update = journal.update().where(journal.c.id == id_, journal.c.state.in_(ASIDE)).returning(journal.c.id)
    values = {"state": "dropped", "outcome": "dropped", "because": because, "finished_at": now}
    return session.execute(update.values(values)).one_or_none() is not None


def dropped(session: Session) -> list[Parked]:
    """What was dropped, oldest first; its error is the reason for that."""
    came = (journal.c.source, journal.c.mail_from, journal.c.received_at, journal.c.attempts)
    query = select(journal.c.id, journal.c.state, *came, raw_mails.c.size, journal.c.because).join(raw_mails)
    return [Parked(*row) for row in session.execute(query.where(journal.c.state == "dropped").order_by(journal.c.id))]


def retry(session: Session, id_: int | None, now: datetime) -> list[int]:
    """Puts one mail that is parked or held, or with None all that is parked, back into the queue. Returns the numbers.
    What was held is processed whatever the limits say."""
    update = journal.update().where(journal.c.state == "parked")
    if id_ is not None:
        update = journal.update().where(journal.c.id == id_, journal.c.state.in_(ASIDE))
    let_in = journal.c.let_in | (journal.c.state == "held")
    update = update.values(state="new", attempts=0, next_at=now, let_in=let_in).returning(journal.c.id)
    return sorted(session.execute(update).scalars())


def backlog(session: Session, most: int) -> int:
    """How many accepted mails are not yet processed, counted up to `most`: quick however long the queue is."""
    count = 0
    for state in ("new", "scan", "auth"):
        # The state stands in the statement, for SQLite uses an index of some rows only when it knows which.
        same = journal.c.state == bindparam("state", state, literal_execute=True)
        some = select(journal.c.id).where(same).limit(most - count).subquery()
        count += session.execute(select(func.count()).select_from(some)).scalar_one()
    return count


def waiting(session: Session) -> int:
    """How many accepted mails are not yet processed (parked ones aside)."""
    return session.execute(select(func.count()).where(journal.c.state.in_(("new", "scan", "auth")))).scalar_one()


def _entries() -> Any:
    return select(journal, raw_mails.c.data).join(raw_mails, raw_mails.c.id == journal.c.raw_id)


def _entry(row: Any) -> Entry:
    envelope = Envelope(
        mail_from=row.mail_from,
        rcpt_tos=tuple(row.rcpt_tos),
        received_at=row.received_at,
        source=row.source,
        peer=row.peer,
        helo=row.helo,
        tls=row.tls,
    )
    result = (row.state, row.error, row.outcome, row.because, row.ticket_id)
    rest = (row.raw_id, row.rules, row.let_in, row.mailbox)
    return Entry(row.id, row.company_id, row.data, envelope, row.attempts, *result, *rest)
