"""The bench of reports, tried out on a handful of tickets."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from mailtix.figures import REPORTS

ROOT = Path(__file__).parents[2]


def test_every_report_is_measured_and_finds_something() -> None:
    command = [sys.executable, "-m", "bench.figures", "400"]

    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    assert run.returncode == 0, run.stderr
    lines = [line.split() for line in run.stdout.splitlines() if " days " in line]
    assert len(lines) == 3 * len(REPORTS)
    assert all(int(line[-2]) > 0 for line in lines)
