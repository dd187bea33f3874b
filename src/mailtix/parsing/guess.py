"""Which charset 8-bit bytes are in when nothing trustworthy says so: each candidate decodes, the likeliest wins."""

from __future__ import annotations

SAMPLE = 4_000
"""Bytes looked at; a few sentences decide."""

# The commonest letters of running Russian and Ukrainian text: they tell KOI8 from windows-1251, which share all bytes.
_CYRILLIC_FREQUENT = frozenset("оеаинтсрвлкмдпуыяьі")
_LATIN_LETTERS = frozenset("äöüÄÖÜßéèêëàâçñíóúáãõåæøÅÆØ“”‘’–—…€°§«»´£©®·\xa0")
_CANDIDATES = ("gb18030", "big5", "cp932", "euc_jp", "cp949", "koi8-u", "cp1251")


def guess_charset(data: bytes) -> str:
    """A codec name for `data`: utf-8 where valid, else the likeliest candidate, else cp1252 (the web's default)."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    sample = data[:SAMPLE]
    high = sum(1 for byte in sample if byte > 127)
    best, best_score = "cp1252", 0.5
    for codec in _CANDIDATES:
        score = _likelihood(sample, codec, high)
        if score > best_score:
            best, best_score = codec, score
    return best


def _likelihood(sample: bytes, codec: str, high: int) -> float:
    """0 to 1: the share of the decoded non-ASCII characters that a text in this charset's languages would have."""
    try:
        text = sample.decode(codec)
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 4:  # not just cut off by the sample's end
            return 0.0
        text = sample[: error.start].decode(codec, "ignore")
    foreign = [c for c in text if c > "\x7f"]
    if not foreign:
        return 0.0
    if codec in ("koi8-u", "cp1251"):
        # Latin text has single foreign letters among ASCII ones; Cyrillic words are foreign as a whole.
        letters = sum(1 for c in sample if 65 <= c <= 90 or 97 <= c <= 122)
        if high < letters / 3:
            return 0.0
        return sum(1 for c in foreign if c in _CYRILLIC_FREQUENT) / len(foreign)
    if len(foreign) * 2 > high + 2 and codec != "cp932":
        return 0.0  # mostly single bytes: not a double-byte text
    return sum(1 for c in foreign if _common(c, codec)) / len(foreign)


def _common(char: str, codec: str) -> bool:
    """Whether a character is an everyday one, judged by its place in the charset's national standard."""
    if "\u3000" <= char <= "\u3002" or "\uff00" <= char <= "\uff5e":
        return True
    if codec in ("cp932", "euc_jp"):
        return "\u3041" <= char <= "\u30ff"  # kana, half of any Japanese text
    if codec == "cp949":
        return "\uac00" <= char <= "\ud7a3" and _lead(char, "euc_kr") < 0xC9
    if codec == "gb18030":
        return 0xB0 <= _lead(char, "gb2312") <= 0xD7  # level 1 of GB 2312: the 3,755 commonest
    return 0xA4 <= _lead(char, "big5") <= 0xC6  # the frequent plane of Big5


def _lead(char: str, codec: str) -> int:
    try:
        return char.encode(codec)[0]
    except UnicodeEncodeError:
        return 0xFF
