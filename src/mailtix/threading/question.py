"""Whether an answer to a ticket looks like a question of its own. Only a hint: an agent decides."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from difflib import SequenceMatcher

from mailtix.model.ticket import Ticket

# Who writes so long after the last word has mostly found an old mail to answer, and asks something else.
_LONG = timedelta(days=30)
_LONG_DONE = timedelta(days=7)
# Below this the subjects are about different things: "Fire" and "Invoice 47" are, "Invoice 46" and "Invoice" are not.
_ALIKE = 0.5
_WORD = re.compile(r"\w+")


def new_question(subject: str, ticket: Ticket, subjects: Iterable[str], now: datetime) -> str:
    """Why it looks like one, "" when it does not. `subject` is that of the mail without Re: and the ticket's number,
    `subjects` what the ticket is known by."""
    if all(_differs(subject, other) for other in subjects):
        return f"its subject is {subject.strip()[:100]!r}"
    quiet = now - (ticket.updated_at or ticket.created_at)
    if ticket.status.is_done and quiet >= _LONG_DONE:
        return f"the ticket has been {ticket.status} for {quiet.days} days"
    return f"nobody has written for {quiet.days} days" if quiet >= _LONG else ""


def _differs(subject: str, other: str) -> bool:
    """Whether somebody has given the mail a subject that has nothing to do with the ticket's."""
    if subject == other:
        return False
    one, two = (" ".join(_WORD.findall(text.casefold())) for text in (subject, other))
    if not one or not two or one in two or two in one or set(one.split()) & {w for w in two.split() if len(w) > 3}:
        return False
    return SequenceMatcher(None, one[:200], two[:200], autojunk=False).ratio() < _ALIKE
