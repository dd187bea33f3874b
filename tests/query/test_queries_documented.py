"""docs/queries.md holds the whole language, and what it shows is understood."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from mailtix.cli import _parser
from mailtix.query import KEYS, SHORTHANDS, Query, SortKey, parse
from mailtix.query.language import All
from mailtix.store.fulltext import MOST_WORDS
from query.asking import KNOWN, asked

TEXT = (Path(__file__).parents[2] / "docs" / "queries.md").read_text(encoding="utf-8")
TERMS = re.findall(r"^\| `([^`]+)` \|", TEXT.partition("## In the terminal")[0], re.MULTILINE)
COMMANDS = [line for line in re.findall(r"^    \$ (mailtix .*)$", TEXT, re.MULTILINE) if "opne" not in line]


def test_every_key_word_and_order_stands_in_the_document() -> None:
    found = " ".join(TERMS)
    assert [key for key in KEYS if not re.search(rf"\b{key}[:<>]", found)] == []
    assert [word for word in SHORTHANDS if word not in TERMS] == []
    assert [key for key in SortKey if f"sort:{key}" not in TERMS] == []
    assert f"{MOST_WORDS:,} words" in TEXT


@pytest.mark.parametrize("term", TERMS)
def test_every_term_of_the_document_is_understood(term: str) -> None:
    assert isinstance(parse(term, KNOWN), Query), parse(term, KNOWN)


@pytest.mark.parametrize("name", KEYS)
def test_the_example_of_a_key_asks_for_something(name: str) -> None:
    assert asked(KEYS[name].example) != All()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_document_is_understood(command: str) -> None:
    words = shlex.split(command.partition(" > ")[0])[1:]
    arguments = _parser().parse_args(words)
    assert isinstance(parse(" ".join(arguments.query), KNOWN), Query)


def test_every_option_of_the_verb_stands_in_the_document() -> None:
    listing = re.search(r"## In the terminal(.*)", TEXT, re.DOTALL)
    assert listing
    options = ("--as", "--company", "--limit", "--json", "--csv", "--search", "--status", "--assignee")
    assert [option for option in options if option not in listing[1]] == []


def test_the_mistake_of_the_document_is_told_so() -> None:
    mistakes = parse("status:opne assignee:bbo", KNOWN)
    assert not isinstance(mistakes, Query)
    assert str(mistakes[0]) in TEXT
