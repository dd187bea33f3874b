"""The bench of moments runs, carries all of them out, and says what it measured."""

from __future__ import annotations

import pytest
from bench.moments import main


@pytest.mark.parametrize("how", [[], ["--on-time"]])
def test_all_that_is_due_is_done_beside_the_mail(capsys: pytest.CaptureFixture[str], how: list[str]) -> None:
    assert main(["--due", "60", *how]) == 0

    said = capsys.readouterr().out
    assert "60 done, 0 left" in said
    assert "a second" in said
