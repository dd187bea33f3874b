"""The lists of words: those that come with mailtix, and those that rule files give."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from mailtix.rules.names import WordLists
from mailtix.yamltext import Document, read


@cache
def built_in() -> WordLists:
    """The lists in data/words.yaml."""
    text = files("mailtix.rules").joinpath("data", "words.yaml").read_bytes()
    return _lists(read(text, "words.yaml").data)


def with_own(documents: Iterable[Document]) -> WordLists:
    """Those and the lists under `words` of these files: what a file says of a language is all that language has."""
    lists = {name: dict(by_language) for name, by_language in built_in().items()}
    for document in documents:
        data = document.data if isinstance(document.data, dict) else {}
        for name, by_language in _lists(data.get("words")).items():
            lists.setdefault(name, {}).update(by_language)
    return lists


def _lists(data: Any) -> dict[str, dict[str, tuple[str, ...]]]:
    """What of the data has the form of word lists; the schema tells what has not."""
    if not isinstance(data, dict):
        return {}
    return {name: _languages(by_language) for name, by_language in data.items() if isinstance(by_language, dict)}


def _languages(data: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    found = {}
    for language, words in data.items():
        items = words if isinstance(words, list) else [words]
        found[language.lower()] = tuple(word for word in items if isinstance(word, str) and word.strip())
    return found
