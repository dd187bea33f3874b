"""A mail and its ticket as conditions ask for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from functools import cached_property

from mailtix.model.auth import Authentication
from mailtix.model.desk import Account
from mailtix.model.mail import Attachment, InboundMail
from mailtix.model.making import quickly_made
from mailtix.model.suggestion import Suggestion
from mailtix.model.ticket import Person, Priority, Status, Ticket
from mailtix.rules.pattern import Text
from mailtix.rules.sentiment import Measure
from mailtix.rules.spam import score_of

_NOBODY = Person(0, "")


@quickly_made
@dataclass(frozen=True, slots=True)
class MailView:
    """A mail, where it arrived, and what is known besides: the company's name, the mailbox's address, the kind of mail
    in a word, the ticket as it was before any rule (None: it is new), and the customer. `first_ticket` is None where it
    was not looked up, `auth` where nobody has asked, `account` where he belongs to none. `let_in`: no rule
    holds it any more. `suggestion` is the category that similar tickets have."""

    mail: InboundMail
    company: str
    mailbox: str
    kind: str = "human"
    ticket: Ticket | None = None
    customer: Person = _NOBODY
    first_ticket: bool | None = None
    account: Account | None = None
    auth: Authentication | None = None
    let_in: bool = False
    suggestion: Suggestion | None = None


@quickly_made
@dataclass(frozen=True, slots=True)
class State:
    """What rules can change of a ticket, as it stands when the next rule is tried."""

    status: Status = Status.OPEN
    priority: Priority = Priority.MEDIUM
    category: str = ""
    assignee: str = ""
    team: str = ""
    tags: frozenset[str] = frozenset()
    fields: Mapping[str, str] = field(default_factory=dict)
    rating: int | None = None

    @classmethod
    def of(cls, ticket: Ticket | None) -> State:
        """The state of that ticket; of a new one, if there is none."""
        if ticket is None:
            return cls()
        return cls(
            ticket.status,
            ticket.priority,
            ticket.category,
            ticket.assignee,
            ticket.team,
            ticket.tags,
            ticket.fields,
            ticket.rating,
        )


@quickly_made
@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it holds, in words that stand in a ticket's history."""

    holds: bool
    because: str


class Reading:
    """A mail as conditions ask for it. Its texts are prepared once for all rules; `state` goes on from rule to rule."""

    def __init__(self, view: MailView) -> None:
        self.view = view
        self.state = State.of(view.ticket)
        self._tone: float | None = None

    @cached_property
    def sender(self) -> list[Text]:
        return [Text(self.view.mail.from_.addr)]

    @cached_property
    def addressees(self) -> list[Text]:
        return [Text(address.addr) for address in (*self.view.mail.to, *self.view.mail.cc)]

    @cached_property
    def recipients(self) -> list[Text]:
        return [Text(address) for address in self.view.mail.envelope.rcpt_tos]

    @cached_property
    def subject(self) -> list[Text]:
        return [Text(self.view.mail.subject)]

    @cached_property
    def body(self) -> list[Text]:
        return [Text(self.view.mail.reply)]

    @cached_property
    def whole_body(self) -> list[Text]:
        return [Text(self.view.mail.text)]

    @cached_property
    def mailbox(self) -> list[Text]:
        return [Text(self.view.mailbox)]

    @cached_property
    def customer(self) -> list[Text]:
        return [Text(self.view.customer.email or self.view.mail.from_.addr)]

    @cached_property
    def spam_score(self) -> float | None:
        """What the mail server in front of us says, None when it says nothing."""
        return score_of(self.view.mail.headers)

    def tone(self, measure: Measure) -> float | None:
        """How the new text sounds, measured once; None where there is no text."""
        if self._tone is None and self.view.mail.reply.strip():
            self._tone = measure(self.view.mail.reply)
        return self._tone

    @cached_property
    def files(self) -> list[Attachment]:
        """What is attached; pictures inside the text are not."""
        return [attachment for attachment in self.view.mail.attachments if not attachment.inline]

    @cached_property
    def _headers(self) -> dict[str, list[Text]]:
        found: dict[str, list[Text]] = {}
        for name, value in self.view.mail.headers:
            found.setdefault(name.lower(), []).append(Text(_decoded(value)))
        return found

    @property
    def header_names(self) -> Iterable[str]:
        """The names of all header fields, in lower case."""
        return {name.lower() for name, _ in self.view.mail.headers}

    def header(self, name: str) -> list[Text]:
        return self._headers.get(name.lower(), [])


def _decoded(value: str) -> str:
    """The field with its encoded words read (RFC 2047), as it stands if they cannot be."""
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value
