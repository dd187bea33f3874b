"""Copies are those that dataclasses.replace makes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from mailtix.model.copies import replace
from mailtix.model.decision import Said
from mailtix.model.ticket import Person, Priority, Ticket

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
ANN = Person(7, "ann@example.org", "Ann")
TICKET = Ticket(
    1, "Example", "T1", "Fire", ANN, "support@desk.example", "email", NOW, tags=frozenset({"hot"}), version=3
)


@dataclass(frozen=True, slots=True)
class Doubled:
    number: int
    twice: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "twice", 2 * self.number)


@dataclass(frozen=True)
class Open:
    name: str


@dataclass(frozen=True, slots=True)
class Base:
    one: int


@dataclass(frozen=True, slots=True)
class Derived(Base):
    two: int


@pytest.mark.parametrize(
    ("value", "changes"),
    [
        (TICKET, {}),
        (TICKET, {"updated_at": NOW, "priority": Priority.HIGH, "tags": frozenset()}),
        (ANN, {"undeliverable": "no such user"}),
        (Said("words"), {"text": "others", "attach": True}),
        (Derived(1, 2), {"one": 5}),
        (Doubled(4), {"number": 5}),
        (Open("a"), {"name": "b"}),
    ],
)
def test_a_copy_is_what_dataclasses_would_have_made_of_it(value, changes):
    before = repr(value)
    copy = replace(value, **changes)
    assert (copy, type(copy)) == (dataclasses.replace(value, **changes), type(value))
    assert repr(copy) == repr(dataclasses.replace(value, **changes))
    assert repr(value) == before
    assert copy is not value


def test_every_field_of_a_ticket_can_be_changed_and_no_other_is_touched():
    mark = object()
    for name in Ticket.__slots__:
        copy = replace(TICKET, **{name: mark})
        changed = [other for other in Ticket.__slots__ if getattr(copy, other) is not getattr(TICKET, other)]
        assert (changed, getattr(copy, name)) == ([name], mark)


@pytest.mark.parametrize("value", [TICKET, Open("a"), Doubled(1)])
def test_a_field_that_does_not_exist_is_a_mistake(value):
    with pytest.raises(TypeError, match="colour"):
        replace(value, colour="red")


def test_a_copy_is_as_frozen_as_the_value():
    with pytest.raises(dataclasses.FrozenInstanceError):
        replace(ANN, name="Anne").name = "Annie"
