"""When it is too much: rates and likeness, as plain values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.limits import Rate, Terms, Traffic, too_much

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TERMS = Terms()


def ago(*minutes: float) -> list[datetime]:
    return [NOW - timedelta(minutes=m) for m in minutes]


@pytest.mark.parametrize(
    ("count", "minutes", "limited"),
    [(9, 5, False), (10, 5, True), (14, 20, False), (15, 20, True), (24, 45, False), (25, 45, True), (49, 170, False),
     (50, 170, True), (99, 590, False), (100, 590, True), (100, 600, False)],
)  # fmt: skip
def test_each_window_of_answers_has_its_limit(count: int, minutes: float, limited: bool) -> None:
    traffic = Traffic(answered=ago(*[minutes] * count))

    assert bool(too_much(traffic, "Hello", is_new=False, terms=TERMS, now=NOW)) is limited


@pytest.mark.parametrize(("minutes", "limited"), [(59.9, True), (60, False)])
def test_ten_new_tickets_an_hour_are_enough(minutes: float, limited: bool) -> None:
    traffic = Traffic(opened=ago(*range(9), minutes))

    assert bool(too_much(traffic, "Hello", is_new=True, terms=TERMS, now=NOW)) is limited
    assert too_much(traffic, "Hello", is_new=False, terms=TERMS, now=NOW) == ""


@pytest.mark.parametrize(
    ("texts", "limited"),
    [
        (["We have received it, no. 3.", "We have received it, no. 4.", "we have  received it, no. 555."], True),
        (["We have received it, no. 3.", "We have received it, no. 4."], False),
        (["We have received it, no. 3.", "Something else", "We have received it, no. 4."], False),
        (["", "", ""], False),
    ],
)
def test_the_fourth_mail_that_says_the_same_is_one_too_many(texts: list[str], limited: bool) -> None:
    written = [(NOW - timedelta(minutes=n), text) for n, text in enumerate(texts)]
    said = too_much(Traffic(written=written), "We have received it, no. 12.", is_new=False, terms=TERMS, now=NOW)

    assert said.startswith("4 in 1440 minutes that say nearly the same") is limited


def test_what_was_said_long_ago_does_not_count() -> None:
    written = [(NOW - timedelta(days=n), "Is there any news of my printer?") for n in range(1, 4)]

    assert (
        too_much(Traffic(written=written), "Is there any news of my printer?", is_new=False, terms=TERMS, now=NOW) == ""
    )


def test_who_asks_in_a_word_may_ask_again() -> None:
    written = [(NOW - timedelta(minutes=n), "Any news?") for n in range(1, 9)]

    assert too_much(Traffic(written=written), "Any news?", is_new=False, terms=TERMS, now=NOW) == ""


def test_no_limits_are_no_limits() -> None:
    none = Terms(Rate(100_000, timedelta(hours=1)), (), Rate(1, timedelta(days=1)))
    traffic = Traffic(ago(*[1] * 500), ago(*[1] * 500), [(NOW, "x")] * 50)

    assert too_much(traffic, "x", is_new=True, terms=none, now=NOW) == ""
    assert too_much(traffic, "x", is_new=False, terms=none, now=NOW) == ""


@settings(derandomize=True, database=None, max_examples=200)
@given(st.lists(st.floats(0, 2000), max_size=120), st.text(max_size=50))
def test_less_is_never_more(minutes: list[float], text: str) -> None:
    """Who is within the limits is so with one mail less, too; and the answer is the same in any order."""
    whole = too_much(Traffic(answered=ago(*minutes)), text, is_new=False, terms=TERMS, now=NOW)
    less = too_much(Traffic(answered=ago(*minutes[1:])), text, is_new=False, terms=TERMS, now=NOW)

    assert not less or whole
    assert bool(whole) == bool(too_much(Traffic(answered=ago(*reversed(minutes))), text, False, TERMS, NOW))
