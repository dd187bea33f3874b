"""The changes that make a ticket what it is. Each becomes a line of its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from mailtix.model.desk import Strategy
from mailtix.model.making import quickly_made
from mailtix.model.ticket import Author, Person, Priority, Status, Visibility


@quickly_made
@dataclass(frozen=True, slots=True)
class Opened:
    """A ticket begins."""

    subject: str
    requester: Person
    mailbox: str
    source: str
    answerable: bool = True


@quickly_made
@dataclass(frozen=True, slots=True)
class MessageAdded:
    """Somebody said something. `sender` is an address; `message_id` that of the mail (without brackets).

    `text` is the new part; the whole mail stays in the journal. `kind` is the kind of mail (human, automatic …). `auth`
    is what SPF, DKIM, DMARC and ARC say of its writer, in one line; "" when nobody looked. `warning` is what is
    suspicious about him.
    """

    author: Author
    sender: str
    sender_name: str
    visibility: Visibility
    text: str
    message_id: str = ""
    kind: str = "human"
    because: str = ""
    auth: str = ""
    warning: str = ""


@dataclass(frozen=True, slots=True)
class MessageReleased:
    """A held message is let in."""

    message: int
    sender: str


@dataclass(frozen=True, slots=True)
class MessageDiscarded:
    """A message is taken out of the conversation: a held one is turned away, an answer that had not left is taken back.
    `was` is what became of it, in words."""

    message: int
    sender: str
    was: str


@dataclass(frozen=True, slots=True)
class MessageTaken:
    """A message of another ticket (`number`) belongs to this one from now on. `sender` is who wrote it."""

    message: int
    sender: str
    number: str


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
class ParticipantLeft:
    """`email` in lower case hears no more of the conversation."""

    email: str


@dataclass(frozen=True, slots=True)
class Watched:
    """The agent with that key is told of everything from now on."""

    agent: str


@dataclass(frozen=True, slots=True)
class Unwatched:
    agent: str


@dataclass(frozen=True, slots=True)
class FieldSet:
    """A custom field has that value; "" takes it off."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Snoozed:
    """Nobody is to be bothered until then; None: it is awake."""

    until: datetime | None


@dataclass(frozen=True, slots=True)
class DueSet:
    """An agent has promised something until then; None: nothing any more."""

    at: datetime | None


@dataclass(frozen=True, slots=True)
class Escalated:
    """The ticket goes up to that level. `to` is whom it was brought to: agents' keys or addresses, with commas."""

    level: int
    to: str
    reason: str


@dataclass(frozen=True, slots=True)
class CloseWarned:
    """The customer, who is waited for, is told that the ticket will be closed. `at` is when he was to be told, or when
    he was, had that come late."""

    at: datetime


@dataclass(frozen=True, slots=True)
class CannedUsed:
    """A canned response of that name stands in an answer."""

    name: str


@dataclass(frozen=True, slots=True)
class Merged:
    """The ticket is a part of another one from now on, and closed. Its number leads there."""

    into: int
    number: str


@dataclass(frozen=True, slots=True)
class Absorbed:
    """Another ticket's messages belong to this one from now on, and what was promised to its customers is kept:
    the times are those that this one has from now on."""

    ticket: int
    number: str
    first_response_at: datetime | None = None
    resolution_from: datetime | None = None
    waiting_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """It has to do with another ticket: `kind` says what (related, duplicate, split, follow-up). `ticket` 0 means the
    one that is opened by the same decision (Decision.also)."""

    ticket: int
    number: str
    kind: str


@dataclass(frozen=True, slots=True)
class Restored:
    """Fields of the ticket are as they were before: (name, value) with names as in Ticket. It takes changes back."""

    values: tuple[tuple[str, object], ...]


@dataclass(frozen=True, slots=True)
class Paused:
    """No target counts the time from now on."""

    because: str


@dataclass(frozen=True, slots=True)
class Resumed:
    """The time counts again."""

    because: str


@dataclass(frozen=True, slots=True)
class PolicyAsked:
    """A rule has named the service level for this ticket."""

    policy: str


@dataclass(frozen=True, slots=True)
class TargetMet:
    """A target (first_response, next_response, resolution) was reached at `at`, after that much working time. `due_at`
    is None when nothing was promised."""

    target: str
    policy: str
    started_at: datetime
    due_at: datetime | None
    at: datetime
    working: timedelta


@dataclass(frozen=True, slots=True)
class TargetMissed:
    """A target was not reached when it was due."""

    target: str
    policy: str
    started_at: datetime
    due_at: datetime


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


@quickly_made
@dataclass(frozen=True, slots=True)
class TargetsSet:
    """The SLA's due times, or None where a target does not apply. The resolution's time runs from `resolution_from`:
    the opening, or the newest reopening."""

    first_response_due: datetime | None
    resolution_due: datetime | None
    resolution_from: datetime
    next_response_due: datetime | None = None
    policy: str = ""


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
    | MessageDiscarded
    | MessageTaken
    | StatusChanged
    | PriorityChanged
    | CategoryChanged
    | Assigned
    | TeamChanged
    | Tagged
    | Untagged
    | ParticipantJoined
    | ParticipantLeft
    | Watched
    | Unwatched
    | FieldSet
    | Snoozed
    | DueSet
    | Escalated
    | CloseWarned
    | CannedUsed
    | Merged
    | Absorbed
    | Linked
    | Restored
    | Paused
    | Resumed
    | PolicyAsked
    | TargetMet
    | TargetMissed
    | Responded
    | Unanswered
    | AddressFailed
    | AddressWorks
    | RequesterChanged
    | TargetsSet
    | Rated
    | Noted
)
