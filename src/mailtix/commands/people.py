"""Commands about who has to do with a ticket: assignee, watchers, customers."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parseaddr

from mailtix.commands.grammar import Command
from mailtix.commands.situation import Situation
from mailtix.commands.wrong import Wrong, hint
from mailtix.model.change import (
    Assigned,
    Change,
    ParticipantJoined,
    ParticipantLeft,
    RequesterChanged,
    TeamChanged,
    Unwatched,
    Watched,
)
from mailtix.model.desk import Agent, Company

_LONGEST_ADDRESS = 254  # RFC 5321 section 4.5.3.1.3, without the angle brackets


def take(command: Command, situation: Situation) -> tuple[Change, ...] | Wrong:
    """#take"""
    return (Assigned(situation.agent.key),)


def unassign(command: Command, situation: Situation) -> tuple[Change, ...] | Wrong:
    """#unassign"""
    return (Assigned(""),)


def assign(command: Command, situation: Situation) -> tuple[Change, ...] | Wrong:
    """#assign WHO: a person or a team"""
    if not command.name:
        return Wrong("#assign needs a person or a team, such as #assign bob")
    found = _found(command.name, situation, situation.company.teams)
    if isinstance(found, Agent):
        return (Assigned(found.key),)
    return found if isinstance(found, Wrong) else (TeamChanged(found), Assigned(""))


def watch(command: Command, situation: Situation) -> tuple[Change, ...] | Wrong:
    """#watch [WHO], oneself if nobody is named"""
    found = _found(command.name or "me", situation)
    return (Watched(found.key),) if isinstance(found, Agent) else Wrong(found)


def unwatch(command: Command, situation: Situation) -> tuple[Change, ...] | Wrong:
    """#unwatch [WHO]"""
    found = _found(command.name or "me", situation)
    if not isinstance(found, Agent):
        return Wrong(found)
    watchers = situation.ticket.watchers
    if found.key not in watchers:
        return Wrong(f"{found.name} does not watch this ticket; it is watched by: {', '.join(watchers) or 'nobody'}")
    return (Unwatched(found.key),)


def cc(command: Command, situation: Situation) -> tuple[Change, ...] | Wrong:
    """#cc ADDRESS, or several"""
    company, changes = situation.company, []
    for address in _addresses(command):
        if not is_address(address):
            return Wrong(f"{address!r} is no address; write it as #cc joe@example.org")
        if company.mailbox(address) is not None:
            return Wrong(f"{address} is one of our own mailboxes; nobody there could read an answer")
        if agent := company.agent(address):
            return Wrong(f"{agent.name} is a colleague; write #watch {agent.email}")
        changes.append(ParticipantJoined(address))
    if not changes:
        return Wrong("#cc needs an address, such as #cc joe@example.org")
    if len({*situation.ticket.participants, *(change.email for change in changes)}) > situation.most:
        return Wrong(f"at most {situation.most} people take part in a ticket (`participants: most` in the settings)")
    return tuple(changes)


def uncc(command: Command, situation: Situation) -> tuple[Change, ...] | Wrong:
    """#uncc ADDRESS, or several"""
    ticket, addresses = situation.ticket, _addresses(command)
    others = [p for p in ticket.participants if p != ticket.requester.email]
    there = ", ".join(others) or "nobody else"
    if not addresses:
        return Wrong(f"#uncc needs an address; there take part: {there}")
    for address in addresses:
        if address == ticket.requester.email:
            return Wrong(f"the ticket is that of {address}; #requester gives it to somebody else")
        if address not in others:
            return Wrong(f"{address} takes no part in it{hint(address, others)}; there take part: {there}")
    return tuple(ParticipantLeft(address) for address in addresses)


def requester(command: Command, situation: Situation) -> tuple[Change, ...] | Wrong:
    """#requester ADDRESS"""
    name, email = parseaddr(command.name)
    if not is_address(email):
        return Wrong("#requester needs an address, such as #requester ann@example.org")
    if situation.company.mailbox(email) is not None:
        return Wrong(f"{email} is one of our own mailboxes; nobody there could read an answer")
    return (RequesterChanged(email.lower(), name),)


def _addresses(command: Command) -> tuple[str, ...]:
    parts = (part for word in command.words for part in word.split(","))
    return tuple(dict.fromkeys(part.strip("<>").lower() for part in parts if part.strip("<>")))


def is_address(email: str) -> bool:
    """Whether somebody can be written to at it."""
    local, at, domain = email.rpartition("@")
    fits = bool(local and at and domain) and email.isprintable() and not set(email) & set(' "<>,;:\\')
    return fits and "@" not in local and len(email.encode(errors="replace")) <= _LONGEST_ADDRESS


def _found(name: str, situation: Situation, teams: Sequence[str] = ()) -> Agent | str:
    return called(name, situation.company, situation.agent, teams)


def called(name: str, company: Company, me: Agent, teams: Sequence[str] = ()) -> Agent | str:
    """The agent, or the team, that a name means: whole, else by the first or last name, else by a beginning, else by a
    part, as long as only one fits. A Wrong says who could be meant."""
    wanted = name.lower().lstrip("@")
    if wanted == "me":
        return me
    people: dict[str, Agent | str] = {agent.email: agent for agent in company.agents}
    known = people | {team: team for team in teams}
    whole = {label: _whole(who) for label, who in known.items()}
    parts = {label: (*whole[label], *_parts(who)) for label, who in known.items()}
    stages = (
        [label for label, names in whole.items() if wanted in names],
        [label for label, names in parts.items() if wanted in names],
        [label for label, names in parts.items() if any(one.startswith(wanted) for one in names)],
        [label for label, names in parts.items() if any(wanted in one for one in names)],
    )
    fit = next(filter(None, stages), [])
    if len(fit) == 1:
        return known[fit[0]]
    if fit:
        return Wrong(f"{name!r} may be {' or '.join(fit)}; give the whole address")
    near = hint(wanted, [one for names in parts.values() for one in names])
    return Wrong(f"nobody is called {name!r}{near}; there are: {_everybody(company, teams)}")


def _whole(who: Agent | str) -> tuple[str, ...]:
    return (who.key, who.name.lower()) if isinstance(who, Agent) else (who.lower(),)


def _parts(who: Agent | str) -> tuple[str, ...]:
    """What an agent may be called besides his whole address: its local part and each word of his name."""
    return (who.key.partition("@")[0], *who.name.lower().split()) if isinstance(who, Agent) else ()


def _everybody(company: Company, teams: Sequence[str]) -> str:
    return ", ".join([agent.email for agent in company.agents] + list(teams))
