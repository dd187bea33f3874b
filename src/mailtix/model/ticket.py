"""Tickets, the changes that make them, and the people in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mailtix.model.making import quickly_made


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
    """Who may see a message. HELD waits beside the ticket for an agent's word (nobody else is shown it); DISCARDED was
    turned away or taken back, and is kept only to be looked up."""

    PUBLIC = "public"
    INTERNAL = "internal"
    HELD = "held"
    DISCARDED = "discarded"


@quickly_made
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
class Pause:
    """A time that no target counts, and why. `end` None: it goes on."""

    begin: datetime
    end: datetime | None
    because: str


@quickly_made
@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as it stands. `number` is what people see; `id` is ours. Times are aware UTC.

    `participants` are the addresses (lower case) that belong to the conversation, the requester first; `watchers` the
    agents (by key) who are told of everything. `answerable` is False when a machine opened it: then nothing automatic
    is ever sent to the requester. `fields` are the custom fields by name. `due_at` is what an agent has promised,
    `first_response_due` and its like what the service level does: `sla_policy` names the one in force, `sla_asked` the
    one that a rule has asked for. `waiting_since` is when the customer wrote what nobody has answered yet, `pauses` are
    the times that do not count. `escalation` is the level, 0 for none. `merged_into` is the id of the ticket that this
    one became a part of, 0 for none. `status_since` is when it came into its status, was woken, or an agent wrote once
    more to a customer who is waited for; `owner_since` when it was given to whoever has it, or to nobody. At
    `close_warned_at` the customer was told that it will be closed. `spoken_at` is when a person wrote last: a customer,
    or an agent, be it a note.
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
    next_response_due: datetime | None = None
    waiting_since: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    sla_policy: str = ""
    sla_asked: str = ""
    rating: int | None = None
    feedback: str = ""
    answerable: bool = True
    watchers: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    snoozed_until: datetime | None = None
    due_at: datetime | None = None
    escalation: int = 0
    status_since: datetime | None = None
    owner_since: datetime | None = None
    close_warned_at: datetime | None = None
    spoken_at: datetime | None = None
    merged_into: int = 0
    version: int = 0
