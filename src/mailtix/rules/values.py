"""The types of the single values in rules: what is allowed, and its JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from string import Formatter
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, GetJsonSchemaHandler, PlainValidator, WithJsonSchema
from pydantic_core import CoreSchema

from mailtix.model.auth import Result
from mailtix.model.ticket import Priority, Status
from mailtix.rules import measures, names
from mailtix.rules.pattern import HeaderPattern, Pattern, address_pattern, header_pattern, name_pattern, text_pattern
from mailtix.yamltext import did_you_mean, wrong

T = TypeVar("T")
Kind = Literal["human", "automatic", "bulk"]
# What the text of an answer may name.
PLACES = ("name", "subject", "company", "mailbox")


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


def _tag(name: str) -> str:
    if not name.strip() or any(char.isspace() or char == "," for char in name.strip()):
        raise wrong("a tag is one word", "write it as needs-call, or give a list of tags")
    return name.strip().lower()


def _one_or_list(of: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [of, {"type": "array", "items": of, "minItems": 1}]})


TEXT_JSON = {"type": "string", "minLength": 1}
_PRIORITY_JSON = {"type": "string", "pattern": f"^(>=|<=|>|<)? *({'|'.join(Priority)})$"}
_SIZE_JSON = {"type": "string", "pattern": "^(>=|<=|>|<) *[0-9]+ *([kKmMgG]?[iI]?[bB])?$"}
_NUMBER_JSON = {"type": "string", "pattern": r"^(>=|<=|>|<) *-?[0-9]+(\.[0-9]+)?$"}
_RATING_JSON = {"anyOf": [{"enum": [1, 2, 3, 4, 5]}, {"type": "string", "pattern": "^(>=|<=|>|<)? *[1-5]$"}]}
_SPAN_JSON = {"type": "string", "pattern": "^([0-9]+[dhms] *)+$"}
_HOURS_JSON = {"type": "string", "pattern": "^[0-9]{1,2}:[0-9]{2} *- *[0-9]{1,2}:[0-9]{2}$"}
_DAY = "(?:mon|tue|wed|thu|fri|sat|sun)"
_DAYS_JSON = {"type": "string", "pattern": f"^{_DAY}( *- *{_DAY})?$"}

_Many = BeforeValidator(_one_or_many)
Some = AfterValidator(_some)
PriorityOrStep = Literal["low", "medium", "high", "urgent", "critical", "raise", "lower"]
_Texts = _one_or_list(TEXT_JSON)
Given = Annotated[T, BeforeValidator(_given)]
Word = Annotated[str, Field(min_length=1, max_length=200)]
Note = Annotated[str, Field(min_length=1, max_length=5000)]
_TextPattern = Annotated[Pattern, PlainValidator(text_pattern)]
_AddressPattern = Annotated[Pattern, PlainValidator(address_pattern)]
_NamePattern = Annotated[Pattern, PlainValidator(name_pattern)]
Texts = Annotated[tuple[_TextPattern, ...], _Many, Some, _Texts]
Addresses = Annotated[tuple[_AddressPattern, ...], _Many, Some, _Texts]
Names = Annotated[tuple[_NamePattern, ...], _Many, Some, _Texts]
Companies = Annotated[tuple[Annotated[Word, AfterValidator(names.company)], ...], _Many, Some, _Texts]
Teams = Annotated[tuple[Annotated[Word, AfterValidator(names.team)], ...], _Many, Some, _Texts]
Agents = Annotated[tuple[Annotated[Word, AfterValidator(names.agent)], ...], _Many, Some, _Texts]
Readers = Annotated[tuple[Annotated[Word, AfterValidator(names.agent_or_team)], ...], _Many, Some, _Texts]
Categories = Annotated[tuple[Annotated[Word, AfterValidator(names.category)], ...], _Many, Some, _Texts]
Tags = Annotated[tuple[Annotated[str, AfterValidator(_tag)], ...], _Many, Some, _Texts]
Kinds = Annotated[tuple[Kind, ...], _Many, Some, _one_or_list({"enum": ["human", "automatic", "bulk"]})]
Statuses = Annotated[tuple[Status, ...], _Many, Some, _one_or_list({"enum": [status.value for status in Status]})]
Priorities = Annotated[tuple[Priority, ...], PlainValidator(measures.priorities), _one_or_list(_PRIORITY_JSON)]
Size = Annotated[measures.SizeTest | None, PlainValidator(measures.size_test), WithJsonSchema(_SIZE_JSON)]
Number = Annotated[measures.NumberTest | None, PlainValidator(measures.number_test), WithJsonSchema(_NUMBER_JSON)]
Tone = Annotated[measures.NumberTest | None, PlainValidator(measures.tone_test), WithJsonSchema(_NUMBER_JSON)]
Ratings = Annotated[tuple[int, ...], PlainValidator(measures.ratings), _one_or_list(_RATING_JSON)]
AuthResults = Annotated[tuple[Result, ...], _Many, Some, _one_or_list({"enum": [result.value for result in Result]})]
Span = Annotated[timedelta, PlainValidator(measures.span), WithJsonSchema(_SPAN_JSON)]
Calendars = Annotated[tuple[Annotated[Word, AfterValidator(names.calendar)], ...], _Many, Some, _Texts]
Days = Annotated[tuple[int, ...], PlainValidator(measures.days), _one_or_list(_DAYS_JSON)]
_HoursOf = Annotated[measures.Hours, PlainValidator(measures.hours)]
HourRanges = Annotated[tuple[_HoursOf, ...], _Many, Some, _one_or_list(_HOURS_JSON)]
Zone = Annotated[ZoneInfo, PlainValidator(measures.zone), WithJsonSchema(TEXT_JSON)]
LastDay = Annotated[
    date | None, PlainValidator(measures.last_day), WithJsonSchema({"type": "string", "format": "date"})
]


def _language(tag: str) -> str:
    if not tag.replace("-", "").isalnum() or not tag.isascii():
        raise wrong(f"'{tag}' is not a language", "write its tag: en, de, pt-BR")
    return tag.strip().lower()


Languages = Annotated[tuple[Annotated[Word, AfterValidator(_language)], ...], _Many, Some, _Texts]


def _words_of(value: Any) -> Any:
    """The short form `words: urgent` means all its languages."""
    return {"list": value} if isinstance(value, str) else _given(value)


class _OrText:
    """In the JSON Schema: the same, or a text."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [TEXT_JSON, handler(schema)]}


