"""Rules once more on mail of the journal, as it was known when it came. Reads only; nothing is sent.

What a rule may ask is taken from where it does not change: the raw mail, the envelope, and the ticket's history, which
is followed back to the moment before the mail.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from mailtix.assign import Came
from mailtix.classify import classify
from mailtix.draft import Draft
from mailtix.facts import Facts, Policy, mailbox_of
from mailtix.model.auth import Authentication
from mailtix.model.change import Opened, TeamChanged
from mailtix.model.desk import Company
from mailtix.model.kind import Human, OwnAddresses
from mailtix.model.mail import InboundMail
from mailtix.model.ticket import Person, Priority, Status, Ticket
from mailtix.moments.ruled import event_of
from mailtix.parsing import parse
from mailtix.rules import Event, Outcome, RuleSet
from mailtix.ruling import apply_rules, facts_of_moment
from mailtix.store import authentication, directory, tickets
from mailtix.store.engine import Session
from mailtix.store.journal import Entry
from mailtix.store.past import FiredTimer
from mailtix.store.tickets import HistoryRow


@dataclass(frozen=True, slots=True)
class Archive:
    """Whose mail the journal holds: companies by id, and the mark by which our own mail is known."""

    companies: Mapping[int, Company]
    loop_mark: str

    def own(self, company: Company) -> OwnAddresses:
        """The addresses that mail reaches that company at."""
        return OwnAddresses(frozenset(box.address.lower() for box in company.mailboxes), self.loop_mark)


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that rules were asked about, a mail or a moment: what was known of it, the event, and the ticket before
    it (None: it opens one). `ticket` is the id of that ticket; a mail that opened none has its own, with a minus."""

    name: str
    facts: Facts
    event: Event
    before: Ticket | None
    at: datetime
    number: str = ""
    ticket: int = 0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What mails are about: their tickets by id, the changes of these (of replies only), the id of each person's first
    ticket, and what was found out about who wrote them, by journal number."""

    tickets: Mapping[int, Ticket]
    changes: Mapping[int, Sequence[HistoryRow]]
    firsts: Mapping[int, int]
    auths: Mapping[int, Authentication] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sorted:
    """What rules made of a mail: the ticket before and after them, and what each of them said."""

    before: Ticket
    after: Ticket
    outcome: Outcome


def open_archive(session: Session, companies: Sequence[Company]) -> Archive:
    """The archive as far as the database knows these companies."""
    ids = directory.known_ids(session, [company.name for company in companies])
    known = {ids[company.name]: company for company in companies if company.name in ids}
    return Archive(known, directory.known_setting(session, "loop mark"))


def surroundings(session: Session, entries: Sequence[Entry]) -> Surroundings:
    """The tickets of these mails, their histories, and the first ticket of each requester."""
    ids: dict[int, set[int]] = {}
    for entry in entries:
        if entry.ticket_id is not None:
            ids.setdefault(entry.company_id, set()).add(entry.ticket_id)
    found: dict[int, Ticket] = {}
    for company, own in ids.items():
        found |= tickets.by_ids(session, company, own)
    replies = {entry.ticket_id for entry in entries if entry.ticket_id is not None and entry.outcome != "opened"}
    firsts = tickets.first_of(session, sorted({ticket.requester.id for ticket in found.values()}))
    auths = authentication.auths_of(session, entries)
    return Surroundings(found, tickets.changes_of(session, sorted(replies)), firsts, auths)


def asked(archive: Archive, entry: Entry, around: Surroundings, mail: InboundMail | None = None) -> Asked | str:
    """What rules were asked about that mail when it came, or why they were not. `mail` is what was read of it, if that
    is known."""
    company = archive.companies.get(entry.company_id)
    if company is None:
        return "its company is not in the settings any more"
    dropped = entry.outcome == "ignored" and entry.because.startswith("dropped by rule ")
    if entry.outcome not in ("opened", "joined", "rejected") and not dropped:
        return f"rules were not asked: the mail was {entry.outcome or entry.state} ({entry.because or entry.error})"
    ticket = around.tickets.get(entry.ticket_id or 0)
    mail = mail or parse(entry.raw, entry.envelope)
    sender = ticket.requester if ticket else Person(0, mail.from_.addr.lower(), mail.from_.name)
    facts, at = facts_of(mail, company, archive, sender), entry.envelope.received_at
    facts = replace(facts, auth=around.auths.get(entry.id))
    if ticket is None or entry.outcome == "opened":
        this = ticket.id if ticket else 0
        firsts = {person: id_ for person, id_ in around.firsts.items() if person == sender.id and id_ != this}
        found = replace(facts, first_tickets=firsts)
        number = ticket.number if ticket else ""
        return Asked(f"J{entry.id}", found, "new", None, at, number, this or -entry.id)
    if not isinstance(facts.kind, Human):
        return "rules were not asked: the mail was not written by a person"
    writer = mail.from_.addr.lower()
    if company.agent(writer) is not None and writer not in ticket.participants:
        return "rules were not asked: an agent has written it"
    before = as_before(ticket, around.changes.get(ticket.id, ()), f"J{entry.id}", at)
    facts = replace(facts, first_tickets=around.firsts)
    return Asked(f"J{entry.id}", facts, "reply", before, at, ticket.number, ticket.id)


def followed(
    archive: Archive, entry: Entry, around: Surroundings, wanted: Collection[Event], mail: InboundMail | None = None
) -> list[Asked]:
    """What rules were asked because that mail had changed something, as far as they are `wanted`: the status, who has
    the ticket, or the customer's mark. Each event finds the ticket as people left it, before any rule."""
    company, ticket = archive.companies.get(entry.company_id), around.tickets.get(entry.ticket_id or 0)
    if company is None or ticket is None or entry.outcome == "opened" or not wanted:
        return []
    cause, at = f"J{entry.id}", entry.envelope.received_at
    history = around.changes.get(ticket.id, ())
    before = after = as_before(ticket, history, cause, at)
    for row in history:
        if row.cause == cause and not row.actor.startswith(("rule ", "team ")):
            after = _redone(after, row)
    rated = any(row.cause == cause and row.field == "rating" for row in history)
    happened: list[tuple[Event, bool]] = [
        ("status", before.status is not after.status),
        ("assigned", (before.assignee, before.team) != (after.assignee, after.team)),
        ("rated", rated),
    ]
    events = [event for event, is_so in happened if is_so and event in wanted]
    if not events:
        return []
    mail = mail or parse(entry.raw, entry.envelope)
    facts = facts_of(mail, company, archive, ticket.requester)
    facts = replace(facts, first_tickets=around.firsts, auth=around.auths.get(entry.id))
    return [Asked(cause, facts, event, after, at, ticket.number, ticket.id) for event in events]


