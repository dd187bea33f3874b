"""The bench of searching runs, and says what it measured."""

from __future__ import annotations

import pytest
from bench.search import ASKED, main


def test_every_query_is_measured_beside_the_way_without_an_index(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--tickets", "30", "--mails", "20"])

    said = capsys.readouterr().out
    assert [query for query in ASKED if f"\n{query} " not in said] == []
    assert "LIKE %" in said
    assert "ms without the index of words" in said
