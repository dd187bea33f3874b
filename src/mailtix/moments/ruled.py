"""Rules at the moments of a ticket: nobody has written for long, a target is near or missed, a time comes again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from mailtix.facts import Facts
from mailtix.model.change import Assigned, TeamChanged
from mailtix.model.decision import TimerPlan
from mailtix.model.ticket import Ticket
from mailtix.moments.moment import Moment
from mailtix.notify import whom
from mailtix.placement import place
from mailtix.rules import RuleSet
from mailtix.rules.events import Event, Every
from mailtix.ruling import follow_moment
from mailtix.sla import Target

_TARGETS: dict[str, Event] = {
    **{f"{target}_warning": "sla_warning" for target in Target},
    **{f"{target}_breach": "sla_breach" for target in Target},
}


def plans(ticket: Ticket, rules: RuleSet) -> Iterator[TimerPlan]:
    """When a ticket on which work goes on has been silent for as long as a rule asks for."""
    if ticket.status.is_done:
        return
    since = silent_since(ticket.spoken_at or ticket.created_at, ticket.snoozed_until)
    for idle in rules.idles:
        try:
            yield TimerPlan(idle.timer, since + idle.span)
        except OverflowError:  # further ahead than there are days
            continue


def silent_since(spoken_at: datetime, snoozed_until: datetime | None) -> datetime:
    """From when on silence counts: nothing is expected of what sleeps."""
    return max(spoken_at, snoozed_until) if snoozed_until else spoken_at


def comes_again(plan: TimerPlan, ticket: Ticket, rules: RuleSet) -> bool:
    """Whether that moment is one of those that come for every ticket on which work goes on."""
    return isinstance(rules.timer(plan.kind), Every) and not ticket.status.is_done and not ticket.merged_into


def event_of(kind: str, rules: RuleSet) -> Event | None:
    """The event that timers of that kind are for, None when these rules have none for it."""
    return _TARGETS.get(kind) or rules.timer(kind)


def try_rules(moment: Moment) -> str:
    """The act of a moment that is for rules alone: they are tried afterwards, as at every moment."""
    return str(moment.policy.rules.timer(moment.plan.kind) or "no rule is for that any more")


def follow(moment: Moment, facts: Facts) -> None:
    """Tries the rules for that moment, if it is one for them. Who gets the ticket because of them is told."""
    event = event_of(moment.plan.kind, moment.policy.rules)
    if event is None:
        return
    before = (moment.ticket.team, moment.ticket.category, moment.ticket.assignee)
    steps = len(moment.draft.changes)
    follow_moment(event, facts, moment.policy, moment.draft)
    if (moment.ticket.team, moment.ticket.category, moment.ticket.assignee) == before:
        return
    nobody = place(facts, moment.draft)
    if moment.draft.asks:
        return
    given = any(isinstance(change, Assigned | TeamChanged) for change in moment.draft.changes[steps:])
    company = moment.company
    readers = whom.queue(moment.ticket, company) if nobody else whom.desk(moment.ticket, company, everyone=False)
    for agent in readers if given else ():
        moment.draft.tell(agent, "unassigned" if nobody else "assigned", nobody or "a rule has given it away")
