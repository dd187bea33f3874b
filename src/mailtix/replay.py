"""Rules once more on mail of the journal, as it was known when it came. Reads only; nothing is sent.

What a rule may ask is taken from where it does not change: the raw mail, the envelope, and the ticket's history, which
is followed back to the moment before the mail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mailtix.classify import classify
from mailtix.draft import Draft
from mailtix.facts import Facts, Policy
from mailtix.gather import mailbox_of
from mailtix.model.desk import Company
from mailtix.model.kind import Human, OwnAddresses
from mailtix.model.mail import InboundMail
from mailtix.model.ticket import Opened, Person, Priority, Status, Ticket
from mailtix.parsing import parse
from mailtix.rules import Event, Outcome
from mailtix.ruling import apply_rules
from mailtix.store import directory, tickets
from mailtix.store.engine import Session
from mailtix.store.journal import Entry
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
    """A mail that rules were asked about: what was known of it, the event, and the ticket before it (for a reply)."""

    name: str
    facts: Facts
    event: Event
    before: Ticket | None
    at: datetime
    number: str = ""


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


def asked(session: Session, archive: Archive, entry: Entry) -> Asked | str:
    """What rules were asked about that mail when it came, or why they were not."""
    company = archive.companies.get(entry.company_id)
    if company is None:
        return "its company is not in the settings any more"
    if entry.outcome not in ("opened", "joined") or entry.ticket_id is None:
        return f"rules were not asked: the mail was {entry.outcome or entry.state} ({entry.because or entry.error})"
    ticket = tickets.by_ids(session, entry.company_id, [entry.ticket_id])[entry.ticket_id]
    mail = parse(entry.raw, entry.envelope)
    first = tickets.first_of(session, [ticket.requester.id])
    if entry.outcome == "opened":  # this ticket was not there yet
        first = {person: id_ for person, id_ in first.items() if id_ != ticket.id}
    facts = replace(facts_of(mail, company, archive, ticket.requester), first_tickets=first)
    at = entry.envelope.received_at
    if entry.outcome == "opened":
        return Asked(f"J{entry.id}", facts, "new", None, at, ticket.number)
    if not isinstance(facts.kind, Human):
        return "rules were not asked: the mail was not written by a person"
    before = as_before(ticket, tickets.history_of(session, ticket.id), f"J{entry.id}")
    return Asked(f"J{entry.id}", facts, "reply", before, at, ticket.number)


def facts_of(mail: InboundMail, company: Company, archive: Archive, sender: Person) -> Facts:
    """What is known of a mail by itself."""
    kind = classify(mail, archive.own(company))
    return Facts(mail=mail, kind=kind, muted="", company=company, mailbox=mailbox_of(company, mail), sender=sender)


def as_before(ticket: Ticket, history: Sequence[HistoryRow], cause: str) -> Ticket:
    """The ticket as rules found it: before what `cause` did to it and everything after that. That the mail itself
    reopened it, say, was done already."""
    begin = next((index for index, row in enumerate(history) if row.cause == cause), len(history))
    for row in reversed(history[begin:]):
        by_rule = row.cause != cause or row.actor.startswith("rule ")
        if by_rule or row.field != "status":
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
        case "tags":
            return replace(ticket, tags=(ticket.tags - {row.new}) | ({row.old} if row.old else set()))
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
