"""Mail that does not simply join its ticket: a stranger's, one that only claims to be an agent's, a machine's. Pure."""

from __future__ import annotations

from mailtix.confirming import ask
from mailtix.desk import answer_of_agent
from mailtix.draft import Draft
from mailtix.facts import Facts, Policy, message_of
from mailtix.model.change import Noted
from mailtix.model.copies import replace
from mailtix.model.decision import Decision, Outcome, Said
from mailtix.model.thread import Found, Role, Strength, Writer
from mailtix.model.ticket import Author, Visibility
from mailtix.notify import whom
from mailtix.silence import spam

# So many messages may wait beside a ticket before the desk hears of no more: many senders are as cheap to forge as one.
_MOST_HELD = 10
NOTE = "note"  # the template of a colleague's note


def stranger(facts: Facts, policy: Policy, draft: Draft, writer: Writer, found: Found) -> Decision:
    """Somebody who is no part of the ticket: his mail waits beside it until an agent lets it in. The desk is told of
    each such sender once."""
    if dropped := spam(facts, draft.before):
        return dropped
    because = f"{found.because}, but {writer.because}"
    waiting = facts.held.get(draft.after.id, ())
    knows = any(held.sender == writer.email for held in waiting) or len(waiting) >= _MOST_HELD
    internal = facts.answers == NOTE
    visibility = Visibility.INTERNAL if internal else Visibility.HELD
    draft.change(message_of(facts, Author.CUSTOMER, visibility, because), writer.email, because)
    note_held_files(facts, draft)
    said = words_of(facts, because)
    if internal:
        alien = f"{writer.email} has no part in this, and answers a note of the desk; only the desk sees it"
        said = replace(said, warning="; ".join((alien, *facts.warnings)))
    for agent in whom.desk(draft.after, facts.company, everyone=True) if internal or not knows else ():
        if agent.key != writer.email:
            draft.tell(agent, "customer_replied" if internal else "held", because, said)
    return draft.decision(Outcome.NOTED if internal else Outcome.HELD, because, policy.sla)


def unproven(facts: Facts, policy: Policy, draft: Draft, writer: Writer) -> Decision:
    """From names an agent, but nothing proves it: nothing is done before he says, from his own address, that it is."""
    draft.change(message_of(facts, Author.AGENT, Visibility.HELD, writer.because), writer.email, writer.because)
    agent = facts.company.agent(writer.email)
    if agent is not None and not facts.muted:
        proven = Writer(Role.AGENT, writer.email, f"{writer.email} has confirmed it")
        would = answer_of_agent(facts, policy, Draft(draft.before, facts.company.name, draft.now), proven)
        ask(facts, draft, agent, would, ignored_keys(facts) or writer.because)
    return draft.decision(Outcome.HELD, writer.because, policy.sla)


def machine_reply(facts: Facts, policy: Policy, draft: Draft, writer: Writer, found: Found) -> Decision:
    """Automatic mail is kept with its ticket; it reopens nothing and is answered by nobody (RFC 3834 section 2)."""
    reasons = "; ".join(facts.kind.because)
    because = f"{found.because}; not written by a person: {reasons}"
    if writer.role is Role.CUSTOMER:
        draft.change(message_of(facts, Author.CUSTOMER, Visibility.PUBLIC, because), writer.email, because)
        return draft.decision(Outcome.JOINED, because, policy.sla)
    # What a machine sends from an agent's or a stranger's address must not reach the customer.
    author = Author.AGENT if writer.role is Role.AGENT else Author.SYSTEM
    visibility = Visibility.INTERNAL if writer.role is Role.AGENT else Visibility.HELD
    draft.change(message_of(facts, author, visibility, f"{because}; {writer.because}"), writer.email, because)
    return draft.decision(Outcome.NOTED, f"{because}; {writer.because}", policy.sla)


def note_held_files(facts: Facts, draft: Draft) -> None:
    """Each file that is not passed on has its line in the history."""
    for verdict in facts.files:
        if verdict.held:
            text = f"the file {verdict.file.filename} was held: {verdict.held}"
            draft.change(Noted("held_file", text), "mailtix", verdict.held)


def words_of(facts: Facts, reason: str = "") -> Said:
    """The mail's words, for somebody at the desk."""
    warning = "; ".join(facts.warnings)
    return Said(text=facts.mail.reply, sender=str(facts.mail.from_), reason=reason, attach=True, warning=warning)


def ignored_keys(facts: Facts) -> str:
    """Why a signed address of the mail does not count, when it has one that does not."""
    keys = [item for item in facts.evidence if item.strength is Strength.TOKEN]
    bad = [item.because for item in keys if item.claims is None]
    sender = facts.mail.from_.addr.lower()
    owners = [facts.owners.get(item.claims.person, "somebody unknown") for item in keys if item.claims is not None]
    stolen = (f"the key of {owner} was used by {sender or 'nobody'}" for owner in owners if owner != sender)
    return "; ".join(dict.fromkeys((*bad, *stolen)))
