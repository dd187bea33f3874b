"""After mailtix stood still much is due at once: whoever would be told of many things gets one mail about them.

The moments themselves are carried out one by one, each with its line of history; only what the desk is told waits until
all of them are done.
"""

from __future__ import annotations

from datetime import datetime

from mailtix.house import House
from mailtix.model.decision import Decision, Notice, Outcome, Said
from mailtix.moments import LATE, LINES, SINGLE, Late, digest_of
from mailtix.save import Cause, save
from mailtix.store import late, tickets
from mailtix.store.engine import Session
from mailtix.store.late import LateNotice


def tell_late(session: Session, house: House, limit: int, now: datetime) -> list[tuple[str, str, tuple[int, ...]]]:
    """Tells up to `limit` readers, in the session's transaction, what came late. Returns for each the name of the work,
    what was told, and the mails that leave; nothing while late moments are still to be carried out."""
    told = []
    for company_id, reader in late.readers(session, limit, now - LATE):
        notices = late.take(session, company_id, reader, now)
        if notices:
            mails = _tell(session, house, company_id, notices, now)
            told.append((f"L{notices[0].id}", f"{len(notices)} late notices to {reader}", mails))
    return told


def _tell(session: Session, house: House, company_id: int, notices: list[LateNotice], now: datetime) -> tuple[int, ...]:
    if company_id not in house.companies:
        return ()  # it is not in the settings any more, and neither are those who would be told
    if len(notices) <= SINGLE:
        return tuple(number for one in notices for number in _one(session, house, company_id, one, now))
    decision = Decision(Outcome.NOTED, "late", notices=(_digest(session, house, company_id, notices),))
    return save(session, house, company_id, decision, Cause(f"L{notices[0].id}"), now).outbox


def _one(session: Session, house: House, company_id: int, late: LateNotice, now: datetime) -> tuple[int, ...]:
    ticket = tickets.by_ids(session, company_id, [late.ticket])[late.ticket]
    said = Said(reason=late.reason, due=late.due_at if late.template == "reminder" else None)
    notice = Notice(late.template, late.reader, late.reader_name, True, late.because, "", said)
    decision = Decision(Outcome.NOTED, late.because, ticket, ticket, notices=(notice,))
    return save(session, house, company_id, decision, Cause(late.cause), now).outbox


def _digest(session: Session, house: House, company_id: int, notices: list[LateNotice]) -> Notice:
    company, first, shown = house.companies[company_id], notices[0], notices[:LINES]
    known = tickets.by_ids(session, company_id, {one.ticket for one in shown})
    lines = [
        Late(one.ticket, known[one.ticket].number, known[one.ticket].subject, one.template, one.reason, one.due_at)
        for one in shown
    ]
    words = house.templates.page("caught_up", company.language).words
    reader = Notice("caught_up", first.reader, first.reader_name, True, "late")
    return digest_of(lines, len(notices), reader, words, taps=company.agent(first.reader) is not None)
