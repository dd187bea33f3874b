"""What one tap may do: the commands that a notice offers to the agent who reads it."""

from __future__ import annotations

from functools import cache

from mailtix.model.decision import Tap
from mailtix.model.ticket import Ticket

_WORK = ("#resolve", "#take", "#snooze 1d", "#escalate", "#note ")
_OFFERED = {
    "assigned": _WORK,
    "unassigned": ("#take", "#resolve", "#snooze 1d", "#escalate", "#note ", "#spam"),
    "customer_replied": _WORK,
    "undelivered": ("#take", "#note "),
    "note": ("#take", "#note "),
    "notified": ("#take", "#note "),
    "watched": ("#take", "#note ", "#unwatch"),
    "served": ("#take", "#note "),
    "escalated": ("#take", "#resolve", "#escalate", "#note "),
    "held": ("#allow", "#allow-once", "#new", "#spam"),
    "limited": ("#resume",),
    "confirm": ("#yes", "#no"),
    "joined": ("#take", "#show", "#note "),
    "whose": ("#requester",),
    "refused": ("#help",),
    "absent": ("#available",),
    "sla_warning": _WORK,
    "sla_breach": _WORK,
    "left": _WORK,
    "pending": _WORK,
    "awake": _WORK,
    "reminder": _WORK,
    "low_mark": _WORK,
}
# Who holds a stranger's mail in his hands, says whose: another may wait beside it.
_NAMES_SENDER = frozenset({"held", "limited", "whose"})
_FOR_WORK_THAT_GOES_ON = frozenset({"#resolve", "#snooze 1d", "#escalate", "#spam"})


# An answer to these, where they are about no ticket, is about the mail they tell of: it needs no name.
_ALONE = {"limited": ("#resume", "#spam")}


def offered(template: str, ticket: Ticket | None, reader: str, sender: str) -> tuple[Tap, ...]:
    """The taps of a notice to `reader` (an address) about what `sender` wrote. What makes no sense as the ticket stands
    is left out. Their labels are the commands."""
    commands = _OFFERED.get(template, ())
    if ticket is None:
        return tuple(map(_tap, _ALONE.get(template, commands)))
    if template in _NAMES_SENDER:
        return tuple(
            Tap(command, f"{command} {sender}".strip()) for command in commands if sender or template != "whose"
        )
    needless = _FOR_WORK_THAT_GOES_ON if ticket.status.is_done else frozenset()
    needless |= {"#take"} if ticket.assignee == reader.lower() else set()
    return tuple(_tap(command) for command in commands if command not in needless)


@cache  # for each of the above
def _tap(command: str) -> Tap:
    return Tap(command, command)
