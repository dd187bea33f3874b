"""What is made quickly is what the dataclass would have made."""

from __future__ import annotations

import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field

import pytest

from mailtix.model.making import quickly_made


@dataclass(frozen=True, slots=True)
class Slow:
    one: int
    two: str = "2"
    many: dict[str, int] = field(default_factory=dict)
    kept: list[int] = field(default_factory=list, init=False, compare=False, repr=False)
    last: int = field(default=7, init=False)


@quickly_made
@dataclass(frozen=True, slots=True)
class Quick:
    one: int
    two: str = "2"
    many: dict[str, int] = field(default_factory=dict)
    kept: list[int] = field(default_factory=list, init=False, compare=False, repr=False)
    last: int = field(default=7, init=False)


@pytest.mark.parametrize(
    ("given", "named"), [((1,), {}), ((1, "b"), {}), ((1,), {"many": {"a": 1}}), ((), {"one": 1, "two": "c"})]
)
def test_it_has_the_fields_that_it_would_have(given, named):
    quick, slow = Quick(*given, **named), Slow(*given, **named)

    assert repr(quick) == repr(slow).replace("Slow", "Quick")
    assert quick == Quick(*given, **named)
    assert quick.kept == slow.kept == []


def test_each_has_containers_of_its_own():
    one, other = Quick(1), Quick(1)

    assert one.many is not other.many
    assert one.kept is not other.kept


def test_it_is_still_frozen_and_can_be_pickled():
    quick = Quick(1)

    with pytest.raises(FrozenInstanceError):
        quick.one = 2

    assert pickle.loads(pickle.dumps(quick)) == quick


def test_it_takes_what_it_took():
    quick, slow = (inspect.signature(kind).parameters.values() for kind in (Quick, Slow))

    assert [(p.name, p.kind, p.annotation) for p in quick] == [(p.name, p.kind, p.annotation) for p in slow]


@pytest.mark.parametrize("arguments", [(), (1, "b", {}, [])])
def test_what_is_missing_or_too_much_is_told_as_ever(arguments):
    with pytest.raises(TypeError, match=r"Quick\.__init__\(\)"):
        Quick(*arguments)


def test_a_class_that_does_more_than_set_its_fields_is_refused():
    @dataclass(frozen=True, slots=True)
    class More:
        one: int

        def __post_init__(self) -> None:
            raise AssertionError

    @dataclass(frozen=True)
    class Open:
        one: int = 1

    for kind in (More, Open):
        with pytest.raises(TypeError, match="no plain dataclass"):
            quickly_made(kind)
