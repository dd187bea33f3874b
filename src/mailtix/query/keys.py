"""Every key of the language: what may stand after it, and what it means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from mailtix.query import values
from mailtix.query.language import (
    Address,
    Age,
    DueWithin,
    Field,
    FieldIs,
    Mistake,
    Moment,
    Node,
    Numbered,
    OneOf,
    Rated,
    Tagged,
    Who,
)
from mailtix.query.lexer import Value
from mailtix.query.names import PRIORITIES, Known

_HIGHEST_MARK = 5
Reader = Callable[[Value, str, Known], "Node | Mistake"]


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `operators` are those it knows besides the colon; `example` is a query with it; `says` what that asks
    for."""

    example: str
    says: str
    read: Reader
    operators: tuple[str, ...] = ()


def _one_of(
    field: Field,
    meaning: Callable[[Value, Known], tuple[str, ...] | Mistake],
    value: Value,
    _operator: str,
    known: Known,
) -> Node | Mistake:
    found = meaning(value, known)
    return found if isinstance(found, Mistake) else OneOf(field, found)


def _priority(value: Value, operator: str, _known: Known) -> Node | Mistake:
    found = values.priority(value)
    if isinstance(found, Mistake):
        return found
    at = PRIORITIES.index(found)
    chosen = {
        ">=": PRIORITIES[at:],
        ">": PRIORITIES[at + 1 :],
        "<=": PRIORITIES[: at + 1],
        "<": PRIORITIES[:at],
    }.get(operator, (found,))
    return OneOf(Field.PRIORITY, chosen)


def _rated(value: Value, operator: str, _known: Known) -> Node | Mistake:
    found = values.mark(value)
    if isinstance(found, Mistake):
        return found
    least, most = {
        ">=": (found, _HIGHEST_MARK),
        ">": (found + 1, _HIGHEST_MARK),
        "<=": (1, found),
        "<": (1, found - 1),
    }.get(operator, (found, found))
    return Rated(least, most)


def _tag(value: Value, _operator: str, _known: Known) -> Node:
    return Tagged(value.text.lower().lstrip("#"))


def _number(value: Value, _operator: str, _known: Known) -> Node:
    return Numbered(value.text.upper().lstrip("#"))


def _address(who: Who, value: Value, _operator: str, known: Known) -> Node | Mistake:
    found = values.address(value, known)
    return found if isinstance(found, Mistake) else Address(who, found)


def _watched(value: Value, _operator: str, known: Known) -> Node | Mistake:
    found = values.agent(value, known)
    return found if isinstance(found, Mistake) else Address(Who.WATCHER, *found)


def _age(moment: Moment, before: bool, value: Value, _operator: str, _known: Known) -> Node | Mistake:
    found = values.edge(value)
    return found if isinstance(found, Mistake) else Age(moment, found, before)


def _due(value: Value, _operator: str, _known: Known) -> Node | Mistake:
    """`due:<4h` is read as `due<4h` and `due:4h` are: by then at the latest."""
    found = values.span(value)
    return found if isinstance(found, Mistake) else DueWithin(found)


def custom(name: str, value: Value, _operator: str, _known: Known) -> Node:
    """A custom field's value."""
    return FieldIs(name, "" if value.text.lower() == values.NONE else value.text)


COMPARISONS = (">=", "<=", ">", "<")
_STATUS = partial(_one_of, Field.STATUS, values.status)
KEYS: dict[str, Key] = {
    "status": Key("status:waiting_customer,open", "has one of these statuses", _STATUS),
    "priority": Key("priority>=high", "is high, urgent or critical", _priority, COMPARISONS),
    "assignee": Key("assignee:me,none", "is mine or nobody's", partial(_one_of, Field.ASSIGNEE, values.agent)),
    "team": Key("team:billing", "belongs to that team", partial(_one_of, Field.TEAM, values.team)),
    "category": Key("category:billing", "is sorted there", partial(_one_of, Field.CATEGORY, values.category)),
    "tag": Key("tag:refund", "has that tag", _tag),
    "requester": Key("requester:*@bigcorp.example", "is somebody's at that company", partial(_address, Who.REQUESTER)),
    "from": Key("from:ann@example.org", "Ann has written in it", partial(_address, Who.WRITER)),
    "watching": Key("watching:me", "is watched by me", _watched),
    "number": Key("number:17", "is number 17", _number),
    "older": Key("older:2d", "was opened more than two days ago", partial(_age, Moment.CREATED, True)),
    "newer": Key("newer:2026-11-20", "was opened on that day or later", partial(_age, Moment.CREATED, False)),
    "idle": Key("idle:3d", "has not changed for three days", partial(_age, Moment.UPDATED, True)),
    "due": Key("due<4h", "is due in less than four hours, or late", _due, ("<", "<=")),
    "rating": Key("rating<=2", "got a mark of 1 or 2", _rated, COMPARISONS),
}  # fmt: skip
# What a customer may ask about his own tickets.
FOR_CUSTOMERS = ("status", "number", "older", "newer", "idle", "rating")
FIELD_PREFIX = "field."
SORT = "sort"
OVERDUE = DueWithin(timedelta())
