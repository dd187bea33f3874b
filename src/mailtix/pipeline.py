"""The way of one mail, of one moment and of one failed delivery, each in one transaction.

    read ahead → claim → parse → classify → gather → decide → save (ticket, messages, history, timers, outbox) → finish

Parsing and deciding are pure; gathering and saving are the store's. Nothing here sends, waits or logs. What is read
ahead, before the transaction begins, is not parsed and classified again in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from mailtix.absences import hand_on
from mailtix.attachments import judge
from mailtix.catching_up import tell_late
from mailtix.classify import classify
from mailtix.decide import decide
from mailtix.facts import Facts, Failed
from mailtix.gather import gather, gather_absence, gather_asked, gather_moment, gather_more, identity
from mailtix.house import House
from mailtix.model.auth import Authentication, Verify, not_asked
from mailtix.model.copies import replace
from mailtix.model.decision import AskAuth, Decision, Outcome, TimerPlan
from mailtix.model.kind import Kind
from mailtix.model.mail import InboundMail
from mailtix.moments import decide_moment, plans, put_off
from mailtix.originals import original
from mailtix.parked import tell_parked
from mailtix.parsing import parse_with_files
from mailtix.queues import give_away
from mailtix.reports import decide_undelivered
from mailtix.rule_times import set_timers
from mailtix.save import Cause, Saved, save
from mailtix.store import (
    authentication,
    engine,
    evidence,
    journal,
    kinship,
    late,
    outbox,
    promises,
    standing,
    surveys,
    tickets,
    timers,
)
from mailtix.store.engine import Session
from mailtix.store.journal import Entry
from mailtix.store.later import together
from mailtix.store.outbox import Booked
from mailtix.store.tickets import LostRace
from mailtix.store.timers import DueTimer
from mailtix.surveys import Asked

# Each answer may bring up one more question: who wrote it, what stands in the thread, who is there to take it.
_ROUNDS = 4
# With so many mails a commit costs next to nothing for each; and what they were read from is kept until then.
_MOST_MAILS = 50
# Who asks for fewer at once has a reason to: somebody waits elsewhere, or what was tried before has failed.
_LEAST_TO_GO_ON = 10
_MOST_BYTES = 2_000_000
# A timer whose work keeps failing must not stand in the way of the others.
_TIMER_TRIES = 5


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one piece of work: its name (J12, T5), the outcome in a word, why, and the mails that leave."""

    cause: str
    outcome: str
    because: str
    ticket: str = ""
    outbox: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A mail as it was read: its structure, its kind, what makes it the same mail through whatever door, and the bytes
    of its files. `first` is the number of the first mail like it, 0 when that was not asked."""

    mail: InboundMail
    kind: Kind
    digest: bytes | None
    contents: tuple[bytes, ...] = ()
    first: int = 0


_NOTHING: Mapping[int, ReadMail] = {}


def read_mails(house: House, entries: Iterable[Entry]) -> dict[int, ReadMail]:
    """These mails as they are read, by journal number. One that cannot be read is missing: that is left to
    `process_mails`."""
    found = {}
    for entry in entries:
        with suppress(Exception):
            found[entry.id] = _read(house, entry)
    return found


def _read(house: House, entry: Entry) -> ReadMail:
    company = house.companies.get(entry.company_id)
    if company is None:
        raise LookupError("its company is not in the configuration any more; add it again, then: mailtix parked retry")
    mail, contents = parse_with_files(entry.raw, entry.envelope)
    return ReadMail(mail, classify(mail, house.own(company)), identity(mail), contents)


def process_mails(
    session: Session,
    house: House,
    limit: int,
    now: datetime,
    read: Mapping[int, ReadMail] = _NOTHING,
    is_awaited: Callable[[], bool] = lambda: True,
) -> list[Result]:
    """Processes up to `limit` mails of the journal in the session's transaction, and more as long as nobody waits for
    its end. `read` are those that were read with the same house already. Fewer than `limit` results mean that no more
    is due.

    So many mails share a savepoint, and hardly ever is there more to do. Where one of them fails, that is as if nothing
    had been done with them, and each has a savepoint of its own. Where the house has a scribe, it writes their letters
    meanwhile: raises NotWritten when it could not.
    """
    scribe, results, given, size = house.scribe, list[Result](), set[int](), 0
    if scribe is not None:
        scribe.begin()
    while entries := journal.claim(session, limit, now):
        size += sum(len(entry.raw) for entry in entries)
        # A mail that has failed before may do so again, and would take the others back with it.
        is_fresh = len(entries) > 1 and not any(entry.attempts for entry in entries)
        done = _together(session, house, entries, now, read) if is_fresh else None
        if done is not None:
            given.update(number for result in done for number in result.outbox)
        results += done or [_guarded(session, house, entry, now, read) for entry in entries]
        is_enough = len(results) >= _MOST_MAILS or size > _MOST_BYTES
        if len(entries) < limit or limit < _LEAST_TO_GO_ON or is_enough or is_awaited():
            break
    if scribe is not None:
        outbox.written(session, {number: raw for number, raw in scribe.written().items() if number in given})
    return results


def _together(
    session: Session, house: House, entries: list[Entry], now: datetime, read: Mapping[int, ReadMail]
) -> list[Result] | None:
    """None when nothing was done, since one of them failed. For savepoints it holds what `_guarded` says."""
    savepoint = session.begin_nested()
    try:
        mails = [read.get(entry.id) or _read(house, entry) for entry in entries]
        known = zip(entries, mails, strict=True)
        firsts = journal.firsts_of(session, [(e.company_id, mail.digest, e.id) for e, mail in known if mail.digest])
        with together(session):
            results = [
                process_mail(session, house, entry, now, replace(mail, first=firsts.get(entry.id, 0)))
                for entry, mail in zip(entries, mails, strict=True)
            ]
    except Exception as error:
        if engine.is_passing(error) or engine.is_disk_full(error):
            raise
        savepoint.rollback()
        return None
    savepoint.commit()
    return results


def _guarded(session: Session, house: House, entry: Entry, now: datetime, read: Mapping[int, ReadMail]) -> Result:
    """A mail that cannot be processed is tried again later, then parked; the others of its batch go on. Its letters are
    written here, for what it fails for may be one of them. Where the savepoint itself cannot be ended, nobody knows
    what is written: that raises, and the whole batch is done again."""
    savepoint = session.begin_nested()
    try:
        result = process_mail(session, replace(house, scribe=None), entry, now, read.get(entry.id))
    except LostRace as race:
        # Nothing is written: the mail is still due, and next time it meets the ticket as it is then.
        savepoint.rollback()
        return Result(f"J{entry.id}", "again", str(race))
    except Exception as error:
        if engine.is_passing(error) or engine.is_disk_full(error):
            raise  # not this mail's fault: the whole batch is done again
        savepoint.rollback()
        reason = f"{type(error).__name__}: {error}"
        next_at = house.next_try(entry.attempts, now)
        journal.failed(session, entry, reason, next_at, now)
        return Result(f"J{entry.id}", "failed" if next_at else "parked", reason)
    savepoint.commit()
    return result


def process_mail(session: Session, house: House, entry: Entry, now: datetime, read: ReadMail | None = None) -> Result:
    """Walks one mail through the line, whatever state it has in the journal. Raises what goes wrong with it."""
    if read is None:
        read = _read(house, entry)
    mail = read.mail
    if read.digest is not None:
        first = read.first or journal.first_of(session, entry.company_id, read.digest, entry.id)
        if first != entry.id:
            twice = Decision(Outcome.DUPLICATE, f"the same mail as J{first}")
            return _finish(session, house, entry, (twice, None), now)
    scan = evidence.scan_of(session, entry.raw_id) if mail.attachments else None
    if mail.attachments and scan is None and house.policy.attachments.scanned:
        evidence.await_scan(session, entry.id)
        return Result(f"J{entry.id}", "awaiting", "its files have not been scanned for viruses yet")
    files = judge(mail.attachments, read.contents, house.policy.attachments, scan)
    auth = _auth_of(session, house, entry)
    if auth is None and house.policy.verify is Verify.ALWAYS:
        return _await_auth(session, entry)
    facts = replace(_known(session, house, entry, (mail, read.kind), now), files=files, auth=auth)
    decision, facts = _decided(session, house, entry, facts, now)
    if auth is None and AskAuth() in decision.asks:
        return _await_auth(session, entry)
    cause = Cause(f"J{entry.id}", entry.id, mail, files, read.contents, auth.line if auth is not None else "")
    whole = original(session, house, entry.company_id, decision.of) if decision.of else None
    if whole is not None:
        cause = replace(cause, journal_id=decision.of, mail=whole.mail, files=whole.files, contents=whole.contents)
    saved = save(session, house, entry.company_id, decision, cause, now)
    for ticket in decision.hands_on:
        saved = replace(saved, outbox=(*saved.outbox, *_hand_on(session, house, entry, (ticket, facts), cause, now)))
    if decision.outcome is Outcome.WAITING:
        whose = (facts.sender.id, saved.ticket.id if saved.ticket else None)
        standing.hold(session, entry.id, whose, decision.because, now)
        number = saved.ticket.number if saved.ticket else ""
        return Result(cause.name, Outcome.WAITING, decision.because, number, saved.outbox)
    if entry.let_in:
        standing.count_from(session, facts.sender.id, now)
    return _finish(session, house, entry, (decision, saved), now)


def _known(session: Session, house: House, entry: Entry, read: tuple[InboundMail, Kind], now: datetime) -> Facts:
    found = gather(session, house, entry.company_id, *read, now)
    facts = gather_absence(session, entry.company_id, found, now)
    asked = gather_asked(session, house, entry.company_id, facts, now)
    return replace(facts, cause=f"J{entry.id}", let_in=entry.let_in, asked=asked)


def _decided(session: Session, house: House, entry: Entry, facts: Facts, now: datetime) -> tuple[Decision, Facts]:
    """The decision about a mail, made again as long as it asks for more that can be looked up here."""
    decision = decide(facts, house.policy, now)
    for _ in range(_ROUNDS):
        if not decision.asks or (facts.auth is None and AskAuth() in decision.asks):
            break
        facts = gather_more(session, house, entry.company_id, (facts, decision), now)
        decision = decide(facts, house.policy, now)
    return decision, facts


def _hand_on(
    session: Session, house: House, entry: Entry, what: tuple[int, Facts], cause: Cause, now: datetime
) -> tuple[int, ...]:
    """Somebody else gets a ticket of an agent who is away. Each is given by itself, so that the next one's giver sees
    the new owner's load. Returns the mails that leave."""
    number, facts = what
    ticket = tickets.by_ids(session, entry.company_id, [number], lock=True)[number]
    facts = replace(facts, staff=None)
    decision = hand_on(ticket, facts, house.policy, now)
    if decision.asks:
        facts = gather_more(session, house, entry.company_id, (facts, decision), now)
        decision = hand_on(ticket, facts, house.policy, now)
    return save(session, house, entry.company_id, decision, replace(cause, main=False), now).outbox


