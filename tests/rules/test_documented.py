"""Every condition and action is in docs/rules.md, each example there runs, and the JSON Schema says the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from mailtix.model.mail import Address
from mailtix.model.ticket import Assigned, CategoryChanged, PriorityChanged, Tagged, TeamChanged
from mailtix.rules import MailView, json_schema, load, run
from mailtix.rules.language import Actions, Condition, Rule
from rules.desk import KNOWN, attachment, mail

DOCS = (Path(__file__).parents[2] / "docs" / "rules.md").read_text()
# ```yaml … ``` and then a table of mails: | from | subject | … | becomes |
EXAMPLES = re.findall(r"```yaml\n(.*?)```\n\n((?:\|[^\n]*\n)+)", DOCS, re.DOTALL)
BLOCKS = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)


def keys(model: type[Any]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def in_words(change: object) -> str:
    match change:
        case CategoryChanged(to):
            return f"category {to}"
        case PriorityChanged(to):
            return f"priority {to}"
        case TeamChanged(to):
            return f"team {to}"
        case Assigned(to):
            return f"assign {to}"
        case Tagged(tag):
            return f"tag {tag}"
    raise AssertionError(change)


def rows(table: str) -> list[dict[str, str]]:
    lines = [[cell.strip().strip("`") for cell in line.strip().strip("|").split("|")] for line in table.splitlines()]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[2:]]


def view(row: dict[str, str]) -> MailView:
    fields: dict[str, Any] = {}
    if row.get("from"):
        fields["sender"] = row["from"]
    if row.get("to"):
        fields["to"] = tuple(Address(address.strip()) for address in row["to"].split(","))
    if row.get("attachment"):
        fields["attachments"] = (attachment(row["attachment"]),)
    if row.get("header"):
        name, _, value = row["header"].partition(": ")
        fields["headers"] = ((name, value),)
    fields |= {"subject": row.get("subject", ""), "reply": row.get("body", "")}
    return MailView(mail(**fields), row.get("company") or "Example", row.get("mailbox") or "support@example.com")


@pytest.mark.parametrize("key", [*keys(Rule), *keys(Condition), *keys(Actions)])
def test_every_key_is_documented(key: str) -> None:
    assert f"`{key}`" in DOCS
    assert any(re.search(rf"[\s{{]{key}:", block) for block in BLOCKS)


@pytest.mark.parametrize(("rules", "table"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_does_what_its_table_says(rules: str, table: str) -> None:
    loaded = load([("docs/rules.md", rules)], KNOWN)
    for row in rows(table):
        event = "reply" if row.get("event") == "reply" else "new"
        changes = run(loaded, view(row), event).changes
        assert {in_words(change) for change in changes} == set(row["becomes"].split(", ")) - {"nothing"}, row


def test_every_block_of_rules_is_followed_by_a_table_that_proves_it() -> None:
    assert len(EXAMPLES) == len(BLOCKS) >= 8


def test_the_json_schema_names_every_key_and_explains_it() -> None:
    definitions = json_schema()["$defs"]
    for name, model in (("Rule", Rule), ("Condition", Condition), ("Actions", Actions)):
        assert list(definitions[name]["properties"]) == keys(model)
        assert all(field.get("description") for field in definitions[name]["properties"].values())
        assert definitions[name]["additionalProperties"] is False


def test_the_json_schema_refuses_null_as_the_loader_does() -> None:
    assert "null" not in yaml.safe_dump(json_schema())
