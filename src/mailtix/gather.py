"""What must be known of a mail before it can be decided: looked up here, in one place, by reading only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from mailtix.absences import JUST_GIVEN, absent
from mailtix.assign import Staff, asked, member_of
from mailtix.classify import classify, may_answer
from mailtix.commands.meaning import Held
from mailtix.facts import Asked, Facts, Failed, mailbox_of
from mailtix.house import House
from mailtix.hygiene import answers_to
from mailtix.limits import Traffic
from mailtix.mentions import mentions, named, overtaken
from mailtix.model.auth import Verify, not_asked
from mailtix.model.conversation import Original
from mailtix.model.copies import replace
from mailtix.model.decision import (
    AskAuth,
    AskConfirmations,
    AskMine,
    AskOriginal,
    AskQuery,
    AskStaff,
    AskStats,
    AskThread,
    AskWaiting,
    Decision,
)
from mailtix.model.desk import AgentState, Company
from mailtix.model.kind import Bounce, Complaint, Kind, Receipt
from mailtix.model.mail import Envelope, InboundMail
from mailtix.model.standing import Standing
from mailtix.model.suggestion import Suggestion
from mailtix.model.thread import Claims, Evidence, Purpose, Strength
from mailtix.model.ticket import Person, Ticket
from mailtix.model.token import AskNewToken, AskOpenTokens, AskToken
from mailtix.originals import conversation, original
from mailtix.parsing.limits import MAX_ADDRESS
from mailtix.query.similar import suggest, telling
from mailtix.ruling import facts_of_moment
from mailtix.store import (
    aliases,
    authentication,
    confirmations,
    directory,
    given,
    journal,
    kinship,
    outbox,
    preferences,
    promises,
    similar,
    staff,
    stats,
    threads,
    tickets,
    tokens,
)
from mailtix.store import standing as standings
from mailtix.store.engine import Session
from mailtix.store.tickets import LostRace
from mailtix.threading import keys, token
from mailtix.threading.choose import KnownId, choose
from mailtix.tickets import numbers

# Below that confidence the agent is asked whose mail he forwarded.
_CERTAIN = 0.75
# Where a mail client says which languages its user knows, the best of these first.
_LANGUAGES = ("content-language", "accept-language", "x-accept-language")


def identity(mail: InboundMail) -> bytes | None:
    """What makes it the same mail through whatever door: Message-ID, sender and content. None without Message-ID."""
    if not mail.message_id:
        return None
    digest = hashlib.sha256()
    for part in (mail.message_id, mail.from_.addr.lower(), mail.subject, mail.text):
        digest.update(part.encode("utf-8", "surrogateescape") + b"\0")
    for attachment in mail.attachments:
        digest.update(attachment.sha256.encode())
    return digest.digest()


def gather(session: Session, house: House, company_id: int, mail: InboundMail, kind: Kind, now: datetime) -> Facts:
    """Everything the decision about this mail rests on."""
    company = house.companies[company_id]
    evidence, owners = _valid(session, company_id, _evidence(house, company, mail, now))
    ids, seen = _ids(session, company_id, evidence, mail.message_id)
    found = tickets.by_numbers(session, company_id, [e.value for e in evidence if e.strength is Strength.TAG])
    failed = _failed(session, company_id, kind, evidence, mail)
    claims = [e.claims for e in evidence if e.claims]
    spoken = mentions(session, house, company_id, mail, now)
    wanted = (
        {c.ticket for c in claims if c.purpose.names_ticket}
        | {k.ticket for k in ids.values()}
        | {*found.values(), *spoken.ids.values(), *([failed.ticket] if failed else [])}
    )
    known, merged = _locked(session, company_id, wanted)
    sender = mail.from_.addr.lower() or _return_address(mail.envelope)
    language = _language(mail)
    person, standing = directory.sender(session, company_id, sender, mail.from_.name, now, language)
    forwarded = _forwarded(session, company, company_id, mail, now)
    customers = [person, *filter(None, [forwarded]), *(ticket.requester for ticket in known.values())]
    rules = house.policy.rules
    return Facts(
        mail=mail,
        kind=kind,
        muted=may_answer(mail, kind) or _is_ourselves(house, sender),
        company=company,
        mailbox=mailbox_of(company, mail),
        sender=person,
        evidence=evidence,
        ids=ids,
        numbers=found,
        tickets=known,
        owners=owners,
        held={id_: tuple(Held(*row) for row in tickets.held_messages(session, id_)) for id_ in known},
        failed=_as_it_stands(session, failed, merged) if failed else None,
        forwarded=forwarded,
        first_tickets=tickets.first_of(session, [customer.id for customer in customers])
        if rules.asks_first_ticket
        else None,
        answered=_answered(session, known) if rules.answers_again else {},
        seen=seen,
        standing=standing,
        suggestion=None if known else _suggestion(session, house, company_id, mail, kind),
        answers_to=None if known else _answers_to(session, house, company_id, mail, now),
        same=aliases.others(session, company_id, person.id, standing.customer),
        answers=_template(session, company_id, mail, ids),
        traffic=_traffic(session, house, company_id, (person, standing), known, (evidence, ids, found), now),
        merged=merged,
        named=named(spoken, known, merged),
        copied_at=spoken.copy.created_at if spoken.copy else None,
        overtaken=overtaken(session, spoken, merged, sender),
    )


def _suggestion(session: Session, house: House, company_id: int, mail: InboundMail, kind: Kind) -> Suggestion | None:
    """The category that similar tickets of the past suggest for a mail that may open one, if anybody wants to know."""
    wanted = house.policy.suggests or house.policy.rules.asks_similar
    if not wanted or isinstance(kind, Bounce | Complaint | Receipt):
        return None
    seen = similar.seen(session, company_id, telling(mail.subject, mail.reply))
    return suggest(seen, house.companies[company_id].categories)


def _return_address(envelope: Envelope) -> str:
    """Where an answer would go by the envelope, "" where nobody can be."""
    address = envelope.mail_from.lower()
    return address if len(address.encode("utf-8", "replace")) <= MAX_ADDRESS else ""


def _locked(session: Session, company_id: int, wanted: set[int]) -> tuple[dict[int, Ticket], dict[int, int]]:
    """These tickets and those that they were merged into, locked in one order; and which is now in which."""
    if not wanted:
        return {}, {}
    merged = kinship.followed(session, company_id, wanted)
    known = tickets.by_ids(session, company_id, wanted | set(merged.values()), lock=True)
    for ticket in known.values():
        if ticket.merged_into and ticket.id not in merged:  # while we waited for the lock
            raise LostRace(f"ticket {ticket.number} was merged by somebody else")
    return known, merged


def _traffic(
    session: Session,
    house: House,
    company_id: int,
    sender: tuple[Person, Standing],
    known: Mapping[int, Ticket],
    signs: tuple[Sequence[Evidence], Mapping[str, KnownId], Mapping[str, int]],
    now: datetime,
) -> Traffic:
    """What the limits count of a sender; agents are not limited."""
    if house.companies[company_id].agent(sender[0].email) is not None:
        return Traffic()
    found = choose(*signs, frozenset(known))
    return standings.traffic(session, company_id, sender, found.ticket if found else 0, house.policy.limits, now)


def _template(session: Session, company_id: int, mail: InboundMail, ids: Mapping[str, KnownId]) -> str:
    """The template of the mail of ours that this one answers, "" when it answers none."""
    for message_id in (*mail.in_reply_to[:1], *mail.references[-1:]):
        if message_id in ids and ids[message_id].ours:
            sent = outbox.of_message(session, company_id, message_id)
            return sent.template if sent is not None else ""
    return ""


def _answered(session: Session, known: Mapping[int, Ticket]) -> dict[int, datetime]:
    """The tickets whose requesters got a rule's answer last, and when it was written."""
    newest = {id_: outbox.newest_to(session, id_, ticket.requester.email) for id_, ticket in known.items()}
    return {id_: mail.created_at for id_, mail in newest.items() if mail is not None and mail.template == "answered"}


