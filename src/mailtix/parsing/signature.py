"""Where a writer's text ends and what is appended to each of his mails begins: signature, "sent from", legal notice."""

from __future__ import annotations

import re

from mailtix.parsing.phrases import AFTER_CLOSING, phrases
from mailtix.parsing.quoting import is_quoted

_SEPARATORS = frozenset({"--", "__", "—", "––", "—-"})  # the first is RFC 3676 section 4.3; phones make dashes of it
_LONGEST_SEPARATOR = 2
_LIST_RULER = re.compile(r"_{30,}|-{30,}|_{2}")
_UNDERSCORES = re.compile(r"_{5,}")
_SIGNED_NAME = re.compile(r"[-/](?=[^\W\d_])([\w\'’.-]+)(?: [^\W\d_][\w\'’.-]*){0,2}")
_LINK = re.compile(r"\s*[<(\[]https?://[^\s>)\]]*[>)\]]?")
_POSTSCRIPT = re.compile(r"p\.?\s?s\.?\b|n\.?b\.?\b|p\.?\s?d\.?\b|edit\b|update\b", re.IGNORECASE)
MAX_SIGNATURE_LINES = 30
"""Lines below a "-- " that are taken for a signature; company signatures with addresses and slogans reach about 25."""
MAX_FOOTER_LINES = 8
"""Lines below a ruler at the end that are taken for the footer of a list or a signature."""
_SHORTEST_NOTICE = 15
MAX_CLOSING_LINES = 15
"""Lines below "Kind regards" that are taken for a signature."""
MAX_CLOSING_WORDS = 14
"""Words of a line in such a signature: longer ones are text somebody wrote below his name."""


def signature_start(lines: list[str], start: int, end: int) -> tuple[int, str]:
    """(the line where the signature at the end of lines[start:end] begins, what it was known by); (end, "") if none."""
    first = end
    seen = 0
    because = ""
    for position in range(end - 1, start - 1, -1):
        line = lines[position].strip()
        if not line:
            continue
        if (">" in line and is_quoted(lines[position])) or seen > MAX_SIGNATURE_LINES:
            break
        found = _known_by(lines, position, end, line, seen)
        if found:
            first, because = position, found
        seen += 1
    return first, because


def _known_by(lines: list[str], position: int, end: int, line: str, below: int) -> str:
    """Why the signature may begin at this line, with `below` lines of text under it; "" if it does not."""
    if len(line) <= _LONGEST_SEPARATOR and line in _SEPARATORS:
        return "signature separator"
    if line[0] in "_-" and line[0] == line[-1]:
        return _ruler(lines, position, end, line, below)
    bare = line.lstrip("*_ ").lower()
    if phrases().may_end_mails(bare) and (because := _ends_mails(lines, position, end, bare, below)):
        return because
    if below == 0 and position and line[0] in "-/" and _is_signed_name(lines, position):
        return "name in the last line"
    return ""


def _ends_mails(lines: list[str], position: int, end: int, bare: str, below: int) -> str:
    """Why the signature may begin at this line, by its words: `bare` are those."""
    if phrases().may_be_sent_from(bare) and _is_sent_from(bare):
        return "line of a phone or program"
    if len(bare) > _SHORTEST_NOTICE and phrases().is_disclaimer(bare):
        return "legal notice"
    if bare.rstrip(AFTER_CLOSING) in phrases().closing:
        line = lines[position].strip()
        set_off = position == 0 or not lines[position - 1].strip() or line.endswith((",", "，", "、"))
        if set_off and below <= MAX_CLOSING_LINES and _is_name_and_address(lines, position + 1, end, below):
            return "closing greeting"
    return ""


def _ruler(lines: list[str], position: int, end: int, line: str, below: int) -> str:
    if _LIST_RULER.fullmatch(line) and 0 < below <= MAX_FOOTER_LINES and _is_footer(lines, position + 1, end):
        return "mailing list footer"
    if (
        _UNDERSCORES.fullmatch(line)
        and below <= MAX_FOOTER_LINES
        and _is_name_and_address(lines, position + 1, end, below)
    ):
        return "signature separator"
    return ""


def _is_signed_name(lines: list[str], position: int) -> bool:
    """ "-Ann Smith" or "/Ann" alone in the last line, a capital first; not the last point of a list."""
    found = _SIGNED_NAME.fullmatch(lines[position].strip())
    if found is None or not found[1][0].isupper() or lines[position - 1].strip():
        return False
    above = lines[max(0, position - MAX_SIGNATURE_LINES) : position]
    return not any(line.lstrip().startswith(lines[position].strip()[0]) for line in above)


def is_closing(line: str) -> bool:
    """Whether a line begins with a greeting that ends mails."""
    bare = line.strip().lstrip("*_ ").lower()
    return any(bare.startswith(word) and not bare[len(word) : len(word) + 1].isalnum() for word in phrases().closing)


def _is_sent_from(bare: str) -> bool:
    bare = _LINK.sub("", bare).strip(" .*_")
    # A sentence that begins like one ("Sent from my desk, it is easier") has a comma or goes on for long.
    return len(bare.split()) <= 9 and ", " not in bare and phrases().is_sent_from(bare)


def _is_footer(lines: list[str], start: int, end: int) -> bool:
    text = "\n".join(lines[start:end]).lower()
    return "mailing list" in text or "http://" in text or "https://" in text or "unsubscribe" in text


def _is_name_and_address(lines: list[str], start: int, end: int, below: int) -> bool:
    """Whether what stands below a closing greeting looks like a name and how to reach it, not like more text."""
    if below == 0:
        return False  # the greeting alone is part of what was written
    content = [line.strip() for line in lines[start:end] if line.strip()]
    if any(_POSTSCRIPT.match(line) or line.endswith((":", "：")) for line in content):
        return False
    return all(len(line.split()) <= MAX_CLOSING_WORDS for line in content[:4])
