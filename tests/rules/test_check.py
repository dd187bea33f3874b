"""What `mailtix rules check` and `mailtix rules schema` print."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mailtix import cli
from mailtix.config import EXAMPLE
from mailtix.rules import json_schema


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "mailtix.yaml"
    file.write_text(EXAMPLE)
    monkeypatch.chdir(tmp_path)
    return file


def check(settings: Path, rules: str, *options: str) -> int:
    (settings.parent / "some.yaml").write_text(rules)
    return cli.main(["--config", str(settings), "rules", "check", "some.yaml", *options])


def test_warnings_are_shown_and_leave_the_rules_in_use(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = check(settings, "- {name: All, then: {stop: true}}\n- {name: Never, then: {tag: x}}\n")

    said = capsys.readouterr()
    assert (code, said.out) == (0, "1 file, no mistakes, 1 warning\n")
    assert said.err.startswith("warning: some.yaml:2:10: this rule is never reached\n")


def test_json_tells_mistakes_from_warnings(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(settings, "- {name: A, then: {tgs: x}}", "--json") == 2
    [mistake] = json.loads(capsys.readouterr().out)
    assert (mistake["severity"], mistake["text"]) == ("mistake", "unknown key 'tgs'")

    assert check(settings, "- {name: A, then: {stop: true}}\n- {name: B, then: {tag: x}}", "--json") == 0
    [warning] = json.loads(capsys.readouterr().out)
    assert (warning["severity"], warning["line"]) == ("warning", 2)


def test_the_schema_is_printed_for_editors(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["rules", "schema"]) == 0
    assert json.loads(capsys.readouterr().out) == json_schema()


def test_the_schema_beside_the_starter_rules_is_the_one_of_today() -> None:
    file = Path(__file__).parents[2] / "deploy" / "rules" / "rules.schema.json"
    assert json.loads(file.read_text(encoding="utf-8")) == json_schema(), "mailtix rules schema > that file"
