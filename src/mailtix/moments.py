"""What happens at a moment, and why: warnings, missed targets, surveys. Pure."""

from __future__ import annotations

from datetime import datetime

from mailtix.draft import Draft
from mailtix.facts import Policy
from mailtix.model.change import Noted
from mailtix.model.decision import Decision, Outcome, Said, TimerPlan
from mailtix.model.desk import Company
from mailtix.model.ticket import Ticket
from mailtix.notify import whom
from mailtix.sla import Target, due_of
from mailtix.sla import timers as sla_timers
from mailtix.surveys import timers as survey_timers

# A survey about work that ended long ago is a nuisance: after a long downtime it is left out.
_SURVEY_DAYS = 14


def plans(ticket: Ticket, policy: Policy) -> frozenset[TimerPlan]:
    """Every moment that a ticket waits for, as it stands."""
    if ticket.merged_into:  # whatever is to be done is done with the ticket that it is a part of now
        return frozenset()
    return sla_timers(ticket, policy.sla) | survey_timers(ticket, policy.survey)


def decide_moment(ticket: Ticket, plan: TimerPlan, company: Company, policy: Policy, now: datetime) -> Decision:
    """What is done when that moment has come. The ticket is asked once more whether it still waits for it."""
    if plan not in plans(ticket, policy):
        return Decision(Outcome.IGNORED, f"{plan.kind} does not apply any more", ticket, ticket)
    if plan.kind == "survey":
        return _survey(ticket, plan, company, policy, now)
    target, _, what = plan.kind.rpartition("_")
    return _target(ticket, target, what, company, policy, now)


def _survey(ticket: Ticket, plan: TimerPlan, company: Company, policy: Policy, now: datetime) -> Decision:
    draft = Draft(ticket, company.name, now)
    if not ticket.answerable:
        return draft.decision(Outcome.IGNORED, "nobody there to ask", policy.sla)
    if (now - plan.due_at).days >= _SURVEY_DAYS:
        return draft.decision(Outcome.IGNORED, "too late to ask", policy.sla)
    because = "closed for a while, and not yet rated"
    draft.change(Noted("survey", f"{ticket.requester.email} was asked how it went"), "mailtix", because)
    draft.tell(ticket.requester, "survey", because)
    return draft.decision(Outcome.NOTED, because, policy.sla)


def _target(ticket: Ticket, target: str, what: str, company: Company, policy: Policy, now: datetime) -> Decision:
    draft = Draft(ticket, company.name, now)
    due = due_of(Target(target), ticket)
    name = target.replace("_", " ")
    words = f"the {name} was due at" if what == "breach" else f"the {name} is due at"
    because = f"{words} {due:%Y-%m-%d %H:%M:%S} UTC" if due else words
    draft.change(Noted(f"sla_{what}", because), "mailtix", because)
    for agent in whom.desk(ticket, company, everyone=policy.notify_unassigned):
        draft.tell(agent, f"sla_{what}", because, Said(reason=target))
    return draft.decision(Outcome.NOTED, because, policy.sla)
