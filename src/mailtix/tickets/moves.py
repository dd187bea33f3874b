"""The legal moves between statuses, as data."""

from __future__ import annotations

from mailtix.model.ticket import Status

_WORKING = frozenset(
    {
        Status.OPEN,
        Status.ASSIGNED,
        Status.IN_PROGRESS,
        Status.WAITING_CUSTOMER,
        Status.WAITING_SUPPORT,
        Status.WAITING_INTERNAL,
        Status.ESCALATED,
    }
)
_ENDS = frozenset({Status.RESOLVED, Status.CLOSED, Status.CANCELLED})

# From work one may go to any other work or end; what has ended can only be closed for good or opened again.
MOVES: dict[Status, frozenset[Status]] = {
    **{status: (_WORKING - {Status.OPEN, status}) | _ENDS for status in _WORKING},
    Status.REOPENED: (_WORKING - {Status.OPEN}) | _ENDS,
    Status.RESOLVED: frozenset({Status.CLOSED, Status.REOPENED}),
    Status.CLOSED: frozenset({Status.REOPENED}),
    Status.CANCELLED: frozenset({Status.REOPENED}),
}


def refusal(now: Status, then: Status) -> str:
    """Why a ticket may not go from `now` to `then`, "" if it may (staying where it is always may)."""
    if now is then or then in MOVES[now]:
        return ""
    allowed = ", ".join(sorted(MOVES[now]))
    return f"a ticket that is {now} cannot become {then}; from there it can become: {allowed}"
