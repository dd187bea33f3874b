"""What the admin has laid down for commands: other words for them, custom fields, canned responses, who may what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mailtix.model.desk import AgentRole


class FieldKind(StrEnum):
    """What a custom field holds."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Field:
    """A custom field of tickets. `choices` are its values, if it is a CHOICE; `categories` empty: any ticket has it."""

    name: str
    kind: FieldKind = FieldKind.TEXT
    choices: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    def belongs_to(self, category: str) -> bool:
        """Whether tickets of that category have it."""
        return not self.categories or category in self.categories


@dataclass(frozen=True, slots=True)
class Canned:
    """A canned response: its text for each language, "" for any; {names} in it are filled in."""

    name: str
    text: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Terms:
    """`aliases` are other words for commands; `permissions` say who at least one must be for a command."""

    aliases: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[Field, ...] = ()
    canned: tuple[Canned, ...] = ()
    permissions: Mapping[str, AgentRole] = field(default_factory=dict)
