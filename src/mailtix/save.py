"""Saves a decision: ticket, messages, history, thread index, timers and outbox. Never commits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailtix.attachments import Verdict
from mailtix.facts import mailbox_of
from mailtix.hooked import told
from mailtix.house import House
from mailtix.letters import Writing, cover, write
from mailtix.model.change import (
    Absorbed,
    AddressFailed,
    AddressWorks,
    Assigned,
    CannedUsed,
    Change,
    Linked,
    MessageAdded,
    MessageDiscarded,
    MessageReleased,
    MessageTaken,
    Noted,
    Restored,
    TargetMet,
    TargetMissed,
    TargetsSet,
    Unanswered,
)
from mailtix.model.copies import replace
from mailtix.model.decision import Decision, Notice, Step
from mailtix.model.mail import InboundMail
from mailtix.model.outgoing import Cover
from mailtix.model.ticket import Author, Ticket, Visibility
from mailtix.moments import plans
from mailtix.notify.compose import Enclosure
from mailtix.notify.preferences import is_optional, wanted
from mailtix.originals import Whole, original
from mailtix.store import canned, directory, hooks, kinship, outbox, preferences, staff, threads, tickets, timers
from mailtix.store import tokens as token_store
from mailtix.store.engine import Session
from mailtix.store.outbox import Leaving
from mailtix.store.standing import note_mark
from mailtix.store.tickets import HistoryRow, LostRace
from mailtix.tickets import numbers
from mailtix.tickets.describe import describe, retell
from mailtix.tickets.evolve import evolve
from mailtix.tokens import describe as describe_token


@dataclass(frozen=True, slots=True)
class Cause:
    """What a decision was made because of: `name` is J12, T5 or O7; a mail comes with its files, their bytes,
    and with what SPF, DKIM, DMARC and ARC say of it in one line. `main` is False for what it decides about other
    tickets besides."""

    name: str
    journal_id: int | None = None
    mail: InboundMail | None = None
    files: tuple[Verdict, ...] = ()
    contents: tuple[bytes, ...] = ()
    auth: str = ""
    main: bool = True

    @property
    def number(self) -> int | None:
        """The journal number of the mail that came, also where it has confirmed another one (`journal_id`)."""
        return int(self.name[1:]) if self.name.startswith("J") else None


@dataclass(frozen=True, slots=True)
class Saved:
    """The ticket as it was saved (None when none is concerned), and the numbers of the mails that are to leave."""

    ticket: Ticket | None
    outbox: tuple[int, ...] = ()


def save(session: Session, house: House, company_id: int, decision: Decision, cause: Cause, now: datetime) -> Saved:
    """Writes a decision down. Raises LostRace when the ticket has changed since it was read."""
    first = [save(session, house, company_id, other, replace(cause, main=False), now) for other in decision.also]
    new = [saved.ticket for saved, other in zip(first, decision.also, strict=True) if other.before is None]
    opened = next(filter(None, new), None)
    left = tuple(number for saved in first for number in saved.outbox)
    for personal in decision.personal:
        preferences.save(session, company_id, personal, now)
    ticket = _save_ticket(session, house, company_id, decision, now)
    for mark in decision.marks:
        note_mark(session, company_id, mark, (cause.number, ticket), now)
    for step in decision.tokens:
        text = describe_token(step.change, house.companies[company_id])
        token_store.save(session, company_id, step, (text, cause.name), now)
    if ticket is None:
        letters = _letters(session, house, company_id, (None, decision, cause), now) if decision.notices else []
        return Saved(None, left + _leave(session, house, company_id, (None, ""), letters, now))
    decision = replace(decision, steps=tuple(_named(step, opened) for step in decision.steps))
    _take_back(session, decision, now)
    _save_steps(session, company_id, ticket, decision, cause, now)
    _plan(session, ticket, decision.before, house)
    for hook in decision.hooks:
        hooks.add(session, ticket.id, hook.rule, hook.url, told(hook, ticket, cause.name, now), now)
    letters = _letters(session, house, company_id, (ticket, decision, cause), now) if decision.notices else []
    heard = {cause.mail.message_id: False} if cause.mail and cause.main else {}
    heard |= {step.change.message_id: False for step in decision.steps if isinstance(step.change, MessageAdded)}
    threads.index(session, company_id, ticket.id, heard | {letter.cover.message_id: True for letter in letters})
    return Saved(ticket, left + _leave(session, house, company_id, (ticket.id, cause.name), letters, now))


@dataclass(frozen=True, slots=True)
class _Letter:
    """A letter that is to be written, and what its cover says."""

    notice: Notice
    writing: Writing
    cover: Cover


def _leave(
    session: Session,
    house: House,
    company_id: int,
    about: tuple[int | None, str],
    letters: Sequence[_Letter],
    now: datetime,
) -> tuple[int, ...]:
    """Puts letters into the outbox and returns their numbers. `about` is their ticket and what they are written because
    of. They are written here, or by who writes those of the whole batch."""
    ticket_id, cause = about
    leaving = [Leaving(one.notice.template, one.cover, cause, _wait(one.notice.template, house)) for one in letters]
    numbers = outbox.add(session, company_id, ticket_id, leaving, now)
    new = {number: letter for number, letter in zip(numbers, letters, strict=True) if number is not None}
    if house.scribe is None:
        outbox.written(session, {number: write(letter.notice, letter.writing).raw for number, letter in new.items()})
    else:
        for number, letter in new.items():
            house.scribe.write(number, letter.notice, letter.writing)
    return tuple(new)


def _wait(template: str, house: House) -> timedelta:
    """How long a mail stays in the outbox: what an agent has written to customers, while he may take it back."""
    return house.policy.hold if template == "reply" else timedelta(0)


def _take_back(session: Session, decision: Decision, now: datetime) -> None:
    if not outbox.take_back(session, decision.take_back, now):
        raise LostRace("a mail that was to be taken back is on its way")


def _named(step: Step, opened: Ticket | None) -> Step:
    """The step with the number of the ticket that the same decision has opened, where it is about that one."""
    if isinstance(step.change, Linked) and not step.change.ticket and opened is not None:
        return replace(step, change=replace(step.change, ticket=opened.id, number=opened.number))
    return step


def _plan(session: Session, ticket: Ticket, before: Ticket | None, house: House) -> None:
    waiting = plans(ticket, house.policy)
    if before is None:
        timers.add(session, ticket.id, waiting)
    elif waiting != plans(before, house.policy):
        timers.plan(session, ticket.id, waiting)


def _save_ticket(session: Session, house: House, company_id: int, decision: Decision, now: datetime) -> Ticket | None:
    before, after = decision.before, decision.after
    if after is None:
        return None
    if not after.requester.id:  # named in a mail of somebody else, and perhaps new to us
        person = directory.person(session, company_id, after.requester.email, after.requester.name, now)
        after = replace(after, requester=person)
    if before is None:
        period = numbers.period(house.number_format, now)
        sequence = tickets.next_number(session, company_id, period)
        new = replace(after, number=numbers.render(house.number_format, sequence, now))
        return replace(new, id=tickets.insert_ticket(session, new, company_id), version=1)
    if after == before:
        return before
    tickets.update_ticket(session, after)
    return replace(after, version=after.version + 1)


def _save_steps(
    session: Session, company_id: int, ticket: Ticket, decision: Decision, cause: Cause, now: datetime
) -> None:
    """Every step's line of history, in order, each told from the ticket as the step found it."""
    current, lines = decision.before, []
    files = "\n".join(file.text for file in cause.mail.attachments if file.text) if cause.mail else ""
    for step in decision.steps:
        found = current
        if step.after is not None and step.found is found and step.after.updated_at == now:
            current = step.after
        else:
            current = evolve(found, step.change, ticket.company, now)
        told = retell(found, current, step.change) if found else [describe(None, step.change)]
        because = (step.because, cause.name)
        lines += [HistoryRow(now, step.actor, t.field, t.old, t.new, t.text, *because) for t in told]
        if isinstance(step.change, MessageAdded):
            said = step.change if step.change.author is Author.SYSTEM else replace(step.change, auth=cause.auth)
            tickets.add_message(session, ticket.id, cause.journal_id, said, files, now)
        else:
            _save_change(session, company_id, (ticket.id, current), step.change, now)
    tickets.add_history(session, ticket.id, lines)


