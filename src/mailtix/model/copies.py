"""Copies of values with some fields changed: `dataclasses.replace`, quicker for frozen dataclasses with slots.

The line makes some dozens of them for each mail, of values with up to 45 fields. `dataclasses.replace` hands all of
them to the class by name, and that sets them one by one; to take them over as they are costs a quarter of it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache
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
    """What gives a new value the fields of another one, a line of code for each, as dataclasses writes its methods.
    None where a value is more than its fields."""
    fields = {field.name: getattr(kind, field.name, None) for field in dataclasses.fields(kind)}
    puts = {f"put_{name}": slot.__set__ for name, slot in fields.items() if isinstance(slot, MemberDescriptorType)}
    is_made_otherwise = hasattr(kind, "__post_init__") or not all(field.init for field in dataclasses.fields(kind))
    if len(puts) < len(fields) or is_made_otherwise or kind.__dictoffset__:
        return None
    made: dict[str, Any] = {}
    lines = (f"    put_{name}(new, value.{name})" for name in fields)
    exec("\n".join(["def take_over(new, value):", *lines, "    return None"]), puts, made)  # nothing from outside
    take_over: Callable[[object, object], None] = made["take_over"]
    return take_over
