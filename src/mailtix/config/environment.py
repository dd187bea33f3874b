"""What the environment says: MAILTIX_LISTEN__SMTP=… over the file, and secrets that the file only names."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

from mailtix.config.scalars import expanded
from mailtix.yamltext import Document, Mistake, Path, Position, did_you_mean, field_at, keys_of, read

PREFIX = "MAILTIX_"
_NOT_SETTINGS = frozenset({"MAILTIX_CONFIG"})  # where the file is
_LONGEST_SECRET = 64 * 1024  # bytes; a secret is a line, so a wrong path to something big is told


def override(document: Document, environ: Mapping[str, str], model: type[BaseModel]) -> Document:
    """The document with MAILTIX_* laid over it. An empty variable counts as not set; unknown ones are mistakes."""
    meant_elsewhere = _NOT_SETTINGS | set(_named_variables(document.data))
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in meant_elsewhere and environ[name]:
            document = _override_one(document, name, environ[name], model)
    return document


def _override_one(document: Document, name: str, text: str, model: type[BaseModel]) -> Document:
    parts = name.removeprefix(PREFIX).lower().split("__")
    path: Path = tuple(int(part) if part.isdecimal() else part for part in parts)
    at = Position(f"environment {name}")
    kind = field_at(model, path)
    if kind is None:
        return _with_mistake(document, Mistake(at.file, 0, 0, "there is no such setting", _nearest(name, model)))
    value = _value(text, kind, at.file)
    if not value.readable or not _is_text(text):
        hint = "a list is written [a, b], a mapping {key: value}"
        return _with_mistake(document, Mistake(at.file, 0, 0, "this value cannot be read", hint))
    data = copy.deepcopy(document.data) if isinstance(document.data, dict) else {}
    if not _put(data, path, value.data):
        hint = "the number counts what stands in the file, from 0"
        return _with_mistake(document, Mistake(at.file, 0, 0, "there is no such item to change", hint))
    values = {place: where for place, where in document.values.items() if place[: len(path)] != path}
    missing = {path[:depth]: at for depth in range(1, len(path)) if path[:depth] not in values}
    return replace(document, data=data, values={**values, **missing, path: at})


def _value(text: str, kind: Any, file: str) -> Document:
    """A list or a mapping as YAML; anything else is the text as it is (pydantic makes numbers of it)."""
    if text.lower() == "null":
        return Document(file, None)
    if get_origin(kind) is tuple or (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return read(text, file)
    return Document(file, text)


def _is_text(text: str) -> bool:
    """Whether it is text: os.environ puts half surrogate pairs where a variable is not UTF-8 (PEP 383)."""
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def _put(data: Any, path: Path, value: Any) -> bool:
    """Sets the value in nested dicts (made as needed) and lists (never longer). Returns whether it had a place."""
    *way, last = path
    for element, following in zip(way, path[1:], strict=True):
        if isinstance(element, str) and isinstance(data, dict):
            if data.get(element) is None and isinstance(following, str):
                data[element] = {}
            data = data.get(element)
        elif isinstance(element, int) and _has_place(data, element):
            data = data[element]
        else:
            return False
    if not _has_place(data, last):
        return False
    data[last] = value
    return True


def _has_place(data: Any, key: str | int) -> bool:
    if isinstance(key, str):
        return isinstance(data, dict)
    return isinstance(data, list) and key < len(data)


def _nearest(name: str, model: type[BaseModel]) -> str:
    known = [PREFIX + key.replace("[].", "__0__").replace(".", "__").upper() for key in keys_of(model)]
    hint = did_you_mean(name, known)
    return hint if hint.startswith("did you mean") else "nested keys are written MAILTIX_LISTEN__SMTP"


# ---------------------------------------------------------------- {env: NAME} and {file: PATH}


def _named_variables(data: Any) -> Iterator[str]:
    """Every NAME of an {env: NAME}."""
    match data:
        case {"env": str(name), **others} if not others:
            yield name
        case dict():
            for value in data.values():
                yield from _named_variables(value)
        case list():
            for item in data:
                yield from _named_variables(item)


def fetch_secrets(document: Document, environ: Mapping[str, str], folder: FilePath) -> Document:
    """The document with the values that {env: NAME} and {file: PATH} stand for; what is missing is a mistake."""
    broken: set[Path] = set()
    mistakes: list[Mistake] = []

    def fetch(data: Any, path: Path) -> Any:
        match data:
            case {"env": str(name), **others} if not others:
                text, problem = _variable(environ, name)
            case {"file": str(name), **others} if not others:
                text, problem = _content(folder, name)
            case dict():
                return {key: fetch(value, (*path, key)) for key, value in data.items()}
            case list():
                return [fetch(item, (*path, index)) for index, item in enumerate(data)]
            case _:
                return data
        if not text:
            broken.add(path)
            mistakes.append(document.mistake(path, problem))
        return text

    data = fetch(document.data, ())
    return replace(document, data=data, broken=document.broken | broken, mistakes=(*document.mistakes, *mistakes))


def _variable(environ: Mapping[str, str], name: str) -> tuple[str, str]:
    """The variable's value, or "" and why there is none."""
    text = environ.get(name, "")
    if not _is_text(text):
        return "", f"the environment variable {name} is not UTF-8"
    return text, f"the environment variable {name} is not set"


def _content(folder: FilePath, name: str) -> tuple[str, str]:
    """The text of a secret's file without its last line end, or "" and why there is none."""
    try:
        path = folder / expanded(name)
        with path.open("rb") as file:
            raw = file.read(_LONGEST_SECRET + 1)
    except PydanticCustomError as error:
        return "", error.message()
    except OSError as error:
        return "", f"the file {path} cannot be read: {error.strerror}"
    if len(raw) > _LONGEST_SECRET:
        return "", f"the file {path} is too large to be a secret"
    try:
        return raw.decode().rstrip("\r\n"), f"the file {path} is empty"
    except UnicodeDecodeError:
        return "", f"the file {path} is not UTF-8"


def _with_mistake(document: Document, mistake: Mistake) -> Document:
    return replace(document, mistakes=(*document.mistakes, mistake))
