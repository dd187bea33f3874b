"""The language of rules. These models are the schema: they check the files and make the JSON Schema for editors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from mailtix.model.desk import Agent, Company
from mailtix.model.ticket import Priority
from mailtix.rules.pattern import HeaderPattern, Pattern, address_pattern, header_pattern, text_pattern
from mailtix.yamltext import Section, did_you_mean, wrong

Event = Literal["new", "reply"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Known:
    """What rules may name. `categories` empty: any name will do. `desks` say which company has what."""

    categories: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    agents: tuple[Agent, ...] = ()
    companies: tuple[str, ...] = ()
    desks: tuple[Company, ...] = ()

    @classmethod
    def of(cls, companies: Sequence[Company]) -> Known:
        """What those companies know. Categories are only checked if each company lists its own."""
        listed = all(company.categories for company in companies)
        return cls(
            categories=_each_once(name for company in companies for name in company.categories) if listed else (),
            teams=_each_once(team for company in companies for team in company.teams),
            agents=_each_once(agent for company in companies for agent in company.agents),
            companies=tuple(company.name for company in companies),
            desks=tuple(companies),
        )

    def agent(self, name: str) -> Agent | None:
        """The agent of that address, or the only one of that name."""
        wanted = name.strip().casefold()
        by_address = [agent for agent in self.agents if agent.key == wanted]
        found = by_address or [agent for agent in self.agents if agent.name.casefold() == wanted]
        return found[0] if len(found) == 1 else None


def _each_once(items: Any) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(items))


# ---------------------------------------------------------------- single values


def _one_or_many(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


def _given(value: Any) -> Any:
    if value is None:
        raise wrong("there is no value", "give one, or leave the key out")
    return value


def _some(items: tuple[T, ...]) -> tuple[T, ...]:
    if not items:
        raise wrong("this list is empty", "name at least one, or leave the key out")
    return items


def _known_company(name: str, info: ValidationInfo) -> str:
    return _checked(name, _known(info).companies, "company") if info.context else name


def _known_team(name: str, info: ValidationInfo) -> str:
    return _checked(name, _known(info).teams, "team") if info.context else name


def _known_category(name: str, info: ValidationInfo) -> str:
    if not info.context or not _known(info).categories:
        return name
    return _checked(name, _known(info).categories, "category")


def _known_agent(name: str, info: ValidationInfo) -> str:
    """The agent's key."""
    if not info.context:
        return name.lower()
    known = _known(info)
    if agent := known.agent(name):
        return agent.key
    if sum(agent.name.casefold() == name.casefold() for agent in known.agents) > 1:
        raise wrong(f"there is more than one agent '{name}'", "give his address")
    names = [*(agent.email for agent in known.agents), *(agent.name for agent in known.agents)]
    raise wrong(f"there is no agent '{name}'", did_you_mean(name, names))


def _checked(name: str, names: Sequence[str], what: str) -> str:
    if name not in names:
        raise wrong(f"there is no {what} '{name}'", did_you_mean(name, names))
    return name


def _known(info: ValidationInfo) -> Known:
    known = info.context["known"] if info.context else None
    assert isinstance(known, Known)
    return known


def _tag(name: str) -> str:
    if not name.strip() or any(char.isspace() or char == "," for char in name.strip()):
        raise wrong("a tag is one word", "write it as needs-call, or give a list of tags")
    return name.strip().lower()


def _one_or_list(of: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [of, {"type": "array", "items": of, "minItems": 1}]})


_TEXT_JSON = {"type": "string", "minLength": 1}
_EVENT_JSON = {"enum": ["new", "reply"]}
Word = Annotated[str, Field(min_length=1, max_length=200)]
_TextPattern = Annotated[Pattern, PlainValidator(text_pattern)]
_AddressPattern = Annotated[Pattern, PlainValidator(address_pattern)]
_Many = BeforeValidator(_one_or_many)
_Some = AfterValidator(_some)
_Given = BeforeValidator(_given)
Texts = Annotated[tuple[_TextPattern, ...], _Many, _Some, _one_or_list(_TEXT_JSON)]
Addresses = Annotated[tuple[_AddressPattern, ...], _Many, _Some, _one_or_list(_TEXT_JSON)]
Companies = Annotated[
    tuple[Annotated[Word, AfterValidator(_known_company)], ...], _Many, _Some, _one_or_list(_TEXT_JSON)
]
Tags = Annotated[tuple[Annotated[str, AfterValidator(_tag)], ...], _Many, _Some, _one_or_list(_TEXT_JSON)]
Events = Annotated[tuple[Event, ...], _Many, _Some, _one_or_list(_EVENT_JSON)]


