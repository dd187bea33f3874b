"""Every moment that a ticket waits for: a pure function of the ticket as it stands."""

from __future__ import annotations

from mailtix import sla, surveys
from mailtix.facts import Policy
from mailtix.model.decision import TimerPlan
from mailtix.model.ticket import Ticket
from mailtix.moments import closing, reminding, ruled, targets
from mailtix.rules.events import is_timer
from mailtix.sla import Target


def plans(ticket: Ticket, policy: Policy) -> frozenset[TimerPlan]:
    """The moments. Whoever changes a ticket changes them by that; what has happened already is known to the store."""
    if ticket.merged_into:  # whatever is to be done is done with the ticket that it is a part of now
        return frozenset()
    return frozenset(
        (
            *sla.timers(ticket, policy.sla),
            *targets.plans(ticket, policy),
            *closing.plans(ticket, policy.closing),
            *reminding.plans(ticket, policy),
            *surveys.timers(ticket, policy.survey),
            *ruled.plans(ticket, policy.rules),
        )
    )


def why(kind: str) -> str:
    """What is done at a moment of that kind, in words."""
    target, _, what = kind.rpartition("_")
    if target in _TARGETS:
        return f"{Target(target).words} {_WORDS[what]}"
    if level := targets.level_of(kind):
        return f"a target was missed: it goes up to step {level}"
    if is_timer(kind):
        return "nobody has written for long: rules are tried" if "_idle_" in kind else "its time comes: rules are tried"
    return _WORDS.get(kind, kind)


_TARGETS = frozenset(target.value for target in Target)
_WORDS = {
    "warning": "is near: the desk is warned",
    "breach": "is missed: the desk is alerted",
    "close_warning": "the customer has not answered: he is told that it will be closed",
    "close": "nobody goes on with it: it is closed",
    "wake": "it is awake again, and the desk is told",
    "promise_soon": "what was promised is due soon: the desk is reminded",
    "promise": "what was promised is due: the desk is reminded",
    "unassigned": "nobody has it: the desk is alerted",
    "pending": "the customer waits for an answer: the desk is reminded",
    "survey": "the customer is asked how it went",
}
