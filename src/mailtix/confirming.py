"""Mail that does nothing before somebody says, from his own address, that he wrote it: once, within an hour. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from mailtix.authorise import Signs, agent_proof
from mailtix.commands.grammar import parse
from mailtix.commands.notice import without_notice
from mailtix.draft import Draft
from mailtix.facts import Asked, Facts, Policy
from mailtix.model.change import MessageAdded, MessageDiscarded, Noted, Responded
from mailtix.model.copies import replace
from mailtix.model.decision import AskAuth, AskConfirmations, Decision, Notice, Outcome, Phrase, Said, Step
from mailtix.model.desk import Agent
from mailtix.model.kind import Human
from mailtix.model.standing import ConfirmationAsked, ConfirmationSettled, LetIn, Mark, SpamSender
from mailtix.model.ticket import Person, Ticket, Visibility
from mailtix.tickets.describe import describe
from mailtix.tickets.evolve import evolve

# How long an answer is good for: who confirms remembers what he has just written.
WITHIN = timedelta(hours=1)
# Who forges mails must not fill the mailbox of whom he pretends to be. The same within an hour.
MOST = 3
# What a person writes who did not write the mail. Everything else confirms it.
_NO = re.compile(r"\W*(?:no|not|nope|never|nein|nicht|niemals|non|nee|nej)\b", re.IGNORECASE)

Decide = Callable[[Facts, Policy, datetime], Decision]


def ask(facts: Facts, draft: Draft, reader: Agent | Person, would: Decision, because: str) -> None:
    """Asks somebody whether he wrote the mail, and says what it would do. The draft is what is done until then."""
    email = reader.email.lower()
    if facts.confirmations is None:
        draft.ask(AskConfirmations(email, draft.now - WITHIN))
    for what in would.asks:
        draft.ask(what)
    if facts.confirmations is None or would.asks:
        return
    if facts.confirmations >= MOST:
        _note(draft, f"{email} was not asked whether he wrote it: he was asked {MOST} times within an hour", because)
        return
    draft.mark(ConfirmationAsked(email, draft.now + WITHIN))
    if wrong := _mistakes(would):  # there is nothing to confirm
        draft.tell(reader, "refused", because, Said(text=facts.mail.reply, reason=because, mistakes=wrong))
        return
    _note(draft, f"{email} was asked whether he wrote it", because)
    said = Said(text=facts.mail.reply, reason=because, done=tuple(_told(would, email)))
    draft.tell(reader, "confirm", because, said)


def _note(draft: Draft, text: str, because: str) -> None:
    """A line of the ticket's history, where the mail is about one."""
    if draft.before is not None:
        draft.change(Noted("confirmation", text), "mailtix", because)


def _mistakes(would: Decision) -> tuple[str, ...]:
    return tuple(m for notice in would.notices if notice.template == "refused" for m in notice.said.mistakes)


def _told(would: Decision, writer: str) -> Iterator[str]:
    """What a decision would do in the name of whoever wrote the mail, in sentences."""
    for decision in (*would.also, would):
        ticket = decision.before
        for step in decision.steps:
            change = step.change
            if isinstance(change, MessageAdded) and change.visibility is Visibility.INTERNAL:
                yield "your text becomes a note that only the desk sees"
            elif step.actor == writer and not isinstance(change, MessageAdded | Responded):
                yield describe(ticket, change).text
            ticket = evolve(ticket, change, "", _moment(decision))
    if would.after is None:  # to the desk address: what is about no ticket is only in the answer
        yield from (line for notice in would.notices if notice.template == "done" for line in notice.said.done)
    readers = [notice.to for notice in would.notices if notice.template == "reply"]
    if readers:
        yield f"your text goes to {', '.join(readers)}"


def _moment(decision: Decision) -> datetime:
    """A moment to see the steps of a decision at; what they say of it does not rest on that."""
    ticket = decision.after or decision.before
    assert ticket is not None
    return ticket.updated_at or ticket.created_at


def answered(facts: Facts, policy: Policy, now: datetime, decide: Decide) -> Decision:
    """A mail to the address that confirms another one. `decide` decides that one, once it is proven."""
    asked = facts.asked
    assert asked is not None
    sender, owner = facts.mail.from_.addr.lower(), asked.person
    if asked.sender:
        return _let_in(facts, policy, now)
    if asked.facts is None or not owner:
        return Decision(Outcome.REFUSED, f"nobody was asked to confirm J{asked.journal}")
    if sender != owner:
        return _noted(facts, now, f"the key of {owner} was used by {sender or 'nobody'}; J{asked.journal} is not done")
    if not isinstance(facts.kind, Human):
        because = f"no person has answered whether J{asked.journal} is his: {'; '.join(facts.kind.because)}"
        return Decision(Outcome.IGNORED, because)
    if asked.outcome:
        return _refused(facts, now, f"you have answered that already ({asked.outcome}); nothing was done now")
    if asked.until is not None and now > asked.until:
        return _refused(facts, now, f"your answer came after {asked.until:%H:%M} UTC, too late; send the mail again")
    agent = facts.company.agent(owner)
    if agent is not None:
        proof = agent_proof(facts.mail, Signs(owner, facts.auth, facts.seen), facts.company, policy.agents)
        if proof.asks:
            return Decision(Outcome.HELD, proof.because, asks=(AskAuth(),))
        if not proof.holds:
            return _refused(facts, now, proof.because)
    if _NO.match(without_notice(facts.mail.reply, policy.markers)):
        return _denied(facts, asked, policy, now)
    return _confirmed(asked.facts, asked, policy, now, decide)