def _auth_of(session: Session, house: House, entry: Entry) -> Authentication | None:
    """What is known of who wrote the mail; None when that is still to be found out."""
    if house.policy.verify is Verify.NEVER:
        return not_asked("security.verify is never")
    return authentication.auth_of(session, entry)


def _await_auth(session: Session, entry: Entry) -> Result:
    """The mail is processed again when it is known who wrote it."""
    evidence.wait(session, entry.id, evidence.WaitsFor.AUTH)
    return Result(f"J{entry.id}", "awaiting", "SPF, DKIM and DMARC have not been looked up yet")


def _finish(session: Session, house: House, entry: Entry, done: tuple[Decision, Saved | None], now: datetime) -> Result:
    decision, saved = done
    ticket = saved.ticket if saved else None
    because = (decision.outcome, decision.because)
    journal.finish(session, entry.id, because, ticket.id if ticket else None, house.policy.rules.version, now)
    outbox = saved.outbox if saved else ()
    return Result(f"J{entry.id}", decision.outcome, decision.because, ticket.number if ticket else "", outbox)


def process_timers(session: Session, house: House, limit: int, now: datetime) -> list[Result]:
    """Does what up to `limit` due timers ask for, in the session's transaction, each in a savepoint of its own."""
    set_timers(session, house, now)
    return [process_timer(session, house, timer, now) for timer in timers.claim(session, limit, now)]


