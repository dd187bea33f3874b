"""When a customer is asked how it went, and what the answer means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from mailtix.model.change import Rated
from mailtix.model.decision import TimerPlan
from mailtix.model.ticket import Status, Ticket

__all__ = ["Terms", "answer", "timers"]

# The mark begins the first line: "5", "5 - great", "4 thanks", "4/5", "Rating: 3". It is only looked for in answers to
# a survey, so a digit at the beginning is an answer; "12", "1/2" and "50%" are not.
_MARK = re.compile(
    r"(?:(?:rating|rate|note|bewertung)\s*[:=]?\s*)?([1-5])(?:\s*(?:/|of|von|out of)\s*5)?(?![\w/%]|[.,]\d)"
    r"[ \t]*[-–—:.,;!)]*[ \t]*(.*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Terms:
    """Whether customers are asked, and how long after closing."""

    enabled: bool = True
    after: timedelta = timedelta(hours=24)


def timers(ticket: Ticket, terms: Terms) -> frozenset[TimerPlan]:
    """When to ask about a ticket, as it stands: only once it is closed, and not when it is rated already."""
    if not terms.enabled or ticket.status is not Status.CLOSED or ticket.closed_at is None or ticket.rating is not None:
        return frozenset()
    return frozenset({TimerPlan("survey", ticket.closed_at + terms.after)})


def answer(reply: str) -> Rated | None:
    """The mark (1 to 5) and the words of an answer to a survey, None when it holds no mark.

    The mark must begin the first line; everything after it is feedback.
    """
    first, _, rest = reply.strip().partition("\n")
    match = _MARK.match(first.strip()[:500])
    if match is None:
        return None
    return Rated(int(match[1]), f"{match[2].strip()}\n{rest.strip()}".strip())
