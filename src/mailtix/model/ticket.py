"""Tickets, the changes that make them, and the people in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailtix.model.desk import Strategy


class Status(StrEnum):
    OPEN = "open"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    WAITING_CUSTOMER = "waiting_customer"
    WAITING_SUPPORT = "waiting_support"
    WAITING_INTERNAL = "waiting_internal"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"
    CANCELLED = "cancelled"

    @property
    def is_done(self) -> bool:
        """Nobody is expected to work on it any more."""
        return self in (Status.RESOLVED, Status.CLOSED, Status.CANCELLED)


class Priority(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"
    CRITICAL = "critical"


class Author(StrEnum):
    CUSTOMER = "customer"
    AGENT = "agent"
    SYSTEM = "system"


class Visibility(StrEnum):
    """Who may see a message. HELD waits beside the ticket for an agent's word (nobody else is shown it)."""

    PUBLIC = "public"
    INTERNAL = "internal"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody outside the desk, known by address. `id` is 0 until the store has one for him.

    `undeliverable` says why mail to him failed for good, "" while it arrives.
    """

    id: int
    email: str
    name: str = ""
    language: str = ""
    undeliverable: str = ""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as it stands. `number` is what people see; `id` is ours. Times are aware UTC.

    `participants` are the addresses (lower case) that belong to the conversation, the requester first. `answerable`
    is False when a machine opened it: then nothing automatic is ever sent to the requester.
    """

    id: int
    company: str
    number: str
    subject: str
    requester: Person
    mailbox: str
    source: str
    created_at: datetime
    status: Status = Status.OPEN
    priority: Priority = Priority.MEDIUM
    category: str = ""
    assignee: str = ""
    team: str = ""
    tags: frozenset[str] = frozenset()
    participants: tuple[str, ...] = ()
    updated_at: datetime | None = None
    first_response_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    first_response_due: datetime | None = None
    resolution_due: datetime | None = None
    resolution_from: datetime | None = None
    rating: int | None = None
    feedback: str = ""
    answerable: bool = True
    version: int = 0


# ---------------------------------------------------------------- changes


@dataclass(frozen=True, slots=True)
class Opened:
    """A ticket begins."""

    subject: str
    requester: Person
    mailbox: str
    source: str
    answerable: bool = True


@dataclass(frozen=True, slots=True)
class MessageAdded:
    """Somebody said something. `sender` is an address; `message_id` that of the mail (without brackets).

    `text` is the new part; the whole mail stays in the journal. `kind` is the kind of mail (human, automatic …).
    """

    author: Author
    sender: str
    sender_name: str
    visibility: Visibility
    text: str
    message_id: str = ""
    kind: str = "human"
    because: str = ""


@dataclass(frozen=True, slots=True)
class MessageReleased:
    """A held message is let in."""

    message: int
    sender: str


@dataclass(frozen=True, slots=True)
class StatusChanged:
    to: Status


@dataclass(frozen=True, slots=True)
class PriorityChanged:
    to: Priority


@dataclass(frozen=True, slots=True)
class CategoryChanged:
    to: str


@dataclass(frozen=True, slots=True)
class Assigned:
    """`to` is an agent's key; "" puts the ticket back into the queue. `turn_of` is the team that picked him, "" when
    somebody or a rule named him."""

    to: str
    turn_of: str = ""


@dataclass(frozen=True, slots=True)
class TeamChanged:
    """`strategy` picks one of the team, this time; None: the team's own does, if it has one."""

    to: str
    strategy: Strategy | None = None


@dataclass(frozen=True, slots=True)
class Tagged:
    tag: str


@dataclass(frozen=True, slots=True)
class Untagged:
    tag: str


@dataclass(frozen=True, slots=True)
class ParticipantJoined:
    """`email` in lower case belongs to the conversation from now on."""

    email: str


@dataclass(frozen=True, slots=True)
class Responded:
    """An agent's first answer has gone to the customer."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The first answer did not arrive, so there was none."""


@dataclass(frozen=True, slots=True)
class AddressFailed:
    """Mail to `email` failed for good."""

    email: str
    reason: str


@dataclass(frozen=True, slots=True)
class AddressWorks:
    """`email`, which had failed, is in use again."""

    email: str


@dataclass(frozen=True, slots=True)
class RequesterChanged:
    """The ticket is somebody else's: who only passed it on makes way for who asked."""

    email: str
    name: str


@dataclass(frozen=True, slots=True)
class TargetsSet:
    """The SLA's due times, or None where a target does not apply. The resolution's time runs from `resolution_from`:
    the opening, or the newest reopening."""

    first_response_due: datetime | None
    resolution_due: datetime | None
    resolution_from: datetime


@dataclass(frozen=True, slots=True)
class Rated:
    """`rating` is 1 (worst) to 5; `feedback` the customer's words."""

    rating: int
    feedback: str


@dataclass(frozen=True, slots=True)
class Noted:
    """Something happened to the ticket that changes none of its fields: a bounce, a missed target, a rejection."""

    kind: str
    text: str


Change = (
    Opened
    | MessageAdded
    | MessageReleased
    | StatusChanged
    | PriorityChanged
    | CategoryChanged
    | Assigned
    | TeamChanged
    | Tagged
    | Untagged
    | ParticipantJoined
    | Responded
    | Unanswered
    | AddressFailed
    | AddressWorks
    | RequesterChanged
    | TargetsSet
    | Rated
    | Noted
)
