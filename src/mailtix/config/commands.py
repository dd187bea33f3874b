"""What agents may write and use: other words for commands, who may what, custom fields, canned responses."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from mailtix.commands import terms
from mailtix.commands.grammar import WORDS
from mailtix.commands.terms import FieldKind
from mailtix.config.scalars import Duration, Names
from mailtix.model.desk import AgentRole
from mailtix.yamltext import Section, did_you_mean, wrong

_ALIAS = re.compile(r"[^\W\d_](?:[\w-]{0,30}\w)?")
# The store keeps `field.NAME` in 32 characters of history.
_FIELD = re.compile(r"[a-z](?:[a-z0-9_-]{0,25})", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # RFC 5646 section 2.1
_CANNED = re.compile(r"[^\W_][\w-]{0,63}")


def _command(value: str) -> str:
    word = value.strip().lower().removeprefix("#").replace("_", "-")
    if word not in WORDS:
        raise wrong(f"there is no command '{value[:40]}'", did_you_mean(word, list(WORDS)))
    return word


def _alias(value: str) -> str:
    word = value.strip().lower().removeprefix("#")
    if not _ALIAS.fullmatch(word):
        raise wrong(f"'{value[:40]}' cannot be a command", "an alias is one word of letters, digits and -")
    if word.replace("-", "").replace("_", "") in {known.replace("-", "") for known in WORDS}:
        raise wrong(f"#{word} is a command already", "give the alias another name")
    return word


def _language(value: str) -> str:
    """The language in lower case; "" is any."""
    if value and not _LANGUAGE.fullmatch(value):
        raise wrong(f"'{value[:40]}' is not a language", "write its code: en, de, pt-BR")
    return value.lower()


def _name_of(pattern: re.Pattern[str], example: str, value: str) -> str:
    if not pattern.fullmatch(value):
        raise wrong(f"'{value[:40]}' cannot be such a name", f"write it as one word, like {example}")
    return value


Word = Annotated[str, AfterValidator(_command)]
Alias = Annotated[str, AfterValidator(_alias)]
FieldName = Annotated[str, AfterValidator(lambda value: _name_of(_FIELD, "order or serial-number", value))]
CannedName = Annotated[str, AfterValidator(lambda value: _name_of(_CANNED, "greeting", value))]
TextLanguage = Annotated[str, AfterValidator(_language)]
Text = Annotated[str, Field(min_length=1, max_length=20_000)]


class CommandsConfig(Section):
    aliases: dict[Alias, Word] = Field(default_factory=dict)
    permissions: dict[Word, AgentRole] = Field(default_factory=dict)
    undo: Duration = timedelta(hours=1)


class FieldConfig(Section):
    name: FieldName
    type: FieldKind = FieldKind.TEXT
    choices: Names = ()
    categories: Names = ()

    @model_validator(mode="after")
    def _choices_for_choice(self) -> Self:
        if self.type is FieldKind.CHOICE and not self.choices:
            raise wrong(f"the field '{self.name}' has no choices", "add `choices: [one, another]`")
        if self.type is not FieldKind.CHOICE and self.choices:
            raise wrong(f"the field '{self.name}' has choices, but its type is {self.type}", "write `type: choice`")
        return self

    def as_model(self) -> terms.Field:
        """The field as the rest of the program knows it."""
        return terms.Field(self.name, self.type, self.choices, self.categories)


def _by_language(value: Any) -> Any:
    """A single text is one for any language."""
    return {"": value} if isinstance(value, str) else value


class CannedConfig(Section):
    name: CannedName
    text: Annotated[dict[TextLanguage, Text], BeforeValidator(_by_language)]

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.text:
            raise wrong(f"'{self.name}' has no text", "write `text: …`, or one for each language: {en: …, de: …}")
        return self

    def as_model(self) -> terms.Canned:
        """The response as the rest of the program knows it."""
        return terms.Canned(self.name, self.text)


def command_terms(
    commands: CommandsConfig, fields: tuple[FieldConfig, ...], canned: tuple[CannedConfig, ...]
) -> terms.Terms:
    """All of it as the rest of the program knows it."""
    return terms.Terms(
        commands.aliases,
        tuple(field.as_model() for field in fields),
        tuple(one.as_model() for one in canned),
        commands.permissions,
    )
