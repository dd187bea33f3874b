"""Text → the words it is found by, the same for what is indexed and for what is asked. Pure, and total."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 64  # characters of a word that count; longer ones are base64 and links, and no index wants them whole

# Accents of Latin, Greek and Cyrillic, points of Hebrew, marks of Arabic: people leave them out when they search.
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u064b-\u065f\u0670]")
# Scripts without spaces between words (Thai, Lao, Burmese, Khmer, kana, Han): each letter is a word of its own, and
# what is asked for is a phrase of them.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# Vowel signs of India's scripts are no letters to Python, and must not cut a word.
_SIGNS = "\u0900-\u0963\u0966-\u0dff\u0f00-\u0fff"
# A run of ASCII is taken in one go, for most of a text is that.
_WORD = re.compile(f"[{_UNSPACED}]|(?:[a-z0-9]++|(?![{_UNSPACED}])[^\\W_]|[{_SIGNS}])+")
# Small letters and digits as they are, capitals as small letters, a space for all else: several times as quick as an
# expression, and nearly every text is ASCII when it is folded.
_ASCII = bytes(ord(chr(byte).lower()) if chr(byte).isalnum() else 32 for byte in range(128)) + bytes(128)


def words(text: str) -> list[str]:
    """The words of a text in their order: case and accents folded, nothing but letters and digits.

    Compatibility forms (full-width, ligatures) are the letters they stand for (Unicode, UAX #15, NFKD).
    """
    if not text.isascii():
        folded = _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))
        text = unicodedata.normalize("NFC", folded.casefold())
    found = text.encode("ascii").translate(_ASCII).decode("ascii").split() if text.isascii() else _WORD.findall(text)
    if max(map(len, found), default=0) <= LONGEST:  # as in nearly every text
        return found
    return [word[:LONGEST] for word in found]
