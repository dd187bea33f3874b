"""Compiling the built-in templates takes longer than everything else that the doctor does; none of these tests changes
them."""

from __future__ import annotations

import pytest

from desk import templates_once


@pytest.fixture(autouse=True)
def _templates_are_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailtix.health.settings.load_templates", templates_once)
