"""docs/assignment.md is true: its settings load, its commands are there, and it names everything there is."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailtix import cli
from mailtix.assign import Wanted, member_of, pick
from mailtix.config import Config, load
from mailtix.model.desk import AgentState, Availability, Strategy

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "assignment.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^ {4}mailtix (agents .+)$", DOCS, re.MULTILINE)


def shown(folder: Path) -> Config:
    """The settings that the page shows."""
    [block] = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
    (folder / "mailtix.yaml").write_text(block)
    return load(folder / "mailtix.yaml", {})


def test_its_settings_load_and_mean_what_it_says(tmp_path: Path) -> None:
    [company] = shown(tmp_path).companies_as_model()
    assert company.team_of("billing") == "billing"
    assert (company.team("billing").strategy, company.team("technical").sticky) == (Strategy.LEAST_BUSY, False)
    assert [agent.name for agent in company.members("billing")] == ["Ann Lead", "Bob Miller"]
    bob = company.agent("bob@example.com")
    assert bob
    assert bob.shift
    assert str(bob.shift.zone) == "Europe/Berlin"


def test_its_reason_is_one_that_is_given(tmp_path: Path) -> None:
    [company] = shown(tmp_path).companies_as_model()
    now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # a Friday, ten on Bob's clock
    loads = {"ann@example.com": 3, "bob@example.com": 10}
    members = [member_of(a, AgentState(), loads.get(a.key, 0), 0, now) for a in company.agents]
    assert f"\n      {pick(Strategy.LEAST_BUSY, members, Wanted(), now).because}\n" in DOCS


@pytest.mark.parametrize("word", [*Strategy, *Availability])
def test_every_strategy_and_availability_is_explained(word: str) -> None:
    assert f"`{word}`" in DOCS


@pytest.mark.parametrize("command", COMMANDS)
def test_its_commands_are_understood(command: str) -> None:
    assert cli._parser().parse_args(command.split()).verb == "agents"


def test_it_shows_each_option_of_agents_set() -> None:
    options = {"--availability", "--until", "--max", "--reset", "--json"}
    assert {option for option in options if option in DOCS} == options
    assert len(COMMANDS) == 4
