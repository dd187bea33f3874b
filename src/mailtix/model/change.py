"""The changes that make a ticket what it is. Each becomes a line of its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailtix.model.desk import Strategy
from mailtix.model.ticket import Author, Person, Priority, Status, Visibility


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
