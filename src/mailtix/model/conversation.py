"""A ticket's conversation and history as they are read, and the mails that left because of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mailtix.model.mail import InboundMail
from mailtix.model.making import quickly_made
from mailtix.model.ticket import Author, Ticket, Visibility


class Overtaken(StrEnum):
    """What becomes of an agent's answer when a colleague has answered since his copy was sent: it goes out and he is
    told, or it is held and he is asked, or nobody looks."""

    WARN = "warn"
    HOLD = "hold"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message as it stands in its ticket. `journal` is the number of the mail that brought it, 0 for none; `kind` the
    kind of that mail (human, automatic …)."""

    id: int
    at: datetime
    author: Author
    sender: str
    name: str
    visibility: Visibility
    text: str
    kind: str = "human"
    journal: int = 0

    @property
    def who(self) -> str:
        """The name of who wrote it, else his address."""
        return self.name or self.sender or "nobody"


@dataclass(frozen=True, slots=True)
class Trace:
    """A line of history. `old` and `new` are the field's values as text; `cause` is J12 (journal), T5 (timer), O7
    (outbox) or a request's name."""

    at: datetime
    actor: str
    field: str
    old: str
    new: str
    text: str
    because: str
    cause: str


@dataclass(frozen=True, slots=True)
class WrittenMail:
    """An answer to a customer in the outbox. `waits` says that nothing has been done yet to send it."""

    id: int
    cause: str
    to: str
    state: str
    waits: bool


@dataclass(frozen=True, slots=True)
class Conversation:
    """Everything that was said and done about a ticket, oldest first. `files` are the names of the files that came with
    a message, by the number of its mail in the journal."""

    messages: tuple[Spoken, ...] = ()
    history: tuple[Trace, ...] = ()
    answers: tuple[WrittenMail, ...] = ()
    files: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    files_asked: bool = False

    @property
    def waiting_since(self) -> datetime | None:
        """When the customer wrote what nobody has answered yet; None when nothing waits for an answer."""
        since = None
        for message in self.messages:
            if message.visibility is not Visibility.PUBLIC or message.kind != "human":
                continue
            if message.author is Author.CUSTOMER:
                since = since or message.at
            elif message.author is Author.AGENT:
                since = None
        return since


@dataclass(frozen=True, slots=True)
class Original:
    """A mail as it came. `withheld` says why it may not be passed on as a whole, "" if it may."""

    mail: InboundMail
    withheld: str = ""


@quickly_made
@dataclass(frozen=True, slots=True)
class Named:
    """Tickets that a mail speaks of by their numbers (in upper case). `near` pairs a number that there is not with one
    that there is, and that may have been meant."""

    tickets: Mapping[str, Ticket] = field(default_factory=dict)
    near: Mapping[str, str] = field(default_factory=dict)
