"""What ties a mail to a ticket, and how sure we are who wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum

from mailtix.model.making import quickly_made


class Purpose(StrEnum):
    """What a signed reply address may be used for."""

    CUSTOMER = "c"
    AGENT = "a"
    SURVEY = "s"
    BOUNCE = "b"
    DESK = "d"
    CONFIRM = "x"

    @property
    def names_ticket(self) -> bool:
        """Whether its number is that of a ticket: a desk's key has none, that of a confirmation names a mail."""
        return self not in (Purpose.DESK, Purpose.CONFIRM)


@quickly_made
@dataclass(frozen=True, slots=True)
class Claims:
    """What a signed reply address says: this person may do that to this ticket, until then.

    `ticket` 0 is none: it only says who writes. Of a CONFIRM key it is the journal number of the mail to be confirmed.
    `generation` counts how often the person's keys had been revoked when this one was made.
    """

    ticket: int
    person: int
    purpose: Purpose
    expires: date
    generation: int = 0


@dataclass(frozen=True, slots=True)
class Keyholder:
    """Whom keys are made for, and how often his keys were revoked: only those of the newest generation are believed."""

    person: int
    generation: int = 0


class Strength(IntEnum):
    """The order in which evidence counts; the strongest wins."""

    TOKEN = 1
    OUR_ID = 2
    TAG = 3
    KNOWN_ID = 4


@quickly_made
@dataclass(frozen=True, slots=True)
class Evidence:
    """One sign that a mail belongs to a ticket. `value` is the token, the message id or the ticket number."""

    strength: Strength
    value: str
    because: str
    claims: Claims | None = None


@quickly_made
@dataclass(frozen=True, slots=True)
class Found:
    """The ticket a mail belongs to, and why."""

    ticket: int
    strength: Strength
    because: str
    claims: Claims | None = None


class Role(StrEnum):
    """What the writer may do. UNPROVEN: From names an agent, but nothing proves it. STRANGER: no part of the ticket."""

    AGENT = "agent"
    CUSTOMER = "customer"
    UNPROVEN = "unproven"
    STRANGER = "stranger"


@quickly_made
@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote a mail. `email` in lower case; `because` says what that rests on. `asks`: whether he really did is
    still to be looked up (SPF, DKIM, DMARC), and the role may be another one then."""

    role: Role
    email: str
    because: str
    asks: bool = False
