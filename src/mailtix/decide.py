"""What happens with a mail, and why. Pure: everything that had to be looked up comes in as `Facts`.

This is where the steps are composed. Each way through it ends in a Decision.
"""

from __future__ import annotations

from datetime import datetime

from mailtix.absences import absent, sent_away
from mailtix.authorise import Signs
from mailtix.authorise import writer as who_wrote
from mailtix.confirming import answered, ask
from mailtix.customers import Order, besides, joined, order_of, serve, without_orders
from mailtix.desk import answer_of_agent, decide_desk, writer_to_desk
from mailtix.draft import Draft
from mailtix.facts import Facts, Policy, message_of
from mailtix.hygiene import is_unread, suspicions
from mailtix.model.change import AddressWorks, MessageAdded, Noted, Opened, ParticipantJoined, StatusChanged
from mailtix.model.copies import replace
from mailtix.model.decision import AskAuth, Decision, Outcome, Said, Tap
from mailtix.model.desk import Agent
from mailtix.model.kind import Automatic, Bounce, Bulk, Complaint, Human, Loop, Receipt
from mailtix.model.mail import Forward
from mailtix.model.thread import Found, Role, Strength, Writer
from mailtix.model.ticket import Author, Person, Status, Ticket, Visibility
from mailtix.notify import whom
from mailtix.outsiders import NOTE, ignored_keys, machine_reply, note_held_files, stranger, unproven, words_of
from mailtix.placement import place
from mailtix.rating import answer_to_survey
from mailtix.reports import decide_report
from mailtix.ruling import answer, carry_out, follow, judged
from mailtix.ruling import apply_rules as apply_rules
from mailtix.silence import kept_out, silent, spam
from mailtix.threading.choose import choose
from mailtix.threading.question import new_question


def decide(facts: Facts, policy: Policy, now: datetime) -> Decision:
    """What becomes of a mail."""
    if (warnings := _warnings(facts)) != facts.warnings:
        facts = replace(facts, warnings=warnings)
    match facts.kind:
        case Loop(because=because):
            return Decision(Outcome.IGNORED, f"our own mail came back: {'; '.join(because)}")
        case Bounce() | Complaint() | Receipt():
            return decide_report(facts, policy, now)
        case Human() | Automatic() | Bulk():
            if decision := joined(facts, now):
                return decision
            if facts.asked is not None:
                return answered(facts, policy, now, decide)
            decision = _to_desk(facts, policy, now) or _letter(facts, policy, now)
            gone = absent(facts)
            return sent_away(decision, gone, facts, now) if gone is not None else decision


def _warnings(facts: Facts) -> tuple[str, ...]:
    """What is suspicious about the sender, for somebody in one of the tickets may be meant by it."""
    known = [email for ticket in facts.tickets.values() for email in ticket.participants]
    return suspicions(facts.mail, facts.auth, facts.company, known)


def _to_desk(facts: Facts, policy: Policy, now: datetime) -> Decision | None:
    """An agent's mail to the desk address; None when it is none."""
    writer = writer_to_desk(facts, policy)
    if writer is None:
        return None
    if not isinstance(facts.kind, Human):
        return Decision(Outcome.IGNORED, f"a machine's mail to the desk address: {'; '.join(facts.kind.because)}")
    if writer.asks:
        return Decision(Outcome.HELD, writer.because, asks=(AskAuth(),))
    proven = Writer(Role.AGENT, writer.email, f"{writer.email} has confirmed it")
    if writer.role is Role.AGENT or facts.confirmed == writer.email:
        return decide_desk(facts, policy, now, writer if writer.role is Role.AGENT else proven)
    draft, agent = Draft(None, facts.company.name, now), facts.company.agent(writer.email)
    because = ignored_keys(facts) or writer.because
    if agent is not None and not facts.muted:
        ask(facts, draft, agent, decide_desk(facts, policy, now, proven), because)
    return draft.decision(Outcome.HELD, because, policy.sla)


