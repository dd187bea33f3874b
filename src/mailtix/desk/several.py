"""Commands about more than one ticket: they are joined, parted and linked. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mailtix import sla
from mailtix.authorise.permissions import no_ticket
from mailtix.commands.grammar import Command
from mailtix.commands.wrong import Wrong, one_of
from mailtix.desk.errand import Errand, Handlers
from mailtix.draft import Draft
from mailtix.model.change import (
    Absorbed,
    Assigned,
    CategoryChanged,
    Linked,
    Merged,
    MessageTaken,
    Opened,
    ParticipantJoined,
    Restored,
    StatusChanged,
    Tagged,
    TeamChanged,
    Watched,
)
from mailtix.model.conversation import Conversation, Spoken
from mailtix.model.copies import replace
from mailtix.model.decision import AskOriginal, AskThread, Decision, Outcome, Said
from mailtix.model.ticket import Author, Person, Status, Ticket, Visibility
from mailtix.notify import whom

KINDS = ("related", "duplicate", "follow-up")
_LATER = "is still to be looked up"


def merge(errand: Errand, command: Command) -> str | Wrong:
    """This ticket becomes a part of the other one, and the rest of the mail is about that one."""
    other = _other(errand, command)
    if isinstance(other, Wrong):
        return other
    ticket, because, key = errand.ticket, errand.because(command), errand.agent.key
    errand.draft.change(Merged(other.id, other.number), key, because)
    into = Draft(other, errand.facts.company.name, errand.draft.now)
    into.change(_absorbed(ticket, other), key, because)
    for change in _joined(ticket, other):
        into.change(change, key, because)
    if ticket.requester.email != other.requester.email:
        into.tell(ticket.requester, "merged", because, Said(done=(ticket.number,)))
    for reader in whom.desk(other, errand.facts.company, everyone=False):
        if reader.key != key:
            into.tell(reader, "joined", because, Said(reason=f"{ticket.number}: {ticket.subject}"))
    into.also(errand.draft.decision(Outcome.COMMANDED, because, errand.policy.sla))
    errand.origin, errand.draft = errand.origin or errand.draft, into
    return _told_of_merging(ticket, other, into.after)


def _absorbed(ticket: Ticket, other: Ticket) -> Absorbed:
    """What was promised to either customer is kept."""
    clocks = sla.older_clocks(other, ticket)
    answered = [at for at in (ticket.first_response_at, other.first_response_at) if at]
    return Absorbed(ticket.id, ticket.number, min(answered, default=None), clocks.resolution_from, clocks.waiting_since)


def _joined(ticket: Ticket, other: Ticket) -> Iterator[ParticipantJoined | Watched | Tagged | Assigned | StatusChanged]:
    yield from map(ParticipantJoined, ticket.participants)
    yield from map(Watched, ticket.watchers)
    yield from map(Tagged, sorted(ticket.tags))
    if not other.assignee and ticket.assignee:
        yield Assigned(ticket.assignee)
    if other.status.is_done and not ticket.status.is_done:  # a question that nobody has answered must not vanish in it
        yield StatusChanged(Status.REOPENED)


def _told_of_merging(ticket: Ticket, other: Ticket, after: Ticket) -> str:
    said = f"{ticket.number} is a part of {other.number} ({other.subject}) now, and closed"
    if other.status.is_done and not after.status.is_done:
        said += f"; {other.number} was {other.status} and is open again"
    if ticket.requester.email != other.requester.email:
        said += f"; {ticket.requester.email} was told, and gets the answers of {other.number} as well"
    return said


def link(errand: Errand, command: Command) -> str | Wrong:
    """The two tickets have to do with each other."""
    other = _other(errand, command)
    if isinstance(other, Wrong):
        return other
    kind = one_of(" ".join(command.words[1:]) or KINDS[0], KINDS, "link")
    if isinstance(kind, Wrong):
        return kind
    because, key = errand.because(command), errand.agent.key
    there = Draft(other, errand.facts.company.name, errand.draft.now)
    there.change(Linked(errand.ticket.id, errand.ticket.number, kind), key, because)
    errand.draft.also(there.decision(Outcome.COMMANDED, because, errand.policy.sla))
    errand.draft.change(Linked(other.id, other.number, kind), key, because)
    return f"{kind}: {other.number} ({other.subject})"


def _other(errand: Errand, command: Command) -> Ticket | Wrong:
    """The ticket that a command names, when it may be named there."""
    number = (command.words or ("",))[0].strip("[](){}<>\"',.;:").upper()
    ticket, named = errand.ticket, errand.facts.named
    if not number:
        return Wrong(f"#{command.word} needs the number of a ticket, such as #{command.word} {ticket.number}")
    other = named.tickets.get(number)
    if other is None:
        near = named.near.get(number, "")
        return Wrong(f"there is no ticket {number}{f', did you mean {near}?' if near else ''}")
    also = f" ({number} was merged into it)" if other.number.upper() != number else ""
    if other.id == ticket.id:
        return Wrong(f"{other.number} is this ticket{also}; name another one")
    if other.id in _touched(errand.draft):
        return Wrong(f"another line of this mail is about {other.number} already; write a second mail")
    if no := no_ticket(errand.agent, other, errand.facts.company):
        return Wrong(f"you may not work on {other.number}: {no}")
    return other


def _touched(draft: Draft) -> set[int]:
    """The tickets that the same mail has decided about already."""
    found, waiting = set(), list(draft.others)
    while waiting:
        decision = waiting.pop()
        found |= {ticket.id for ticket in (decision.before, decision.after) if ticket}
        waiting += decision.also
    return found


def split(errand: Errand, command: Command) -> str | Wrong:
    """A message of the customer's becomes a ticket of its own."""
    found = errand.facts.conversations.get(errand.ticket.id)
    if found is None:
        errand.draft.ask(AskThread(errand.ticket.id))
        return _LATER
    if any(decision.before is None for decision in errand.draft.others):
        return Wrong("one mail can split off one message only; write a second mail for the next")
    which, words = _which(command)
    message = _to_part(found, which, errand)
    if isinstance(message, Wrong):
        return message
    subject = " ".join(words)
    if not subject and message.journal:
        mail = errand.facts.originals.get(message.journal)
        if mail is None:
            errand.draft.ask(AskOriginal(message.journal))
            return _LATER
        subject = mail.mail.thread_subject
    errand.draft.also(_parted(errand, command, message, subject or errand.ticket.subject))
    because = errand.because(command)
    errand.draft.change(Linked(0, "", "split"), errand.agent.key, because)
    _wait_for_the_rest(errand, found, message, because)
    kept = " and ".join(filter(None, (errand.ticket.category, errand.ticket.team)))
    as_here = f"; it keeps {kept}, and no rules are asked" if kept else "; no rules are asked"
    return f"the message of {message.who} of {message.at:%Y-%m-%d %H:%M} UTC is a ticket of its own now{as_here}"


