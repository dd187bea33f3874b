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


@pytest.mark.parametrize("outbound", [[], ["--maildir"], ["--python"]], ids=["smtp", "maildir", "python"])
def test_a_tiny_load_goes_the_whole_way_and_leaves_figures(tmp_path: Path, outbound: list[str]) -> None:
    file = tmp_path / "figures.json"

    size = ("--mails", "20", "--grid", "4x2", "--runs", "1", "--seconds", "60")
    run = bench("load", *size, "--json", str(file), *outbound)

    assert run.returncode == 0, run.stderr
    figures = {row["server"]: row for row in json.loads(file.read_text())}
    mailtix = figures["mailtix"]
    assert mailtix["outcomes"] == {"opened": 20}
    assert min(mailtix[name] for name in ("accepted", "ticketed", "delivered", "server_cpu", "memory")) > 0
    assert 0 < mailtix["p50"] <= mailtix["p99"]
    assert mailtix["p50"] < mailtix["whole_p50"]
    assert figures["sink"]["accepted"] > 0
    assert "mailtix" in run.stdout


def test_a_server_that_cannot_start_is_told_with_its_own_words() -> None:
    run = bench("load", "--mails", "4", "--grid", "1x1", "--runs", "1", "--database", "sqlite:////proc/none/mailtix.db")

    assert run.returncode == 1
    assert "did not come up" in run.stderr


def test_a_part_by_itself_says_whether_its_target_was_met_and_writes_it_down(tmp_path: Path) -> None:
    run = bench("delivery", "--quick", "--mails", "60", "--out", str(tmp_path))

    assert run.returncode == 0, run.stderr
    [row] = json.loads((tmp_path / "figures.json").read_text())["targets"]
    assert row["what"] == "delivered by one worker"
    assert row["met"] in (True, False)
    assert "delivered by one worker" in run.stdout


def test_a_part_that_is_not_there_is_told_with_those_that_are() -> None:
    run = bench("speed")

    assert run.returncode == 2
    assert "there is no part 'speed'; take some of throughput, latency" in run.stderr


def test_the_profile_names_each_stage_of_the_line() -> None:
    run = bench("profile", "--mails", "20")

    assert run.returncode == 0, run.stderr
    for stage in ("accept", "claim", "parse", "classify", "gather", "decide", "save", "finish", "commit"):
        assert f" {stage} " in run.stdout.replace(",", " ")
