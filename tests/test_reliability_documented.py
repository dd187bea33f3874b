"""Each promise of docs/reliability.md names tests, and they are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
PROMISES = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| promise")]
NAMES = sorted(set(re.findall(r"`(test_\w+)`", PAGE)))
DEFINED = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^(?:async )?def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
}


@pytest.mark.parametrize("name", NAMES)
def test_every_test_that_shows_a_promise_is_there(name: str) -> None:
    assert name in DEFINED


def test_every_promise_says_which_test_shows_it() -> None:
    assert len(PROMISES) > 15
    assert [line for line in PROMISES if not re.search(r"`test_\w+`[^|]*\|$", line)] == []


def test_every_point_at_which_the_process_is_killed_is_in_the_tests() -> None:
    from daemon.dying import POINTS

    steps = {point.partition(":")[0] for point in POINTS}
    assert steps == {"accept", "ring", "process", "book", "send", "record", "timers", "imap"}
