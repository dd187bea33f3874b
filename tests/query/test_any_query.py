"""Any text is a query or has mistakes; nothing else happens."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mailtix.query import KEYS, SHORTHANDS, Query, parse
from query.asking import KNOWN

_SIGNS = tuple('()-",*=:<> “\0\ud800')
_WORDS = ("or", "and", "not", "a", "me", "none", "2d", "field.x:", "sort:-due", ">=", " ")
_KEYS = (*(f"{key}:" for key in KEYS), *(key.example for key in KEYS.values()))
_PIECES = st.sampled_from([*_SIGNS, *_WORDS, *_KEYS, *SHORTHANDS])
TEXTS = st.one_of(st.text(), st.lists(st.one_of(_PIECES, st.text(max_size=3))).map("".join))


@given(TEXTS)
def test_any_text_gives_a_query_or_mistakes_that_lie_within_it(text: str) -> None:
    found = parse(text, KNOWN)

    if isinstance(found, Query):
        assert found.text == text
        return
    assert found
    for mistake in found:
        assert 0 <= mistake.at <= len(text)
        assert mistake.length >= 1
        assert mistake.at + mistake.length <= len(mistake.source) + 1
        assert mistake.text in mistake.pointed()


@given(TEXTS)
def test_a_query_in_parentheses_asks_for_the_same(text: str) -> None:
    found = parse(text, KNOWN)

    if isinstance(found, Query) and not found.sort and found.where != parse("", KNOWN).where:  # type: ignore[union-attr]
        again = parse(f"({text})", KNOWN)
        assert isinstance(again, Query)
        assert again.where == found.where