def process_timer(session: Session, house: House, timer: DueTimer, now: datetime) -> Result:
    """Does what one due timer asks for, if it still waits."""
    cause, savepoint = f"T{timer.id}", session.begin_nested()
    try:
        # first, so that planning anew leaves it alone
        if not timers.fired(session, timer, now, rules=house.policy.rules.version):
            savepoint.rollback()
            return Result(cause, timer.kind, "it does not apply any more")
        decision, saved = _moment(session, house, timer, now)
    except Exception as error:
        if engine.is_passing(error) or engine.is_disk_full(error):
            raise
        savepoint.rollback()  # if that cannot be done, the whole batch is done again, as with mails
        reason = f"{type(error).__name__}: {error}"
        if timer.attempts + 1 >= _TIMER_TRIES:
            timers.fired(session, timer, now, reason)
        else:
            timers.failed(session, timer, reason)
        return Result(cause, "failed", reason)
    savepoint.commit()
    ticket = saved.ticket if saved else None
    return Result(cause, timer.kind, decision.because, ticket.number if ticket else "", saved.outbox if saved else ())


def _moment(session: Session, house: House, timer: DueTimer, now: datetime) -> tuple[Decision, Saved | None]:
    owner = tickets.company_of(session, timer.ticket_id)
    company = house.companies.get(owner[0]) if owner else None
    if owner is None or company is None:
        return Decision(Outcome.IGNORED, "its company is not in the configuration any more"), None
    ticket = tickets.by_ids(session, owner[0], [timer.ticket_id], lock=True)[timer.ticket_id]
    asked = surveys.asked(session, owner[0], ticket.requester) if timer.kind == "survey" else Asked()
    plan, facts = TimerPlan(timer.kind, timer.due_at), gather_moment(session, house, owner[0], ticket, now)
    decision = decide_moment(ticket, plan, company, house.policy, now, asked, facts)
    for _ in range(_ROUNDS if decision.asks else 0):
        facts = gather_more(session, house, owner[0], (facts, decision), now)
        decision = decide_moment(ticket, plan, company, house.policy, now, asked, facts)
    decision, later = put_off(decision, timer.due_at, now)
    saved = save(session, house, owner[0], decision, Cause(f"T{timer.id}"), now)
    late.keep(session, owner[0], ticket.id, later, f"T{timer.id}", timer.due_at)
    if decision.outcome is Outcome.IGNORED:  # the settings may have changed since it was planned
        timers.plan(session, ticket.id, plans(ticket, house.policy))
    return decision, saved


