"""What the rules' tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailtix.config import EXAMPLE, load
from mailtix.rules import Known


@pytest.fixture
def example_known(tmp_path: Path) -> Known:
    """What rules may name under the settings that `mailtix init` writes."""
    file = tmp_path / "mailtix.yaml"
    file.write_text(EXAMPLE)
    return Known.of(load(file, {}).companies_as_model())
