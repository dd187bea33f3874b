"""What is not needed is not loaded: `--help` comes at once, and looking at the settings waits for no database."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

# Libraries that take long to load, by the names of their modules.
HEAVY = {
    "aiosmtpd", "alembic", "bleach", "dkim", "dns", "dramatiq", "fpdf", "holidays", "icalendar", "imapclient", "jinja2",
    "mailparser", "matplotlib", "psycopg", "pydantic", "redis", "rich", "segno", "spf", "sqlalchemy", "structlog",
    "yaml",
}  # fmt: skip
_RUN = "import sys; from mailtix.cli import main; main({!r}.split())"


def loaded(command: str, folder: Path) -> set[str]:
    """Every top-level module, and every module of ours, that is loaded when the command is given in that folder."""
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", _RUN.format(command)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    names = re.findall(r"^import time:.*\| +(\S+)$", run.stderr, re.MULTILINE)
    assert "mailtix.cli" in names, run.stderr[-500:]
    return {name if name.startswith("mailtix.") else name.partition(".")[0] for name in names}


@pytest.mark.parametrize("command", ["--help", "--version", "serve --help", "tickets list --help", "rules --help"])
def test_help_loads_nothing_heavy(tmp_path: Path, command: str) -> None:
    assert loaded(command, tmp_path) & HEAVY == set()


def test_a_first_file_of_settings_is_written_without_the_line_and_without_a_database(tmp_path: Path) -> None:
    modules = loaded("init", tmp_path)

    assert (tmp_path / "mailtix.yaml").exists()
    assert not modules & {"mailtix.pipeline", "mailtix.app", "mailtix.store", "sqlalchemy", "alembic", "dramatiq"}


def test_checking_settings_loads_neither_the_line_nor_a_database(tmp_path: Path) -> None:
    loaded("init", tmp_path)

    modules = loaded("check", tmp_path)

    assert "mailtix.rules" in modules
    assert not modules & {"mailtix.pipeline", "mailtix.app", "mailtix.store", "sqlalchemy", "alembic", "dramatiq"}


def test_a_list_of_tickets_loads_neither_the_line_nor_the_doors(tmp_path: Path) -> None:
    loaded("init", tmp_path)

    modules = loaded("tickets list", tmp_path)

    assert "mailtix.store.search" in modules
    assert not modules & {"mailtix.pipeline", "mailtix.app", "mailtix.ingest", "aiosmtpd", "dramatiq", "dkim", "jinja2"}
