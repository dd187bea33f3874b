"""The filters that templates may use. Each is total: any text gives a text, in time linear to its length."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any

from bleach.linkifier import LinkifyFilter
from jinja2 import pass_context
from jinja2.runtime import Context as Scope
from markupsafe import Markup, escape

from mailtix.render.context import Grid
from mailtix.render.words import Words

# RFC 3676 section 4.2 asks that generated lines stay under 79; 72 leaves room for a few levels of "> ".
WIDTH = 72

# A table may be as wide as a terminal.
TABLE_WIDTH = 78
_NARROWEST = 8

# Looking for links costs bleach about half a millisecond for each kilobyte: what is beyond is shown without links.
LINKED_CHARACTERS = 20_000

# Deeper quotations would leave no room for their text on a phone.
QUOTE_DEPTH = 4

# bleach's own patterns take seconds for 20 KB of "a.a.a." and know only some top-level domains. A link in plain text
# is what says that it is one; the lengths bound the work at each position (RFC 5321 section 4.5.3.1 for addresses).
_URL = re.compile(r"""\b(?:https?://|www\.)[^\s<>"\x00]{1,2000}""", re.IGNORECASE)
_ADDRESS = re.compile(r"\b[\w.+=-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}\b")

_QUOTE = (
    '<blockquote class="quote" style="margin:4px 0;padding:0 0 0 12px;border-left:3px solid #c9ced6;color:#5b6472">'
)
_INDENT = re.compile(r"\n +")
_GAP = re.compile(r"  +")
_COMMAND_LIKE = re.compile(r" (?=[#>])")


def as_table(grid: Grid) -> str:
    """A table as plain text: columns as wide as their cells need, within a line; too long cells are cut with "…", those
    of the first column last of all, for they say what the line is about."""
    rows = [grid.heads, *(line.cells for line in grid.lines)]
    count = max(len(row) for row in rows)
    widths = [max((len(row[place]) for row in rows if place < len(row)), default=0) for place in range(count)]
    while sum(widths) + 2 * (count - 1) > TABLE_WIDTH and max(widths) > _NARROWEST:
        first = 0 if max(widths[1:], default=0) <= _NARROWEST else 1
        widest = max(range(first, count), key=widths.__getitem__)
        widths[widest] -= 1

    def laid(row: Sequence[str]) -> str:
        cells = (
            cell if len(cell) <= width else f"{cell[: width - 1]}…" for cell, width in zip(row, widths, strict=False)
        )
        return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=False)).rstrip()

    rule = "  ".join("-" * width for width in widths)
    return "\n".join([laid(rows[0]), rule, *map(laid, rows[1:])])


def as_html(text: str) -> Markup:
    """Plain text as HTML that says the same: escaped, line ends and quotation kept, links and addresses to tap.

    What comes out holds no tag but a, blockquote and br, whatever the text holds.
    """
    beginning, rest = _as_html(text[:LINKED_CHARACTERS]), text[LINKED_CHARACTERS:]
    return beginning + Markup(str(escape(rest)).replace("\n", "<br>\n")) if rest else beginning


# What somebody wrote is told to several people in one go. By type, for Markup equals its text and is not escaped again.
@lru_cache(maxsize=8, typed=True)
def _as_html(text: str) -> Markup:
    return Markup(_laid_out(text, 0).replace('<blockquote class="quote">', _QUOTE))


def _laid_out(text: str, depth: int) -> str:
    if depth == QUOTE_DEPTH or not (text.startswith(">") or "\n>" in text):
        return _linked(_indented(text)).replace("\n", "<br>\n")
    parts = []
    for is_quote, group in groupby(text.split("\n"), key=lambda line: line.startswith(">")):
        if is_quote:
            inner = "\n".join(line[2:] if line.startswith("> ") else line[1:] for line in group)
            parts.append(f'<blockquote class="quote">{_laid_out(inner, depth + 1)}</blockquote>')
        else:
            parts.append(_laid_out("\n".join(group), depth))
    return "\n".join(parts)


