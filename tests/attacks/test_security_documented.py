"""docs/security.md names, for each of its sections, tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECTIONS = re.split(r"^## ", (ROOT / "docs/security.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.partition("\n")[0])
def test_what_is_said_is_shown_by_tests(section: str) -> None:
    shown = re.findall(r"Shown by: ((?:tests/[\w/]+\.py,?\s*)+)", section)
    named = [name.strip() for names in shown for name in names.split(",")]

    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []
