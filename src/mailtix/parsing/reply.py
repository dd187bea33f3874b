"""The visible reply: the lines that are new in a mail, without the mail it answers and without the signature.

Nothing is thrown away (the whole text stays beside it), answers between quotes keep the quotes they answer, and a reply
that would come out empty is the whole text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mailtix.parsing.phrases import phrases
from mailtix.parsing.quoting import (
    MAX_LINES,
    Attribution,
    Look,
    attribution_ending_at,
    header_block,
    is_quoted,
    ruler,
)
from mailtix.parsing.render import Line
from mailtix.parsing.signature import is_closing, signature_start

MARKER = "mailtix-reply-above"
"""Stands in the line of our own mails above which the answer is to be written."""

MAX_MARKER_LINE = 400
"""Characters of a line with the marker: a marker inside of a longer text is somebody talking about it."""

_MARKER_DECORATION = " \t>#-=*_~.:|"

MAX_BLANK_LINES = 8
"""Lines below an attribution in which the quote must begin; clients leave one to three blank."""

MAX_SIGNATURE_REACH = 200
"""Lines, blank ones too, in which a signature at the end is looked for."""


_UNMARKED = Line("")


@dataclass(frozen=True, slots=True)
class Reply:
    """The new lines and why the cut was made where it was ("" if nothing was cut)."""

    text: str
    because: str


@dataclass(slots=True)
class _Reading:
    """The lines of a mail, which of them are quoted or left out, and where everything below is the quoted mail."""

    lines: list[str]
    quoted: list[bool]
    dropped: list[bool]
    """Attribution lines and what the mail client itself calls a signature."""
    end: int
    because: str = ""
    first_text: int = -1


def cut_reply(lines: list[str], marked: Mapping[int, Line], look: Look) -> Reply:
    """The new part of a text. `marked` are by their place the lines that the mail client marked, `look` is how all of
    them look. `because` names what was cut at."""
    reading = _read(marked, look)
    start, end, inline, reasons = _new_part(reading)
    kept = [p for p in range(start, end) if not reading.dropped[p] and (inline or not reading.quoted[p])]
    if kept and kept[-1] == MAX_LINES - 1:
        kept += range(MAX_LINES, len(lines))  # still new text where looking ended: so is the rest
    text = _joined(lines, kept)
    if not text:
        whole = "\n".join(lines)
        return Reply(whole, "nothing new was found; kept whole" if whole else "")
    because = [reading.because] if reading.because else []
    return Reply(text, "; ".join(dict.fromkeys(because + reasons)))


def _joined(lines: list[str], kept: list[int]) -> str:
    """The kept lines, without blank or ruler lines at the ends."""
    while kept and _is_filler(lines[kept[-1]]):
        kept.pop()
    first = next((i for i, position in enumerate(kept) if lines[position].strip()), 0)
    return "\n".join([lines[position] for position in kept[first:]])


def _is_filler(line: str) -> bool:
    return not line.strip("-_=*~ \t")


def _read(marked: Mapping[int, Line], look: Look) -> _Reading:
    texts = look.lines[:MAX_LINES]
    reading = _Reading(texts, [False] * len(texts), [False] * len(texts), len(texts))
    _cut_at_marker(reading, look.text)
    passed = 0
    for position in _worth_a_look(marked, look):
        if position >= reading.end:
            break
        _pass_over(reading, passed, position)
        passed = position + 1
        line, mark = texts[position], marked.get(position, _UNMARKED)
        if mark.quoted or _is_quote(reading, position):
            reading.quoted[position] = True
            _drop_marked_attribution(reading, position)
        elif mark.signature:
            reading.dropped[position] = True
        elif line and not line.isspace() and not _read_text(reading, position):
            break
    _pass_over(reading, passed, reading.end)
    return reading


def _worth_a_look(marked: Mapping[int, Line], look: Look) -> list[int]:
    """The lines that can be anything but somebody's text: those with a sign or a mark, and the one below each of them,
    which can be the rest of it."""
    places = {*look.signed, *marked}
    return sorted(places.union([place + 1 for place in places]))


def _pass_over(reading: _Reading, start: int, end: int) -> None:
    """Lines that are somebody's text, or blank."""
    if reading.first_text < 0:
        reading.first_text = next((p for p in range(start, end) if reading.lines[p].strip()), -1)


def _is_quote(reading: _Reading, position: int) -> bool:
    if is_quoted(reading.lines[position]):
        return not (_closes_attribution(reading.lines, position) or _is_prompt(reading.lines, position))
    return position > 0 and reading.quoted[position - 1] and _is_torn_link(reading.lines, position)


def _is_prompt(lines: list[str], position: int) -> bool:
    """Python's prompt looks like a quote of the third degree, but no quote of a lower degree stands beside it."""
    if not lines[position].startswith(">>> "):
        return False
    beside = (*lines[max(0, position - 1) : position], *lines[position + 1 : position + 2])
    return not any(line.startswith(">") and not line.startswith((">>> ", ">>>>")) for line in beside)


def _drop_marked_attribution(reading: _Reading, position: int) -> None:
    """The attribution inside of what a mail client marked as quote: it is not kept where quotes are."""
    if not is_quoted(reading.lines[position]) and (found := _attribution(reading, position)):
        reading.dropped[found.start : position + 1] = [True] * (position + 1 - found.start)


