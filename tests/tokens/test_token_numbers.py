"""Numbers of tokens as they are written and as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mailtix.tokens import LONGEST, read, render


@pytest.mark.parametrize("text", ["TK000123", "tk000123", "TK-123", "tk 123", "123", "#TK000123", " 000123 "])
def test_a_number_is_known_however_it_is_written(text: str) -> None:
    assert read(text) == "TK000123"


@pytest.mark.parametrize("text", ["", "TK", "0", "TK000000", "TKT-2026-000012", "soon", "TK12a", "١٢٣", "9" * 30])
def test_what_is_no_number_is_none(text: str) -> None:
    assert read(text) == ""


def test_the_millionth_has_a_digit_more() -> None:
    assert (render(999_999), render(1_000_000)) == ("TK999999", "TK1000000")


@given(some.integers(1, 10**12 - 1))
def test_what_is_written_is_read_again_and_fits_into_the_store(sequence: int) -> None:
    assert read(render(sequence)) == render(sequence)
    assert len(render(sequence)) <= LONGEST


@given(some.text())
def test_reading_takes_any_text(text: str) -> None:
    assert read(text) == "" or read(text).startswith("TK")
