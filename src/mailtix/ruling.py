"""What the rules want of a mail becomes steps and notices. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from mailtix.draft import Draft
from mailtix.facts import Facts, Policy
from mailtix.model.change import Escalated, MessageAdded, Noted, Snoozed, StatusChanged
from mailtix.model.decision import AskAuth, Hook, Said
from mailtix.model.desk import Company
from mailtix.model.kind import Human
from mailtix.model.mail import Address, Envelope, InboundMail
from mailtix.model.ticket import Author, Person, Status, Ticket, Visibility
from mailtix.notify import whom
from mailtix.rules.engine import Hit, Outcome, run
from mailtix.rules.events import Event
from mailtix.rules.match import MailView
from mailtix.rules.measures import span_text
from mailtix.tickets.describe import describe
from mailtix.tickets.moves import refusal

# Two programs that do not know each other for programs must not answer each other for ever (RFC 3834 section 2).
_AGAIN = timedelta(days=1)


def rule_view(facts: Facts, ticket: Ticket | None) -> MailView:
    """The mail as rules see it, with the ticket as it was found (None: it opens one)."""
    customer = ticket.requester if ticket is not None else facts.forwarded or facts.sender
    first = facts.first_tickets.get(customer.id) if facts.first_tickets is not None else None
    return MailView(
        facts.mail,
        facts.company.name,
        facts.mailbox.address,
        kind=type(facts.kind).__name__.lower(),
        ticket=ticket,
        customer=customer,
        account=facts.company.account_of(customer.email or facts.mail.from_.addr),
        auth=facts.auth,
        let_in=facts.let_in,
        suggestion=facts.suggestion,
        first_ticket=None
        if facts.first_tickets is None
        else first is None or (ticket is not None and first == ticket.id),
    )


def judged(facts: Facts, policy: Policy, ticket: Ticket | None, event: Event) -> Outcome:
    """What the rules for that event say. Nothing is changed yet."""
    return run(policy.rules, rule_view(facts, ticket), event)


def unproven(facts: Facts, policy: Policy, event: Event) -> bool:
    """Whether rules for that event ask who really wrote the mail, and nobody has looked yet."""
    return facts.auth is None and event in policy.rules.asks_auth


def apply_rules(facts: Facts, policy: Policy, draft: Draft, event: Event) -> Outcome:
    """The rules for that event, judged and carried out at once. Returns what each of them said."""
    outcome = judged(facts, policy, draft.before, event)
    carry_out(outcome, facts, policy, draft)
    return outcome


def carry_out(outcome: Outcome, facts: Facts, policy: Policy, draft: Draft) -> None:
    """The rules' will is done, with a line of history for each that held."""
    for hit in outcome.hits:
        word = "would have matched (shadow)" if hit.shadow else "matched"
        kind = "shadow" if hit.shadow else "rule"
        draft.change(Noted(kind, f"rule {hit.rule} {word}: {hit.because}"), _actor(hit), hit.because)
        if hit.shadow and (will := _will(hit, draft.after)):
            draft.change(Noted("would", f"rule {hit.rule} would have done (shadow): {will}"), _actor(hit), hit.because)
    done = outcome.done
    for change in outcome.changes:
        hit = next(h for h in reversed(done) if change in h.changes)
        if isinstance(change, StatusChanged) and (no := refusal(draft.after.status, change.to)):
            draft.change(Noted("refused", f"rule {hit.rule}: {no}"), _actor(hit), no)
            continue
        draft.change(change, _actor(hit), _why(hit))
    if (sleeper := outcome.snooze) and sleeper.snooze and not draft.after.status.is_done:
        draft.change(Snoozed(draft.now + sleeper.snooze), _actor(sleeper), _why(sleeper))
    for hit in done:
        if hit.escalate is not None:
            _escalate(hit, facts, policy, draft)
        if hit.webhook:
            draft.call(Hook(hit.webhook, hit.rule, hit.because))
        if hit.note:
            note = MessageAdded(
                Author.SYSTEM, "", f"rule {hit.rule}", Visibility.INTERNAL, hit.note, kind="note", because=_why(hit)
            )
            draft.change(note, _actor(hit), _why(hit))
        _notify(hit, facts, draft)


def _will(hit: Hit, ticket: Ticket) -> str:
    """What a rule wants of a ticket, in words."""
    words = [describe(ticket, change).text for change in hit.changes]
    words += [f"notify {', '.join(hit.notify)}"] if hit.notify else []
    words += [f"snooze {span_text(hit.snooze)}"] if hit.snooze else []
    words += [f"webhook {hit.webhook}"] if hit.webhook else []
    wishes = {
        "note": hit.note,
        "reply": hit.reply,
        "escalate": hit.escalate is not None,
        "hold": hit.hold is not None,
        "reject": hit.reject,
        "drop": hit.drop,
    }
    return "; ".join([*words, *(wish for wish, wanted in wishes.items() if wanted)])


def follow(facts: Facts, policy: Policy, draft: Draft) -> None:
    """The rules for what the mail has changed: the ticket's status, or who has it. What rules change asks no rules, so
    that they cannot chase each other."""
    before, after = draft.before, draft.after
    if before is None:
        return
    changed: list[tuple[Event, bool]] = [
        ("status", before.status is not after.status),
        ("assigned", (before.assignee, before.team) != (after.assignee, after.team)),
    ]
    for event, is_so in changed:
        if is_so:
            _follow_on(event, facts, policy, draft)