def gather_more(
    session: Session, house: House, company_id: int, asked_for: tuple[Facts, Decision], now: datetime
) -> Facts:
    """The facts with what the decision asks for, as far as they are not known yet."""
    facts, decision = asked_for
    if facts.asked is not None and facts.asked.facts is not None:  # it is that mail whose decision asks
        inner = gather_more(session, house, company_id, (facts.asked.facts, decision), now)
        return replace(facts, asked=replace(facts.asked, facts=inner))
    for ask in decision.asks:
        match ask:
            case AskStaff(team=team):
                people = gather_staff(session, house, company_id, (team, decision.after), now)
                others = facts.staff.members if facts.staff else {}
                facts = replace(facts, staff=replace(people, members={**others, **people.members}))
            case AskAuth():
                pass  # that takes the network: the mail waits outside of the line for it (pipeline.py)
            case AskConfirmations(person=email, since=since):
                times = confirmations.asked_since(session, company_id, email, since)
                facts = replace(facts, confirmations=times)
            case AskWaiting(people=emails):
                facts = replace(facts, waiting=standings.waiting_ones(session, company_id, emails))
            case AskMine():
                facts = replace(facts, mine=preferences.mine(session, company_id, facts.mail.from_.addr.lower()))
            case AskQuery():
                found = stats.hits(session, (company_id, facts.company), ask, facts.mail.from_.addr.lower(), now)
                facts = replace(facts, hits={**facts.hits, ask: found})
            case AskStats():
                today = stats.stats(session, (company_id, facts.company), facts.mail.from_.addr.lower(), now)
                facts = replace(facts, stats=today)
            case AskThread(ticket=id_):
                known = facts.conversations.get(id_)
                if known is None or (ask.files and not known.files_asked):
                    there = {id_: conversation(session, house, company_id, ask)}
                    facts = replace(facts, conversations={**facts.conversations, **there})
            case AskNewToken() | AskToken() | AskOpenTokens():
                facts = replace(facts, tokens=tokens.look_up(session, company_id, facts.tokens, ask, now))
            case AskOriginal(journal=number):
                mail = original(session, house, company_id, number)
                if mail is not None:
                    whole = Original(mail.mail, mail.withheld)
                    facts = replace(facts, originals={**facts.originals, number: whole})
    return facts


