"""Tokens: numbers that customers bring along when they come themselves. Keys in reply addresses are another thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mailtix.model.ticket import Person


@dataclass(frozen=True, slots=True)
class Token:
    """A number for one visit of one person, with or without a ticket (`ticket` 0: none).

    `assignee`, `issued_by` and `closed_by` are agents' keys; who used the command line without a name is "mailtix".
    `closed_at` None: it is open. `company` is the name of the company that issued it.
    """

    number: str
    person: Person
    issued_at: datetime
    issued_by: str
    company: str
    category: str = ""
    assignee: str = ""
    ticket: int = 0
    ticket_number: str = ""
    closed_at: datetime | None = None
    closed_by: str = ""
    printed_at: datetime | None = None
    id: int = 0

    @property
    def is_open(self) -> bool:
        """Whether the visit is still to come, or under way."""
        return self.closed_at is None


@dataclass(frozen=True, slots=True)
class TokenIssued:
    """There is that token from now on."""

    token: Token


@dataclass(frozen=True, slots=True)
class TokenAssigned:
    """`to` is the key of the agent who looks after the visit, "" for nobody."""

    token: Token
    to: str


@dataclass(frozen=True, slots=True)
class TokenClosed:
    """The visit is over."""

    token: Token


@dataclass(frozen=True, slots=True)
class TokenPrinted:
    """A slip with it was printed."""

    token: Token


TokenChange = TokenIssued | TokenAssigned | TokenClosed | TokenPrinted


@dataclass(frozen=True, slots=True)
class TokenStep:
    """One change of a token, given as it was before; who made it, and why."""

    change: TokenChange
    actor: str
    because: str


@dataclass(frozen=True, slots=True)
class AskNewToken:
    """The number that the `place`th new token (from 0) of this decision gets, and who has that address (in lower
    case)."""

    place: int
    email: str


@dataclass(frozen=True, slots=True)
class AskToken:
    """The token with that number."""

    number: str


@dataclass(frozen=True, slots=True)
class AskOpenTokens:
    """The tokens that are open, the oldest first, `limit` at most; of these categories only, None: of any."""

    limit: int
    categories: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class NewToken:
    """What a new token is made of: its number, and whose it is."""

    number: str
    person: Person


@dataclass(frozen=True, slots=True)
class KnownTokens:
    """What was looked up of tokens: new ones by their question, others by number (None: there is none), and those that
    are open (None: nobody has asked) with how many they are in all."""

    new: Mapping[AskNewToken, NewToken] = field(default_factory=dict)
    by_number: Mapping[str, Token | None] = field(default_factory=dict)
    open: tuple[Token, ...] | None = None
    open_count: int = 0
