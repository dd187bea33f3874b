"""Commands that sort a ticket: status, priority, category, tags and custom fields."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailtix.commands.grammar import Command
from mailtix.commands.situation import Situation
from mailtix.commands.terms import Field, FieldKind
from mailtix.commands.times import day
from mailtix.commands.wrong import Wrong, hint, one_of
from mailtix.model.change import CategoryChanged, Change, FieldSet, PriorityChanged, StatusChanged, Tagged, Untagged
from mailtix.model.ticket import Priority, Status

# As long as the store's columns; longer ones are sentences.
_LONGEST_CATEGORY = 100
_LONGEST_TAG = 64
_LONGEST_VALUE = 500
_NUMBER = re.compile(r"[+-]?\d{1,18}(?:[.,]\d{1,9})?", re.ASCII)
OFF = "off"


def status(command: Command, situation: Situation) -> tuple[Change, ...] | Wrong:
    """#status X"""
    found = one_of(command.name, [s.value for s in Status], "status")
    return found if isinstance(found, Wrong) else (StatusChanged(Status(found)),)


def priority(command: Command, situation: Situation) -> tuple[Change, ...] | Wrong:
    """#priority X, or one step up or down"""
    ladder = list(Priority)
    if command.name.lower() in ("up", "+", "down", "-"):
        step = 1 if command.name.lower() in ("up", "+") else -1
        place = ladder.index(situation.ticket.priority) + step
        if not 0 <= place < len(ladder):
            return Wrong(f"it is {situation.ticket.priority} already, and there is nothing {command.name} from there")
        return (PriorityChanged(ladder[place]),)
    found = one_of(command.name, [p.value for p in ladder], "priority")
    return found if isinstance(found, Wrong) else (PriorityChanged(Priority(found)),)


def category(command: Command, situation: Situation) -> tuple[Change, ...] | Wrong:
    """#category X"""
    if not command.name:
        return Wrong("#category needs a name, such as #category billing")
    if len(command.name) > _LONGEST_CATEGORY:
        return Wrong(f"a category has at most {_LONGEST_CATEGORY} characters")
    if not situation.company.categories:
        return (CategoryChanged(command.name.lower()),)
    found = one_of(command.name, situation.company.categories, "category", parts=True)
    return found if isinstance(found, Wrong) else (CategoryChanged(found),)


def tag(command: Command, situation: Situation) -> tuple[Change, ...] | Wrong:
    """#tag X, or several"""
    tags = tuple(_tags(command))
    if not tags:
        return Wrong("#tag needs a word, such as #tag refund")
    if long := next((t for t in tags if len(t) > _LONGEST_TAG), ""):
        return Wrong(f"the tag {long[:20]!r}… is too long; a tag has at most {_LONGEST_TAG} characters")
    return tuple(Tagged(tag) for tag in tags)


def untag(command: Command, situation: Situation) -> tuple[Change, ...] | Wrong:
    """#untag X, or several"""
    tags, there = tuple(_tags(command)), sorted(situation.ticket.tags)
    if not tags:
        return Wrong(f"#untag needs a tag; it has: {', '.join(there) or 'none'}")
    if missing := next((t for t in tags if t not in there), ""):
        return Wrong(f"it has no tag {missing!r}{hint(missing, there)}; it has: {', '.join(there) or 'none'}")
    return tuple(Untagged(tag) for tag in tags)


def _tags(command: Command) -> Iterator[str]:
    """Tags stand apart by commas or spaces; one of several words stands in quotes."""
    for word in command.words:
        parts = [word] if " " in word else word.split(",")
        yield from (part.strip().lower() for part in parts if part.strip(" ,"))


def field(command: Command, situation: Situation) -> tuple[Change, ...] | Wrong:
    """#field NAME VALUE; "off" takes it away"""
    known = [f for f in situation.terms.fields if f.belongs_to(situation.ticket.category)]
    if not known:
        of = f" in the category {situation.ticket.category}" if situation.terms.fields else ""
        return Wrong(f"there are no custom fields{of}; they stand under `fields` in the settings")
    words = command.words
    name = one_of(words[0] if words else "", [f.name for f in known], "field")
    if isinstance(name, Wrong):
        return name
    found = next(f for f in known if f.name == name)
    if len(words) < 2:
        return Wrong(f"#field {name} needs {_wants(found)}, or off")
    if words[1:] == (OFF,) and f'"{OFF}"' not in command.argument:
        return (FieldSet(name, ""),)
    value = _value(found, " ".join(words[1:]), situation)
    return value if isinstance(value, Wrong) else (FieldSet(name, value),)


def _wants(field: Field) -> str:
    match field.kind:
        case FieldKind.CHOICE:
            return f"one of {', '.join(field.choices)}"
        case FieldKind.NUMBER:
            return "a number"
        case FieldKind.DATE:
            return "a day, such as 2026-12-01 or friday"
        case FieldKind.TEXT:
            return "a text"


def _value(field: Field, text: str, situation: Situation) -> str:
    """The value as it is kept: numbers with a point, days as 2026-12-01."""
    match field.kind:
        case FieldKind.CHOICE:
            return one_of(text, field.choices, f"field {field.name}")
        case FieldKind.NUMBER if _NUMBER.fullmatch(text):
            return text.replace(",", ".").removeprefix("+")
        case FieldKind.DATE if found := day(text, situation.now, situation.zone):
            return found.isoformat()
        case FieldKind.TEXT if text.strip():
            long = len(text) > _LONGEST_VALUE
            return Wrong(f"a field holds at most {_LONGEST_VALUE} characters") if long else text.strip()
        case _:
            return Wrong(f"{text!r} does not fit: {field.name} is {_wants(field)}")