def _let_in(facts: Facts, policy: Policy, now: datetime) -> Decision:
    """The one who was told of mail beyond the limits says what becomes of it."""
    asked = facts.asked
    assert asked is not None
    sender, agent = facts.mail.from_.addr.lower(), facts.company.agent(facts.mail.from_.addr)
    keys = {facts.owners.get(i.claims.person) for i in facts.evidence if i.claims and i.claims.ticket == asked.journal}
    if agent is None or keys != {sender} or not isinstance(facts.kind, Human):
        return Decision(Outcome.REFUSED, f"{sender or 'nobody'} may not say what becomes of J{asked.journal}")
    proof = agent_proof(facts.mail, Signs(sender, facts.auth, facts.seen), facts.company, policy.agents)
    if proof.asks:
        return Decision(Outcome.HELD, proof.because, asks=(AskAuth(),))
    words = [command.word for command in parse(without_notice(facts.mail.reply, policy.markers)).commands]
    marks: tuple[Mark, ...] = ()
    if not proof.holds:
        said = Said(mistakes=(proof.because,))
    elif words == ["resume"]:
        marks = (LetIn(asked.sender),)
        said = Said(done=(f"what has waited of {asked.sender} is processed now, and the limits count anew",))
    elif words == ["spam"]:
        marks = (SpamSender(asked.sender, f"{agent.name} said so of J{asked.journal}"),)
        said = Said(done=(f"mail of {asked.sender} waits unseen from now on",))
    else:
        said = Said(mistakes=("write #resume to have it processed, or #spam to leave it where it is",))
    because = proof.because if marks else said.mistakes[0]
    notice = Notice("done" if marks else "refused", agent.email, agent.name, True, because, "", said)
    return Decision(Outcome.COMMANDED if marks else Outcome.REFUSED, because, notices=(notice,), marks=marks)


def _confirmed(original: Facts, asked: Asked, policy: Policy, now: datetime, decide: Decide) -> Decision:
    """The first mail is decided as if it had come with proof. What was held of it makes way for what is done."""
    because = f"{asked.person} has confirmed that he wrote it"
    decision = decide(replace(original, confirmed=asked.person), policy, now)
    if decision.asks:
        return decision
    held = MessageDiscarded(asked.message, asked.person, "was confirmed, and is done now")
    first = (Step(held, asked.person, because),) if asked.message and decision.after is not None else ()
    return replace(
        decision,
        because=f"J{asked.journal}: {because}; {decision.because}",
        steps=(*first, *decision.steps),
        marks=(*decision.marks, ConfirmationSettled(asked.journal, decision.outcome)),
        of=asked.journal,
    )


def _denied(facts: Facts, asked: Asked, policy: Policy, now: datetime) -> Decision:
    """He did not write it: it is gone for good, and the desk can see it in the history."""
    because = f"{asked.person} says that he did not write J{asked.journal}"
    settled = ConfirmationSettled(asked.journal, "denied")
    ticket = _ticket(asked)
    if ticket is None:
        return Decision(Outcome.REFUSED, because, marks=(settled,))
    draft = Draft(ticket, facts.company.name, now)
    draft.mark(settled)
    if asked.message:
        draft.change(MessageDiscarded(asked.message, asked.person, "is not his, he says"), asked.person, because)
    draft.change(Noted("confirmation", because), asked.person, because)
    return draft.decision(Outcome.REFUSED, because, policy.sla)


def _refused(facts: Facts, now: datetime, because: str) -> Decision:
    """Nothing is done, and he is told why: he has shown that the mail can only be his."""
    asked = facts.asked
    assert asked is not None
    agent, customer = facts.company.agent(asked.person), facts.sender
    ticket = _ticket(asked)
    said = Said(reason=because, mistakes=(because,))
    notice = Notice("refused", asked.person, agent.name if agent else "", True, because, "", said)
    if agent is None:
        said = Said(phrases=(Phrase("answered" if asked.outcome else "late"),))
        notice = Notice("told", asked.person, customer.name, False, because, customer.language, said)
    told = () if facts.muted else (notice,)
    return replace(_noted(facts, now, because), notices=told, before=ticket, after=ticket)


def _noted(facts: Facts, now: datetime, because: str) -> Decision:
    asked = facts.asked
    ticket = _ticket(asked) if asked else None
    if ticket is None:
        return Decision(Outcome.REFUSED, because)
    step = Step(Noted("confirmation", because), facts.mail.from_.addr.lower(), because)
    return Decision(Outcome.REFUSED, because, ticket, ticket, steps=(step,))


def _ticket(asked: Asked) -> Ticket | None:
    return asked.facts.tickets.get(asked.ticket) if asked.facts else None
