"""Finding tickets: the tree of a query becomes one statement."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, assert_never

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from mailtix.model.ticket import Priority, Status, Ticket, Visibility
from mailtix.query import (
    Address,
    Age,
    All,
    AnyOf,
    DueWithin,
    FieldIs,
    Node,
    Not,
    Numbered,
    OneOf,
    Query,
    Rated,
    Snoozed,
    Sort,
    SortKey,
    Tagged,
    Who,
    Words,
)
from mailtix.store import fulltext
from mailtix.store.tables import Utc, companies, messages, people, tickets
from mailtix.store.tickets import select_tickets, ticket_of

_OPEN = tuple(status for status in Status if not status.is_done)
_URGENCY = {priority.value: place for place, priority in enumerate(reversed(Priority))}
_NEVER = literal(datetime(9999, 12, 31, tzinfo=UTC), Utc)
_DIGITS = 9  # of a number's last part, the zeros before it with it
# Written as in the index, which SQLite would not recognise with parameters.
_SENDER: ColumnElement[str] = func.substr(messages.c.sender, literal_column("1"), literal_column("200"))


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks. The desk sees all but what was thrown away; a customer (his address) sees his own tickets, and finds
    them only by what was said to him and by him; his query is read with `Known(customer=True)`."""

    customer: str = ""

    @property
    def seen(self) -> tuple[Visibility, ...]:
        """The visibility of messages that he is shown."""
        return (Visibility.PUBLIC,) if self.customer else (Visibility.PUBLIC, Visibility.INTERNAL, Visibility.HELD)


DESK = Viewer()


def find(
    session: Session, query: Query, company_id: int | None, now: datetime, limit: int, viewer: Viewer = DESK
) -> list[Ticket]:
    """The first `limit` tickets that the query asks for, in its order; without one the newest first. `company_id`
    None: of every company."""
    asked = _Asked(session, company_id, now, viewer)
    order: list[ColumnElement[Any]] = [asked.order(sort) for sort in query.sort]
    order.append(tickets.c.id.desc())
    # First which, then all of them: what is sorted are numbers and not whole rows.
    which = select(tickets.c.id).where(asked.whole(query)).order_by(*order).limit(limit)
    statement = select_tickets().where(tickets.c.id.in_(which)).order_by(*order)
    return [ticket_of(row) for row in session.execute(statement)]


