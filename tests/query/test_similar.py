"""Which tickets are alike, and what they suggest."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from mailtix.query.similar import MOST_WORDS, Seen, suggest, telling


def ticket(number: int, category: str, *words: str) -> list[Seen]:
    return [Seen(word, number, number, f"T-{number}", category) for word in words]


COMMON = [Seen("please", number, None, "", "") for number in range(1, 100)]


def test_the_words_of_the_subject_come_first_then_the_longest_of_the_text() -> None:
    assert telling("Re: My invoice 4711", "The thermostat is cold, again") == ("invoice", "thermostat", "again", "cold")
    assert len(telling("", " ".join(f"word{letter}" for letter in "abcdefghijklmnop"))) == MOST_WORDS


def test_the_category_that_most_of_the_nearest_have_is_suggested_with_their_numbers() -> None:
    seen = [
        *ticket(1, "billing", "invoice", "twice"),
        *ticket(2, "technical", "invoice", "broken"),
        *ticket(3, "billing", "invoice", "twice", "refund"),
    ]
    found = suggest(seen, ())
    assert found is not None
    assert (found.category, found.because) == ("billing", "like T-3, T-1: billing 2 of 3")


def test_one_word_that_is_shared_may_be_chance() -> None:
    assert suggest([*ticket(1, "billing", "invoice"), *ticket(2, "billing", "invoice")], ()) is None


def test_tickets_that_do_not_agree_suggest_nothing() -> None:
    seen = [*ticket(1, "billing", "invoice", "twice"), *ticket(2, "technical", "invoice", "twice")]
    assert suggest(seen, ()) is None


def test_a_rare_word_says_more_than_a_common_one() -> None:
    seen = [
        *COMMON,
        *ticket(98, "technical", "please", "burns"),
        *ticket(99, "technical", "please", "burns"),
        *ticket(100, "billing", "please", "monday"),
        *ticket(101, "billing", "please", "monday", "chargeback"),
        *ticket(102, "billing", "chargeback", "monday"),
    ]
    found = suggest(seen, ())
    assert found is not None
    assert found.because.startswith("like T-10")


def test_a_category_that_the_company_has_no_more_is_not_suggested() -> None:
    seen = [*ticket(1, "old", "invoice", "twice"), *ticket(2, "old", "invoice", "twice")]
    assert suggest(seen, ("billing",)) is None
    assert suggest(seen, ("billing", "old")) is not None


seen_ones = some.lists(
    some.builds(
        Seen,
        some.sampled_from(["invoice", "refund", "burns"]),
        some.integers(-50, 50).filter(bool),
        some.one_of(some.none(), some.integers(1, 9)),
        some.just("T"),
        some.sampled_from(["", "billing", "technical"]),
    )
)


@given(seen_ones)
def test_whatever_is_found_only_a_category_that_was_there_is_suggested(seen: list[Seen]) -> None:
    found = suggest(seen, ())
    assert found is None or found.category in {each.category for each in seen if each.ticket is not None} - {""}


@given(some.text(), some.text())
def test_any_text_has_words_that_are_looked_up(subject: str, text: str) -> None:
    found = telling(subject, text)
    assert len(found) == len(set(found)) <= MOST_WORDS
    assert all("'" not in word and '"' not in word and "\0" not in word for word in found)
