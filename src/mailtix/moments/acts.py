"""Which act belongs to which moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from mailtix.draft import Draft
from mailtix.facts import Facts, Policy
from mailtix.model.decision import Decision, Outcome, TimerPlan
from mailtix.model.desk import Company
from mailtix.model.ticket import Ticket
from mailtix.moments import asking, closing, reminding, ruled, targets
from mailtix.moments.moment import Act, Moment
from mailtix.moments.planning import plans
from mailtix.rules.events import is_timer
from mailtix.ruling import facts_of_moment
from mailtix.sla import Target
from mailtix.surveys import Asked

_ACTS: Mapping[str, Act] = {
    "survey": asking.survey,
    "close_warning": closing.warn,
    "close": closing.close,
    "wake": reminding.wake,
    "promise_soon": reminding.promise_soon,
    "promise": reminding.promise,
    "unassigned": reminding.unassigned,
    "pending": reminding.pending,
    **{f"{target}_warning": targets.warn for target in Target},
    **{f"{target}_breach": targets.breach for target in Target},
}

_NEVER = Asked()


def decide_moment(
    ticket: Ticket,
    plan: TimerPlan,
    company: Company,
    policy: Policy,
    now: datetime,
    asked: Asked = _NEVER,
    facts: Facts | None = None,
) -> Decision:
    """What is done when that moment has come. The ticket is asked once more whether it still waits for it. `facts` are
    what was looked up for rules."""
    if plan not in plans(ticket, policy) and not ruled.comes_again(plan, ticket, policy.rules):
        return Decision(Outcome.IGNORED, f"{plan.kind} does not apply any more", ticket, ticket)
    moment = Moment(plan, Draft(ticket, company.name, now), company, policy, asked)
    because = _act(plan.kind)(moment)
    ruled.follow(moment, facts or facts_of_moment(ticket, company, now))
    outcome = Outcome.NOTED if moment.draft.changes else Outcome.IGNORED
    return moment.draft.decision(outcome, because, policy.sla)


def _act(kind: str) -> Act:
    if is_timer(kind):
        return ruled.try_rules
    return targets.escalate if targets.level_of(kind) else _ACTS[kind]