def _read_only(value: Mapping[str, HeaderPatterns]) -> Mapping[str, HeaderPatterns]:
    if not value:
        raise wrong("no header is named", "write it as header: {X-Spam-Flag: 'yes'}")
    return MappingProxyType(dict(value))


def _no_headers() -> Mapping[str, HeaderPatterns]:
    return MappingProxyType({})


HeaderPatterns = tuple[HeaderPattern, ...]
_HEADER_JSON = {"anyOf": [{"type": "boolean"}, _TEXT_JSON, {"type": "array", "items": _TEXT_JSON}]}
Headers = Annotated[
    Mapping[str, Annotated[tuple[Annotated[HeaderPattern, PlainValidator(header_pattern)], ...], _Many, _Some]],
    AfterValidator(_read_only),
    WithJsonSchema({"type": "object", "additionalProperties": _HEADER_JSON, "minProperties": 1}),
]
Conditions = Annotated[tuple["Condition", ...], _Some]

# ---------------------------------------------------------------- the language


class Condition(Section):
    """All keys that are given must hold. None given: every mail."""

    model_config = ConfigDict(validate_default=False)

    any: Conditions = Field(default=(), description="at least one of these conditions")
    all: Conditions = Field(default=(), description="each of these conditions")
    not_: Annotated[Condition | None, _Given] = Field(default=None, alias="not", description="this does not hold")
    from_: Addresses = Field(
        default=(), alias="from", description="who wrote: ann@example.org, '*@example.org', /regex/"
    )
    to: Addresses = Field(default=(), description="an address in To or Cc")
    subject: Texts = Field(default=(), description="the subject: a text it contains, or a /regex/")
    body: Texts = Field(default=(), description="the new text of the mail, without what it quotes")
    header: Headers = Field(default_factory=_no_headers, description="name to pattern, true (is there) or false")
    company: Companies = Field(default=(), description="the company the mail came to")
    mailbox: Addresses = Field(default=(), description="the mailbox the mail came to")
    has_attachment: Annotated[bool | None, _Given] = Field(
        default=None, description="whether a file is attached; pictures inside the text are not"
    )

    @model_validator(mode="before")
    @classmethod
    def _empty(cls, data: Any) -> Any:
        if data is None:  # its lines may have been commented out: it must not fit every mail all of a sudden
            raise wrong("this condition is empty", "leave the key out if the rule is for every mail")
        return data


class Actions(Section):
    """What happens to the ticket."""

    model_config = ConfigDict(validate_default=False)

    category: Annotated[Word | None, _Given, AfterValidator(_known_category)] = Field(
        default=None, description="sets the category"
    )
    priority: Annotated[Priority | None, _Given] = Field(default=None, description="sets the priority")
    assign: Annotated[Word | None, _Given, AfterValidator(_known_agent)] = Field(
        default=None, description="gives the ticket to an agent: his address, or his name"
    )
    team: Annotated[Word | None, _Given, AfterValidator(_known_team)] = Field(
        default=None, description="gives the ticket to a team"
    )
    tag: Tags = Field(default=(), description="adds a tag, or several")
    stop: bool = Field(default=False, description="no later rule is tried")


def _something(actions: Actions) -> Actions:
    if actions == Actions():
        raise wrong("this rule does nothing", "give at least one of: category, priority, assign, team, tag, stop")
    return actions


class Rule(Section):
    """When this holds, then that happens."""

    model_config = ConfigDict(json_schema_extra={"title": "Rule"})

    name: Word = Field(description="what the ticket's history calls it; once in all files")
    description: str = Field(default="", description="for people")
    enabled: bool = Field(default=True, description="false switches the rule off")
    on: Events = Field(default=("new",), description="new: a mail that opens a ticket; reply: a customer's mail to one")
    when: Condition = Field(default_factory=Condition, description="left out: every mail")
    then: Annotated[Actions, AfterValidator(_something)] = Field(description="what happens to the ticket")


class RuleFile(Section):
    """A file of rules; a bare list of rules is the same."""

    rules: tuple[Rule, ...] = ()


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a file of rules, made of the models above."""
    schema = _without_null(RuleFile.model_json_schema())
    definitions = schema.pop("$defs")
    rules = schema["properties"]["rules"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mailtix rules",
        "anyOf": [{"type": "array", "items": rules["items"]}, schema],
        "$defs": definitions,
    }


def _without_null(schema: Any) -> Any:
    """The schema without the null that stands for 'not given': in a file it is a mistake."""
    if isinstance(schema, list):
        return [_without_null(item) for item in schema if item != {"type": "null"}]
    if isinstance(schema, dict):
        return {key: _without_null(value) for key, value in schema.items() if (key, value) != ("default", None)}
    return schema
