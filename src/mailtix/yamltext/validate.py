"""Checks a Document against pydantic models and tells every mistake at its place."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from mailtix.yamltext.mistake import Mistake, did_you_mean
from mailtix.yamltext.read import Document, Path

M = TypeVar("M", bound=BaseModel)

# pydantic's error types (docs.pydantic.dev/latest/errors/validation_errors) → what is wanted
_WANTED = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "tuple": "a list",
    "list": "a list",
    "model": "a mapping (key: value)",
    "dict": "a mapping (key: value)",
    "mapping": "a mapping (key: value)",
}
_GOT: dict[type, str] = {
    str: "text", int: "a number", float: "a number", bool: "true or false",
    list: "a list", tuple: "a list", dict: "a mapping", type(None): "nothing",
}  # fmt: skip


class Section(BaseModel):
    """A mapping in a file: frozen, and every key is known."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _empty(cls, data: Any) -> Any:
        """`key:` with nothing under it (all its lines are comments) is an empty mapping."""
        return {} if data is None else data


def wrong(text: str, hint: str = "") -> PydanticCustomError:
    """What a validator raises: a sentence of its own, with a hint."""
    return PydanticCustomError("mailtix", "{text}", {"text": text, "hint": hint})


def validate(
    document: Document, model: type[M], context: Mapping[str, Any] | None = None
) -> tuple[M | None, tuple[Mistake, ...]]:
    """The model of the document's data (None if it is not good), and all mistakes of the document."""
    if not document.readable:
        return None, document.mistakes
    data = {} if document.data is None else document.data
    try:
        value = model.model_validate(data, context=dict(context or {}))
    except ValidationError as error:
        found = (_mistake(document, model, entry) for entry in error.errors(include_url=False))
        return None, _in_order((*document.mistakes, *(mistake for mistake in found if mistake)))
    return (None if document.mistakes else value), document.mistakes


def _in_order(mistakes: tuple[Mistake, ...]) -> tuple[Mistake, ...]:
    return tuple(sorted(dict.fromkeys(mistakes), key=lambda m: (m.file, m.line, m.column)))


def _mistake(document: Document, model: type[BaseModel], entry: ErrorDetails) -> Mistake | None:
    """The mistake that one entry tells of, None if its place is reported already."""
    path = _path_in(document, entry["loc"])
    if any(path[:depth] in document.broken for depth in range(1, len(path) + 1)):
        return None
    name = entry["loc"][-1] if entry["loc"] else ""
    if entry["type"] == "extra_forbidden":
        hint = did_you_mean(str(name), _field_names(model, path[:-1]))
        return document.mistake(path, f"unknown key '{name}'", hint, key=True)
    if entry["type"] == "missing":
        if (*path, name) in document.broken:
            return None
        return document.mistake(path, f"the key '{name}' is missing", f"add `{name}: …`")
    text, hint = _sentence(entry, _named(path))
    return document.mistake(path, text, hint)


def _path_in(document: Document, loc: tuple[int | str, ...]) -> Path:
    """The location without the elements that pydantic adds and the data does not hold."""
    path: Path = ()
    for element in loc:
        if (*path, element) in document.values or (*path, element) in document.keys:
            path = (*path, element)
    return path


def _named(path: Path) -> str:
    names = [element for element in path if isinstance(element, str)]
    if not names:
        return "this file"
    return f"item {path[-1] + 1} of '{names[-1]}'" if isinstance(path[-1], int) else f"'{names[-1]}'"


def _sentence(entry: ErrorDetails, name: str) -> tuple[str, str]:
    context = entry.get("ctx", {})
    got = _GOT.get(type(entry["input"]), "this")
    match entry["type"]:
        case "mailtix":
            return str(context["text"]), str(context["hint"])
        case "enum" | "literal_error":
            choices = re.findall(r"'([^']*)'", str(context["expected"]))
            given = f"'{entry['input']}'" if isinstance(entry["input"], str) else got
            return f"{name} cannot be {given}", did_you_mean(str(entry["input"]), choices)
        case "string_type" if got in ("a number", "true or false"):
            return f"{name} must be text, not {got}", "put it in quotes"
        case kind if (wanted := _WANTED.get(kind.partition("_")[0])) and kind.endswith(("_type", "_parsing", "_float")):
            hint = "write it in brackets: [ … ]" if (wanted, got) == ("a list", "text") else ""
            return f"{name} must be {wanted}, not {got}", hint
    _, should, limit = entry["msg"].partition(" should ")  # "Input should be less than 1", "String should have …"
    return (f"{name} must {limit}" if should else f"{name}: {entry['msg']}"), ""


# ---------------------------------------------------------------- walking the models


def field_at(model: type[BaseModel], path: Path) -> Any:
    """The type that stands at that path of the model (a model class, or any annotation), None if there is none."""
    here: Any = model
    for element in path:
        here = _bare(here)
        if isinstance(element, int):
            here = _item(here)
        elif isinstance(here, type) and issubclass(here, BaseModel):
            fields = {field.alias or name: field.annotation for name, field in here.model_fields.items()}
            here = fields.get(element)
        else:
            return None
    return _bare(here)


def keys_of(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Every key as people write it: `companies[].mailboxes[].imap.host`. Not for models that hold themselves."""
    for name, field in model.model_fields.items():
        key = f"{prefix}{field.alias or name}"
        yield key
        inner, many = _bare(field.annotation), ""
        if (item := _item(inner)) is not None:
            inner, many = _bare(item), "[]"
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from keys_of(inner, f"{key}{many}.")


def _field_names(model: type[BaseModel], path: Path) -> list[str]:
    here = field_at(model, path)
    if isinstance(here, type) and issubclass(here, BaseModel):
        return [field.alias or name for name, field in here.model_fields.items()]
    return []


def _bare(annotation: Any) -> Any:
    """The annotation without Annotated and without `| None`."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        some = [arg for arg in get_args(annotation) if arg is not type(None)]
        return _bare(some[0]) if len(some) == 1 else annotation
    return annotation


def _item(annotation: Any) -> Any:
    """What a tuple[X, ...] holds, None for anything else."""
    return get_args(annotation)[0] if get_origin(annotation) is tuple else None
