"""What waits beside a ticket: its sender is let in, once or for good, gets a ticket of his own, or sends spam. Pure."""

from __future__ import annotations

from mailtix.classify import classify, may_answer
from mailtix.commands.grammar import Command
from mailtix.commands.people import is_address
from mailtix.commands.situation import Held
from mailtix.commands.wrong import Wrong
from mailtix.desk import spam
from mailtix.desk.errand import Errand, Handlers
from mailtix.draft import Draft
from mailtix.facts import mailbox_of
from mailtix.model.change import (
    Linked,
    MessageDiscarded,
    MessageReleased,
    MessageTaken,
    Opened,
    ParticipantJoined,
)
from mailtix.model.copies import replace
from mailtix.model.decision import AskOriginal, Decision, Outcome, Said
from mailtix.model.kind import Human, OwnAddresses
from mailtix.model.mail import InboundMail
from mailtix.model.standing import LetIn, SpamSender
from mailtix.model.ticket import Person
from mailtix.notify import whom
from mailtix.placement import place
from mailtix.ruling import carry_out, judged


def waiting(errand: Errand, command: Command) -> tuple[Held, ...] | Wrong:
    """The messages of the one sender that a command means. A mail that only claims to be from an agent is never among
    them: the agent himself says that it is his. Who lets one in must not let in another with him."""
    company = errand.facts.company
    there = [held for held in errand.facts.held.get(errand.ticket.id, ()) if company.agent(held.sender) is None]
    if not there:
        return Wrong(f"nothing waits beside this ticket, so there is nothing to {command.word}")
    senders = sorted({held.sender for held in there})
    wanted = command.argument.lower().strip("<>") or senders[0]
    if not command.argument and len(senders) > 1:
        each = " or ".join(f"#{command.word} {sender}" for sender in senders)
        return Wrong(f"more than one sender waits; say who is meant: {each}")
    if wanted not in senders:
        return Wrong(f"nothing of {command.argument} waits beside this ticket; there waits: {', '.join(senders)}")
    return tuple(held for held in there if held.sender == wanted)


def allow(errand: Errand, command: Command) -> str | Wrong:
    """The messages are let in, and their sender takes part from now on."""
    said = allow_once(errand, command)
    if isinstance(said, Wrong):
        return said
    held = waiting(errand, command)
    if not isinstance(held, Wrong) and held[0].sender:
        errand.draft.change(ParticipantJoined(held[0].sender), errand.agent.key, errand.because(command))
    return f"{said}, and takes part from now on"


def allow_once(errand: Errand, command: Command) -> str | Wrong:
    """The messages are let in; what their sender writes next waits again."""
    found = waiting(errand, command)
    if isinstance(found, Wrong):
        return found
    for held in found:
        errand.draft.change(MessageReleased(held.message, held.sender), errand.agent.key, errand.because(command))
    return f"{_how_many(found)} of {found[0].sender or 'an unknown sender'} was let in"


def discard(errand: Errand, command: Command) -> str | Wrong:
    """The messages are thrown away, and what their sender writes from now on waits unseen. Who names
    nobody, and does not answer the notice of such a message, means the ticket itself."""
    company = errand.facts.company
    if not command.argument and errand.facts.answers != "held":
        return spam.spam(errand, command)
    found = waiting(errand, command)
    if isinstance(found, Wrong):
        return found
    sender, because = found[0].sender, errand.because(command)
    for held in found:
        errand.draft.change(MessageDiscarded(held.message, sender, "is spam"), errand.agent.key, because)
    gone = f"{_how_many(found)} of {sender or 'an unknown sender'} was thrown away"
    if not sender or sender in errand.ticket.participants or company.mailbox(sender) is not None:
        return f"{gone}; his address is not noted, for it belongs to somebody who has a part in this"
    errand.draft.mark(SpamSender(sender, f"{errand.agent.name} said so of a mail to {errand.ticket.number}"))
    return f"{gone}; what he writes from now on waits unseen (#ham {sender} lets it in)"


def ham(errand: Errand, command: Command) -> str | Wrong:
    """Somebody sends no spam after all: what waits of him is processed."""
    email = command.argument.lower().strip("<>")
    if not is_address(email):
        return Wrong("#ham needs the address that is no sender of spam, such as #ham eve@example.net")
    errand.draft.mark(LetIn(email))
    return f"mail of {email} is read again, also what has waited"


def new(errand: Errand, command: Command) -> str | Wrong:
    """The messages become a ticket of its own for their sender, as if they had come without the number of this one."""
    found = waiting(errand, command)
    if isinstance(found, Wrong):
        return found
    if any(decision.before is None for decision in errand.draft.others):
        return Wrong("one mail can open one ticket only; write a second mail for the next")
    original = errand.facts.originals.get(found[0].journal)
    if original is None:
        errand.draft.ask(AskOriginal(found[0].journal))
        return "is still to be looked up"
    errand.draft.also(_opened(errand, command, found, original.mail))
    errand.draft.change(Linked(0, "", "split"), errand.agent.key, errand.because(command))
    return f"{_how_many(found)} of {found[0].sender or 'an unknown sender'} is a ticket of its own now"


def _opened(errand: Errand, command: Command, found: tuple[Held, ...], mail: InboundMail) -> Decision:
    facts, policy, because = errand.facts, errand.policy, errand.because(command)
    company, key = facts.company, errand.agent.key
    kind = classify(mail, OwnAddresses(frozenset(box.address.lower() for box in company.mailboxes)))
    sender = Person(0, found[0].sender, mail.from_.name)
    its = replace(facts, mail=mail, kind=kind, sender=sender, mailbox=mailbox_of(company, mail), files=())
    draft = Draft(None, company.name, errand.draft.now)
    answerable = isinstance(kind, Human) and not may_answer(mail, kind) and bool(sender.email)
    draft.change(Opened(mail.subject, sender, its.mailbox.address, "email", answerable), key, because)
    for held in found:
        draft.change(MessageTaken(held.message, held.sender, errand.ticket.number), key, because)
        draft.change(MessageReleased(held.message, held.sender), key, because)
    draft.change(Linked(errand.ticket.id, errand.ticket.number, "split"), key, because)
    carry_out(judged(its, policy, None, "new"), its, policy, draft)
    nobody = place(its, draft)
    if answerable:
        draft.tell(sender, "created", because)
    said = Said(text=mail.reply, sender=str(mail.from_), reason=nobody, attach=True, files_of=found[0].journal)
    readers = whom.queue(draft.after, company) if nobody else ()
    for reader in readers or whom.desk(draft.after, company, everyone=policy.notify_unassigned):
        owned = (draft.after.assignee or draft.after.team) and not nobody
        draft.tell(reader, "assigned" if owned else "unassigned", because, said)
    decision = draft.decision(Outcome.OPENED, because, policy.sla)
    for what in decision.asks:
        errand.draft.ask(what)
    return decision


def _how_many(found: tuple[Held, ...]) -> str:
    return "the message" if len(found) == 1 else f"each of {len(found)} messages"


HANDLERS: Handlers = {"allow": allow, "allow-once": allow_once, "new": new, "spam": discard, "ham": ham}
