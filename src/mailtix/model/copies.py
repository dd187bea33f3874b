"""Copies of values with some fields changed (`dataclasses.replace`), and values as bytes for another process of ours
(pickle), both quicker for frozen dataclasses with slots.

The line makes some dozens of copies for each mail, of values with up to 45 fields. `dataclasses.replace` hands all of
them to the class by name, and that sets them one by one; to take them over as they are costs a quarter of it.
"""

from __future__ import annotations

import dataclasses
import io
import pickle
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from operator import attrgetter
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:  # by that name mypy knows the fields of what is copied, and their types
    from dataclasses import replace as replace
else:
    Value = TypeVar("Value")

    def replace(value: Value, /, **changes: object) -> Value:
        """The value with these fields changed. Raises TypeError when it has no such field."""
        take_over = _taking_over(type(value))
        if take_over is None:
            return dataclasses.replace(value, **changes)
        new = object.__new__(type(value))
        take_over(new, value)
        try:
            for name in changes:
                object.__setattr__(new, name, changes[name])
        except AttributeError as error:
            raise TypeError(f"{type(value).__name__} has no field {name}") from error
        return new


@cache
def _taking_over(kind: type) -> Callable[[object, object], None] | None:
    """What gives a new value the fields of another one. None where a value is more than its fields."""
    puts = _puts(kind)
    if puts is None:
        return None
    lines = (f"put_{name}(new, value.{name})" for name in puts)
    return _compiled("take_over", ("new", "value"), lines, puts)


@cache
def _building(kind: type) -> Callable[..., None] | None:
    """What gives a new value its fields, in their order. None where a value is more than its fields."""
    puts = _puts(kind)
    if puts is None:
        return None
    arguments = ("new", *(f"its_{name}" for name in puts))  # a field may be called "new", too
    return _compiled("build", arguments, (f"put_{name}(new, its_{name})" for name in puts), puts)


def _puts(kind: type) -> dict[str, Callable[[object, object], None]] | None:
    """What sets each field, by its name. None where a value of that class is more than its fields."""
    fields = {field.name: getattr(kind, field.name, None) for field in dataclasses.fields(kind)}
    puts = {name: slot.__set__ for name, slot in fields.items() if isinstance(slot, MemberDescriptorType)}
    is_made_otherwise = hasattr(kind, "__post_init__") or not all(field.init for field in dataclasses.fields(kind))
    return None if len(puts) < len(fields) or is_made_otherwise or kind.__dictoffset__ else puts


def _compiled(
    name: str, arguments: Iterable[str], lines: Iterable[str], puts: Mapping[str, Callable[[object, object], None]]
) -> Callable[..., None]:
    """A function of these lines, one for each field, as dataclasses writes its methods: nothing in it comes from
    outside."""
    made: dict[str, Any] = {}
    text = "\n    ".join([f"def {name}({', '.join(arguments)}):", *lines, "return None"])
    exec(text, {f"put_{name}": put for name, put in puts.items()}, made)
    function: Callable[..., None] = made[name]
    return function


def packed(value: object) -> bytes:
    """The value as bytes for a process of the same program: nobody else may write what is to be `unpacked`."""
    file = io.BytesIO()
    pickler = pickle.Pickler(file, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _REDUCERS
    pickler.dump(value)
    return file.getvalue()


unpacked = pickle.loads


class _Reducers(dict[type, Callable[[Any], Any]]):
    """How pickle takes a value of each class apart, worked out when the first one comes."""

    def __missing__(self, kind: type) -> Callable[[Any], Any]:
        reducer = self[kind] = _reducer(kind)
        return reducer


_REDUCERS = _Reducers()


def _reducer(kind: type) -> Callable[[Any], Any]:
    if issubclass(kind, type):  # the value is a class, which is known by its name
        return lambda value: value.__qualname__
    if not dataclasses.is_dataclass(kind) or _building(kind) is None:
        return lambda value: value.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
    names = [field.name for field in dataclasses.fields(kind)]
    if len(names) < 2:  # attrgetter makes no tuple of one
        return lambda value: (_built, (kind, *[getattr(value, name) for name in names]))
    fields = attrgetter(*names)
    return lambda value: (_built, (kind, *fields(value)))


def _built(kind: type, *fields: Any) -> object:
    """The value of that class with these fields, in their order."""
    new: object = object.__new__(kind)
    put = _building(kind)
    assert put is not None
    put(new, *fields)
    return new
