"""How much one sender may do before somebody has to look: new tickets, our answers, mails that say the same. Pure.

Two programs that do not know each other for programs answer each other for ever (RFC 3834 section 2); the marks that
should keep them from it are often missing, so what comes and goes is counted as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher

from mailtix.model.making import quickly_made

# Mails are alike in what they say first; comparing whole long ones would cost more than it tells.
_COMPARED = 1_000
_ALIKE = 0.95
# A person may well say "Any news?" again and again; programs have more to say.
_SHORTEST = 20
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Rate:
    """So many within that time."""

    count: int
    per: timedelta

    def __str__(self) -> str:
        minutes = round(self.per.total_seconds() / 60)
        return f"{self.count} in {minutes} minutes"


@dataclass(frozen=True, slots=True)
class Terms:
    """What is allowed: new tickets of a sender, automatic answers to an address, mails of a participant to one ticket
    that say nearly the same."""

    new_tickets: Rate = Rate(10, timedelta(hours=1))
    answers: tuple[Rate, ...] = (
        Rate(10, timedelta(minutes=10)),
        Rate(15, timedelta(minutes=30)),
        Rate(25, timedelta(minutes=60)),
        Rate(50, timedelta(minutes=180)),
        Rate(100, timedelta(minutes=600)),
    )
    alike: Rate = Rate(4, timedelta(days=1))

    @property
    def quiet(self) -> timedelta:
        """After so long without a mail whatever went on is over."""
        return max((rate.per for rate in self.answers), default=timedelta(hours=10))


@dataclass(frozen=True, slots=True)
class Joining:
    """Whether people in To and Cc of a participant's mail take part, too, and how many there may be. More than a few is
    a mailing, not a conversation."""

    by_cc: bool = True
    most: int = 20


@quickly_made
@dataclass(frozen=True, slots=True)
class Traffic:
    """What came from a sender and went to him lately, the newest first: when he opened tickets, when we answered by
    ourselves, and what he wrote to the ticket in question, with the time."""

    opened: Sequence[datetime] = ()
    answered: Sequence[datetime] = ()
    written: Sequence[tuple[datetime, str]] = ()


def too_much(traffic: Traffic, text: str, is_new: bool, terms: Terms, now: datetime) -> str:
    """Why somebody has to look before one more mail is processed, in words; "" when nobody has to."""
    if is_new and _reached(terms.new_tickets, traffic.opened, now):
        return f"more than {terms.new_tickets} from one sender: new tickets"
    for rate in terms.answers:
        if _reached(rate, traffic.answered, now):
            return f"more than {rate} to one address: automatic answers"
    if not is_new and _is_ping_pong(text, traffic.written, terms.alike, now):
        return f"{terms.alike} that say nearly the same: it may be a program that answers us"
    return ""


def _reached(rate: Rate, times: Sequence[datetime], now: datetime) -> bool:
    return sum(now - at < rate.per for at in times) >= rate.count


def _is_ping_pong(text: str, written: Sequence[tuple[datetime, str]], rate: Rate, now: datetime) -> bool:
    """Whether this is the last of so many mails in a row that say nearly the same. Numbers do not count: a program puts
    the time, or the number of a ticket, into each."""
    if rate.count < 2:  # one mail is always like itself
        return False
    before = [words for at, words in written if now - at < rate.per][: rate.count - 1]
    plain = _plain(text)
    if len(plain) < _SHORTEST or len(before) < rate.count - 1:
        return False
    return all(_alike(plain, _plain(words)) for words in before)


def _plain(text: str) -> str:
    return " ".join(_NUMBERS.sub("0", text[:_COMPARED]).casefold().split())


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE
