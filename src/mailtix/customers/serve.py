"""Carries out the commands of a customer's mail, once it is certain that it is his. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from mailtix.commands.customers import WORDS
from mailtix.commands.grammar import Command
from mailtix.confirming import MOST, WITHIN
from mailtix.customers import addresses, tickets
from mailtix.customers.order import Order, added, shown
from mailtix.customers.proof import proof_of
from mailtix.customers.service import Handlers, Service
from mailtix.draft import Draft
from mailtix.facts import Facts, Policy
from mailtix.model.change import Noted
from mailtix.model.copies import replace
from mailtix.model.decision import AskAuth, AskConfirmations, Decision, Outcome, Phrase, Row, Said, Table
from mailtix.model.standing import ConfirmationAsked
from mailtix.model.ticket import Ticket
from mailtix.notify import whom
from mailtix.ruling import follow

# These tell nothing of anybody, so anybody may ask.
_FOR_ALL = frozenset({"help"})
# What was nearly a command is repeated to whom From names; a word that long says nothing else.
_LONGEST_WORD = 20


def serve(facts: Facts, policy: Policy, ticket: Ticket | None, order: Order, now: datetime) -> Decision:
    """What becomes of a mail that holds nothing but commands. No message of it is posted, and no ticket is opened."""
    draft = Draft(ticket, facts.company.name, now)
    because = besides(facts, policy, draft, order)
    decision = draft.decision(Outcome.COMMANDED, because, policy.sla)
    waits = any(notice.template == "verify" for notice in decision.notices)
    return replace(decision, outcome=Outcome.HELD) if waits else decision


def besides(facts: Facts, policy: Policy, draft: Draft, order: Order) -> str:
    """Carries the commands out, or asks whether they are his; both in the draft. Returns what that rests on."""
    if order.meant:
        _hint(facts, draft, order)
        return "nearly a command"
    because = "help is for everybody"
    if any(command.word not in _FOR_ALL for command in order.commands):
        proof = proof_of(facts, key_is_enough=not any(map(added, order.commands)))
        if proof.asks:
            draft.ask(AskAuth())
            return proof.because
        if not proof.holds:
            _ask_him(facts, draft, order.commands, proof.because)
            return proof.because
        because = proof.because
    _carry_out(Service(facts, policy, draft, because), order.commands)
    return because


def _carry_out(service: Service, commands: Iterable[Command]) -> None:
    draft, email = service.draft, service.customer.email
    for command in commands:
        _HANDLERS[command.word](service, command)
    if draft.before is not None:
        lines = ", ".join(map(shown, commands))
        draft.change(Noted("commanded", f"{email} asked for {lines}"), email, service.because)
    if service.acts:
        follow(service.facts, service.policy, draft)
        _tell_desk(service)
    _tell(service)


def _tell(service: Service) -> None:
    """One mail about all of it, to the address that is proven; a program gets none."""
    if not service.facts.muted:
        said = Said(phrases=tuple(service.phrases), tables=tuple(service.tables))
        service.draft.tell(service.customer, "told", "the answer to his commands", said)


def _tell_desk(service: Service) -> None:
    """Whoever looks after the ticket hears what the customer has changed."""
    draft, company = service.draft, service.facts.company
    waits = not draft.after.status.is_done and service.policy.notify_unassigned
    said = Said(done=tuple(service.acts), sender=str(service.facts.mail.from_))
    watching = whom.watchers(draft.after, company)
    for agent in dict.fromkeys((*whom.desk(draft.after, company, everyone=waits), *watching)):
        if agent.key != service.customer.email:
            draft.tell(agent, "served", "the customer has changed it by a command", said)


def _ask_him(facts: Facts, draft: Draft, commands: tuple[Command, ...], because: str) -> None:
    """Nothing shows that the mail is his: he is asked, at the address that From names, and told what it asks for. Only
    what we have worded ourselves goes there."""
    customer = facts.sender
    if not customer.email or facts.muted or facts.confirmed:
        return
    if facts.confirmations is None:
        draft.ask(AskConfirmations(customer.email, draft.now - WITHIN))
        return
    asked = facts.confirmations < MOST
    if draft.before is not None:
        was = "was asked" if asked else f"was not asked, for he was {MOST} times within an hour,"
        draft.change(Noted("confirmation", f"{customer.email} {was} whether he wrote it"), "mailtix", because)
    if asked:
        draft.mark(ConfirmationAsked(customer.email, draft.now + WITHIN))
        draft.tell(customer, "verify", because, Said(done=tuple(map(shown, commands))))


def _hint(facts: Facts, draft: Draft, order: Order) -> None:
    """The mail was perhaps meant as a command."""
    if facts.muted:
        return
    line = facts.mail.reply.split()[0][:_LONGEST_WORD]
    near = " / ".join(f"#{word}" for word in order.meant)
    phrases = (Phrase("unknown", (("line", line), ("command", near))), Phrase("help"))
    draft.tell(facts.sender, "told", "nearly a command", Said(phrases=phrases, tables=(_words(),)))


def _help(service: Service, command: Command) -> None:
    service.say("help")
    service.tables.append(_words())


def _words() -> Table:
    rows = tuple(Row((example, Phrase(f"help_{word}"))) for word, example in WORDS.items())
    return Table("", (Phrase("head_write"), Phrase("head_means")), rows)


_HANDLERS: Handlers = {"help": _help, **tickets.HANDLERS, **addresses.HANDLERS}
