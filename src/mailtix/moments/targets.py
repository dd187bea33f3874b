"""A target is near, or it was missed: who is told, and how the ticket goes up from step to step."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailtix.facts import Policy
from mailtix.model.change import Escalated, Noted, TargetMissed
from mailtix.model.decision import Said, TimerPlan
from mailtix.model.ticket import Ticket
from mailtix.moments.moment import ACTOR, Moment
from mailtix.notify import whom
from mailtix.sla import TARGETS, Target, clocks, due_of, is_running, policy_of

_STEP = re.compile(r"(?P<target>\w+)_escalation_(?P<level>\d+)")


def plans(ticket: Ticket, policy: Policy) -> Iterator[TimerPlan]:
    """The steps that a ticket goes up once a target is missed: the first at once, one more after each `every` of
    working time, until the target is reached. What it has gone up already it does not go again. Only the next step
    waits: when several come late, no other node can take a later one before it."""
    terms, level = policy.escalation, ticket.escalation + 1
    if not terms.on_breach or ticket.status.is_done or level > len(terms.chain):
        return
    for target in TARGETS:
        at = due_of(target, ticket)
        if at is None or not is_running(target, ticket):
            continue
        if level > 1:
            calendar = policy_of(ticket, policy.sla).calendar(ticket.priority)
            try:
                at = calendar.add_working(at, (level - 1) * terms.every)
            except OverflowError:
                return
        yield TimerPlan(f"{target}_escalation_{level}", at)


def level_of(kind: str) -> int:
    """The step of that kind of moment, 0 when it is none."""
    found = _STEP.fullmatch(kind)
    return int(found["level"]) if found else 0


def warn(moment: Moment) -> str:
    """The assignee hears that a target is near; if there is none, the team does."""
    target = Target(moment.plan.kind.removesuffix("_warning"))
    because = _because(target, moment.ticket, "is")
    moment.draft.change(Noted("sla_warning", because), ACTOR, because)
    for agent in moment.desk():
        moment.draft.tell(agent, "sla_warning", because, Said(reason=target))
    return because


def breach(moment: Moment) -> str:
    """The assignee and the lead hear that a target was missed, and the customer where that is wanted."""
    target, ticket = Target(moment.plan.kind.removesuffix("_breach")), moment.ticket
    because = _because(target, ticket, "was")
    moment.draft.change(_missed(target, moment), ACTOR, because)
    for agent in dict.fromkeys((*moment.desk(), *whom.leads(ticket, moment.company))):
        moment.draft.tell(agent, "sla_breach", because, Said(reason=target))
    if moment.policy.escalation.tell_customer and ticket.answerable and not moment.is_late:
        moment.draft.tell(ticket.requester, "late", because, Said(reason=target))
    return because


def escalate(moment: Moment) -> str:
    """Brings the ticket to whoever stands on that step."""
    level, ticket = level_of(moment.plan.kind), moment.ticket
    above = whom.steps(ticket, moment.company, moment.policy.escalation.chain)
    if level > len(above):
        return "nobody stands above"
    target = Target(moment.plan.kind.partition("_escalation_")[0])
    because, readers = _because(target, ticket, "was"), above[level - 1]
    moment.draft.change(Escalated(level, ", ".join(reader.key for reader in readers), because), ACTOR, because)
    for reader in readers:
        template = "escalated" if moment.company.agent(reader.key) else "informed"
        if not moment.draft.tells(reader.email):
            moment.draft.tell(reader, template, because, Said(reason=because))
    return because


def _missed(target: Target, moment: Moment) -> TargetMissed:
    policy = policy_of(moment.ticket, moment.policy.sla)
    clock = next(clock for clock in clocks(moment.ticket, policy) if clock.target is target)
    return TargetMissed(target.value, policy.name, clock.started_at, moment.plan.due_at)


def _because(target: Target, ticket: Ticket, verb: str) -> str:
    due = due_of(target, ticket)
    return f"the {target.words} {verb} due" + (f" at {due:%Y-%m-%d %H:%M:%S} UTC" if due else "")
