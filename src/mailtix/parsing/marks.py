"""What mail clients say about an element by its id, class or attributes (data/quote_marks.toml)."""

from __future__ import annotations

from functools import cache

from mailtix.parsing.data import load
from mailtix.parsing.markup import Tag


@cache
def _marks() -> tuple[dict[str, str], dict[str, str], list[tuple[str, str, str]]]:
    """(id → mark, class → mark, (attribute, value, mark)) from the data file."""
    data = load("quote_marks.toml")
    ids = {value: entry["mark"] for entry in data["id"] for value in entry["values"]}
    classes = {value: entry["mark"] for entry in data["class"] for value in entry["values"]}
    others = [(entry["name"], value, entry["mark"]) for entry in data["attribute"] for value in entry["values"]]
    return ids, classes, others


def mark_of(tag: Tag) -> str:
    """ "quote", "rest", "signature" or "": what a mail client says by id, class or attribute about the element."""
    attributes = tag.attributes()
    ids, classes, others = _marks()
    if (ident := attributes.get("id")) and (found := ids.get(ident.removeprefix("x_").lower())):
        return found
    for word in attributes.get("class", "").split():
        if found := classes.get(word.removeprefix("x_").lower()):
            return found
    for name, value, mark in others:
        if (given := attributes.get(name)) and value in given.replace(" ", "").lower():
            return mark
    return ""