def moment(
    archive: Archive, timer: FiredTimer, ticket: Ticket, history: Sequence[HistoryRow], rules: Sequence[RuleSet]
) -> Asked | None:
    """What any of these rules are asked because that timer has fired for the ticket; None when none of them is for such
    a moment, or no work went on."""
    company = archive.companies.get(timer.company_id)
    event = next((event for each in rules if (event := event_of(timer.kind, each)) in each.events), None)
    if company is None or event is None:
        return None
    before = as_before(ticket, history, f"T{timer.id}", timer.at)
    if before.status.is_done:
        return None
    facts = facts_of_moment(before, company, timer.at)
    return Asked(f"T{timer.id}", facts, event, before, timer.at, ticket.number, ticket.id)


def _redone(ticket: Ticket, row: HistoryRow) -> Ticket:
    """The ticket with that change made, as _undone takes it back."""
    return _undone(ticket, replace(row, old=row.new, new=row.old)) if row.field != "assignee" else _given(ticket, row)


def _given(ticket: Ticket, row: HistoryRow) -> Ticket:
    opened = row.new and ticket.status is Status.OPEN
    return replace(ticket, assignee=row.new, status=Status.ASSIGNED if opened else ticket.status)


def facts_of(mail: InboundMail, company: Company, archive: Archive, sender: Person) -> Facts:
    """What is known of a mail by itself."""
    kind = classify(mail, archive.own(company))
    return Facts(mail=mail, kind=kind, muted="", company=company, mailbox=mailbox_of(company, mail), sender=sender)


def as_before(ticket: Ticket, history: Sequence[HistoryRow], cause: str, at: datetime) -> Ticket:
    """The ticket as rules found it: before what `cause` (a mail that came `at` that moment) did to it, and everything
    after that."""
    later = (index for index, row in enumerate(history) if row.cause == cause or row.at > at)
    for row in reversed(history[next(later, len(history)) :]):
        ticket = _undone(ticket, row)
    return ticket


def _undone(ticket: Ticket, row: HistoryRow) -> Ticket:
    match row.field:
        case "category":
            return replace(ticket, category=row.old)
        case "team":
            return replace(ticket, team=row.old)
        case "priority":
            return replace(ticket, priority=Priority(row.old))
        case "status":
            return replace(ticket, status=Status(row.old))
        case "assignee":  # who is given an open ticket makes it assigned, without a line of its own (tickets.evolve)
            opened = not row.old and ticket.status is Status.ASSIGNED
            return replace(ticket, assignee=row.old, status=Status.OPEN if opened else ticket.status)
        case "rating":
            return replace(ticket, rating=int(row.old) if row.old else None)
        case "tags":
            return replace(ticket, tags=(ticket.tags - {row.new}) | ({row.old} if row.old else set()))
        case name if name.startswith("field."):
            others = {known: value for known, value in ticket.fields.items() if known != name.removeprefix("field.")}
            return replace(ticket, fields=others | ({name.removeprefix("field."): row.old} if row.old else {}))
    return ticket


def sort(asked: Asked, policy: Policy) -> Sorted:
    """What the rules of that policy make of the mail."""
    draft = Draft(asked.before, asked.facts.company.name, asked.at)
    if asked.before is None:
        facts = asked.facts
        draft.change(Opened(facts.mail.subject, facts.sender, facts.mailbox.address, "email"), "", "")
    before = draft.after
    outcome = apply_rules(asked.facts, policy, draft, asked.event)
    return Sorted(before, draft.after, outcome)


def came(asked: Asked, sorted_: Sorted) -> Came | None:
    """What this means for who gets the ticket; None when it is not for rules to say."""
    before, after, outcome = sorted_.before, sorted_.after, sorted_.outcome
    kept_out = outcome.dropped or outcome.held or outcome.rejected
    same = (before.team, before.category, before.assignee) == (after.team, after.category, after.assignee)
    if kept_out or (asked.before is not None and same):
        return None
    named = [change.strategy for change in outcome.changes if isinstance(change, TeamChanged)]
    return Came(
        asked.at,
        asked.ticket,
        after.company,
        after.requester.email,
        after.requester.language,
        after.team,
        after.category,
        after.assignee if asked.before is None or after.assignee != before.assignee else "",
        after.priority,
        after.tags,
        named[-1] if named else None,
        asked.before is None,
    )
