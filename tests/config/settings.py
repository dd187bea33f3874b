"""Loads settings that a test writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailtix.config import BadConfig, Config, load
from mailtix.yamltext import Mistake

MINIMAL = "companies: [{name: Example, mailboxes: [{address: support@example.com}]}]\n"


def loaded(folder: Path, text: str, **environ: str) -> Config:
    """The settings of that text, as if it stood in the folder."""
    file = folder / "mailtix.yaml"
    file.write_text(text)
    return load(file, environ)


def mistakes(folder: Path, text: str, **environ: str) -> tuple[Mistake, ...]:
    """The mistakes of that text."""
    with pytest.raises(BadConfig) as caught:
        loaded(folder, text, **environ)
    return caught.value.mistakes