def _closes_attribution(lines: list[str], position: int) -> bool:
    """A lone ">:" is no quote but the end of an address that was wrapped out of its attribution line."""
    line = lines[position].strip()
    if len(line) >= 40 or not line.endswith((":", "：")):
        return False
    above = lines[position - 1] if position else ""
    return above.count("<") > above.count(">")


def _is_torn_link(lines: list[str], position: int) -> bool:
    """The second half of a long link inside a quote: wrapped on its way, it lost its quote mark."""
    above = lines[position - 1]
    if "http" not in above or position + 1 >= len(lines) or not is_quoted(lines[position + 1]):
        return False
    return above.count("(") > above.count(")") or above.count("<") > above.count(">")


def _read_text(reading: _Reading, position: int) -> bool:
    """Takes a line without quote marks; False if the quoted mail begins with it and reading is over."""
    if reading.first_text >= 0 and (because := _quote_begins(reading, position)):
        reading.end, reading.because = position, reading.because or because
        return False
    found = _attribution(reading, position)
    if found is None:
        if reading.first_text < 0:
            reading.first_text = position
        return True
    if reading.first_text >= found.start:
        reading.first_text = -1  # its own first lines were taken for text
    reading.dropped[found.start : position + 1] = [True] * (position + 1 - found.start)
    if reading.first_text >= 0 and not _quote_below(reading, position):
        reading.end, reading.because = found.start, reading.because or "attribution line"
        return False
    return True


def _cut_at_marker(reading: _Reading, text: str) -> None:
    """Our own line is the strongest sign there is: what stands below it, we wrote."""
    if not _asks_to_reply_above(text):
        return
    for position, line in enumerate(reading.lines):
        if line and _is_marker(line):
            reading.end, reading.because = position, "reply-above line"
            return


def _asks_to_reply_above(text: str) -> bool:
    return MARKER in text or phrases().reply_above.search(text) is not None


def _is_marker(line: str) -> bool:
    """A line that is the request and little else: one inside of a sentence is somebody talking about it."""
    if MARKER in line:
        return len(line) <= MAX_MARKER_LINE
    found = phrases().reply_above.search(line)
    return found is not None and 2 * (found.end() - found.start()) >= len(line.strip(_MARKER_DECORATION))


def _quote_begins(reading: _Reading, position: int) -> str:
    """Why everything from this line on is the quoted mail; "" if it is not."""
    line = reading.lines[position]
    if kind := ruler(line):
        return f"{kind} message ruler"
    if ":" in line[:40] or "：" in line[:40]:
        block = header_block(reading.lines, position)
        if block is not None and block.end <= reading.end:
            return "block of header fields"
    return ""


def _attribution(reading: _Reading, position: int) -> Attribution | None:
    """The attribution that ends at this line; a doubtful one only counts with quoted lines below it."""
    found = attribution_ending_at(reading.lines, position)
    if found is None or (not found.strong and not _quote_below(reading, position)):
        return None
    while found.start < position and is_quoted(reading.lines[found.start]):
        found = Attribution(found.start + 1, found.end, found.strong)
    return found


def _quote_below(reading: _Reading, position: int) -> bool:
    """Whether the next line with text is quoted, or there is none."""
    below = range(position + 1, min(reading.end, position + MAX_BLANK_LINES))
    first = next((p for p in below if reading.lines[p].strip()), None)
    return first is None or is_quoted(reading.lines[first])


def _new_part(reading: _Reading) -> tuple[int, int, bool, list[str]]:
    """(first line, end, whether quotes inside are kept, reasons): trailing signatures and quotes are taken off."""
    lines, end, reasons = reading.lines, reading.end, list[str]()
    while end > 0:
        stop = end
        while stop > 0 and not _is_text(reading, stop - 1):
            if reading.quoted[stop - 1]:
                reasons.append("quoted lines")
            stop -= 1
        signature, because = signature_start(lines, _after_quote(reading, stop), stop)
        if because and -1 < reading.first_text < signature:
            reasons.append(because)
            stop = signature
        if stop == end:
            break
        end = stop
    return _between_quotes(reading, end, reasons)


def _after_quote(reading: _Reading, stop: int) -> int:
    """The line after the last quoted one above `stop`, as far as a signature can reach."""
    floor = max(0, stop - MAX_SIGNATURE_REACH)
    if not any(reading.quoted[floor:stop]) and not any(reading.dropped[floor:stop]):
        return floor
    return next((p + 1 for p in range(stop - 1, floor - 1, -1) if reading.quoted[p] or reading.dropped[p]), floor)


def _between_quotes(reading: _Reading, end: int, reasons: list[str]) -> tuple[int, int, bool, list[str]]:
    first = next((p for p in range(end) if _is_text(reading, p)), 0)
    leading = any(reading.quoted[p] for p in range(first))
    last_quote = next((p for p in range(end - 1, first, -1) if reading.quoted[p]), -1)
    if last_quote < 0:
        return first, end, False, [*reasons, "quoted lines"] if leading else reasons
    below = next(p for p in range(last_quote, end) if _is_text(reading, p))
    if is_closing(reading.lines[below]):  # a greeting below the quote is no answer to it
        return first, end, False, [*reasons, "quoted lines"]
    return (0 if leading else first), end, True, [*reasons, "answers between quotes are kept with them"]


def _is_text(reading: _Reading, position: int) -> bool:
    return not reading.quoted[position] and not reading.dropped[position] and bool(reading.lines[position].strip())
