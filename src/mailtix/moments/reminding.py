"""What the desk is reminded of: tickets that nobody has, customers who wait, sleepers that wake, promises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from mailtix.facts import Policy
from mailtix.model.change import Noted, Snoozed
from mailtix.model.decision import Said, TimerPlan
from mailtix.model.desk import Agent
from mailtix.model.ticket import Status, Ticket
from mailtix.moments.moment import ACTOR, Moment
from mailtix.notify import whom
from mailtix.sla import policy_of


def plans(ticket: Ticket, policy: Policy) -> Iterator[TimerPlan]:
    """When to do so. Nobody is reminded of what sleeps, but of what was promised."""
    if ticket.status.is_done:
        return
    terms = policy.reminders
    if ticket.due_at is not None:
        yield TimerPlan("promise", ticket.due_at)
        if terms.due is not None:
            yield TimerPlan("promise_soon", ticket.due_at - terms.due)
    if ticket.snoozed_until is not None:
        yield TimerPlan("wake", ticket.snoozed_until)
        return
    if terms.unassigned is not None and not ticket.assignee and ticket.status is not Status.WAITING_CUSTOMER:
        since = max(ticket.status_since or ticket.created_at, ticket.owner_since or ticket.created_at)
        yield from _planned("unassigned", since, terms.unassigned, ticket, policy)
    if terms.pending is not None and ticket.waiting_since is not None:
        yield from _planned("pending", ticket.waiting_since, terms.pending, ticket, policy)


def _planned(kind: str, since: datetime, span: timedelta, ticket: Ticket, policy: Policy) -> Iterator[TimerPlan]:
    """So much working time later, by the calendar of the ticket's service level."""
    calendar = policy_of(ticket, policy.sla).calendar(ticket.priority)
    try:
        yield TimerPlan(kind, calendar.add_working(since, span))
    except OverflowError:  # further ahead than there are days
        return


def unassigned(moment: Moment) -> str:
    """The team and its lead hear that nobody has it; where there is no team, everybody does."""
    because = "nobody has taken it"
    lead = whom.leads(moment.ticket, moment.company)
    return _remind(moment, "left", because, tuple(dict.fromkeys((*moment.desk(), *lead))))


def pending(moment: Moment) -> str:
    """Whoever looks after it hears that the customer waits."""
    return _remind(moment, "pending", "the customer waits for an answer", moment.desk())


def wake(moment: Moment) -> str:
    """It sleeps no more, and whoever looks after it is told."""
    because = "the time for which it was put aside is over"
    moment.draft.change(Snoozed(None), ACTOR, because)
    for agent in moment.desk():
        moment.draft.tell(agent, "awake", because)
    return because


def promise_soon(moment: Moment) -> str:
    """Whoever looks after it hears that a promise is near; when that comes too late, the next reminder is enough."""
    return "too late to say that it is near" if moment.is_late else _promised(moment)


def promise(moment: Moment) -> str:
    """Whoever looks after it hears that a promise is due."""
    return _promised(moment)


def _promised(moment: Moment) -> str:
    due = moment.ticket.due_at
    because = f"promised for {due:%Y-%m-%d %H:%M} UTC" if due else "promised"
    return _remind(moment, "reminder", because, moment.desk(), due)


def _remind(
    moment: Moment, template: str, because: str, readers: tuple[Agent, ...], due: datetime | None = None
) -> str:
    moment.draft.change(Noted("reminder", because), ACTOR, because)
    for agent in readers:
        moment.draft.tell(agent, template, because, Said(due=due))
    return because