def gather_asked(session: Session, house: House, company_id: int, facts: Facts, now: datetime) -> Asked | None:
    """What a mail to the address of a confirmation is about, None for all other mail."""
    keys = (item.claims for item in facts.evidence if item.claims is not None)
    number = next((key.ticket for key in keys if key.purpose is Purpose.CONFIRM), None)
    if number is None:
        return None
    found = confirmations.find(session, company_id, number)
    entry = journal.entry(session, number)
    whole = original(session, house, company_id, number)
    if found is None and entry is not None and entry.company_id == company_id and entry.state == "held":
        return Asked(number, sender=standings.held_of(session, number))
    if found is None or entry is None or whole is None:
        return Asked(number)
    ticket = found.ticket or 0
    kind = classify(whole.mail, house.own(house.companies[company_id]))
    its = gather(session, house, company_id, whole.mail, kind, now)
    looks = house.policy.verify is not Verify.NEVER
    auth = authentication.auth_of(session, entry) if looks else not_asked("security.verify is never")
    its = replace(its, files=whole.files, auth=auth, cause=f"J{number}")
    its = replace(its, asked=gather_asked(session, house, company_id, its, now))  # it may have confirmed one before it
    message = confirmations.held_message(session, ticket, number) if ticket else 0
    return Asked(number, found.person, ticket, message, found.until, found.outcome, its)


def gather_absence(session: Session, company_id: int, facts: Facts, now: datetime) -> Facts:
    """The facts with what must be known of an agent whose mail program says that he is away."""
    agent = absent(facts)
    if agent is None:
        return facts
    state = staff.states(session, [agent.key]).get(agent.key, AgentState())
    return replace(facts, state=state, just_given=given.just_given(session, company_id, agent.key, now - JUST_GIVEN))


def gather_moment(session: Session, house: House, company_id: int, ticket: Ticket, now: datetime) -> Facts:
    """What rules may ask at a moment of a ticket, when no mail has come."""
    found = facts_of_moment(ticket, house.companies[company_id], now)
    answers = house.policy.rules.answers_again
    return replace(found, answered=_answered(session, {ticket.id: ticket}) if answers else {})


def gather_staff(
    session: Session, house: House, company_id: int, wanted: tuple[str, Ticket | None], now: datetime
) -> Staff:
    """The people of the team that a decision asks for, as they stand now. Nobody else gives them tickets by their loads
    or turns before the transaction ends. An agent's load is what he has of all companies."""
    company, (team, ticket) = house.companies[company_id], wanted
    teams = {terms.name: company.members(terms.name) for terms in asked(company, team)}
    keys = {agent.key for members in teams.values() for agent in members}
    states = staff.lock(session, keys, now)  # before anything is counted: what is read afterwards stays true
    loads = staff.open_tickets(session, house.companies, keys)
    members = {}
    for team, agents in teams.items():
        turns = staff.turns(session, company_id, team)
        members[team] = tuple(
            member_of(a, states[a.key], loads.get(a.key, 0), turns.get(a.key, 0), now) for a in agents
        )
    earlier = staff.earlier(session, company_id, ticket.requester.id, ticket.id) if ticket is not None else ()
    return Staff(members, earlier)


