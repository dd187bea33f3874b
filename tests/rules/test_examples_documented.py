"""docs/rules-at-work.md: its example runs, and every key, verb and option stands in it."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from mailtix import cli
from mailtix.rules.events import Word
from mailtix.rules.sample import Sample, SampleAuth, SampleCustomer, SampleTicket, Wanted
from running import called, settings

MODELS: tuple[type[Any], ...] = (Sample, SampleTicket, SampleCustomer, SampleAuth, Wanted)
# What an example can say beside the fields of the mail itself.
CONDITIONS = ("vip", "reseller", "first_ticket", "language", "auth", "business_hours", "tags", "spam_score", "field")
PAGE = (Path(__file__).parents[2] / "docs" / "rules-at-work.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def actions(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The verbs, or a verb's actions, by name."""
    [choices] = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return dict(choices.choices)


def options() -> Iterator[tuple[str, str]]:
    """(action, option) of those actions of `mailtix rules` that this page is about."""
    for name, parser in actions(actions(cli._parser())["rules"]).items():
        if name not in ("check", "schema"):
            yield name, ""
            yield from ((name, action.option_strings[-1]) for action in parser._actions if action.option_strings)


@pytest.mark.parametrize(("action", "option"), [pair for pair in options() if pair[1] != "--help"])
def test_every_action_and_option_stands_in_its_section(action: str, option: str) -> None:
    sections = [section for section in PAGE.split("\n## ") if f"mailtix rules {action}" in section]
    assert sections
    assert any(option in section for section in sections)


@pytest.mark.parametrize(
    "key",
    [field.alias or name for model in MODELS for name, field in model.model_fields.items()],
)
def test_every_key_of_an_example_is_explained(key: str) -> None:
    assert f"`{key}`" in PAGE


SETTINGS: dict[str, Any] = {
    "accounts": [{"name": "Bigcorp", "match": ["*@bigcorp.example"], "vip": True}],
    "calendars": [{"name": "support", "zone": "Europe/Berlin", "hours": {"mon-fri": "09:00-17:00"}}],
    "fields": [{"name": "plan", "type": "choice", "choices": ["basic", "gold"]}],
}


@pytest.mark.parametrize(("block", "last"), [(0, "2 passed, 0 failed; 1 of 1"), (1, "18 passed, 0 failed; 12 of 12")])
def test_the_examples_pass(tmp_path: Path, block: int, last: str) -> None:
    (tmp_path / "10.yaml").write_text(BLOCKS[block])
    config = settings(tmp_path, f"sqlite:///{tmp_path}/mailtix.db", rules=["10.yaml"], **SETTINGS)

    said = called(config, "rules", "test")
    assert (said.code, said.out.splitlines()[-1]) == (0, f"{last} rules reached"), said.out + said.err


@pytest.mark.parametrize("key", [*CONDITIONS, *(word for word in get_args(Word) if word != "new"), "idle", "time"])
def test_what_rules_can_ask_stands_in_an_example(key: str) -> None:
    assert re.search(rf"(?<!\w){key}(?!\w)", "\n".join(BLOCKS))


def test_the_first_rules_pass_their_own_examples(tmp_path: Path) -> None:
    config = tmp_path / "mailtix.yaml"
    assert called(config, "init").code == 0

    said = called(config, "rules", "test")
    assert (said.code, said.out.splitlines()[-1]) == (0, "2 passed, 0 failed; 1 of 2 rules reached")