def _save_change(session: Session, company_id: int, what: tuple[int, Ticket], change: Change, now: datetime) -> None:
    """What a change means for other tables than that of the tickets. The ticket has it already; one that is opened does
    not know its number in the store, which stands beside it."""
    number, ticket = what
    match change:
        case Noted() | TargetsSet():  # as with every mail
            pass
        case MessageReleased(message=id_):
            tickets.release_message(session, number, id_)
        case MessageDiscarded(message=id_):
            tickets.discard_message(session, number, id_)
        case MessageTaken(message=id_):
            kinship.take_message(session, company_id, number, id_)
        case Absorbed(ticket=other):
            kinship.take_over(session, number, other)
        case Linked(ticket=other, kind=kind):
            kinship.link(session, number, other, kind, now)
        case Restored() | Unanswered():
            kinship.unmet(session, replace(ticket, id=number))
        case TargetMet():
            kinship.met(session, company_id, number, ticket.assignee, change)
        case TargetMissed():
            kinship.missed(session, company_id, number, ticket.assignee, change)
        case Assigned(to=agent, turn_of=team) if team:
            staff.took_turn(session, company_id, team, agent)
        case CannedUsed(name=name):
            canned.used(session, company_id, name, now)
        case AddressFailed(email=email, reason=reason):
            directory.mark(session, company_id, email, reason)
        case AddressWorks(email=email):
            directory.mark(session, company_id, email, "")
        case _:
            pass


