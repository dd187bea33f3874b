"""What a command means for a ticket: a change, or the mistake in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from email.utils import parseaddr

from mailtix.commands.grammar import Command
from mailtix.model.change import (
    Assigned,
    CategoryChanged,
    Change,
    MessageReleased,
    ParticipantJoined,
    PriorityChanged,
    RequesterChanged,
    StatusChanged,
    Tagged,
    TeamChanged,
)
from mailtix.model.desk import Agent, Company
from mailtix.model.ticket import Priority, Status


@dataclass(frozen=True, slots=True)
class Held:
    """A message that waits beside the ticket."""

    message: int
    sender: str


@dataclass(frozen=True, slots=True)
class Situation:
    """What a command is read against: who gives it, in which company, and what waits beside the ticket."""

    company: Company
    agent: Agent
    held: tuple[Held, ...] = ()


def understand(command: Command, situation: Situation) -> tuple[Change, ...] | Wrong:
    """The changes that the command asks for, or what is wrong with it (a sentence for the agent).

    `note` changes nothing itself: it says who may read the mail.
    """
    argument = command.argument
    match command.word:
        case "note":
            return ()
        case "resolve":
            return (StatusChanged(Status.RESOLVED),)
        case "close":
            return (StatusChanged(Status.CLOSED),)
        case "reopen":
            return (StatusChanged(Status.REOPENED),)
        case "take":
            return (Assigned(situation.agent.key),)
        case "status":
            status = _one_of(argument, [s.value for s in Status], "status")
            return status if isinstance(status, Wrong) else (StatusChanged(Status(status)),)
        case "priority":
            priority = _one_of(argument, [p.value for p in Priority], "priority")
            return priority if isinstance(priority, Wrong) else (PriorityChanged(Priority(priority)),)
        case "category":
            return _category(argument, situation.company)
        case "tag":
            return (Tagged(argument.lower()),) if argument else Wrong("#tag needs a word, such as #tag refund")
        case "assign":
            return _assign(argument, situation)
        case "allow":
            return _allow(argument, situation)
        case "requester":
            return _requester(argument, situation.company)
        case other:
            return Wrong(f"#{other} is not known")


class Wrong(str):
    """A sentence that says what is wrong with a command and what would be right."""


def _one_of(argument: str, words: Sequence[str], what: str) -> str:
    """The word that `argument` means, case and dashes aside; a beginning is enough when only one word has it."""
    wanted = argument.lower().replace("-", "_").replace(" ", "_")
    if not wanted:
        return Wrong(f"#{what} needs a word: {', '.join(words)}")
    if wanted in words:
        return wanted
    beginnings = [word for word in words if word.startswith(wanted)]
    if len(beginnings) == 1:
        return beginnings[0]
    return Wrong(f"there is no {what} {argument!r}{_hint(wanted, words)}; there are: {', '.join(words)}")


def _category(argument: str, company: Company) -> tuple[Change, ...] | Wrong:
    if not argument:
        return Wrong("#category needs a name, such as #category billing")
    if not company.categories:
        return (CategoryChanged(argument.lower()),)
    known = {c.lower(): c for c in company.categories}
    wanted = argument.lower()
    matches = [c for key, c in known.items() if key == wanted] or [c for k, c in known.items() if k.startswith(wanted)]
    if len(matches) == 1:
        return (CategoryChanged(matches[0]),)
    names = ", ".join(company.categories)
    return Wrong(f"there is no category {argument!r}{_hint(wanted, list(known))}; there are: {names}")


def _assign(argument: str, situation: Situation) -> tuple[Change, ...] | Wrong:
    company, wanted = situation.company, argument.lower().lstrip("@")
    if not wanted:
        return Wrong("#assign needs a person or a team, such as #assign bob")
    if wanted == "me":
        return (Assigned(situation.agent.key),)
    people = [a for a in company.agents if wanted in (a.key, a.name.lower())]
    people = people or [a for a in company.agents if wanted in _names(a)]
    if len(people) == 1:
        return (Assigned(people[0].key),)
    if people:
        return Wrong(f"{argument!r} may be {' or '.join(str(a.email) for a in people)}; give the whole address")
    team = next((t for t in company.teams if t.lower() == wanted), None)
    if team is not None:
        return (TeamChanged(team), Assigned(""))
    names = [name for a in company.agents for name in (a.key, *_names(a))] + [t.lower() for t in company.teams]
    known = ", ".join([a.email for a in company.agents] + list(company.teams))
    return Wrong(f"nobody is called {argument!r}{_hint(wanted, names)}; there are: {known}")


def _names(agent: Agent) -> tuple[str, ...]:
    """What an agent may be called besides his whole address: its local part and each word of his name."""
    return (agent.key.partition("@")[0], *agent.name.lower().split())


def _allow(argument: str, situation: Situation) -> tuple[Change, ...] | Wrong:
    """One sender is let in at a time: who allows the one he was told of must not let in another with him. A mail that
    only claims to be from an agent is never let in; the agent himself says it again, with his key."""
    waiting = [held for held in situation.held if situation.company.agent(held.sender) is None]
    if not waiting:
        return Wrong("nothing waits beside this ticket, so there is nothing to allow")
    senders = sorted({held.sender for held in waiting})
    wanted = argument.lower().strip("<>") or senders[0]
    if not argument and len(senders) > 1:
        return Wrong(f"more than one sender waits; say whom to let in: {' or '.join(f'#allow {s}' for s in senders)}")
    if wanted not in senders:
        return Wrong(f"nothing of {argument} waits beside this ticket; there waits: {', '.join(senders)}")
    changes: list[Change] = []
    for held in (held for held in waiting if held.sender == wanted):
        changes.append(MessageReleased(held.message, held.sender))
        if held.sender:
            changes.append(ParticipantJoined(held.sender))
    return tuple(changes)


def _requester(argument: str, company: Company) -> tuple[Change, ...] | Wrong:
    name, email = parseaddr(argument)
    local, at, domain = email.lower().rpartition("@")
    if not (local and at and domain) or " " in email:
        return Wrong("#requester needs an address, such as #requester ann@example.org")
    if company.mailbox(email) is not None:
        return Wrong(f"{email} is one of our own mailboxes; nobody there could read an answer")
    return (RequesterChanged(email.lower(), name),)


def _hint(word: str, known: Sequence[str]) -> str:
    close = get_close_matches(word, known, n=1)
    return f", did you mean {close[0]!r}?" if close else ""
