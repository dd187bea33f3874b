"""Tickets that nobody goes on with: those that wait for their customer, and those that are resolved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from mailtix.model.change import CloseWarned, StatusChanged
from mailtix.model.decision import Said, TimerPlan
from mailtix.model.moment import Closing
from mailtix.model.ticket import Status, Ticket
from mailtix.moments.moment import ACTOR, Moment


def plans(ticket: Ticket, terms: Closing) -> Iterator[TimerPlan]:
    """When to warn, and when to close. A customer who was warned has the time between the two, however late his warning
    was; a ticket that sleeps is left alone."""
    own = terms.of(ticket.category)
    if ticket.status is Status.RESOLVED and own.resolved is not None and ticket.resolved_at is not None:
        yield TimerPlan("close", ticket.resolved_at + own.resolved)
    if ticket.status is not Status.WAITING_CUSTOMER or ticket.snoozed_until is not None:
        return
    since, warned = ticket.status_since or ticket.created_at, ticket.close_warned_at
    if own.after is None:
        return
    if own.warn is None:
        yield TimerPlan("close", since + own.after)
    elif warned is None:
        yield TimerPlan("close_warning", since + own.warn)
    else:
        yield TimerPlan("close", warned + (own.after - own.warn))


def warn(moment: Moment) -> str:
    """The customer hears when the ticket will be closed."""
    ticket, own = moment.ticket, moment.policy.closing.of(moment.ticket.category)
    at = moment.now if moment.is_late else moment.plan.due_at
    because = "the customer was asked and has not answered"
    moment.draft.change(CloseWarned(at), ACTOR, because)
    if ticket.answerable and own.after is not None and own.warn is not None:
        moment.draft.tell(ticket.requester, "closing", because, Said(due=at + (own.after - own.warn)))
    return because


def close(moment: Moment) -> str:
    """It is closed. Who was waited for is told; who was told already that it is solved is not told again."""
    ticket, was = moment.ticket, moment.ticket.status
    own = moment.policy.closing.of(ticket.category)
    span = own.resolved if was is Status.RESOLVED else own.after
    because = f"nobody has written for {_words(span)}" if span else "nobody has written"
    moment.draft.change(StatusChanged(Status.CLOSED), ACTOR, f"{was.replace('_', ' ')}, and {because}")
    if was is Status.WAITING_CUSTOMER and ticket.answerable:
        moment.draft.tell(ticket.requester, "closed", because)
    return because


def _words(span: timedelta) -> str:
    days, hours = divmod(round(span.total_seconds() / 3600), 24)
    return f"{days} days" if not hours else f"{days * 24 + hours} hours"
