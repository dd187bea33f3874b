"""Reads YAML into plain data. Total: any text gives a Document, with mistakes for what could not be read.

Only the YAML 1.2 core schema is known (YAML 1.2.2 section 10.3): `on`, `no` and `12:30` are text, not booleans or
base-60 numbers. Everything a human-made settings file does not need (tags, several documents) is a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from mailtix.yamltext.mistake import Mistake, Position
from mailtix.yamltext.syntax import explain

Path = tuple[str | int, ...]

# A settings file by hand has some hundred lines; these stop a text that would only cost time and memory.
MAX_SIZE = 2_000_000  # characters
MAX_DEPTH = 40  # nested lists and mappings; the composer recurses
MAX_VALUES = 100_000  # counted after aliases are followed, so that ten aliases of ten aliases … end here

_TAG = "tag:yaml.org,2002:"
# YAML 1.2.2 section 10.3.2. `.inf` and `.nan` are left out: no setting means them.
_CORE = {
    "null": re.compile(r"(?:null|Null|NULL|~|)\Z"),
    "bool": re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"),
    "int": re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z"),
    "float": re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z"),
}
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Document:
    """Plain data (dict, list, str, int, float, bool, None) and where each value stands.

    `broken` are the paths whose values could not be read or found: they are reported already, and None in `data`.
    """

    file: str
    data: Any = None
    mistakes: tuple[Mistake, ...] = ()
    readable: bool = True
    values: Mapping[Path, Position] = field(default_factory=dict)
    keys: Mapping[Path, Position] = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    broken: frozenset[Path] = frozenset()

    def where(self, path: Path, *, key: bool = False) -> Position:
        """Where the value (or the key) of that path stands, else the nearest thing around it."""
        if key and path in self.keys:
            return self.keys[path]
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Position(self.file, 1, 1))

    def under(self, key: str) -> Document:
        """The document as if its data stood under that key."""
        return replace(
            self,
            data={key: self.data},
            values={(key, *path): at for path, at in self.values.items()},
            keys={(key, *path): at for path, at in self.keys.items()},
            broken=frozenset((key, *path) for path in self.broken),
        )

    def mistake(self, path: Path, text: str, hint: str = "", *, key: bool = False) -> Mistake:
        """A mistake that stands at that path's value, or at its key."""
        at = self.where(path, key=key)
        source = self.lines[at.line - 1] if 0 < at.line <= len(self.lines) and at.file == self.file else ""
        return Mistake(at.file, at.line, at.column, text, hint, source)


def read(text: str | bytes, file: str) -> Document:
    """The document in a YAML text; `file` is its name in mistakes. An empty text gives None as its data."""
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            number = error.object[: error.start].count(b"\n") + 1
            return _unreadable(file, Mistake(file, number, 1, "this is not UTF-8", "save the file as UTF-8"))
    text = text.removeprefix("\ufeff")
    if len(text) > MAX_SIZE:
        return _unreadable(file, Mistake(file, 1, 1, f"the file is larger than {MAX_SIZE:,} characters"))
    lines = tuple(text.splitlines())
    try:
        node = _compose(text)
    except _Unreadable as error:
        line = lines[error.line - 1] if 0 < error.line <= len(lines) else ""
        return _unreadable(file, Mistake(file, error.line, error.column, error.text, error.hint, line))
    return _Builder(file, lines).document(node)


def _unreadable(file: str, mistake: Mistake) -> Document:
    return Document(file, mistakes=(mistake,), readable=False)


