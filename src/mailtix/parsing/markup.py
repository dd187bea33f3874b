"""HTML as a stream of text and tags, in linear time whatever is broken in it.

html.parser is quadratic on unclosed constructs in the Python versions we support; a mail needs less than it gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

_OPENING = re.compile(r"<(?=[a-zA-Z!?]|/[a-zA-Z>])")  # any other "<" is text (HTML 13.2.5.6)
_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9:_-]{0,40}+)")
_OPEN_QUOTE = re.compile(r"""=\s*+(?:"[^"]*+|'[^']*+)\Z""")
_ATTRIBUTE = re.compile(r"""([^\s=/>"']{1,60}+)\s*+=\s*+(?:"([^"]*+)"?|'([^']*+)'?|([^\s"'>]++))""")
# Elements whose content is not markup (HTML 13.2.5.1); none of it is for readers.
_RAW = {name: re.compile(rf"</{name}\s*+>", re.IGNORECASE) for name in ("script", "style", "title", "textarea")}


@dataclass(frozen=True, slots=True)
class Text:
    """Characters, entities resolved."""

    data: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A start or end tag; `source` holds its attributes unread, since few are ever asked for."""

    name: str
    end: bool
    source: str = ""

    def attributes(self) -> dict[str, str]:
        """Attributes by lower-case name, entities resolved; the first of a name wins, as in browsers."""
        found: dict[str, str] = {}
        for match in _ATTRIBUTE.finditer(self.source):
            found.setdefault(match[1].lower(), unescape(match[2] or match[3] or match[4] or ""))
        return found


def tokens(html: str) -> Iterator[Text | Tag]:
    """The tokens of `html`; comments, declarations and the content of raw elements are left out."""
    pos = 0
    hopeless: set[str] = set()
    while opening := _OPENING.search(html, pos):
        less = opening.start()
        if less > pos:
            yield Text(_plain(html[pos:less]))
        name = _NAME.match(html, less + 1)
        if name is None:
            pos = _after(html, "-->", less + 4) if html.startswith("<!--", less) else _after(html, ">", less + 2)
            continue
        close = _tag_end(html, name.end())
        tag = name[1].lower()
        end = html[less + 1] == "/"
        yield Tag(tag, end, "" if end else html[name.end() : close])
        pos = close + 1
        if not end and tag in _RAW and tag not in hopeless:
            match = _RAW[tag].search(html, pos)
            if match:
                pos = match.end()
            else:  # one that is never closed hides nothing, and is not searched for again
                hopeless.add(tag)
    if pos < len(html):
        yield Text(_plain(html[pos:]))


def _plain(text: str) -> str:
    return unescape(text) if "&" in text else text


def _after(html: str, mark: str, pos: int) -> int:
    found = html.find(mark, pos)
    return len(html) if found < 0 else found + len(mark)


def _tag_end(html: str, pos: int) -> int:
    """The ">" that ends a tag: the first one outside of a quoted attribute value."""
    close = html.find(">", pos)
    while close >= 0:
        opened = _OPEN_QUOTE.search(html, pos, close)
        if opened is None:
            return close
        quote = opened[0].lstrip("= \t\r\n\f")[0]
        end_quote = html.find(quote, close, close + 4_000)
        if end_quote < 0:  # a quote nobody closes: take the first ">"
            return close
        pos, close = end_quote + 1, html.find(">", end_quote + 1)
    return len(html)
