"""Names and subjects beyond ASCII, as other programs read and write them."""

from __future__ import annotations

from email.header import Header, decode_header, make_header

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.notify.encoded_words import encoded_words

TEXT = st.text('aZ0 -!*+/=?_.,[]"é€安💥\u0301', min_size=1, max_size=200) | st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=200
)


@settings(derandomize=True, database=None, max_examples=500, deadline=None)
@given(text=TEXT)
def test_the_words_are_those_of_the_standard_library(text: str) -> None:
    assert encoded_words(text, 60) == Header(text, "utf-8", maxlinelen=60).encode(linesep="\r\n")
    subject = Header(text, "utf-8", header_name="Subject", maxlinelen=76)
    assert encoded_words(text, 76, taken=len("Subject: ")) == subject.encode(linesep="\r\n")


@settings(derandomize=True, database=None, max_examples=200, deadline=None)
@given(text=TEXT)
def test_each_word_can_be_read_by_itself_and_all_give_the_text(text: str) -> None:
    lines = encoded_words(text, 60).split("\r\n ")

    assert "".join(str(make_header(decode_header(line))) for line in lines) == text
    assert max(map(len, lines)) <= 60


@pytest.mark.parametrize(("text", "kind"), [("Grüße aus Berlin und der Mark", "q"), ("安全", "b")])
def test_the_shorter_encoding_is_taken(text: str, kind: str) -> None:
    assert encoded_words(text, 60).startswith(f"=?utf-8?{kind}?")
