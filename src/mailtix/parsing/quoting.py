"""What stands between a new text and the mail it answers: attribution lines, rulers, blocks of quoted header fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailtix.parsing.phrases import as_it_looks, phrases

# RFC 3676 section 4.5. Initials before the mark are an old habit of Usenet; PS> is a prompt.
_QUOTE_MARK = re.compile(r"\s{0,3}>|(?!PS>)[A-Z]{1,2}>(?=\s|$)")
_LAST_MARK = 4  # characters in which the mark must stand
_ADDRESS = re.compile(r"[^\s<>@:;,()\[\]]{1,64}+@[^\s<>@:;,()\[\]]{2,255}")
_TIME = re.compile(r"\d{1,2}\s?[:.h時点시]\s?\d{2}(?!\d|[./-]\d)")
_YEAR, _DAY = r"(?<!\d)\d{4}(?!\d)", r"(?<!\d)\d{1,2}(?!\d)"
_DATE = re.compile(rf"\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{2,4}}|{_YEAR}.{{0,24}}?{_DAY}|{_DAY}.{{0,24}}?{_YEAR}")
_WORD = r"[^\W\d_][^\s,.]{1,11}"
_BEGINS_WITH_DATE = re.compile(
    rf"\W{{0,3}}(?:\d{{1,4}}[./-]|\d{{1,2}}\.? \w|{_WORD}\.?,? (?:{_WORD}\.? )?\d{{1,4}}[ ,.]|\d{{4}}\s?[年년])"
)
_DECORATION = " \t*_-=#~•|>"
_ENDS = (":", "：", "-", "—", "=")
_RULER_ENDS = frozenset("-_=*:：")
_SIGNS = "-_=*:：—>"
MAX_LINES = 10_000
"""Lines that are looked at; what comes after them is treated like the last of them."""

_MAX_RULER = 160
_MAX_ATTRIBUTION_LINES = 4  # clients wrap the line at 72 to 78 columns; names and addresses make up to four of it
_MAX_TORN_WORDS = 4  # "On", "Am Fr.,", "El vie, 20 nov"
_MAX_ABBREVIATION = 5  # with its period
_MAX_ATTRIBUTION = 300  # characters


@dataclass(frozen=True, slots=True)
class Look:
    """The lines of a text as they look: every function here wants them so. `signed` are the places of those that hold
    a sign, in order: no quotation, ruler, label or end of an attribution is without one, and most lines are."""

    text: str
    lines: list[str]
    signed: list[int]


def look_at(lines: list[str]) -> Look:
    """The lines without what nobody sees. They are looked at all at once: most mails are ASCII, and hold few signs."""
    text = "\n".join(lines)
    plain = as_it_looks(text)
    seen = lines if plain is text else plain.split("\n")
    return Look(plain, seen, sorted({place for sign in _SIGNS if sign in plain for place in _places(sign, plain)}))


def _places(sign: str, text: str) -> Iterator[int]:
    """The lines that hold the sign, by their number, as far as lines are looked at."""
    line = counted = 0
    found = text.find(sign)
    while found >= 0:
        line += text.count("\n", counted, found)
        if line >= MAX_LINES:
            return
        yield line
        counted = text.find("\n", found)
        found = text.find(sign, counted) if counted >= 0 else -1


def is_quoted(line: str) -> bool:
    """Whether the line carries a quote mark."""
    return line.startswith(">") or (">" in line[:_LAST_MARK] and _QUOTE_MARK.match(line) is not None)


def unquote(line: str) -> str:
    """`line` without its outermost quote mark."""
    match = _QUOTE_MARK.match(line)
    return line[match.end() :].removeprefix(" ") if match else line


@dataclass(frozen=True, slots=True)
class Attribution:
    """A line (or up to four) that says who wrote what follows. `strong` if it needs no quote marks below to be sure."""

    start: int
    end: int
    strong: bool


def attribution_ending_at(lines: list[str], end: int) -> Attribution | None:
    """The attribution whose last line is `lines[end]`, if there is one: the fewest lines that make one."""
    last = lines[end].strip()
    if not last or len(last) > _MAX_ATTRIBUTION:
        return None
    closed = last.endswith(_ENDS)
    if not closed and not (last.endswith(">") and _BEGINS_WITH_DATE.match(last)):
        return None
    joined, doubtful = "", None
    for start in range(end, max(-1, end - _MAX_ATTRIBUTION_LINES), -1):
        line = lines[start].strip()
        if not line or (start < end and _ends_sentence(line)) or len(joined) + len(line) > _MAX_ATTRIBUTION:
            break
        joined = f"{line} {joined}"
        strength = _strength(joined, closed)
        if strength:
            return Attribution(_begin(lines, start, joined), end, strong=True)
        if strength is False and doubtful is None:
            doubtful = Attribution(_begin(lines, start, joined), end, strong=False)
    return doubtful


def _begin(lines: list[str], start: int, joined: str) -> int:
    """Where an attribution really begins, when the line `start` already makes one: its begin may be wrapped off.

    Above it can stand the date, a torn-off preposition ("On"), or the name before an address or verb. What begins with
    a preposition and has its date takes nothing more: that would be somebody's text.
    """
    dated = _has_date(joined)
    if dated and phrases().begins.match(joined.lstrip(_DECORATION)):
        return start
    begin, prefix = start, ""
    for position in range(start - 1, max(-1, start - _MAX_ATTRIBUTION_LINES), -1):
        line = lines[position].strip()
        prefix = f"{line} {prefix}"
        if not line or is_quoted(line) or _ends_sentence(line) or len(prefix) > _MAX_ATTRIBUTION:
            break
        torn_off = len(prefix.split()) <= _MAX_TORN_WORDS
        if (_begins(line) and (torn_off or (not dated and _has_date(prefix)))) or (
            position == start - 1 and _lacks_name(joined) and (torn_off or line.endswith(">"))
        ):
            begin = position
    return begin


def _has_date(text: str) -> bool:
    """Whether a date stands in the text; the digits of an address are none."""
    return _DATE.search(_ADDRESS.sub(" ", text) if "@" in text else text) is not None


def _lacks_name(joined: str) -> bool:
    """Whether it begins with an address or a verb, so that somebody's name must stand above it."""
    if joined[0] in "<(":
        return True
    verb = phrases().wrote.search(joined)
    return verb is not None and verb.start() == 0