class _Unreadable(Exception):
    def __init__(self, line: int, column: int, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.line, self.column, self.text, self.hint = line, column, text, hint


class _Composer(yaml.SafeLoader):
    """PyYAML's composer with the core schema and a limit on depth. Nodes only: nothing is ever constructed."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own name; filled below, once
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise yaml.composer.ComposerError(None, None, "nested too deep", self.peek_event().start_mark)  # type: ignore[no-untyped-call]
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


for _name, _form in _CORE.items():
    _Composer.add_implicit_resolver(_TAG + _name, _form, None)


def _compose(text: str) -> yaml.Node | None:
    """The root node, None for an empty text. Raises _Unreadable."""
    loader: _Composer | None = None
    try:
        loader = _Composer(text)
        return loader.get_single_node()
    except yaml.reader.ReaderError as error:
        before = text[: error.position].splitlines() or [""]
        complaint = f"the character U+{ord(text[error.position]):04X} is not allowed here"
        raise _Unreadable(len(before), len(before[-1]) + 1, complaint, "leave control characters out") from error
    except yaml.MarkedYAMLError as error:
        mark, sentence, hint = explain(error)
        raise _Unreadable(*_place(mark), sentence, hint) from error
    except (ValueError, OverflowError) as error:  # PyYAML: chr() of "\UFFFFFFFF", int() of a very long %YAML version
        raise _Unreadable(*_place(loader.get_mark() if loader else None), "this cannot be read as YAML") from error


def _place(mark: yaml.Mark | None) -> tuple[int, int]:
    """Line and column, both from 1."""
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


class _Builder:
    """Makes plain data of nodes and writes down where everything stands."""

    def __init__(self, file: str, lines: tuple[str, ...]) -> None:
        self.file, self.lines = file, lines
        self.values: dict[Path, Position] = {}
        self.keys: dict[Path, Position] = {}
        self.mistakes: list[Mistake] = []
        self.broken: set[Path] = set()

    def document(self, root: yaml.Node | None) -> Document:
        try:
            data = self.value(root, ()) if root else None
        except _Unreadable as error:
            source = self.lines[error.line - 1]
            return _unreadable(self.file, Mistake(self.file, error.line, error.column, error.text, error.hint, source))
        return Document(
            self.file, data, tuple(self.mistakes), True, self.values, self.keys, self.lines, frozenset(self.broken)
        )

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.values[path] = at = self.position(node)
        if len(self.values) > MAX_VALUES or len(path) > MAX_DEPTH:  # an alias may hold itself
            at = self.keys.get(path[:1], at)
            raise _Unreadable(at.line, at.column, "the aliases of this file unfold into too many values")
        match node:
            case yaml.MappingNode(tag="tag:yaml.org,2002:map"):
                return self.mapping(node, path)
            case yaml.SequenceNode(tag="tag:yaml.org,2002:seq"):
                return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
            case yaml.ScalarNode(tag=tag) if tag.removeprefix(_TAG) in (*_CORE, "str"):
                return self.scalar(node, path)
        return self.bad(path, at, f"the tag {node.tag.replace(_TAG, '!!')} is not used here", "leave the tag out")

    def mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key, value in node.value:
            at = self.position(key)
            if not isinstance(key, yaml.ScalarNode) or _LONE_SURROGATE.search(key.value):
                self.bad(path, at, "a key must be a plain word", "lists and mappings cannot be keys")
                continue
            name: str = key.value  # keys are always text, also `on`, `null` and 404
            place: Path = (*path, name)
            if place in self.keys:
                first = self.keys[place].line
                self.complain(at, f"the key '{name}' stands twice", f"it stands in line {first} already")
                continue
            self.keys[place] = at
            data[name] = self.value(value, place)
        return data

    def scalar(self, node: yaml.ScalarNode, path: Path) -> Any:
        text: str = node.value
        try:
            return _scalar(node.tag.removeprefix(_TAG), text)
        except ValueError as error:
            return self.bad(path, self.position(node), str(error))

    def bad(self, path: Path, at: Position, text: str, hint: str = "") -> None:
        self.broken.add(path)
        self.complain(at, text, hint)

    def complain(self, at: Position, text: str, hint: str = "") -> None:
        source = self.lines[at.line - 1] if at.line <= len(self.lines) else ""
        self.mistakes.append(Mistake(self.file, at.line, at.column, text, hint, source))

    def position(self, node: yaml.Node) -> Position:
        return Position(self.file, *_place(node.start_mark))


def _scalar(kind: str, text: str) -> str | int | float | bool | None:
    """The value of a scalar of that kind. Raises ValueError with a sentence."""
    if kind == "str":
        if _LONE_SURROGATE.search(text):
            raise ValueError("this text holds half of a character (a lone surrogate)")
        return text
    if not _CORE[kind].match(text):
        raise ValueError(f"'{text[:40]}' cannot be read as !!{kind}")
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if len(text) > 40:
        raise ValueError("this number is too long")
    if kind == "float":
        return float(text)
    return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