Words = Annotated[T, BeforeValidator(_words_of), _OrText()]

# ---------------------------------------------------------------- mappings


HeaderPatterns = tuple[HeaderPattern, ...]


def _headers(value: Mapping[str, HeaderPatterns]) -> Mapping[str, HeaderPatterns]:
    if not value:
        raise wrong("no header is named", "write it as header: {X-Spam-Flag: 'yes'}")
    return MappingProxyType(dict(value))


def nothing() -> Mapping[str, Any]:
    """An empty mapping that stays empty."""
    return MappingProxyType({})


_HEADER_JSON = {"anyOf": [{"type": "boolean"}, TEXT_JSON, {"type": "array", "items": TEXT_JSON}]}
Headers = Annotated[
    Mapping[str, Annotated[tuple[Annotated[HeaderPattern, PlainValidator(header_pattern)], ...], _Many, Some]],
    AfterValidator(_headers),
    WithJsonSchema({"type": "object", "additionalProperties": _HEADER_JSON, "minProperties": 1}),
]


def _some_fields(value: Mapping[str, T]) -> Mapping[str, T]:
    if not value:
        raise wrong("no field is named", "write it as field: {order: '17'}")
    return MappingProxyType(dict(value))


_FieldName = Annotated[Word, AfterValidator(names.custom_field)]
FieldTests = Annotated[
    Mapping[_FieldName, Annotated[tuple[Annotated[HeaderPattern, PlainValidator(header_pattern)], ...], _Many, Some]],
    AfterValidator(_some_fields),
    WithJsonSchema({"type": "object", "additionalProperties": _HEADER_JSON, "minProperties": 1}),
]
FieldValues = Annotated[
    Mapping[_FieldName, Annotated[str, Field(max_length=500)]],
    AfterValidator(_some_fields),
    AfterValidator(names.values_of_fields),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1}),
]


def _reason(value: Any) -> Any:
    """`true` asks for it without a word of one's own."""
    return "" if value is True else _given(value)


Reason = Annotated[
    T, BeforeValidator(_reason), WithJsonSchema({"anyOf": [{"const": True}, {"type": "string", "maxLength": 500}]})
]


def _by_language(value: Any) -> Any:
    """A text alone is for every language."""
    return {"": value} if isinstance(value, str) else _given(value)


def _text_of_answer(text: str) -> str:
    try:
        places = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError:
        raise wrong("a brace stands alone in this text", "write {{ and }} for braces that are no place") from None
    for name in places:
        if name not in PLACES:
            raise wrong(f"there is no place '{{{name}}}'", did_you_mean(name, PLACES))
    return text


def _answers(value: Mapping[str, str]) -> Mapping[str, str]:
    if not value:
        raise wrong("there is no text", "write it as reply: 'Thank you, {name}.', or give one by language")
    return MappingProxyType({language.lower(): text for language, text in value.items()})


Answers = Annotated[
    Mapping[str, Annotated[Note, AfterValidator(_text_of_answer)]],
    BeforeValidator(_by_language),
    AfterValidator(_answers),
    WithJsonSchema({"anyOf": [TEXT_JSON, {"type": "object", "additionalProperties": TEXT_JSON, "minProperties": 1}]}),
]
WordListsOf = Annotated[
    Mapping[str, Mapping[str, Annotated[tuple[Word, ...], _Many, Some]]],
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": {"anyOf": [TEXT_JSON, {"type": "array", "items": TEXT_JSON, "minItems": 1}]},
            },
        }
    ),
]