def follow_rating(facts: Facts, policy: Policy, draft: Draft) -> None:
    """The rules for the mark that a customer has just given, and for what it has changed."""
    follow(facts, policy, draft)
    _follow_on("rated", facts, policy, draft)


def follow_moment(event: Event, facts: Facts, policy: Policy, draft: Draft) -> None:
    """The rules for a moment that has come for a ticket; `facts` are those of that moment."""
    _follow_on(event, facts, policy, draft)


def facts_of_moment(ticket: Ticket, company: Company, now: datetime) -> Facts:
    """What rules may ask where there is no mail: the ticket's subject stands for that of a mail, its requester for the
    sender, and the moment for when it came."""
    requester = ticket.requester
    nothing = InboundMail(
        message_id="",
        in_reply_to=(),
        references=(),
        from_=Address(requester.email, requester.name),
        sender=None,
        reply_to=(),
        to=(Address(ticket.mailbox),),
        cc=(),
        subject=ticket.subject,
        thread_subject=ticket.subject,
        date=None,
        text="",
        html="",
        reply="",
        reply_because="",
        attachments=(),
        headers=(),
        envelope=Envelope("", (ticket.mailbox,), now),
        size=0,
    )
    mailbox = company.mailbox(ticket.mailbox) or company.mailboxes[0]
    muted = "" if ticket.answerable else "a machine has opened it"
    return Facts(mail=nothing, kind=Human(), muted=muted, company=company, mailbox=mailbox, sender=requester)


def _follow_on(event: Event, facts: Facts, policy: Policy, draft: Draft) -> None:
    if unproven(facts, policy, event):
        draft.ask(AskAuth())
        return
    outcome = judged(facts, policy, draft.after, event)
    carry_out(outcome, facts, policy, draft)
    answer(outcome, facts, draft)


def answer(outcome: Outcome, facts: Facts, draft: Draft) -> bool:
    """Sends the customer the answer that a rule has for him, if he may get one. Returns whether it was sent."""
    hit = outcome.reply
    ticket = draft.after
    # Of a mail that must not be answered (RFC 3834 section 2) nothing is made; an agent's own mail is never that.
    by_customer = facts.company.agent(facts.mail.from_.addr) is None
    if hit is None or not ticket.answerable or (by_customer and (facts.muted or not isinstance(facts.kind, Human))):
        return False
    before = facts.answered.get(ticket.id)
    if before is not None and draft.now - before < _AGAIN:
        draft.change(Noted("rule", f"rule {hit.rule} did not answer again: nobody has since"), _actor(hit), _why(hit))
        return False
    said = Said(text=text_for(ticket.requester, hit.reply, ticket.subject, facts))
    words = MessageAdded(
        Author.SYSTEM, ticket.mailbox, f"rule {hit.rule}", Visibility.PUBLIC, said.text, kind="rule", because=_why(hit)
    )
    draft.change(words, _actor(hit), _why(hit))
    draft.tell(ticket.requester, "answered", _why(hit), said)
    return True


def text_for(reader: Person, texts: Mapping[str, str], subject: str, facts: Facts) -> str:
    """What a rule says to somebody of these texts by language: the one in his own, else in the company's, else the
    first; with its places filled in."""
    spoken = reader.language.lower()
    wanted = (spoken, spoken.partition("-")[0], facts.company.language, "", next(iter(texts)))
    return texts[next(language for language in wanted if language in texts)].format(
        name=reader.name or reader.email,
        subject=subject,
        company=facts.company.name,
        mailbox=facts.mailbox.name or facts.mailbox.address,
    )


def _escalate(hit: Hit, facts: Facts, policy: Policy, draft: Draft) -> None:
    """One level up, as #escalate does it; what is done goes up no more."""
    ticket, company = draft.after, facts.company
    if ticket.status.is_done:
        no = f"a ticket that is {ticket.status} is not escalated"
        draft.change(Noted("refused", f"rule {hit.rule}: {no}"), _actor(hit), no)
        return
    level, reason = ticket.escalation + 1, hit.escalate or hit.because
    above = whom.chain(ticket, company, level, rungs=policy.escalation.chain)
    draft.change(Escalated(level, ", ".join(reader.key for reader in above), reason), _actor(hit), _why(hit))
    if not refusal(ticket.status, Status.ESCALATED):
        draft.change(StatusChanged(Status.ESCALATED), _actor(hit), _why(hit))
    for reader in above:
        template = "escalated" if company.agent(reader.key) else "informed"
        draft.tell(reader, template, _why(hit), Said(text=facts.mail.reply, reason=reason))


def _notify(hit: Hit, facts: Facts, draft: Draft) -> None:
    """Each agent once, whoever of them is named how often; who wrote the mail knows of it."""
    writer = facts.mail.from_.addr.lower()
    for agent in facts.company.agents if hit.notify else ():
        named = agent.key in hit.notify or any(team in hit.notify for team in agent.teams)
        if named and agent.key != writer:
            said = Said(text=facts.mail.reply, sender=str(facts.mail.from_), reason=f"rule {hit.rule}", attach=True)
            draft.tell(agent, "notified", _why(hit), said)


def _actor(hit: Hit) -> str:
    return f"rule {hit.rule}"


def _why(hit: Hit) -> str:
    return f"rule {hit.rule}: {hit.because}"