def _which(command: Command) -> tuple[str, tuple[str, ...]]:
    """The message that is meant (3, as #show counts; J12, the mail that brought it; "" for the newest), and the words
    of a subject."""
    words = command.words
    first = words[0].upper() if words else ""
    named = first.isdecimal() or (first[:1] == "J" and first[1:].isdecimal())
    return (first, words[1:]) if named else ("", words)


def _to_part(found: Conversation, which: str, errand: Errand) -> Spoken | Wrong:
    own = [message for message in found.messages if _is_customers(message)]
    if len(own) < 2:
        return Wrong("there is only one message of the customer's, and the ticket would be empty without it")
    if which.startswith("J"):
        chosen = [message for message in own if f"J{message.journal}" == which]
    elif which:
        number = int(which)
        chosen = [m for m in found.messages[number - 1 : number] if number and _is_customers(m)]
    else:
        copied = errand.facts.copied_at  # what came later he has not seen
        chosen = [message for message in own if copied is None or message.at <= copied][-1:]
    if not chosen:
        return Wrong("there is no such message of the customer's; #show tells their numbers")
    if chosen[0] is own[0]:
        return Wrong("with that message the ticket began; split off the later one instead")
    return chosen[0]


def _is_customers(message: Spoken) -> bool:
    return message.author is Author.CUSTOMER and message.visibility is Visibility.PUBLIC and message.kind == "human"


def _parted(errand: Errand, command: Command, message: Spoken, subject: str) -> Decision:
    """The new ticket: for whoever wrote the message, and sorted as the old one is."""
    ticket, company, because, key = errand.ticket, errand.facts.company, errand.because(command), errand.agent.key
    draft = Draft(None, company.name, errand.draft.now)
    draft.change(
        Opened(subject, _writer(message, ticket), ticket.mailbox, ticket.source, ticket.answerable), key, because
    )
    draft.change(MessageTaken(message.id, message.sender, ticket.number), key, because)
    for change in (CategoryChanged(ticket.category), TeamChanged(ticket.team), Assigned(ticket.assignee)):
        draft.change(change, key, because)
    draft.change(Linked(ticket.id, ticket.number, "split"), key, because)
    if ticket.answerable:
        draft.tell(draft.after.requester, "created", because)
    said = Said(text=message.text, sender=f"{message.name} <{message.sender}>", files_of=message.journal)
    owners = whom.desk(draft.after, company, everyone=False)
    for reader in dict.fromkeys((errand.agent, *owners)):
        draft.tell(reader, "assigned" if draft.after.assignee == reader.key else "unassigned", because, said)
    return draft.decision(Outcome.OPENED, because, errand.policy.sla)


def _writer(message: Spoken, ticket: Ticket) -> Person:
    if message.sender == ticket.requester.email:
        return ticket.requester
    return Person(0, message.sender, message.name)


def _wait_for_the_rest(errand: Errand, found: Conversation, gone: Spoken, because: str) -> None:
    """The customer no longer waits here for an answer to the message that is gone."""
    rest = replace(found, messages=tuple(message for message in found.messages if message is not gone))
    if errand.ticket.waiting_since is not None and rest.waiting_since != errand.ticket.waiting_since:
        errand.draft.change(Restored((("waiting_since", rest.waiting_since),)), errand.agent.key, because)


HANDLERS: Handlers = {"merge": merge, "link": link, "split": split}
