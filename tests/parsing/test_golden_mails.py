"""Every folder in tests/mails is a mail, what must be read from it, and why it is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from mailtix.inspect import describe

MAILS = sorted(path.parent for path in Path(__file__).parent.parent.glob("mails/*/mail.eml"))
RECEIVED = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("folder", MAILS, ids=lambda folder: folder.name)
def test_a_golden_mail_is_read_as_expected(folder: Path) -> None:
    expected: dict[str, Any] = yaml.safe_load((folder / "expect.yml").read_text(encoding="utf-8"))
    found = describe((folder / "mail.eml").read_bytes(), RECEIVED)

    assert expected, "an expectation that expects nothing cannot fail"
    for key, wanted in expected.items():
        assert_as_expected(key, wanted, found)


def assert_as_expected(key: str, wanted: Any, found: dict[str, Any]) -> None:
    """`KEY_contains` and `KEY_lacks` ask for pieces; mappings and lists of them are compared by the keys they name."""
    if key.endswith("_contains"):
        text = joined(found[key.removesuffix("_contains")])
        assert [piece for piece in wanted if piece not in text] == [], text
    elif key.endswith("_lacks"):
        text = joined(found[key.removesuffix("_lacks")])
        assert [piece for piece in wanted if piece in text] == [], text
    elif key == "defects":
        assert set(wanted) <= {defect["code"] for defect in found["defects"]}
    else:
        assert named_part(found[key], wanted) == wanted, key


def joined(value: Any) -> str:
    return value if isinstance(value, str) else "\n".join(map(str, value))


def named_part(found: Any, wanted: Any) -> Any:
    if isinstance(wanted, dict) and isinstance(found, dict):
        return {key: found.get(key) for key in wanted}
    if isinstance(wanted, list) and isinstance(found, list) and len(found) == len(wanted):
        return [named_part(f, w) for f, w in zip(found, wanted, strict=True)]
    return found


@pytest.mark.parametrize("folder", MAILS, ids=lambda folder: folder.name)
def test_a_golden_mail_says_why_it_is_kept(folder: Path) -> None:
    assert len((folder / "why.md").read_text(encoding="utf-8").split()) >= 5
