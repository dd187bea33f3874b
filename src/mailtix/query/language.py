"""What a query can say. The tree is a value; the store makes SQL of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Field(StrEnum):
    """What of a ticket has one of a list of values."""

    STATUS = "status"
    PRIORITY = "priority"
    ASSIGNEE = "assignee"
    TEAM = "team"
    CATEGORY = "category"


class Who(StrEnum):
    """The part somebody has in a ticket."""

    REQUESTER = "requester"
    WRITER = "from"
    WATCHER = "watching"


class Moment(StrEnum):
    """Which time of a ticket is asked about."""

    CREATED = "created"
    UPDATED = "updated"


class SortKey(StrEnum):
    """What comes first: the oldest (created), the longest untouched (updated), the most urgent (priority), what is due
    soonest (due), the worst mark (rating)."""

    CREATED = "created"
    UPDATED = "updated"
    PRIORITY = "priority"
    DUE = "due"
    RATING = "rating"


@dataclass(frozen=True, slots=True)
class Words:
    """A text of the ticket says these words, one after the other. `prefix`: the last one may go on."""

    words: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class OneOf:
    """A field has one of these values; "" is none."""

    field: Field
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tagged:
    """It has that tag (lower case)."""

    tag: str


@dataclass(frozen=True, slots=True)
class Numbered:
    """Its number is this one: whole (upper case, `*` for anything), or digits alone for the last part of it."""

    number: str


@dataclass(frozen=True, slots=True)
class Address:
    """Somebody of that address (lower case, `*` for anything) has that part in it."""

    who: Who
    pattern: str


@dataclass(frozen=True, slots=True)
class Rated:
    """The customer gave it a mark of `least` to `most`."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Age:
    """It was created (updated) before a moment, or at it or after: that long ago, or when a day begins in UTC."""

    moment: Moment
    edge: timedelta | date
    before: bool


@dataclass(frozen=True, slots=True)
class DueWithin:
    """It is open, and something about it is due by then; zero: is late already."""

    span: timedelta


@dataclass(frozen=True, slots=True)
class Snoozed:
    """It sleeps until a moment that has not come yet."""


@dataclass(frozen=True, slots=True)
class FieldIs:
    """A custom field has that value, without regard to case; "" is none."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Node


@dataclass(frozen=True, slots=True)
class All:
    """Each part holds; of no parts: every ticket."""

    parts: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Node, ...]


Node = Words | OneOf | Tagged | Numbered | Address | Rated | Age | DueWithin | Snoozed | FieldIs | Not | All | AnyOf


@dataclass(frozen=True, slots=True)
class Sort:
    """One order of the result. `reverse`: the other way round."""

    key: SortKey
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """Which tickets, and in which order; without one the newest come first. `text` is what was written."""

    where: Node = All()
    sort: tuple[Sort, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something in a query that cannot be understood: `length` characters from `at` on (from 0) of `source`."""

    text: str
    at: int
    length: int
    hint: str = ""
    source: str = ""

    def __str__(self) -> str:
        return f"{self.text}; {self.hint}" if self.hint else self.text

    def pointed(self) -> str:
        """The mistake under the place where it stands, for a terminal or plain text."""
        line = " ".join(self.source.splitlines()) if "\n" in self.source else self.source
        return f"{line}\n{' ' * self.at}{'^' * max(1, self.length)}\n{self}"
