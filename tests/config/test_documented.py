"""Every key is explained: in the file that `mailtix init` writes, and in docs/config.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from config.settings import loaded
from mailtix.config import EXAMPLE, Config, effective
from mailtix.config.timing import PRESETS
from mailtix.sla import Targets
from mailtix.yamltext import keys_of, read

DOCS = (Path(__file__).parents[2] / "docs" / "config.md").read_text()
BLOCKS = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
KEYS = list(keys_of(Config))


def switched_on(text: str) -> str:
    """The example with every setting that is switched off (`#key: …`) switched on."""
    return re.sub(r"^( *)#(?=[\w-])", r"\1", text, flags=re.MULTILINE)


def paths_in(data: Any, prefix: str = "") -> set[str]:
    """Every key of plain data, written as keys_of writes them."""
    if isinstance(data, list):
        return {path for item in data for path in paths_in(item, f"{prefix}[]")}
    if not isinstance(data, dict):
        return set()
    below = {f"{prefix}.{key}".lstrip("."): value for key, value in data.items()}
    return set(below).union(*(paths_in(value, path) for path, value in below.items()))


def test_the_example_runs_as_it_is_on_loopback(tmp_path: Path) -> None:
    config = loaded(tmp_path, EXAMPLE)
    assert config.listen.smtp
    assert config.listen.smtp.host == "127.0.0.1"
    assert config.companies_as_model()[0].agent("bob@example.com")


def test_the_example_shows_the_defaults(tmp_path: Path) -> None:
    defaults = loaded(
        tmp_path,
        "companies: [{name: Example, mailboxes: [{address: support@example.com, name: Example Support}]}]\n"
        "agents: [{name: Bob Miller, email: bob@example.com, teams: [billing], company: Example}]",
    )
    assert effective(loaded(tmp_path, EXAMPLE)) == effective(defaults)


def test_the_example_holds_every_key() -> None:
    lines = switched_on(EXAMPLE).splitlines()
    found = set()
    twice = ("database: postgresql", "redis: redis://", "tls: {", "tls: null", "secrets: [{", "clamd: /", "none")
    twice += ("categories: []", "teams: []", "calendars: []", "policies: []", "resolver: null")
    twice += ("aliases: {}", "permissions: {}", "fields: []", "canned: []", "accounts: []", "hosts: []")
    for line_to_drop in twice:
        rest = "\n".join(line for line in lines if not line.strip().startswith(line_to_drop))
        found |= paths_in(read(rest, "example").data)
    assert set(KEYS) - found == set()


def test_the_example_says_something_about_every_key() -> None:
    explained: set[str] = set()
    for block in EXAMPLE.split("\n\n"):
        commented = False
        for line in block.splitlines():
            commented = commented or bool(re.match(r" *# ", line))
            if commented and (setting := re.match(r" *#?(?:- )?(\w+):", line)):
                explained.add(setting[1])
    # Sections are explained by what is in them.
    explained |= {"sla", "survey", "notify", "security", "attachments", "journal", "workers", "log", "listen"}
    explained |= {"commands"}
    explained |= {"webhooks", "participants", "limits", "count", "per", "escalation", "remind", "close"}
    explained |= {"certificate", "key", "name", "first_response", "next_response", "resolution"}  # one sentence for two
    assert {key.split(".")[-1] for key in KEYS} - explained == set()


def test_every_switched_off_setting_of_the_example_is_good(tmp_path: Path) -> None:
    (tmp_path / "tls").mkdir()
    for name in ("fullchain.pem", "privkey.pem", "our-ca.pem"):
        (tmp_path / "tls" / name).touch()
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "smtp-password").write_text("correct horse\n")
    replaced = ("database: sqlite", "redis: null", "tls: null", "maildir:", "secrets: []", "clamd: null")
    replaced += ("categories: []", "teams: []", "calendars: []", "policies: []", "resolver: null")
    replaced += ("aliases: {}", "permissions: {}", "fields: []", "canned: []", "accounts: []", "hosts: []")
    lines = [line for line in switched_on(EXAMPLE).splitlines() if not line.strip().startswith(replaced)]
    secrets = {"SUPPORT_PASSWORD": "x", "SIGNING_SECRET": "0123456789abcdef", "OAUTH_SECRET": "y", "OAUTH_TOKEN": "z"}
    config = loaded(tmp_path, "\n".join(lines), **secrets)
    assert config.outbound.smtp
    assert config.outbound.smtp.password
    assert config.outbound.smtp.password.get_secret_value() == "correct horse"
    assert config.companies[0].mailboxes[0].imap
    for priority, target in PRESETS["standard"].items():
        own = getattr(config.sla.targets, priority)
        assert own.next_response
        assert Targets(own.first_response, own.resolution) == target


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_in_the_documentation(key: str) -> None:
    assert f"`{key}`" in DOCS


def test_the_documentation_holds_no_key_that_does_not_exist() -> None:
    named = re.findall(r"^\| `([a-z_.\[\]]+)`", DOCS, re.MULTILINE)
    assert len(named) > 50
    assert set(named) - set(KEYS) == set()


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_every_file_in_the_documentation_loads(tmp_path: Path, block: str) -> None:
    secrets = {"SALES_PASSWORD": "x", "SMTP_PASSWORD": "y", "OAUTH_SECRET": "z", "OAUTH_TOKEN": "t"}
    assert loaded(tmp_path, block, **secrets)


def test_the_table_of_presets_in_the_documentation_is_true() -> None:
    for priority in PRESETS["standard"]:
        cells = [PRESETS[name][priority] for name in ("relaxed", "standard", "strict")]
        times = [f"{shown(cell.first_response)} / {shown(cell.resolution)}" for cell in cells]
        assert f"| {priority} | {' | '.join(times)} |" in DOCS


def test_the_documentation_lists_what_is_held_by_default(tmp_path: Path) -> None:
    held = loaded(tmp_path, "companies: [{name: A, mailboxes: [{address: a@example.com}]}]").attachments.held
    listed = DOCS.partition("Held by default are these extensions:")[2].partition("\n### ")[0]
    assert set(re.findall(r"`([^`]+)`", listed)) == set(held)


def shown(time: Any) -> str:
    minutes = int(time.total_seconds() // 60)
    return f"{minutes}m" if minutes < 60 else f"{minutes // 60}h"
