"""What docs/operations.md tells people to type runs as it stands, and what it says of the log is so."""

from __future__ import annotations

import re
import shlex
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailtix import cli
from mailtix.model.decision import Outcome
from running import Said, called, letter, run, settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SHOWN = sorted(set(re.findall(r"^ +\$ mailtix (.+)$", PAGE, re.MULTILINE)))
# Those in running text; what stands for something else is filled in.
INLINE = sorted(set(re.findall(r"`mailtix ((?:[^`<\[]|\$\(date \+%F\))+)`", PAGE)))
FILLED = {"NUMBER": "J12", "FILE": "some.db", "ADDRESS": "ann@example.org", "WORDS": "'it is spam'"}
# They look at what is not there in this test, or say how an installation is that is not running.
MAY_SAY_NO = ("doctor", "imap reconcile", "replay")


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Settings of a desk with a dozen tickets; beside them a file for each name that the page uses."""
    folder = tmp_path_factory.mktemp("operations")
    config = settings(folder, f"sqlite:///{folder}/mailtix.db", security={"verify": "never"}, listen={"smtp": None})
    for number in range(12):
        (folder / f"{number}.eml").write_bytes(letter("ann@example.org", f"words of the mail {number}"))
    assert called(config, "ingest", *(str(folder / f"{number}.eml") for number in range(12))).code == 0
    (folder / "mail.eml").write_bytes(letter("eve@example.org", "one that was missing"))
    return config


def typed(config: Path, line: str, monkeypatch: pytest.MonkeyPatch) -> Said:
    """What the line says, typed in the installation's folder."""
    monkeypatch.chdir(config.parent)
    year = datetime.now(UTC).year  # noqa: TID251 - the number of a real ticket
    words = [word.replace("support@example.com", "support@desk.example") for word in shlex.split(line)]
    words = [word.replace("TKT-2026-", f"TKT-{year}-") for word in words]
    if words[0] != "parked":
        return called(config, *words)
    with closing(sqlite3.connect("mailtix.db")) as database:
        database.execute("UPDATE journal SET state = 'parked', error = 'it cannot be read' WHERE id = 12")
        database.commit()
    return (run if words[1] == "show" else called)(config, *words)  # what is shown is bytes, and needs a real output


@pytest.mark.parametrize("line", [line for line in SHOWN if not line.startswith(("restore", "backup"))])
def test_every_command_that_is_shown_works(installation: Path, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = typed(installation, line, monkeypatch)

    assert said.code in ((0, 1) if line.startswith(MAY_SAY_NO) else (0,)), said.err
    assert said.out.strip()


def test_moving_to_another_machine_goes_as_it_is_told(
    installation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    section = PAGE.partition("## Moving to another machine")[2].partition("\n## ")[0]
    backup, check, restore, doctor = re.findall(r"^ +\$ mailtix (.+)$", section, re.MULTILINE)
    before = called(installation, "tickets", "list", "--json").out
    there = settings(tmp_path, f"sqlite:///{tmp_path}/mailtix.db", listen={"smtp": None})

    for line in (backup, check):
        assert typed(installation, line, monkeypatch).code == 0
    moved = installation.parent / "moved.db"
    (tmp_path / moved.name).write_bytes(moved.read_bytes())
    assert typed(there, restore, monkeypatch).code == 0

    assert called(there, "tickets", "list", "--json").out == before
    assert "ok   database" in typed(there, doctor, monkeypatch).out


@pytest.mark.parametrize("line", [*SHOWN, *INLINE])
def test_every_command_of_the_page_is_one_that_there_is(line: str) -> None:
    words = [FILLED.get(word, word) for word in shlex.split(line.replace("$(date +%F)", "2026-11-20"))]
    try:
        cli._parser().parse_args(words)
    except SystemExit:
        # a verb that is only named, without what it takes
        assert len(words) <= 2, line
        assert f"`mailtix {words[0]}" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("outcome", [outcome.value for outcome in Outcome])
def test_everything_that_can_become_of_a_mail_stands_on_the_page(outcome: str) -> None:
    assert f"`{outcome}`" in PAGE.partition("## Reading the log")[2]


def test_every_event_of_the_page_is_one_of_the_log() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    table = PAGE.partition("## Reading the log")[2]
    events = [name for line in table.splitlines() for name in re.findall(r"`([a-z_]+)`", line.partition(" | ")[0])]

    assert len(events) > 20
    assert [name for name in events if f'"{name}"' not in source] == []


DATABASE = PAGE.partition("## The database is down")[2].partition("\n## ")[0]


@pytest.mark.parametrize("quoted", re.findall(r"^\| ([a-z][^|]*?) \|", DATABASE, re.MULTILINE)[1:])
def test_what_the_doctor_is_said_to_say_he_says(quoted: str) -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    in_a_line = re.sub(r'"\s*\n\s*f?"', "", source)

    assert all(part in in_a_line for part in quoted.split(" … "))
