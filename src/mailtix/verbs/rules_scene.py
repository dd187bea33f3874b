"""What an example of a rule describes, as rules would see it: the mail or the moment, the ticket, and who is who."""

from __future__ import annotations

from dataclasses import replace

from mailtix.model.auth import Authentication, Check, Signature
from mailtix.model.desk import Account, Company
from mailtix.model.mail import Envelope
from mailtix.model.suggestion import Suggestion
from mailtix.model.ticket import Person, Ticket
from mailtix.parsing import parse
from mailtix.replay import Archive, Asked, facts_of
from mailtix.rules import Known
from mailtix.rules.events import has_mail
from mailtix.rules.examples import Case, compose
from mailtix.rules.sample import Sample, SampleAuth
from mailtix.ruling import facts_of_moment

_ANOTHER = 99  # a ticket that he had before


def scene(case: Case, company: Company, known: Known, raw: bytes = b"") -> Asked:
    """What rules are asked about; `raw` is the mail itself where the example names a file."""
    sample = case.sample
    mailbox = sample.mailbox or company.mailboxes[0].address
    mail = parse(raw or compose(sample, mailbox), Envelope("", (mailbox,), sample.at))
    customer = Person(1, mail.from_.addr.lower(), mail.from_.name, sample.customer.language)
    company = _with_account(company, sample, customer.email)
    before = None if sample.event == "new" else _ticket(sample, company, known, mailbox, customer)
    if before is not None and not has_mail(sample.event):
        facts = facts_of_moment(before, company, sample.at)
    else:
        facts = facts_of(mail, company, Archive({1: company}, ""), customer)
        suggestion = Suggestion(sample.suggested, "the example says so") if sample.suggested else None
        facts = replace(facts, auth=_auth(sample.auth), first_tickets=_firsts(sample), suggestion=suggestion)
    return Asked(case.name, facts, sample.event, before, sample.at)


def _with_account(company: Company, sample: Sample, address: str) -> Company:
    """The company with what the example says of the customer's account before that of the settings."""
    given = sample.customer
    if given.vip is None and given.account is None and given.reseller is None:
        return company
    there = company.account_of(address) or Account("", ())
    own = Account(
        there.name if given.account is None else given.account,
        (address,),
        there.vip if given.vip is None else given.vip,
        there.language,
        there.account_manager,
        there.reseller if given.reseller is None else given.reseller,
    )
    return replace(company, accounts=(own, *company.accounts))


def _auth(given: SampleAuth) -> Authentication:
    return Authentication(spf=Check(given.spf), dkim=(Signature(given.dkim),), dmarc=Check(given.dmarc))


def _firsts(sample: Sample) -> dict[int, int] | None:
    """The first ticket of the customer, by his id: this one, one before it, or not known."""
    first = sample.customer.first_ticket
    if first is None:
        return None
    return ({} if sample.event == "new" else {1: 1}) if first else {1: _ANOTHER}


def _ticket(sample: Sample, company: Company, known: Known, mailbox: str, requester: Person) -> Ticket:
    """The ticket that the example's mail comes to, or the moment is about."""
    given = sample.ticket
    agent = known.agent(given.assign) if given.assign else None
    return Ticket(
        id=1,
        company=company.name,
        number="EXAMPLE-1",
        subject=sample.subject,
        requester=requester,
        mailbox=mailbox,
        source="email",
        created_at=sample.at,
        status=given.status,
        priority=given.priority,
        category=given.category,
        assignee=agent.key if agent else given.assign,
        team=given.team,
        tags=frozenset(tag.lower() for tag in given.tags),
        fields=dict(given.field),
        rating=given.rating,
        participants=(requester.email,),
    )
