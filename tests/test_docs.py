"""What the documents promise is there, and what is there stands in the documents."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from mailtix import cli
from mailtix.commands import customers
from mailtix.commands.grammar import WORDS
from mailtix.render import NAMES

ROOT = Path(__file__).parents[1]


def verbs() -> list[str]:
    [choices] = [a for a in cli._parser()._actions if isinstance(a, argparse._SubParsersAction)]
    return list(choices.choices)


@pytest.mark.parametrize("verb", verbs())
def test_every_verb_stands_in_the_readme(verb: str) -> None:
    assert f"`mailtix {verb}" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("word", WORDS)
def test_every_command_stands_on_the_page_for_agents(word: str) -> None:
    assert f"`#{word}" in (ROOT / "docs" / "agents.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("word", customers.WORDS)
def test_every_command_of_customers_stands_on_their_page(word: str) -> None:
    page = (ROOT / "docs" / "customers.md").read_text(encoding="utf-8")

    assert f"| `{customers.WORDS[word]}`" in page
    own = [alias for alias, meant in customers.ALIASES.items() if meant == word]
    assert not own or any(f"`#{alias}" in page for alias in own)


@pytest.mark.parametrize("name", NAMES)
def test_every_mail_stands_in_the_document_of_templates(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")


def test_every_link_between_the_documents_leads_somewhere() -> None:
    broken = []
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for part in page.read_text(encoding="utf-8").split("](")[1:]:
            link = part.partition(")")[0]
            if "://" not in link and not (page.parent / link.partition("#")[0]).exists():
                broken.append((page.name, link))

    assert broken == []
