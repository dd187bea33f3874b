"""What is noted of senders and of mails that wait for a word, beside what happens to tickets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailtix.model.making import quickly_made


@quickly_made
@dataclass(frozen=True, slots=True)
class Standing:
    """How a sender stands with us.

    `spam` says who called him a sender of spam, and why; "" when nobody did. His mail waits in the journal since
    `silent_since`, and the newest of it came at `silent_last`. For the limits only that counts which came after
    `counted_from`. Whoever has the same number as `customer` is the same customer; None: nobody else is.
    """

    spam: str = ""
    silent_since: datetime | None = None
    silent_last: datetime | None = None
    counted_from: datetime | None = None
    customer: int | None = None


@dataclass(frozen=True, slots=True)
class ConfirmationAsked:
    """The mail that is decided does nothing before `person` (an address in lower case) has confirmed it, until then."""

    person: str
    until: datetime


@dataclass(frozen=True, slots=True)
class ConfirmationSettled:
    """The mail with that journal number was confirmed, or not: `outcome` is a word for what became of it."""

    journal: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Silenced:
    """The mail that is decided waits in the journal, and so does what else comes from `sender`, since `since`."""

    sender: str
    since: datetime


@dataclass(frozen=True, slots=True)
class LetIn:
    """What waits of that sender is processed, and the limits begin to count anew. He sends no spam."""

    sender: str


@dataclass(frozen=True, slots=True)
class SpamSender:
    """What comes from that sender from now on waits in the journal; `because` says who wants it so."""

    sender: str
    because: str


@dataclass(frozen=True, slots=True)
class Surveyed:
    """That customer (an address in lower case) was asked how it went."""

    person: str


@dataclass(frozen=True, slots=True)
class Joined:
    """These two addresses (in lower case) are one customer's."""

    one: str
    other: str


@dataclass(frozen=True, slots=True)
class Parted:
    """That address (in lower case) is no other one's any more."""

    email: str


Mark = Surveyed | ConfirmationAsked | ConfirmationSettled | Silenced | LetIn | SpamSender | Joined | Parted
