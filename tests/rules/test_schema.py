"""The JSON Schema for editors takes what the loader takes, and refuses what any schema can refuse."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mailtix.rules import json_schema
from mailtix.yamltext import read

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
VALIDATOR = Draft202012Validator(json_schema())
TEXTS = {file.name: file.read_text() for file in [*HERE.glob("good/*.yaml"), *ROOT.glob("deploy/rules/*.yaml")]}
del TEXTS["04-on-and-no-are-words.yaml"]  # editors rightly want true and false, the loader is not as strict
TEXTS |= {
    f"docs {number}": block
    for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/rules.md").read_text(), re.DOTALL))
}
# What needs no look at the settings, at another key or at the sense of a text.
REFUSED = [
    "04-unknown-keys-everywhere", "06-unknown-events", "07-unknown-priority", "30-sizes-without-a-comparison",
    "31-priorities-that-do-not-exist", "36-events-that-do-not-ask-rules", "38-actions-that-are-not-there",
    "47-kinds-of-mail", "46-customers", "48-files", "20-true-or-false", "03-missing-keys",
]  # fmt: skip


def data(text: str) -> Any:
    return read(text, "rules.yaml").data


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("name", TEXTS)
def test_the_schema_takes_every_good_file_and_example(name: str) -> None:
    errors = [error.message for error in VALIDATOR.iter_errors(data(TEXTS[name]) or [])]
    assert errors == []


@pytest.mark.parametrize("name", REFUSED)
def test_the_schema_refuses_what_it_can_see(name: str) -> None:
    assert not VALIDATOR.is_valid(data((HERE / "bad" / f"{name}.yaml").read_text()))