def _ends_sentence(line: str) -> bool:
    """Whether nothing of the line can go on in the next; "20." and "Nov." are abbreviations."""
    return line.endswith((":", "：", "!", "?")) or (line.endswith(".") and len(line.split()[-1]) > _MAX_ABBREVIATION)


def _begins(line: str) -> bool:
    text = line.lstrip(_DECORATION) + " "
    return phrases().begins.match(text) is not None or _BEGINS_WITH_DATE.match(text) is not None


def _strength(text: str, closed: bool) -> bool | None:
    """True for an attribution beyond doubt, False for one that needs a quote below it, None for none."""
    address = "@" in text and _ADDRESS.search(text) is not None
    time = _TIME.search(text) is not None
    date = _has_date(text)
    if closed and phrases().wrote.search(text):
        return address or (date and time)
    if date and address:
        return closed and time
    return False if closed and (address or (date and (time or text[:1].isdigit()))) else None


def ruler(line: str) -> str:
    """ "original" or "forwarded" for a line like "-----Original Message-----", else ""."""
    text = line.strip()
    decorated = text[:1] in _RULER_ENDS or text[-1:] in _RULER_ENDS
    if not decorated or len(text) > _MAX_RULER:
        return ""
    bare = text.strip(_DECORATION + ":：").lower()
    known = phrases()
    if bare in known.forwarded:
        return "forwarded"
    if bare in known.original:
        return "original"
    if text.startswith("--"):
        if bare.startswith(known.forwarded_begins):
            return "forwarded"  # Lotus Notes: "----- Forwarded by Ann/Example on 20.11.2026 -----"
        if text.endswith("--") and known.wrote.search(bare):
            return "original"  # Android: "---- Ann wrote ----"
    return ""


@dataclass(frozen=True, slots=True)
class Block:
    """A block of quoted header fields: lines [start, end), and the values by what they mean."""

    start: int
    end: int
    values: dict[str, str]


_MAX_BLOCK_LINES = 25
_MAX_LABEL = 30


def header_block(lines: list[str], start: int, fewest: int = 3) -> Block | None:
    """The header fields that begin at `start`: a sender, a date or subject, `fewest` fields in all; else None."""
    if not field_kinds(lines[start]):
        return None
    values: dict[str, str] = {}
    current, unknown, end, gaps = "", 0, start, 0
    for position in range(start, min(len(lines), start + _MAX_BLOCK_LINES)):
        line = lines[position].strip()
        if not line:
            # One blank line between fields: clients that turn each field into a paragraph of its own.
            gaps += 1
            if gaps > 2 or not (_field_follows(lines, position + 1) or _field_follows(lines, position + 2)):
                break
            current = ""
            continue
        kinds = field_kinds(line)
        if kinds:
            gaps = 0
            current = next((kind for kind in _ORDER if kind in kinds and kind not in values), "")
            if not current:
                break
            values[current] = _value(line)
        elif current and (line[:1] in "<\"'" or current in ("to", "cc", "subject")):
            values[current] = f"{values[current]} {line}".strip()  # a long field that was wrapped
        else:
            unknown += 1
            if unknown > 2 or ":" not in line[:_MAX_LABEL]:
                break
        end = position + 1
    if len(values) < fewest or unknown > 2 or not values.get("from"):
        return None
    # "From: Berlin, To: Munich, Date: 3 May" is a journey: a mail has a subject, or an address that wrote it.
    is_mail = "subject" in values or ("date" in values and "@" in values["from"])
    return Block(start, end, values) if is_mail else None


_ORDER = ("from", "date", "subject", "to", "cc", "reply_to")


def field_kinds(line: str) -> frozenset[str]:
    """What the label of a quoted header line can mean; empty if it has none that is known."""
    colon = _colon(line)
    if colon < 0:
        return frozenset()
    label = line[:colon].strip(_DECORATION).lower()
    return phrases().labels.get(label, frozenset())


def _colon(line: str) -> int:
    ascii_colon = line.find(":", 0, _MAX_LABEL + 10)
    return ascii_colon if ascii_colon >= 0 else line.find("：", 0, _MAX_LABEL + 10)


def _value(line: str) -> str:
    return line[_colon(line) + 1 :].strip("* \t")


def _field_follows(lines: list[str], position: int) -> bool:
    return position < len(lines) and bool(field_kinds(lines[position]) - {"to"})
