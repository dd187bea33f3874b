"""The words that texts are found by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtix.query import words
from mailtix.query.words import LONGEST


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The printer-tray, v2.0!", ["the", "printer", "tray", "v2", "0"]),
        ("Ärger mit Straße und Cafe\u0301", ["arger", "mit", "strasse", "und", "cafe"]),
        ("İstanbul ISTANBUL", ["istanbul", "istanbul"]),
        ("Ёлка, й и ї", ["елка", "и", "и", "і"]),
        ("Ἀθῆναι", ["αθηναι"]),
        ("ﬁne ｆｕｌｌ ①", ["fine", "full", "1"]),
        ("印刷機 ガｶﾞ・ぱ", ["印", "刷", "機", "ガ", "ガ", "ぱ"]),
        ("한국어 사용", ["한국어", "사용"]),
        ("हिन्दी में।", ["हिन्दी", "में"]),
        ("שָׁלוֹם مُحَمَّد", ["שלום", "محمد"]),
        ("a_b don't 10:30", ["a", "b", "don", "t", "10", "30"]),
        ("", []),
        ("… — !", []),
    ],
)
def test_words_are_folded_and_cut_in_any_script(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_long_words_count_by_their_beginning() -> None:
    assert words("A" * 1000 + " b") == ["a" * LONGEST, "b"]


@given(st.text())
def test_any_text_gives_words_of_letters_and_digits_that_stay_as_they_are(text: str) -> None:
    found = words(text)

    assert all(word and not set(word) & set("\0 \t\n'\"\\*()-:") for word in found)
    assert words(" ".join(found)) == found


@given(st.text(), st.text())
def test_the_words_of_two_lines_are_the_words_of_each(one: str, other: str) -> None:
    assert words(f"{one}\n{other}") == words(one) + words(other)
