"""Names that look like other names: letters of other scripts, and letters that are taken for each other.

After Unicode's UTS 39: two texts with the same skeleton may be confused. The tables of look-alikes are Unicode's own.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

# Whose letters are drawn like Latin ones. Words of Chinese or Japanese may hold Latin letters in good faith.
_LIKE_LATIN = frozenset({"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"})
# What ASCII itself offers, in the small letters of a domain.
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_ALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "|": "l"})


@lru_cache(maxsize=4096)  # each mail's sender is held against every agent
def skeleton(text: str) -> str:
    """The text as the eye takes it: what looks alike is the same. Only to be compared, never to be shown."""
    plain = unicodedata.normalize("NFKC", text)
    if not plain.isascii():  # before the case is folded: a Greek capital looks like another letter than its small one
        plain = "".join(map(_latin, unicodedata.normalize("NFD", plain)))
    plain = plain.casefold().translate(_ALIKE)
    for pair, one in _PAIRS:
        plain = plain.replace(pair, one)
    return " ".join(plain.split())


def mixes_scripts(word: str) -> bool:
    """Whether a word has Latin letters and others that look like such."""
    if word.isascii():
        return False
    from confusable_homoglyphs.categories import unique_aliases  # type: ignore[import-untyped]  # reads its tables

    scripts = unique_aliases(word)
    return "LATIN" in scripts and bool(_LIKE_LATIN & scripts)


@cache
def _latin(letter: str) -> str:
    """The Latin letter that another one looks like; accents are left out, for they are easily overlooked."""
    if letter.isascii() or unicodedata.combining(letter):
        return "" if unicodedata.combining(letter) else letter
    from confusable_homoglyphs.confusables import confusables_data  # type: ignore[import-untyped]  # reads its tables

    like = (found["c"] for found in confusables_data.get(letter, ()))
    return next((one for one in like if one.isascii() and one.isalnum()), letter)