def process_queues(session: Session, house: House, limit: int, now: datetime) -> list[Result]:
    """Gives away up to `limit` tickets that nobody could take when they came, in the session's transaction."""
    given = give_away(session, house, limit, now)
    return [
        Result(cause, "assigned", decision.because, decision.after.number if decision.after else "", outbox)
        for cause, decision, outbox in given
    ]


def process_late(session: Session, house: House, limit: int, now: datetime) -> list[Result]:
    """Tells up to `limit` readers of what came late, in the session's transaction."""
    told = tell_late(session, house, limit, now)
    return [Result(cause, "late", because, outbox=outbox) for cause, because, outbox in told]


def process_parked(session: Session, house: House, limit: int, now: datetime) -> list[Result]:
    """Tells the admins of what is parked, in the session's transaction; one mail to each, whatever the `limit`."""
    told = tell_parked(session, house, now)
    return [Result(told[0], "told", told[1], outbox=told[2])] if told else []


def delivery_failed(session: Session, house: House, booked: Booked, reply: str, now: datetime) -> Result | None:
    """A mail of ours will never arrive: its ticket's history says so, and the desk is told when a customer waits."""
    company = house.companies.get(booked.company_id)
    if booked.ticket_id is None or company is None:
        return None
    merged = kinship.followed(session, booked.company_id, [booked.ticket_id])
    id_ = merged.get(booked.ticket_id, booked.ticket_id)
    ticket = tickets.by_ids(session, booked.company_id, [id_], lock=True).get(id_)
    if ticket is None:
        return None
    waited = promises.waited_since(session, booked.ticket_id, booked.created_at)
    failed = Failed(ticket.id, booked.mail.rcpt_to.lower(), booked.template, booked.created_at, waited)
    decision = decide_undelivered(ticket, failed, reply, company, house.policy, now)
    saved = save(session, house, booked.company_id, decision, Cause(f"O{booked.id}"), now)
    return Result(f"O{booked.id}", "rejected", decision.because, ticket.number, saved.outbox)
