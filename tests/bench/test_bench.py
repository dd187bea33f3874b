"""The bench measures what it says, tried out on a handful of mails."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the bench as a user does; its own time limits end it."""
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("outbound", [[], ["--maildir"]], ids=["smtp", "maildir"])
def test_a_tiny_load_goes_the_whole_way_and_leaves_figures(tmp_path: Path, outbound: list[str]) -> None:
    file = tmp_path / "figures.json"

    run = bench("--mails", "20", "--grid", "4x2", "--runs", "1", "--seconds", "60", "--json", str(file), *outbound)

    assert run.returncode == 0, run.stderr
    figures = {row["server"]: row for row in json.loads(file.read_text())}
    mailtix = figures["mailtix"]
    assert mailtix["outcomes"] == {"opened": 20}
    assert min(mailtix[name] for name in ("accepted", "ticketed", "delivered", "server_cpu", "memory")) > 0
    assert 0 < mailtix["p50"] <= mailtix["p99"]
    assert figures["sink"]["accepted"] > 0
    assert "mailtix" in run.stdout


def test_a_server_that_cannot_start_is_told_with_its_own_words() -> None:
    run = bench("--mails", "4", "--grid", "1x1", "--runs", "1", "--database", "sqlite:////proc/none/mailtix.db")

    assert run.returncode == 1
    assert "did not come up" in run.stderr


def test_the_profile_names_each_stage_of_the_line() -> None:
    run = bench("profile", "--mails", "20")

    assert run.returncode == 0, run.stderr
    for stage in ("accept", "claim", "parse", "classify", "gather", "decide", "save", "finish", "commit"):
        assert f" {stage} " in run.stdout.replace(",", " ")
