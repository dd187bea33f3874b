"""What a decision means for the clocks of its ticket: pauses begin and end, targets are reached and planned anew.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from mailtix.model.change import Change, Paused, Resumed, TargetMet, TargetsSet
from mailtix.model.copies import replace
from mailtix.model.ticket import Pause, Ticket
from mailtix.sla.clock import clock_of, has_clock, standing, stopped
from mailtix.sla.policy import SNOOZED, TARGETS, Policy, Target, Terms, choose, policy_of

Reasoned = tuple[Change, str]


def settle(before: Ticket | None, after: Ticket, terms: Terms, now: datetime) -> tuple[Reasoned, ...]:
    """The changes that follow from what became of a ticket, each with its reason. `before` None: it was opened."""
    policy = policy_of(after, terms)
    pauses = tuple(_pauses(after, terms))
    reached = tuple(_reached(before, after, policy, now)) if before is not None else ()
    paused = after
    if pauses:
        paused = replace(after, pauses=_with(after.pauses, [change for change, _ in pauses], now))
    targets = _targets(before, paused, policy, terms, now)
    changes = [*pauses, *((change, f"after {change.working} of working time") for change in reached)]
    if targets != _current(after):
        changes.append((targets, _why(before, after, terms, [change for change, _ in pauses])))
    return tuple(changes)


def pausing(ticket: Ticket, terms: Terms) -> str:
    """Why no target counts the time of a ticket as it stands, "" when they do."""
    if ticket.status.is_done or ticket.status.value in terms.pauses:
        return ticket.status.value
    return SNOOZED if ticket.snoozed_until is not None and SNOOZED in terms.pauses else ""


def older_clocks(ticket: Ticket, other: Ticket) -> Ticket:
    """The ticket as it counts once it has taken the other one over: the stricter of both, so each from the earliest.
    Of two the one that is done asks for nothing any more."""
    both = [one for one in (ticket, other) if not one.status.is_done] or [ticket, other]
    waiting = [one.waiting_since for one in both if one.waiting_since is not None]
    begun = min(one.resolution_from or one.created_at for one in both)
    return replace(ticket, resolution_from=begun, waiting_since=min(waiting, default=None))


def _pauses(ticket: Ticket, terms: Terms) -> Iterator[Reasoned]:
    """The pause that goes on is ended when its reason is gone, and another begun when there is one."""
    now, reason = standing(ticket.pauses), pausing(ticket, terms)
    if now is not None and now.because != reason:
        yield Resumed(now.because), f"no longer {now.because.replace('_', ' ')}"
    if reason and (now is None or now.because != reason):
        yield Paused(reason), f"{reason.replace('_', ' ')}: no target counts this time"


def _with(pauses: tuple[Pause, ...], changes: list[Change], now: datetime) -> tuple[Pause, ...]:
    for change in changes:
        match change:
            case Resumed():
                pauses = tuple(replace(pause, end=pause.end or now) for pause in pauses)
            case Paused(because=because):
                pauses = (*pauses, Pause(now, None, because))
            case _:
                pass
    return pauses


def _reached(before: Ticket, after: Ticket, policy: Policy, now: datetime) -> Iterator[TargetMet]:
    """The targets that this decision has reached, in time or not, promised or not."""
    for target in TARGETS:
        if has_clock(target, before) and _is_reached(target, before, after, now):
            clock = stopped(clock_of(target, replace(before, priority=after.priority), policy), now)
            yield TargetMet(target.value, policy.name, clock.started_at, clock.due_at(), now, clock.worked(now))


def _is_reached(target: Target, before: Ticket, after: Ticket, now: datetime) -> bool:
    match target:
        case Target.FIRST_RESPONSE:  # an earlier one came with a ticket that was taken over, and is in its log
            return before.first_response_at is None and after.first_response_at == now
        case Target.NEXT_RESPONSE:
            return before.waiting_since is not None and after.waiting_since is None
        case Target.RESOLUTION:
            # What was given up is no solution, and what was merged is solved elsewhere.
            solved = after.resolved_at is not None and after.status.is_done and not after.merged_into
            return solved and not before.status.is_done


def _targets(before: Ticket | None, after: Ticket, policy: Policy, terms: Terms, now: datetime) -> TargetsSet:
    """The due times of a ticket. What was reached keeps the time that it was due at then, whatever changes later."""
    start, counted = after.resolution_from or after.created_at, after
    if before is not None and before.status.is_done and not after.status.is_done and terms.restart:
        # A ticket that was taken over just now brings its own beginning.
        start = now if after.resolution_from == before.resolution_from else start
        counted = replace(after, resolution_from=start)

    def due(target: Target, kept: datetime | None) -> datetime | None:
        if not has_clock(target, counted):
            return None
        clock = clock_of(target, counted, policy)
        if clock.stopped_at is None:
            return clock.due_at()
        if before is None or _is_reached(target, before, after, now):
            return stopped(clock, now).due_at()
        return kept

    return TargetsSet(
        due(Target.FIRST_RESPONSE, after.first_response_due),
        due(Target.RESOLUTION, after.resolution_due),
        start,
        due(Target.NEXT_RESPONSE, after.next_response_due),
        policy.name,
    )


def _current(ticket: Ticket) -> TargetsSet | None:
    if ticket.resolution_from is None:
        return None
    return TargetsSet(
        ticket.first_response_due,
        ticket.resolution_due,
        ticket.resolution_from,
        ticket.next_response_due,
        ticket.sla_policy,
    )


def _why(before: Ticket | None, after: Ticket, terms: Terms, pauses: list[Change]) -> str:
    """Why the targets are as they are now."""
    choice = choose(after, terms)
    if before is None or after.sla_policy != choice.policy.name:
        return f"policy {choice.policy.name} ({choice.because}), priority {after.priority}"
    if before.status.is_done and not after.status.is_done:
        return "open again"
    if before.priority is not after.priority:
        return f"priority {after.priority}"
    if any(isinstance(change, Paused) for change in pauses):
        return "the clock stands"
    if pauses:
        return "the clock goes on"
    if before.first_response_at != after.first_response_at or before.waiting_since != after.waiting_since:
        return "the customer waits" if after.waiting_since else "the customer has his answer"
    return "the service level says so now"
