"""Every condition and action is in docs/rules.md, each example there runs, and the JSON Schema says the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from mailtix.model.auth import Authentication, Check, Result, Signature
from mailtix.model.change import (
    Assigned,
    CategoryChanged,
    FieldSet,
    PolicyAsked,
    PriorityChanged,
    StatusChanged,
    Tagged,
    TeamChanged,
    Untagged,
    Watched,
)
from mailtix.model.desk import Account
from mailtix.model.mail import Address, Envelope
from mailtix.model.suggestion import Suggestion
from mailtix.model.ticket import Person, Priority, Status, Ticket
from mailtix.rules import Event, MailView, Outcome, json_schema, load, run
from mailtix.rules.conditions import Auth
from mailtix.rules.language import Actions, Attached, Condition, Customer, Rule, Times, WordsOf
from mailtix.rules.measures import span_text
from rules.desk import KNOWN, attachment, mail

MODELS: tuple[type[Any], ...] = (Rule, Condition, Actions, Attached, Times, WordsOf, Customer, Auth)
NOW = datetime(2026, 1, 2, tzinfo=UTC)
DOCS = (Path(__file__).parents[2] / "docs" / "rules.md").read_text()
# ```yaml … ``` and then a table of mails: | from | subject | … | becomes |
EXAMPLES = re.findall(r"```yaml\n(.*?)```\n\n((?:\|[^\n]*\n)+)", DOCS, re.DOTALL)
# A comma within a note or an answer does not part two deeds.
DEEDS = re.compile(
    r", (?=(?:category|priority|status|team|assign|tag|untag|field|watch|sla|escalate|snooze|note|notify|reply|webhook|"
    r"hold|reject|drop)\b)"
)
BLOCKS = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)


def keys(model: type[Any]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def in_words(change: object) -> str:
    match change:
        case CategoryChanged(to):
            return f"category {to}"
        case PriorityChanged(to):
            return f"priority {to}"
        case TeamChanged(to, strategy):
            return f"team {to} by {strategy}" if strategy else f"team {to}"
        case Assigned(to):
            return f"assign {to}"
        case Tagged(tag):
            return f"tag {tag}"
        case Untagged(tag):
            return f"untag {tag}"
        case StatusChanged(to):
            return f"status {to}"
        case FieldSet(name, value):
            return f"field {name} {value}"
        case Watched(agent):
            return f"watch {agent}"
        case PolicyAsked(policy):
            return f"sla {policy}"
    raise AssertionError(change)


def deeds(outcome: Outcome) -> Iterator[str]:
    """What rules do beside changes."""
    for hit in outcome.done:
        yield from (f"notify {name}" for name in hit.notify)
        if hit.note:
            yield f"note {hit.note}"
        if hit.escalate is not None:
            yield f"escalate {hit.escalate}".strip()
        if hit.snooze:
            yield f"snooze {span_text(hit.snooze)}"
        if hit.webhook:
            yield f"webhook {hit.webhook}"
        if hit.hold is not None:
            yield f"hold {hit.hold}".strip()
    if outcome.reply:
        customer_language = "de" if "de" in outcome.reply.reply else ""
        yield f"reply {outcome.reply.reply[customer_language]}"
    if outcome.rejected:
        customer_language = "de" if "de" in outcome.rejected.reject else ""
        yield f"reject {outcome.rejected.reject[customer_language]}"
    if outcome.dropped:
        yield "drop"


def ticket(row: dict[str, str]) -> Ticket | None:
    """The ticket that the row describes: its status, priority, category, team, assignee and tags."""
    cells = {name: row[name] for name in ("status", "priority", "category", "team", "assignee") if row.get(name)}
    if not cells and not row.get("tags") and not row.get("field") and row.get("event", "new") == "new":
        return None
    start = Ticket(1, "Example", "T-1", "", Person(1, "ann@example.org"), "support@example.com", "email", NOW)
    fields: dict[str, Any] = {**cells, "tags": frozenset(row.get("tags", "").split())}
    if row.get("field"):
        name, _, value = row["field"].partition(" ")
        fields["fields"] = {name: value}
    if row.get("rating"):
        fields["rating"] = int(row["rating"])
    if "status" in cells:
        fields["status"] = Status(cells["status"])
    if "priority" in cells:
        fields["priority"] = Priority(cells["priority"])
    return replace(start, **fields)


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
        name, mime, size = f"{row['attachment']}  ".split(" ")[:3]
        file = attachment(name)
        fields["attachments"] = (replace(file, mime=mime or file.mime, size=int(size or file.size)),)
    if row.get("header"):
        name, _, value = row["header"].partition(": ")
        fields["headers"] = ((name, value),)
    if row.get("size"):
        fields["size"] = int(row["size"].replace(",", ""))
    recipients = (row.get("recipient") or "support@example.com",)
    at = datetime.fromisoformat(row["came"]) if row.get("came") else NOW
    fields["envelope"] = Envelope("ann@example.org", recipients, at)
    fields |= {"subject": row.get("subject", ""), "reply": row.get("body", "")}
    fields["text"] = f"{row.get('body', '')} {row.get('quoted', '')}"
    return MailView(
        mail(**fields),
        row.get("company") or "Example",
        row.get("mailbox") or "support@example.com",
        row.get("kind") or "human",
        ticket(row),
        Person(1, row.get("customer") or row.get("from") or "ann@example.org", language=row.get("language", "")),
        row.get("first") == "yes" if row.get("first") else None,
        Account(row["account"], (), row.get("vip") == "yes", reseller=row["reseller"]) if row.get("account") else None,
        found_out(row),
        suggestion=Suggestion(row["similar"], "like T-1") if row.get("similar") else None,
    )


def found_out(row: dict[str, str]) -> Authentication | None:
    """What the row says of who wrote the mail: a method and its result."""
    if not row.get("auth"):
        return None
    method, _, result = row["auth"].partition(" ")
    signed = (Signature(Result(result)),) if method == "dkim" else ()
    return Authentication(dmarc=Check(Result(result)) if method == "dmarc" else Check(), dkim=signed)


def event_of(row: dict[str, str]) -> Event:
    """The event that the row names; those with a value as in a rule file."""
    text = row.get("event") or "new"
    written = f"{{{text}}}" if ":" in text else text
    [loaded] = load([("event", f"- {{name: Event, on: {written}, then: {{stop: true}}}}")], KNOWN).rules
    return cast(Event, loaded.rule.on[0])


@pytest.mark.parametrize("key", sorted({key for model in MODELS for key in keys(model)}))
def test_every_key_is_documented(key: str) -> None:
    assert f"`{key}`" in DOCS
    assert any(re.search(rf"[\s{{]{key}:", block) for block in BLOCKS)


@pytest.mark.parametrize(("rules", "table"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_does_what_its_table_says(rules: str, table: str) -> None:
    loaded = load([("docs/rules.md", rules)], KNOWN)
    for row in rows(table):
        outcome = run(loaded, view(row), event_of(row))
        became = {*map(in_words, outcome.changes), *deeds(outcome)}
        assert became == set(DEEDS.split(row["becomes"])) - {"nothing"}, row


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
