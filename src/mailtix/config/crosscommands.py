"""What fields, canned responses and agents' categories say about the rest of the settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mailtix.yamltext import Document, Mistake, Path, did_you_mean


def crosscommands(document: Document) -> Iterator[Mistake]:
    """Names that stand twice, and categories that do not exist."""
    yield from _twice(document, "fields", "the field")
    yield from _twice(document, "canned", "the canned response")
    if known := _categories(document.data):
        for section in ("agents", "fields"):
            for index, item in _items(document.data, section):
                for place, name in _names(item.get("categories")):
                    if name not in known:
                        path: Path = (section, index, "categories", *place)
                        hint = did_you_mean(name, sorted(known))
                        yield document.mistake(path, f"there is no category '{name}'", hint)


def _items(data: Any, section: str) -> Iterator[tuple[int, dict[str, Any]]]:
    items = data.get(section) if isinstance(data, dict) else None
    return ((i, item) for i, item in enumerate(items if isinstance(items, list) else ()) if isinstance(item, dict))


def _names(value: Any) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield (), value
    elif isinstance(value, list):
        yield from (((index,), item) for index, item in enumerate(value) if isinstance(item, str))


def _categories(data: Any) -> set[str]:
    """All that there are; none when a company allows any."""
    found: set[str] = set()
    for _, company in _items(data, "companies"):
        listed = company.get("categories")
        if not isinstance(listed, list) or not listed:
            return set()
        found |= {str(entry.get("name") if isinstance(entry, dict) else entry) for entry in listed}
    return found


def _twice(document: Document, section: str, what: str) -> Iterator[Mistake]:
    first: dict[str, Path] = {}
    for index, item in _items(document.data, section):
        name = item.get("name")
        if isinstance(name, str):
            path: Path = (section, index, "name")
            before = first.setdefault(name.lower(), path)
            if before != path:
                line = document.where(before).line
                hint = f"it stands in line {line} already" if line else ""
                yield document.mistake(path, f"{what} '{name}' stands twice", hint)