def _letter(facts: Facts, policy: Policy, now: datetime) -> Decision:
    """Mail that somebody, or something, wrote to us."""
    found = choose(facts.evidence, facts.ids, facts.numbers, frozenset(facts.tickets))
    if found is None:
        return _open(facts, policy, now)
    ticket = facts.tickets[facts.merged.get(found.ticket, found.ticket)]
    draft = Draft(ticket, facts.company.name, now)
    owner = facts.owners.get(found.claims.person, "somebody unknown") if found.claims else ""
    signs = Signs(owner, facts.auth, facts.seen, frozenset(person.email for person in facts.same))
    writer = who_wrote(facts.mail, found, signs, (ticket, facts.company), policy.agents)
    if facts.confirmed == writer.email and writer.role is Role.UNPROVEN:
        writer = Writer(Role.AGENT, writer.email, f"{writer.email} has confirmed it")
    if not isinstance(facts.kind, Human):
        return machine_reply(facts, policy, draft, writer, found)
    if writer.asks:
        return Decision(Outcome.HELD, writer.because, ticket, ticket, asks=(AskAuth(),))
    match writer.role:
        case Role.AGENT:
            return answer_of_agent(facts, policy, draft, writer)
        case Role.CUSTOMER:
            order = order_of(facts)
            if order.is_alone or (order.commands and facts.confirmed):
                return silent(facts, policy, ticket, now) or serve(facts, policy, ticket, order, now)
            return _customer_reply(without_orders(facts, order), policy, draft, writer, found, order)
        case Role.UNPROVEN:
            return unproven(facts, policy, draft, writer)
        case Role.STRANGER:
            return stranger(facts, policy, draft, writer, found)


def _open(facts: Facts, policy: Policy, now: datetime) -> Decision:
    """A new ticket: rules sort it, the requester is told its number, the desk is told of it."""
    if facts.forwarded is not None and facts.mail.forward is not None:
        return _open_forwarded(facts, facts.mail.forward, facts.forwarded, policy, now)
    if waits := spam(facts, None) or silent(facts, policy, None, now):
        return waits
    order = _order_without_ticket(facts)
    if order.is_alone or (order.commands and facts.confirmed):
        return serve(facts, policy, None, order, now)
    author, facts = facts, without_orders(facts, order)
    if facts.answers_to is not None:
        facts = replace(facts, sender=facts.answers_to)
    ruled = judged(facts, policy, None, "new")
    if kept := kept_out(ruled, facts, policy, None, "new", now):
        return kept
    mail, draft = facts.mail, Draft(None, facts.company.name, now)
    answerable = isinstance(facts.kind, Human) and not facts.muted and bool(facts.sender.email)
    opened = Opened(mail.subject, facts.sender, facts.mailbox.address, "email", answerable)
    because = ignored_keys(facts) or "nothing in it points to a ticket"
    draft.change(opened, facts.sender.email or "unknown sender", because)
    draft.change(message_of(facts, Author.CUSTOMER, Visibility.PUBLIC, because), facts.sender.email, because)
    note_held_files(facts, draft)
    _note_life(facts, draft)
    _join_author(facts, draft)
    _join_others(facts, policy, draft, "written to together with us")
    carry_out(ruled, facts, policy, draft)
    nobody = place(facts, draft)
    if not answer(ruled, facts, draft) and answerable:
        draft.tell(facts.sender, "created", "a new ticket")
    _tell_desk(facts, policy, draft, None, "a new ticket", nobody)
    _ask_whose(facts, draft)
    if order.commands:
        besides(author, policy, draft, order)
    return draft.decision(Outcome.OPENED, because, policy.sla)


def _order_without_ticket(facts: Facts) -> Order:
    """What a customer's mail orders that is about no ticket. An agent has the desk address for that, and to whom we may
    not answer by ourselves we could not say what was done."""
    if facts.muted or not facts.sender.email or facts.company.agent(facts.sender.email) is not None:
        return Order()
    return order_of(facts)


