"""The one value every door ends in: what changes, who is told, and because of what."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mailtix.model.change import Change
from mailtix.model.making import quickly_made
from mailtix.model.personal import Personal
from mailtix.model.standing import Mark
from mailtix.model.ticket import Ticket
from mailtix.model.token import AskNewToken, AskOpenTokens, AskToken, Token, TokenStep


class Outcome(StrEnum):
    """What became of a mail; the journal keeps it. A mail that is WAITING is there until somebody lets it in."""

    OPENED = "opened"
    JOINED = "joined"
    COMMANDED = "commanded"
    REFUSED = "refused"
    HELD = "held"
    RATED = "rated"
    BOUNCED = "bounced"
    NOTED = "noted"
    IGNORED = "ignored"
    DUPLICATE = "duplicate"
    WAITING = "waiting"
    REJECTED = "rejected"


@quickly_made
@dataclass(frozen=True, slots=True)
class Step:
    """One change with who made it and why. `because` names the mail, rule, timer or request. `found` and `after` are
    the ticket before and after it, where that was worked out already."""

    change: Change
    actor: str
    because: str
    found: Ticket | None = field(default=None, compare=False, repr=False)
    after: Ticket | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Tap:
    """A link that writes a mail with that command to the signed address of a ticket (`ticket` 0: of the desk)."""

    label: str
    command: str
    ticket: int = 0
    number: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence for a customer, in his own language: `key` is that of [told] in words.toml, `places` is what it is
    filled with. A status and a moment are put into words as well."""

    key: str
    places: tuple[tuple[str, str | datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: what it says, and what can be tapped there."""

    cells: tuple[str | Phrase, ...]
    taps: tuple[Tap, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """What is told in rows and columns."""

    title: str
    heads: tuple[str | Phrase, ...]
    rows: tuple[Row, ...] = ()


@quickly_made
@dataclass(frozen=True, slots=True)
class Said:
    """What a notice passes on. `spoken` is the name of the person at the desk whose words `text` is: a mail with it is
    not automatic (RFC 3834 section 2). `sender` is who wrote or who was not reached, `sent_at` when we had
    written to him. `attach` asks for the attachments of the mail that caused the notice, or of the journal's mail
    `files_of` when it is not 0; `original` is the number of a mail that goes along as a whole. `done` says what was
    done, `phrases` says it to customers; `warning` is what the reader should beware of; `taps` are offered beside what
    the template offers anyway. `due` is the moment that is spoken of, where it is none of a target; `token` is the
    token of a visit. `subject` is that of the mail that is answered, for mails about no ticket."""

    text: str = ""
    spoken: str = ""
    sender: str = ""
    reason: str = ""
    mistakes: tuple[str, ...] = ()
    attach: bool = False
    sent_at: datetime | None = None
    done: tuple[str, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    warning: str = ""
    tables: tuple[Table, ...] = ()
    files_of: int = 0
    original: int = 0
    taps: tuple[Tap, ...] = ()
    due: datetime | None = None
    token: Token | None = None
    subject: str = ""


@quickly_made
@dataclass(frozen=True, slots=True)
class Notice:
    """Somebody is told something. It becomes one mail.

    `template` names the words; `to` is the address; `agent` says whether the reader belongs to the desk.
    """

    template: str
    to: str
    to_name: str
    agent: bool
    because: str
    language: str = ""
    said: Said = Said()


@dataclass(frozen=True, slots=True)
class AskStaff:
    """The people of that team, with their loads and turns."""

    team: str


@dataclass(frozen=True, slots=True)
class AskAuth:
    """What SPF, DKIM and DMARC say of the mail."""


@dataclass(frozen=True, slots=True)
class AskThread:
    """The messages of a ticket, its history and the answers that left; `files`: of how many of the newest messages the
    files are to be named."""

    ticket: int
    files: int = 0


@dataclass(frozen=True, slots=True)
class AskOriginal:
    """A mail of the journal as it came."""

    journal: int


@dataclass(frozen=True, slots=True)
class AskQuery:
    """The tickets that a query finds, for the agent who asks (`requester` 0), or those of a customer. `within` is one
    more query that has to hold."""

    text: str
    requester: int = 0
    within: str = ""


@dataclass(frozen=True, slots=True)
class AskMine:
    """What is set for the agent who asks."""


@dataclass(frozen=True, slots=True)
class AskStats:
    """The numbers of the day and the week, as they are for the agent who asks."""


@dataclass(frozen=True, slots=True)
class AskConfirmations:
    """How often that person (an address in lower case) was asked since then whether a mail is his."""

    person: str
    since: datetime


@dataclass(frozen=True, slots=True)
class AskWaiting:
    """Whose mail waits in the journal, of these addresses (in lower case)."""

    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hook:
    """Another program is told, at `url`, that a rule has held, and because of what."""

    url: str
    rule: str
    because: str


Ask = (
    AskWaiting
    | AskConfirmations
    | AskStaff
    | AskAuth
    | AskThread
    | AskOriginal
    | AskQuery
    | AskMine
    | AskStats
    | AskNewToken
    | AskToken
    | AskOpenTokens
)


@quickly_made
@dataclass(frozen=True, slots=True)
class TimerPlan:
    """Something to do at a moment. `kind` and `due_at` are its identity within a ticket."""

    kind: str
    due_at: datetime


@quickly_made
@dataclass(frozen=True, slots=True)
class Decision:
    """What happens, and why. `before` is the ticket as it was found, None when one is opened (or none is concerned).

    `after` is the ticket with every step applied. A decision without steps only tells; one without a ticket tells
    somebody what concerns none. `asks` is what must be known before the decision is final: it is made once more when
    that is. `also` are the same mail's decisions about other tickets; they are saved first. `take_back` are the numbers
    of mails in the outbox that must not leave: none of them may have been tried yet. `personal` is what somebody has
    set for himself, `marks` what is noted of senders and of mails that wait. `of` is the journal number of the mail
    that is carried out, where it is not the one that came, but one that was confirmed by it.
    `hands_on` are tickets (by id) that somebody else is to have; each is decided by itself, afterwards. `hooks` are the
    other programs that are told, `tokens` what becomes of tokens for visits.
    """

    outcome: Outcome
    because: str
    before: Ticket | None = None
    after: Ticket | None = None
    steps: tuple[Step, ...] = ()
    notices: tuple[Notice, ...] = ()
    asks: tuple[Ask, ...] = ()
    also: tuple[Decision, ...] = ()
    take_back: tuple[int, ...] = ()
    personal: tuple[Personal, ...] = ()
    marks: tuple[Mark, ...] = ()
    of: int = 0
    hands_on: tuple[int, ...] = ()
    hooks: tuple[Hook, ...] = ()
    tokens: tuple[TokenStep, ...] = ()
