"""Ticket numbers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.tickets.numbers import mentioned, mistake, near, pattern, period, render, sequence

NOW = datetime(2026, 11, 5, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("form", "number", "stretch"),
    [
        ("TKT-{year}-{seq:06}", "TKT-2026-000012", "2026"),
        ("TKT-{date}-{seq:04}", "TKT-20261105-0012", "20261105"),
        ("{year}-{month}-{seq:05}", "2026-11-00012", "202611"),
        ("TKT-{epoch}-{seq:06}", f"TKT-{int(NOW.timestamp())}-000012", ""),
        ("#{seq}", "#12", ""),
    ],
)
def test_a_number_follows_its_format(form: str, number: str, stretch: str) -> None:
    assert mistake(form) == ""
    assert (render(form, 12, NOW), period(form, NOW)) == (number, stretch)
    assert pattern(form).fullmatch(number)
    assert sequence(form, number) == 12
    assert sequence("T{seq}", number) is None


@pytest.mark.parametrize("form", ["TKT-{year}", "{seq}-{seq}", "{seq} or so", "[{seq}]", "{sequence}", ""])
def test_a_format_that_would_not_do_is_refused_with_the_reason(form: str) -> None:
    assert mistake(form)


@settings(derandomize=True, database=None, max_examples=200)
@given(st.integers(1, 10**9), st.sampled_from(["TKT-{year}-{seq:06}", "{year}-{month}-{seq:05}", "T{seq}"]))
def test_every_number_is_found_again_in_a_subject(seq: int, form: str) -> None:
    number = render(form, seq, NOW)

    assert [m[0] for m in pattern(form).finditer(f"Re: [{number.lower()}] and more")] == [number.lower()]
    assert not pattern(form).search(f"x{number}x")


def test_numbers_are_looked_for_in_lines_that_are_commands() -> None:
    text = "Hello TKT-1\n#merge [tkt-2026-000012],\n  #link (TKT-3) related\n#note no number\n> #merge TKT-9"

    assert mentioned(text) == ("TKT-2026-000012", "TKT-3")
    assert len(mentioned("#merge " + " ".join(f"T{number}" for number in range(99)))) == 20


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("12", "TKT-2026-000012"),
        ("TKT-12", "TKT-2026-000012"),
        ("TKT-2026-12", "TKT-2026-000012"),
        ("TKT-2026-000021", "TKT-2026-000012"),
        ("TKT-2025-000012", "TKT-2026-000012"),
    ],
)
def test_a_number_that_is_a_little_wrong_has_one_that_may_have_been_meant(word: str, meant: str) -> None:
    assert meant in near(word, "TKT-{year}-{seq:06}", NOW)


@given(st.text(max_size=80))
def test_any_text_can_be_searched_and_any_word_guessed_at(text: str) -> None:
    assert all(near(word, "TKT-{year}-{seq:06}", NOW) is not None for word in (text, *mentioned(f"#x {text}")))
    assert text not in near(text, "TKT-{year}-{seq:06}", NOW)