def _linked(text: str) -> str:
    """The text escaped, with the links of each line. Only lines that may hold one are looked at closely."""
    if not _may_link(text):
        return str(escape(text))
    lines = text.split("\n")
    places = [place for place, line in enumerate(lines) if _may_link(line)]
    linked = _with_links("\n".join(lines[place] for place in places)).split("\n")
    done = str(escape(text)).split("\n")
    for place, markup in zip(places, linked, strict=True):
        done[place] = markup
    return "\n".join(done)


def _with_links(text: str) -> str:
    """The text escaped, with the links that bleach finds. It gets the text as it is: in HTML, what follows a URL (an
    escaped ">" or quotation mark) would belong to it, and to parse that takes ten times as long."""
    document: Any = ()  # which it would go through by itself; here it only finds links in text
    finder = LinkifyFilter(document, url_re=_URL, email_re=_ADDRESS, parse_email=True)
    addresses = finder.handle_email_addresses([{"type": "Characters", "data": text}])
    return "".join(map(_markup, finder.handle_links(addresses)))


def _markup(token: Mapping[str, Any]) -> str:
    match token["type"]:
        case "StartTag":
            attributes = (f' {name}="{escape(value)}"' for (_, name), value in token["data"].items())
            return f"<a{''.join(attributes)}>"
        case "EndTag":
            return "</a>"
        case _:
            return str(escape(token["data"]))


def _may_link(text: str) -> bool:
    """Whether there is what every link holds; that is told in a fraction of the time that the patterns take."""
    if "@" in text or "://" in text:
        return True
    return ("w." in text or "W." in text) and "www." in text.lower()  # lower() is slow beyond ASCII


def _indented(text: str) -> str:
    """The text with its indentation and inner runs of spaces as no-break spaces, which HTML does not swallow."""
    if "\t" in text:
        text = text.expandtabs(4)
    if text.startswith(" ") or "\n " in text:
        text = _INDENT.sub(lambda found: "\n" + "\xa0" * (len(found[0]) - 1), f"\n{text}")[1:]
    if "  " in text:
        text = _GAP.sub(lambda found: "\xa0" * (len(found[0]) - 1) + " ", text)
    return text


def wrap(text: str) -> str:
    """Each paragraph filled to 72 columns, with a line end after the last; long words (URLs) stay whole.

    No line comes to begin with "#" or ">" by being filled: it would read as a command or a quotation.
    """
    paragraphs = [paragraph for paragraph in text.split("\n\n") if paragraph.strip()]
    return "\n\n".join(_filled(paragraph) for paragraph in paragraphs) + "\n" * bool(paragraphs)


def _filled(paragraph: str) -> str:
    """As textwrap.fill breaks it, which takes ten times as long for all that it could do besides."""
    glued = _COMMAND_LIKE.sub("\x00", " ".join(paragraph.split()))
    lines, begin = [], 0
    while len(glued) - begin > WIDTH:
        end = glued.rfind(" ", begin, begin + WIDTH + 1)
        if end < 0:  # a word that is longer than a line
            end = glued.find(" ", begin)
        if end < 0:
            break
        lines.append(glued[begin:end])
        begin = end + 1
    return "\n".join([*lines, glued[begin:]]).replace("\x00", " ")


def quote(text: str) -> str:
    """The text quoted as RFC 3676 section 4.5 has it: "> line", and ">> line" for what was a quotation already."""
    return "\n".join(f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in text.split("\n"))


@pass_context
def word(scope: Scope, key: str) -> str:
    """The word for a status, priority or target in the reader's language."""
    return _words(scope).label(key)


@pass_context
def moment(scope: Scope, when: datetime) -> str:
    """20 November 2026, 14:05 UTC."""
    return _words(scope).moment(when)


@pass_context
def relative(scope: Scope, when: datetime) -> str:
    """ "in 4 hours", "25 minutes ago"."""
    return _words(scope).relative(when, scope["now"])


@pass_context
def within(scope: Scope, when: datetime) -> str:
    """ "within 4 hours"."""
    return _words(scope).within(when, scope["now"])


def _words(scope: Scope) -> Words:
    words: Words = scope["words"]
    return words


FILTERS: Mapping[str, Callable[..., Any]] = {
    "as_html": as_html,
    "as_table": as_table,
    "wrap": wrap,
    "quote": quote,
    "word": word,
    "moment": moment,
    "relative": relative,
    "within": within,
}