def _is_ourselves(house: House, sender: str) -> str:
    return f"{sender} is one of our own mailboxes" if house.company_of(sender) else ""


def _evidence(house: House, company: Company, mail: InboundMail, now: datetime) -> tuple[Evidence, ...]:
    def read(detail: str) -> Claims | str:
        return token.read(detail, company.name, house.secrets, now.date())

    return keys.evidence(mail, company.addresses, read, numbers.pattern(house.number_format))


def _ids(session: Session, company_id: int, evidence: Sequence[Evidence], own: str) -> tuple[dict[str, KnownId], bool]:
    """What is known of the message ids that a mail names, and whether its own was here before; of a mail without any
    evidence that is not asked."""
    wanted = {e.value for e in evidence if e.strength is Strength.OUR_ID}
    found = threads.lookup(session, company_id, (wanted | {own}) - {""}) if evidence else {}
    known = {id_: KnownId(indexed.ticket_id, indexed.ours) for id_, indexed in found.items() if id_ in wanted}
    return known, own in found


def _valid(
    session: Session, company_id: int, evidence: tuple[Evidence, ...]
) -> tuple[tuple[Evidence, ...], dict[int, str]]:
    """The evidence without the keys that were revoked since they were made, and whose the others are."""
    named = directory.owners(session, company_id, {item.claims.person for item in evidence if item.claims})
    if not named:
        return evidence, {}
    kept = []
    for item in evidence:
        email, newest = named.get(item.claims.person, ("", 0)) if item.claims else ("", 0)
        revoked = item.claims is not None and item.claims.generation < newest
        because = f"the reply address of {email} was revoked"
        kept.append(Evidence(item.strength, item.value, because) if revoked else item)
    return tuple(kept), {id_: email for id_, (email, _) in named.items()}


def _as_it_stands(session: Session, failed: Failed, merged: Mapping[int, int]) -> Failed:
    """The mail that failed, with the ticket that it belongs to now."""
    waited = promises.waited_since(session, failed.ticket, failed.sent_at)
    return replace(failed, ticket=merged.get(failed.ticket, failed.ticket), waited_since=waited)


def _failed(
    session: Session, company_id: int, kind: Kind, evidence: Iterable[Evidence], mail: InboundMail
) -> Failed | None:
    """The mail of ours that a report is about: by its Message-ID, else by the address the report was sent to (VERP)."""
    if not isinstance(kind, Bounce | Complaint | Receipt):
        return None
    for message_id in (kind.original_id, *mail.in_reply_to, *reversed(mail.references)):
        sent = outbox.of_message(session, company_id, message_id) if message_id else None
        if sent is not None and sent.ticket_id is not None:
            return Failed(sent.ticket_id, sent.rcpt_to.lower(), sent.template, sent.created_at)
    for item in evidence:
        if item.claims is not None and item.claims.purpose is Purpose.BOUNCE:
            email = directory.email_of(session, company_id, item.claims.person)
            newest = outbox.newest_to(session, item.claims.ticket, email)
            if newest is not None:
                return Failed(item.claims.ticket, email, newest.template, newest.created_at)
    return None


def _forwarded(session: Session, company: Company, company_id: int, mail: InboundMail, now: datetime) -> Person | None:
    """The customer whose mail an agent has forwarded; None when nobody did or it is not certain whose mail it is."""
    forward = mail.forward
    if forward is None or company.agent(mail.from_.addr) is None or forward.confidence < _CERTAIN:
        return None
    email = forward.sender.addr.lower()
    if "@" not in email or company.agent(email) is not None or company.mailbox(email) is not None:
        return None
    return directory.person(session, company_id, email, forward.sender.name, now)


def _answers_to(session: Session, house: House, company_id: int, mail: InboundMail, now: datetime) -> Person | None:
    """Who is answered instead of the sender, as Reply-To wishes and the settings allow."""
    wish = answers_to(mail, house.companies[company_id], house.policy.reply_to)
    return directory.person(session, company_id, wish.addr, wish.name, now, _language(mail)) if wish else None


def _language(mail: InboundMail) -> str:
    """The language that the sender's mail client says he writes in (RFC 3282): its first tag, "" if it says none."""
    said: dict[str, str] = {}
    for name, value in mail.headers:
        if name.lower() in _LANGUAGES:
            said.setdefault(name.lower(), value)
    first = next(filter(None, map(said.get, _LANGUAGES)), "")
    tag = first.split(",")[0].split(";")[0].strip()
    return tag if 2 <= len(tag) <= 35 and tag.replace("-", "").isalnum() else ""