def count(session: Session, query: Query, company_id: int | None, now: datetime, viewer: Viewer = DESK) -> int:
    """How many tickets the query asks for."""
    asked = _Asked(session, company_id, now, viewer)
    number: int = session.execute(select(func.count()).select_from(tickets).where(asked.whole(query))).scalar_one()
    return number


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the meaning of a query hangs on."""

    session: Session
    company_id: int | None
    now: datetime
    viewer: Viewer

    def whole(self, query: Query) -> ColumnElement[bool]:
        """The query, within what the viewer may see."""
        own: ColumnElement[bool]
        if self._on_sqlite and (_is_narrow(query.where) or self.viewer.customer):
            # What the query finds is few; a plus keeps SQLite from going through every ticket of the company for it.
            every: ColumnElement[int] = literal_column("+tickets.company_id")
            own = true() if self.company_id is None else every == self.company_id
        elif self.company_id is None:  # the indexes begin with the company: naming each is faster than naming none
            own = tickets.c.company_id.in_(select(companies.c.id))
        else:
            own = tickets.c.company_id == self.company_id
        parts = [own, self.condition(query.where)]
        if self.viewer.customer:
            parts.append(tickets.c.requester_id.in_(self._people(self.viewer.customer.lower())))
        return and_(*parts)

    def condition(self, node: Node) -> ColumnElement[bool]:
        """What a part of the query means. It is never NULL, so that `not` turns it round."""
        match node:
            case All(parts):
                return and_(true(), *(self.condition(part) for part in parts))
            case AnyOf(parts):
                return or_(false(), *(self.condition(part) for part in parts))
            case Not(part):
                return not_(self.condition(part))
            case Words():
                return tickets.c.id.in_(fulltext.found(self.session, node, self.viewer.seen))
            case OneOf(field, values):
                return tickets.c[field].in_(values)
            case Tagged(tag):
                return or_(*(_json_holds(tickets.c.tags, json.dumps(form)) for form in _cases(tag)))
            case FieldIs(name, value):
                return _field(name, value)
            case Numbered(number):
                return self._numbered(number)
            case Address(who, pattern):
                return self._address(who, pattern)
            case Rated(least, most):
                return and_(tickets.c.rating.is_not(None), tickets.c.rating.between(least, most))
            case Age(moment, edge, before):
                at = tickets.c[f"{moment}_at"]
                return at < self._moment(edge) if before else at >= self._moment(edge)
            case DueWithin(span):
                late = [and_(due.is_not(None), due <= self.now + span) for due in _dues()]
                return and_(tickets.c.status.in_(_OPEN), or_(*late))
            case Snoozed():
                return and_(tickets.c.snoozed_until.is_not(None), tickets.c.snoozed_until > self.now)
            case _:
                assert_never(node)

    def order(self, sort: Sort) -> ColumnElement[Any]:
        """What to sort by. What has no such value comes last, whichever way."""
        key: ColumnElement[Any]
        match sort.key:
            case SortKey.CREATED:
                key = tickets.c.id  # given in the order in which tickets are opened
            case SortKey.UPDATED:
                key = tickets.c.updated_at
            case SortKey.PRIORITY:
                key = case(_URGENCY, value=tickets.c.priority, else_=len(_URGENCY))
            case SortKey.DUE:
                least = func.min if self._on_sqlite else func.least
                next_due = func.nullif(least(*(func.coalesce(due, _NEVER) for due in _dues())), _NEVER)
                key = case((tickets.c.status.in_(_OPEN), next_due))
            case SortKey.RATING:
                key = tickets.c.rating
            case _:
                assert_never(sort.key)
        return key.desc().nulls_last() if sort.reverse else key.asc().nulls_last()

    @property
    def _on_sqlite(self) -> bool:
        return self.session.get_bind().dialect.name == "sqlite"

    def _moment(self, edge: Any) -> datetime:
        if isinstance(edge, date):
            return datetime.combine(edge, time(), UTC)
        moment: datetime = self.now - edge
        return moment

    def _address(self, who: Who, pattern: str) -> ColumnElement[bool]:
        match who:
            case Who.REQUESTER:
                return tickets.c.requester_id.in_(self._people(pattern))
            case Who.WRITER:
                written = select(messages.c.ticket_id).where(messages.c.visibility.in_(self.viewer.seen))
                return tickets.c.id.in_(written.where(_like(_SENDER, pattern[:200])))
            case Who.WATCHER:
                watchers = tickets.c.watchers
                return _json_holds(watchers, json.dumps(pattern)) if pattern else cast(watchers, Text) == "[]"
            case _:
                assert_never(who)

    def _numbered(self, number: str) -> ColumnElement[bool]:
        column = func.upper(tickets.c.number)
        if not _is_last_part(number):
            return _like(column, number)
        forms = sorted({number.zfill(width) for width in range(len(number), _DIGITS + 1)})
        ends = (column == number, *(column.endswith(f"-{form}") for form in forms))
        return and_(tickets.c.id.in_(fulltext.named(self.session, forms)), or_(*ends))

    def _people(self, pattern: str) -> Select[Any]:
        found = select(people.c.id).where(_like(people.c.email, pattern))
        return found if self.company_id is None else found.where(people.c.company_id == self.company_id)


def _is_narrow(node: Node) -> bool:
    """Whether the tickets are best found by a part of the query, and not by their company."""
    match node:
        case All(parts):
            return any(_is_narrow(part) for part in parts)
        case AnyOf(parts):
            return all(_is_narrow(part) for part in parts)
        case Address(who):
            return who is not Who.WATCHER
        case Numbered(number):
            return _is_last_part(number)
        case _:
            return isinstance(node, Words)


def _dues() -> tuple[ColumnElement[datetime], ...]:
    """The moments that a ticket is bound to; the first answer binds until it is given."""
    first = case((tickets.c.first_response_at.is_(None), tickets.c.first_response_due))
    return (first, tickets.c.next_response_due, tickets.c.resolution_due, tickets.c.due_at)


def _like(column: ColumnElement[Any], pattern: str) -> ColumnElement[bool]:
    """A pattern with `*` for anything. Both sides are in lower case already."""
    if "*" not in pattern:
        return column == pattern
    escaped = pattern.replace("/", "//").replace("%", "/%").replace("_", "/_").replace("*", "%")
    return column.like(escaped, escape="/")


def _is_last_part(number: str) -> bool:
    return number.isdecimal() and number.isascii() and len(number) <= _DIGITS


def _field(name: str, value: str) -> ColumnElement[bool]:
    """JSON escapes quotes, so that neither a name nor a value can be taken for the other."""
    key = json.dumps(name)
    if not value:
        return not_(_json_holds(tickets.c.fields, f"{key}: "))
    return or_(*(_json_holds(tickets.c.fields, f"{key}: {json.dumps(form)}") for form in _cases(value)))


def _json_holds(column: ColumnElement[Any], part: str) -> ColumnElement[bool]:
    """JSON is kept as it was written, on both databases, with nothing in it beyond ASCII."""
    return func.lower(cast(column, Text)).contains(part.lower(), autoescape=True)


def _cases(word: str) -> list[str]:
    """The word as people may have written it: what is not ASCII stands in JSON by its number, capital or not."""
    return list(dict.fromkeys((word, word.lower(), word.upper(), word.capitalize(), word.title())))