def _letters(
    session: Session, house: House, company_id: int, done: tuple[Ticket | None, Decision, Cause], now: datetime
) -> list[_Letter]:
    """The mails that the decision's notices become."""
    ticket, decision, cause = done
    notices = _wanted(session, house, company_id, ticket, decision.notices)
    named = {notice.to.lower(): notice.to_name for notice in notices}
    company, mail = house.companies[company_id], cause.mail
    writing = Writing(
        company=company,
        ticket=ticket,
        cause=cause.name,
        now=now,
        seal=house.seal,
        templates=house.templates,
        loop_mark=house.loop_mark,
        told=outbox.told(session, ticket.id, {notice.to for notice in notices}) if ticket and decision.before else {},
        heard=_heard(session, ticket, decision, named) if ticket else {},
        people=directory.keyholders(session, company_id, named, now),
        enclosures=_enclosures(cause),
        held=tuple(str(verdict) for verdict in cause.files if verdict.held),
        mailbox=mailbox_of(company, mail) if mail else None,
        answers=mail.message_id if mail else "",
    )
    letters = []
    for notice in notices:
        its = _with_files(session, house, company_id, notice, writing)
        letters.append(letter := _Letter(notice, its, cover(notice, its)))
        if len(named) < len(notices):
            # who is written to twice gets the second mail as an answer to the first, and under an id of its own
            writing = replace(writing, told={**writing.told, notice.to.lower(): letter.cover.message_id})
    return letters


def _wanted(
    session: Session, house: House, company_id: int, ticket: Ticket | None, notices: tuple[Notice, ...]
) -> tuple[Notice, ...]:
    """The notices without those that their readers have chosen not to get."""
    readers = {notice.to.lower() for notice in notices if is_optional(notice)}
    if ticket is None or not readers:
        return notices
    chosen = preferences.chosen(session, company_id, readers)
    return wanted(notices, chosen, ticket, house.policy.digests) if chosen else notices


def _heard(session: Session, ticket: Ticket, decision: Decision, readers: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The ids of what each reader wrote first and last; in a new ticket there is nothing but what opened it."""
    said = [step.change for step in decision.steps if isinstance(step.change, MessageAdded)]
    took = any(isinstance(step.change, MessageTaken) for step in decision.steps)
    if decision.before is not None or took or len(said) != 1:
        return tickets.heard(session, ticket.id, readers)
    return {m.sender: (m.message_id, m.message_id) for m in said if m.visibility is Visibility.PUBLIC}


def _with_files(session: Session, house: House, company_id: int, notice: Notice, writing: Writing) -> Writing:
    """The writing with the files of another mail, where the notice asks for them; or with that mail as a whole."""
    if number := notice.said.files_of:
        there = original(session, house, company_id, number)
        held = tuple(str(verdict) for verdict in there.files if verdict.held) if there else ()
        return replace(writing, enclosures=_enclosures(there) if there else (), held=held)
    if number := notice.said.original:
        there = original(session, house, company_id, number)
        whole = (Enclosure("original.eml", "message/rfc822", there.raw),) if there and not there.withheld else ()
        return replace(writing, enclosures=whole, held=())
    return writing


def _enclosures(cause: Cause | Whole) -> tuple[Enclosure, ...]:
    """The files of a mail, without those that are held."""
    return tuple(
        Enclosure(verdict.file.filename, verdict.file.mime, content)
        for verdict, content in zip(cause.files, cause.contents, strict=True)
        if not verdict.held
    )