def _open_forwarded(facts: Facts, forward: Forward, customer: Person, policy: Policy, now: datetime) -> Decision:
    """An agent has forwarded a customer's mail: the ticket is the customer's. From alone does not prove the agent, so
    nothing goes out to the customer before somebody at the desk acts with his key."""
    ruled = judged(facts, policy, None, "new")
    if kept := kept_out(ruled, facts, policy, None, "new", now):
        return kept
    draft, agent = Draft(None, facts.company.name, now), facts.mail.from_
    because = f"forwarded by {agent}; the mail inside is of {forward.sender}"
    draft.change(Opened(forward.subject, customer, facts.mailbox.address, "email"), agent.addr, because)
    words = MessageAdded(
        Author.CUSTOMER, customer.email, forward.sender.name, Visibility.PUBLIC, forward.text, forward.message_id,
        because=because,
    )  # fmt: skip
    draft.change(words, customer.email, because)
    if comment := _comment(facts.mail.reply, forward.text):
        note = message_of(facts, Author.AGENT, Visibility.INTERNAL, because)
        draft.change(replace(note, text=comment), agent.addr, because)
    note_held_files(facts, draft)
    carry_out(ruled, facts, policy, draft)
    nobody = place(facts, draft)
    said = Said(text=forward.text, sender=str(forward.sender), reason=nobody, attach=True)
    for reader in _readers(facts, policy, draft, nobody):
        draft.tell(reader, _news(draft.after, nobody), because, said)
    return draft.decision(Outcome.OPENED, because, policy.sla)


def _comment(reply: str, forwarded: str) -> str:
    """What the agent wrote above the mail that he forwarded; "" when his text is no more than that mail."""
    return "" if forwarded.strip() and forwarded.strip()[:200] in reply else reply.strip()


def _ask_whose(facts: Facts, draft: Draft) -> None:
    """An agent forwarded something, but it is not certain whose mail it is: he is asked."""
    agent = facts.company.agent(facts.mail.from_.addr)
    if agent is not None and facts.mail.forward is not None and not facts.muted:
        guess = str(facts.mail.forward.sender) if facts.mail.forward.sender.addr else ""
        said = Said(text=facts.mail.text, sender=guess, attach=True)
        draft.tell(agent, "whose", "it is not certain whose mail was forwarded", said)


def _suggested(facts: Facts, policy: Policy, draft: Draft) -> tuple[Tap, ...]:
    """What similar tickets suggest is written down and offered. Only a person sets it, or a rule that says so."""
    if not policy.suggests or draft.after.category or facts.suggestion is None:
        return ()
    category, because = facts.suggestion.category, facts.suggestion.because
    draft.change(Noted("suggested", f"the category may be {category}, {because}"), "mailtix", because)
    command = f"#category {category}"
    return (Tap(command, command),)


def _note_life(facts: Facts, draft: Draft) -> None:
    """An address that failed has written: mail to it may be tried again."""
    if facts.sender.undeliverable and isinstance(facts.kind, Human):
        draft.change(AddressWorks(facts.sender.email), facts.sender.email, "a mail came from it")


