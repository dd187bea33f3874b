"""What answers to a survey mean, and who is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtix.surveys import Asked, Terms, answer, is_low, refusal, stops

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "mark", "words"),
    [
        ("5", 5, ""),
        ("  4 thanks", 4, "thanks"),
        ("4/5", 4, ""),
        ("Rating: 3", 3, ""),
        ("Note 2 - zu langsam", 2, "zu langsam"),
        ("1\nNobody called.\n", 1, "Nobody called."),
        ("3 out of 5, fine\nreally", 3, "fine\nreally"),
    ],
)
def test_a_mark_begins_the_first_line_and_the_rest_is_feedback(text: str, mark: int, words: str) -> None:
    found = answer(text)
    assert found is not None
    assert (found.rating, found.feedback) == (mark, words)


@pytest.mark.parametrize("text", ["", "6", "0", "12", "1/2", "50%", "2.5", "It burns", "x 5", "five", "#stop"])
def test_what_is_no_mark_is_none(text: str) -> None:
    assert answer(text) is None


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    found = answer(text)
    assert found is None or found.rating in range(1, 6)
    assert stops(text) in (True, False)


@pytest.mark.parametrize("text", ["#stop", "stop", " #STOP \nthank you"])
def test_one_word_ends_it(text: str) -> None:
    assert stops(text)


@pytest.mark.parametrize("text", ["", "stop it", "please #stop", "5\n#stop"])
def test_other_words_do_not(text: str) -> None:
    assert not stops(text)


def test_nobody_is_asked_twice_within_the_time_or_against_his_will() -> None:
    terms = Terms(every=timedelta(days=14))
    assert refusal(Asked(), terms, NOW) == ""
    assert (
        refusal(Asked(NOW - timedelta(days=13, hours=23)), terms, NOW) == "the customer was asked on 2026-11-06 already"
    )
    assert refusal(Asked(NOW - timedelta(days=14)), terms, NOW) == ""
    assert refusal(Asked(refuses=True), terms, NOW) == "the customer does not want to be asked"


def test_low_is_what_the_settings_say() -> None:
    assert [mark for mark in range(1, 6) if is_low(mark, Terms(low=2))] == [1, 2]
    assert [mark for mark in range(1, 6) if is_low(mark, Terms(low=0))] == []
    assert not is_low(None, Terms())
