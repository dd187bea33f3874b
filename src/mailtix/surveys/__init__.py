"""When a customer is asked how it went, and what the answer means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailtix.model.change import Rated
from mailtix.model.decision import TimerPlan
from mailtix.model.ticket import Status, Ticket

__all__ = ["PREFERENCE", "Asked", "Terms", "answer", "is_low", "refusal", "stops", "timers"]

# Under that name it is kept that somebody does not want to be asked.
PREFERENCE = "surveys"

# The mark begins the first line: "5", "5 - great", "4 thanks", "4/5", "Rating: 3". It is only looked for in answers to
# a survey, so a digit at the beginning is an answer; "12", "1/2" and "50%" are not.
_MARK = re.compile(
    r"(?:(?:rating|rate|note|bewertung)\s*[:=]?\s*)?([1-5])(?:\s*(?:/|of|von|out of)\s*5)?(?![\w/%]|[.,]\d)"
    r"[ \t]*[-–—:.,;!)]*[ \t]*(.*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Terms:
    """Whether customers are asked, how long after closing, and how long the answer counts. Nobody is asked again before
    `every` has passed. A mark up to `low` (0: none) alerts the desk, and with `reopen` opens the ticket again; with
    `thanks` whoever answers hears that we have it."""

    enabled: bool = True
    after: timedelta = timedelta(hours=24)
    expires: timedelta = timedelta(days=30)
    every: timedelta = timedelta(days=14)
    low: int = 2
    reopen: bool = False
    thanks: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """When a customer was asked last, about whatever ticket, and whether he wants to be asked at all."""

    at: datetime | None = None
    refuses: bool = False


def timers(ticket: Ticket, terms: Terms) -> frozenset[TimerPlan]:
    """When to ask about a ticket, as it stands: only once it is closed, and not when it is rated already."""
    if not terms.enabled or ticket.status is not Status.CLOSED or ticket.closed_at is None or ticket.rating is not None:
        return frozenset()
    return frozenset({TimerPlan("survey", ticket.closed_at + terms.after)})


def refusal(asked: Asked, terms: Terms, now: datetime) -> str:
    """Why a customer is not asked now, "" when he may be."""
    if asked.refuses:
        return "the customer does not want to be asked"
    if asked.at is not None and now - asked.at < terms.every:
        return f"the customer was asked on {asked.at:%Y-%m-%d} already"
    return ""


def is_low(rating: int | None, terms: Terms) -> bool:
    """Whether somebody should look after a customer who has given that mark."""
    return rating is not None and rating <= terms.low


def stops(reply: str) -> bool:
    """Whether an answer to a survey asks not to be asked again."""
    first = reply.strip().partition("\n")[0].strip().lower()
    return first in ("#stop", "stop")


def answer(reply: str) -> Rated | None:
    """The mark (1 to 5) and the words of an answer to a survey, None when it holds no mark.

    The mark must begin the first line; everything after it is feedback.
    """
    first, _, rest = reply.strip().partition("\n")
    match = _MARK.match(first.strip()[:500])
    if match is None:
        return None
    return Rated(int(match[1]), f"{match[2].strip()}\n{rest.strip()}".strip())