def _customer_reply(facts: Facts, policy: Policy, draft: Draft, writer: Writer, found: Found, order: Order) -> Decision:
    """A participant goes on with the conversation, or answers our survey; his commands are carried out besides."""
    actor = writer.email
    if rated := answer_to_survey(facts, policy, draft, writer, found):
        return rated
    if waits := silent(facts, policy, draft.before, draft.now):
        return waits
    ruled = judged(facts, policy, draft.after, "reply")
    if kept := kept_out(ruled, facts, policy, draft.before, "reply", draft.now):
        return kept
    because = f"{found.because}; {writer.because}"
    internal = facts.answers == NOTE  # what was said among colleagues stays there, whoever goes on with it
    visibility = Visibility.INTERNAL if internal else Visibility.PUBLIC
    draft.change(message_of(facts, Author.CUSTOMER, visibility, because), actor, because)
    note_held_files(facts, draft)
    _note_life(facts, draft)
    if found.strength is not Strength.TAG:  # a number can be guessed; who only knows that brings nobody in
        _join_others(facts, policy, draft, f"written to by {actor}")
    before = draft.after.status
    if before.is_done:
        draft.change(StatusChanged(Status.REOPENED), actor, f"{actor} wrote although it was {before}")
    elif before is Status.WAITING_CUSTOMER:
        draft.change(StatusChanged(Status.WAITING_SUPPORT), actor, f"{actor} has answered")
    follow(facts, policy, draft)
    carry_out(ruled, facts, policy, draft)
    answer(ruled, facts, draft)
    nobody = place(facts, draft)
    _tell_desk(facts, policy, draft, draft.before, "the customer has written", nobody)
    if order.commands:
        besides(facts, policy, draft, order)
    return draft.decision(Outcome.JOINED, because, policy.sla)


def _join_author(facts: Facts, draft: Draft) -> None:
    """Who wrote the mail, but wants answers elsewhere, takes part too, as long as somebody reads his mail."""
    author = facts.mail.from_.addr.lower()
    if facts.answers_to is not None and not is_unread(author):
        draft.change(ParticipantJoined(author), author, f"answers go to {facts.answers_to.email}, as Reply-To says")


def _join_others(facts: Facts, policy: Policy, draft: Draft, because: str) -> None:
    """Who stands in To and Cc of a participant's mail takes part from now on, the desk's own addresses aside."""
    if not isinstance(facts.kind, Human) or not policy.joining.by_cc:
        return
    for address in (*facts.mail.to, *facts.mail.cc):
        email = address.addr.lower()
        if len(draft.after.participants) >= policy.joining.most:
            return
        if "@" in email and facts.company.mailbox(email) is None and facts.company.agent(email) is None:
            draft.change(ParticipantJoined(email), facts.sender.email, because)


def _tell_desk(
    facts: Facts, policy: Policy, draft: Draft, before: Ticket | None, because: str, nobody: str = ""
) -> None:
    """The assignee, the team or everybody hears of a customer's mail. `nobody` says why no one could take it."""
    template = "customer_replied" if before else _news(draft.after, nobody)
    said = words_of(facts, nobody)
    if before is None and (taps := _suggested(facts, policy, draft)):
        said = replace(said, taps=taps)
    if before is not None and (why := _new_question(facts, before, draft.now)):
        split = Tap("Split", f"#split {facts.cause}")
        warning = "; ".join((*facts.warnings, f"it may be a new question: {why}"))
        said = replace(said, warning=warning, taps=(split,))
    watching = whom.watchers(draft.after, facts.company) if before is not None else ()
    for agent in dict.fromkeys((*_readers(facts, policy, draft, nobody), *watching)):
        if agent.key != facts.mail.from_.addr.lower():
            draft.tell(agent, template, because, said)


def _new_question(facts: Facts, before: Ticket, now: datetime) -> str:
    """Why the mail looks like one; neither to this ticket nor to one that was merged into it does it belong then."""
    merged = (ticket for ticket in facts.tickets.values() if ticket.merged_into == before.id)
    subjects = (before.subject, *(ticket.subject for ticket in merged))
    return new_question(facts.mail.thread_subject, before, subjects, now)


def _readers(facts: Facts, policy: Policy, draft: Draft, nobody: str) -> tuple[Agent, ...]:
    if nobody:
        return whom.queue(draft.after, facts.company)
    return whom.desk(draft.after, facts.company, everyone=policy.notify_unassigned)


def _news(ticket: Ticket, nobody: str) -> str:
    """The notice of a new ticket."""
    return "assigned" if (ticket.assignee or ticket.team) and not nobody else "unassigned"
