"""An agent's mail program says that he is away: he is given nothing more, and what he was just given goes on. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo

from mailtix.draft import Draft
from mailtix.facts import Facts, Policy
from mailtix.model.change import Assigned, Noted
from mailtix.model.copies import replace
from mailtix.model.decision import Decision, Notice, Outcome, Said, Step
from mailtix.model.desk import Agent, Availability
from mailtix.model.kind import Automatic
from mailtix.model.personal import AvailabilitySet
from mailtix.model.ticket import Ticket
from mailtix.notify import whom
from mailtix.placement import place

# Whoever names a day is away on that day, too.
_DAY_ENDS = time(23, 59)
# What was given to him so short a time ago he has not seen: his mail program answers at once.
JUST_GIVEN = timedelta(hours=1)


def absent(facts: Facts) -> Agent | None:
    """The agent whose mail program says that he is away, None when the mail says no such thing. It must answer a notice
    that was made for him: it comes from his address, to a key of his own, and is not known to be forged."""
    agent = facts.company.agent(facts.mail.from_.addr)
    if agent is None or not isinstance(facts.kind, Automatic) or not facts.kind.out_of_office:
        return None
    if facts.auth is not None and facts.auth.refutes(agent.key):
        return None
    keys = {facts.owners.get(item.claims.person) for item in facts.evidence if item.claims is not None}
    return agent if keys == {agent.key} else None


def sent_away(decision: Decision, agent: Agent, facts: Facts, now: datetime) -> Decision:
    """The decision about that mail, which also sets him away. He is told when that is news."""
    zone = facts.company.zone_of(agent)
    until = _until(facts, zone, now)
    state = facts.state
    is_away = (
        state is not None and state.availability is Availability.AWAY and (state.until is None or state.until > now)
    )
    if until is None and is_away:
        return decision
    until = until or _end_of(now.astimezone(zone) + timedelta(days=1), zone)
    if is_away and state is not None and state.until == until:
        return decision
    shown = f"{until.astimezone(zone):%Y-%m-%d %H:%M} ({zone})"
    because = f"{agent.name} is away until {shown}, his mail program says"
    notice = Notice("absent", agent.email, agent.name, True, because, "", Said(reason=shown))
    step = Step(Noted("absence", because), agent.key, because)
    return replace(
        decision,
        steps=(*decision.steps, step) if decision.after is not None else decision.steps,
        notices=(*decision.notices, notice),
        personal=(*decision.personal, AvailabilitySet(agent.key, Availability.AWAY, until)),
        hands_on=facts.just_given,
    )


def _until(facts: Facts, zone: tzinfo, now: datetime) -> datetime | None:
    """The end of the day that he names, on his clock; None when he names none that is to come."""
    day = facts.kind.until if isinstance(facts.kind, Automatic) else None
    if day is None:
        return None
    end = _end_of(day, zone)
    return end if end > now else None


def _end_of(day: datetime, zone: tzinfo) -> datetime:
    return datetime.combine(day.date(), _DAY_ENDS, tzinfo=zone).astimezone(UTC)


def hand_on(ticket: Ticket, facts: Facts, policy: Policy, now: datetime) -> Decision:
    """A ticket that was just given to the agent who is away: its team gives it to another, or it waits in the queue."""
    key = facts.mail.from_.addr.lower()
    if ticket.assignee != key:
        return Decision(Outcome.IGNORED, "it is not his any more", ticket, ticket)
    draft = Draft(ticket, facts.company.name, now)
    agent = facts.company.agent(key)
    because = f"{agent.name if agent else key} is away, and had not touched it"
    draft.change(Assigned(""), "mailtix", because)
    nobody = place(facts, draft, giver=key)
    if draft.after.assignee:
        readers, template = whom.desk(draft.after, facts.company, everyone=False), "assigned"
    else:
        readers, template = whom.queue(draft.after, facts.company, but=key), "unassigned"
    for reader in readers:
        draft.tell(reader, template, because, Said(reason=nobody or because))
    return draft.decision(Outcome.NOTED, because, policy.sla)
