"""Which charset 8-bit bytes are in when nothing trustworthy says so: each candidate decodes, the likeliest wins."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

SAMPLE = 4_000
"""Bytes looked at; a few sentences decide."""

LIKELY = 0.55
"""A score below this is chance; then windows-1252 is assumed, as browsers do."""

LEAST_KANA = 0.1
"""The share of kana without which a text is not Japanese: Kanji alone are as likely Chinese."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A charset, the rows of its national standard that hold everyday characters, and its commonest characters."""

    codec: str
    standard: str
    rows: tuple[int, int]
    frequent: frozenset[str]


_KANA = frozenset(map(chr, range(0x3041, 0x30FF)))
_CHINESE = frozenset(
    "的一是不了在人有我他这這为為之大来來以个個中上们們到说說国國和地也子时時道出而要于於就下得可你年生您好请請问問谢謝"
)
_KOREAN = frozenset("이다는을를의에하고가지니요습로한기사은도안녕세어서해인나시자일")
# The commonest letters of running Russian and Ukrainian text: they tell KOI8 from windows-1251, which share all bytes.
_CYRILLIC = frozenset("оеаинтсрвлкмдпуыяьі")
_DOUBLE_BYTE = (
    _Candidate("cp932", "euc_jp", (0xA1, 0xCF), _KANA),  # rows 1-8 and JIS level 1
    _Candidate("euc_jp", "euc_jp", (0xA1, 0xCF), _KANA),
    _Candidate("gb18030", "gb2312", (0xB0, 0xD7), _CHINESE),  # level 1 of GB 2312; Chinese wins a draw
    _Candidate("cp949", "euc_kr", (0xB0, 0xC8), _KOREAN),  # the Hangul rows of KS X 1001
    _Candidate("big5", "big5", (0xA4, 0xC6), _CHINESE),  # the frequent plane of Big5
)


def guess_charset(data: bytes) -> str:
    """A codec name for `data`: utf-8 where valid, else the likeliest candidate, else cp1252 (the web's default)."""
    if _decoded(data, "utf-8") is not None:
        return "utf-8"
    sample = data[:SAMPLE]
    scores = {candidate.codec: _east_asian(sample, candidate) for candidate in _DOUBLE_BYTE}
    scores |= {codec: _cyrillic(sample, codec) for codec in ("koi8-u", "cp1251")}
    best = max(scores, key=lambda codec: scores[codec])
    return best if scores[best] >= LIKELY else "cp1252"


def _decoded(sample: bytes, codec: str) -> str | None:
    """The text, without a character that the sample's end cut off; None if the bytes are not in this charset."""
    try:
        return sample.decode(codec)
    except UnicodeDecodeError as error:
        cut_off = len(sample) == SAMPLE and error.start >= SAMPLE - 4
        return sample[: error.start].decode(codec, "ignore") if cut_off else None


def _east_asian(sample: bytes, candidate: _Candidate) -> float:
    """0 to 1: how many foreign characters are everyday ones, and whether the commonest are among them."""
    text = _decoded(sample, candidate.codec)
    foreign = [c for c in text or "" if c > "\x7f"]
    if text is None or not foreign:
        return 0.0
    # Accented letters of a Latin text stand alone between ASCII ones; these scripts have whole words of theirs.
    together = sum(1 for a, b in pairwise(text) if a > "\x7f" and b > "\x7f")
    if together * 2 < len(foreign) - 1:
        return 0.0
    everyday = sum(1 for c in foreign if _is_everyday(c, candidate)) / len(foreign)
    common = sum(1 for c in foreign if c in candidate.frequent) / len(foreign)
    if candidate.frequent is _KANA and common < LEAST_KANA:
        return 0.0
    return 0.7 * everyday + 0.3 * min(1.0, 4 * common)


def _is_everyday(char: str, candidate: _Candidate) -> bool:
    if "\u3000" <= char <= "\u3002" or "\uff00" <= char <= "\uff5e":  # punctuation that all of them share
        return True
    try:
        lead = char.encode(candidate.standard)[0]
    except UnicodeEncodeError:
        return False
    return candidate.rows[0] <= lead <= candidate.rows[1]


def _cyrillic(sample: bytes, codec: str) -> float:
    text = _decoded(sample, codec)
    foreign = [c for c in text or "" if c > "\x7f"]
    ascii_letters = sum(1 for byte in sample if 65 <= byte <= 90 or 97 <= byte <= 122)
    # Latin text has single foreign letters among ASCII ones; Cyrillic words are foreign as a whole.
    if not foreign or len(foreign) * 3 < ascii_letters:
        return 0.0
    return sum(1 for c in foreign if c in _CYRILLIC) / len(foreign)
