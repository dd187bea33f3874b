"""Mail that does not come in. Mail beyond the limits and of senders of spam waits in the journal until somebody lets it
in; what rules do not let in waits as well, or is dropped, or rejected. Pure.
"""

from __future__ import annotations

from datetime import datetime

from mailtix import limits
from mailtix.draft import Draft
from mailtix.facts import Facts, Policy
from mailtix.model.auth import Result, Verify
from mailtix.model.change import Noted
from mailtix.model.decision import AskAuth, Decision, Notice, Outcome, Said
from mailtix.model.desk import Agent, AgentRole, Company
from mailtix.model.standing import Silenced
from mailtix.model.ticket import Ticket
from mailtix.notify import whom
from mailtix.rules.engine import Hit
from mailtix.rules.engine import Outcome as Ruled
from mailtix.rules.events import Event
from mailtix.ruling import text_for, unproven


def silent(facts: Facts, policy: Policy, ticket: Ticket | None, now: datetime) -> Decision | None:
    """What becomes of a customer's mail that is too much; None when it is not. `ticket` is the one it belongs to, None
    when it would open one. Nobody is answered, and one person is told, once."""
    sender, standing = facts.sender.email, facts.standing
    if facts.let_in or not sender or facts.company.agent(sender) is not None:  # who is nobody has no limits of his own
        return None
    if facts.mail.envelope.source == "file":  # somebody of the house has put it in, with all that may have piled up
        return None
    since, last = standing.silent_since, standing.silent_last
    if since is not None and last is not None and now - last < policy.limits.quiet:
        because = f"mail of {sender} waits since {since:%Y-%m-%d %H:%M} UTC, for somebody to say #resume"
        return Decision(Outcome.WAITING, because, ticket, ticket, marks=(Silenced(sender, since),))
    because = limits.too_much(facts.traffic, facts.mail.reply, ticket is None, policy.limits, now)
    return _begun(facts, policy, ticket, because, now) if because else None


def spam(facts: Facts, ticket: Ticket | None) -> Decision | None:
    """What becomes of a mail of somebody who was called a sender of spam and has no part in a ticket; None when he was
    not, or has a key of his own."""
    keys = (facts.owners.get(item.claims.person) for item in facts.evidence if item.claims is not None)
    if facts.let_in or not facts.standing.spam or facts.sender.email in keys:
        return None
    return Decision(Outcome.WAITING, f"{facts.sender.email} sends spam: {facts.standing.spam}", ticket, ticket)


def kept_out(
    ruled: Ruled, facts: Facts, policy: Policy, ticket: Ticket | None, event: Event, now: datetime
) -> Decision | None:
    """What becomes of a mail that rules do not let in: it is dropped, it is rejected and its writer hears why, or it
    waits, and a person hears of it once. None when it goes on. What rules ask about its writer has to be known first.
    """
    if unproven(facts, policy, event):
        return Decision(Outcome.HELD, "rules ask who really wrote it", ticket, ticket, asks=(AskAuth(),))
    if hit := ruled.dropped:
        return Decision(Outcome.IGNORED, f"dropped by rule {hit.rule}: {hit.because}", ticket, ticket)
    if hit := ruled.rejected:
        return _rejected(hit, facts, policy, ticket, now)
    if (hit := ruled.held) is None or facts.let_in:
        return None
    because = f"rule {hit.rule}: {hit.hold or hit.because}"
    named = (agent for agent in facts.company.agents if agent.key in hit.notify or set(agent.teams) & set(hit.notify))
    person = _person(facts.company, ticket)
    held = facts.mail.subject or "no subject"
    said = Said(text=facts.mail.reply, sender=str(facts.mail.from_), reason=because, done=(held,))
    readers = tuple(named) or ((person,) if person else ())
    # Without its ticket: the answer that lets it in is about this mail.
    notices = tuple(Notice("limited", reader.email, reader.name, True, because, "", said) for reader in readers)
    return Decision(Outcome.WAITING, because, notices=notices)


def _rejected(hit: Hit, facts: Facts, policy: Policy, ticket: Ticket | None, now: datetime) -> Decision:
    """The mail is not taken. Its writer hears why, where that cannot be mail to somebody who has never written."""
    because = f"rejected by rule {hit.rule}: {hit.because}"
    if not facts.muted and facts.auth is None:
        return Decision(Outcome.HELD, "a rule wants to tell its writer something", ticket, ticket, asks=(AskAuth(),))
    if no := _unanswerable(facts, policy):
        because = f"{because}; not answered: {no}"
    sender, subject = facts.sender, facts.mail.subject
    said = Said(text=text_for(sender, hit.reject, subject, facts), subject=subject)
    if ticket is None:
        told = (Notice("answered", sender.email, sender.name, False, because, sender.language, said),)
        return Decision(Outcome.REJECTED, because, notices=() if no else told)
    draft = Draft(ticket, facts.company.name, now)
    draft.change(Noted("rejected", f"a mail of {sender.email} was {because}"), f"rule {hit.rule}", because)
    if not no:
        draft.tell(sender, "answered", because, said)
    return draft.decision(Outcome.REJECTED, because, policy.sla)


def _unanswerable(facts: Facts, policy: Policy) -> str:
    """Why the writer of a mail that is rejected hears nothing, "" when he does. A refusal to whom spam has made up is
    spam itself (backscatter), so more is asked here than for the confirmation of a ticket."""
    if facts.muted or not facts.sender.email:
        return facts.muted or "nobody says that he has written it"
    writer, auth = facts.mail.from_.addr, facts.auth
    if policy.verify is Verify.NEVER or auth is None or auth.proves(writer):
        return ""
    if no := auth.refutes(writer):
        return no
    return "" if auth.spf_aligned and auth.spf.result is Result.PASS else f"nothing shows that {writer} has written it"


def _begun(facts: Facts, policy: Policy, ticket: Ticket | None, because: str, now: datetime) -> Decision:
    """From now on mail of that sender waits, and a person hears of it."""
    sender, company = facts.sender.email, facts.company
    person = _person(company, ticket)
    warning = "; ".join(facts.warnings)
    said = Said(text=facts.mail.reply, sender=str(facts.mail.from_), reason=because, warning=warning)
    if ticket is None:
        told = (Notice("limited", person.email, person.name, True, because, "", said),) if person else ()
        return Decision(Outcome.WAITING, because, notices=told, marks=(Silenced(sender, now),))
    draft = Draft(ticket, company.name, now)
    draft.change(Noted("limited", f"mail of {sender} waits: {because}"), "mailtix", because)
    draft.mark(Silenced(sender, now))
    if person is not None:
        draft.tell(person, "limited", because, said)
    return draft.decision(Outcome.WAITING, because, policy.sla)


def _person(company: Company, ticket: Ticket | None) -> Agent | None:
    """The one who is told: who has the ticket, else his team's lead or its first, else an admin, a manager, anybody."""
    owners = whom.desk(ticket, company, everyone=False) if ticket else ()
    lead = company.agent(company.team(ticket.team).lead) if ticket and len(owners) > 1 else None
    ranked = sorted(company.agents, key=lambda agent: _RANKS.index(agent.role))
    return lead or next(iter((*owners, *ranked)), None)


_RANKS = (AgentRole.ADMIN, AgentRole.MANAGER, AgentRole.AGENT)
