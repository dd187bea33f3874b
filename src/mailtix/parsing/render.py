"""HTML as readable plain text: paragraphs, lists, tables, links and quotes, each line knowing whether it is quoted.

What a mail client marks as the quoted mail (data/quote_marks.toml) is not cut here, only flagged: the text stays whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from mailtix.parsing.hidden import SEEN, Sight, sight
from mailtix.parsing.limits import MAX_HTML
from mailtix.parsing.marks import mark_of
from mailtix.parsing.markup import Tag, tokens

_PARAGRAPHS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "pre", "blockquote", "figure"}
)
_BLOCKS = _PARAGRAPHS | frozenset(
    [
        "div",
        "li",
        "dt",
        "dd",
        "tr",
        "section",
        "article",
        "header",
        "footer",
        "main",
        "nav",
        "aside",
        "address",
        "center",
        "form",
        "fieldset",
        "caption",
        "thead",
        "tbody",
        "tfoot",
        "figcaption",
        "details",
        "summary",
        "body",
        "html",
        "hr",
        "option",
    ]
)
# Not the head: it may never be closed, and what it holds is raw or empty (HTML 13.2.6.4.4). xml: settings of Office.
_HIDDEN = frozenset({"template", "object", "applet", "map", "xml"})
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_MARKED = frozenset({"div", "blockquote", "hr", "span", "section", "table", "p"})  # what clients put their marks on
_MAX_OPEN = 500  # deeper nesting than any editor makes; what is inside is still read, only its end is not awaited


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the rendered text; `quoted` if the mail client marked it as the quoted mail, `signature` as such."""

    text: str
    quoted: bool = False
    signature: bool = False


@dataclass(slots=True)
class _Open:
    """An element that is open, and what ends with it."""

    name: str
    blockquote: bool = False
    mark: str = ""
    hidden: bool = False
    sight: Sight = SEEN
    link: str = ""
    link_at: int = 0


@dataclass(slots=True)
class _State:
    lines: list[Line] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    open: list[_Open] = field(default_factory=list)
    lists: list[int] = field(default_factory=list)
    depth: int = 0  # of blockquotes
    hidden: int = 0
    small: list[bool] = field(default_factory=list)  # what the open elements say of the size of letters, …
    white: list[bool] = field(default_factory=list)  # … and of their colour
    grounds: int = 0  # open elements with a background of their own; where styles have names, there may be others
    pre: int = 0
    marks: list[str] = field(default_factory=list)  # the quote marks that are open, innermost last
    rest_if_labelled: bool = False  # … if the next line begins like a header field
    rest: bool = False  # everything from here on is the quoted mail
    gap: bool = False
    bullet: str = ""
    depth_above: int = 0
    seen_quote: bool = False  # a blockquote has stood inside the open quote mark


def render(html: str) -> list[Line]:
    """The lines a reader sees, without blank ones at the ends. Never raises; linear."""
    state = _State(grounds=int("<style" in html.lower()))
    for token in tokens(html[:MAX_HTML]):
        if not isinstance(token, Tag):
            _text(state, token.data)
        elif token.end:
            _end(state, token.name)
        else:
            _start(state, token)
    _break(state)
    lines = state.lines
    while lines and not lines[-1].text.strip("> "):
        lines.pop()
    return lines


def _is_unseen(state: _State) -> bool:
    """Whether nobody sees a text here."""
    is_white = bool(state.white) and state.white[-1] and not state.grounds
    return bool(state.hidden) or is_white or (bool(state.small) and state.small[-1])


def _text(state: _State, data: str) -> None:
    if _is_unseen(state):
        return
    if state.pre:
        first, *others = data.replace("\r\n", "\n").split("\n")
        state.line.append(first)
        for piece in others:
            _break(state, keep_blank=True)
            state.line.append(piece)
        return
    words = data.split()
    if not words:
        if state.line and data:
            state.line.append(" ")
        return
    text = " ".join(words)
    if data[0].isspace() and state.line:
        text = " " + text
    state.line.append(text + " " if data[-1].isspace() else text)


def _start(state: _State, tag: Tag) -> None:
    name = tag.name
    if name == "br":
        _break(state, keep_blank=True)
        return
    if name in _BLOCKS:
        _break(state)
        state.gap = state.gap or (name in _PARAGRAPHS and not (name in ("ul", "ol") and len(state.lists) > 0))
    if name == "hr":
        state.line.append("-" * 20)
        _break(state)
    if name == "img":
        _image(state, tag)
    if name in ("td", "th"):
        _cell(state)
    mark = mark_of(tag) if name in _MARKED and "=" in tag.source else ""
    if mark.startswith("rest"):
        state.rest = state.rest or mark == "rest"
        state.rest_if_labelled = True
    if name in _VOID:
        return
    if len(state.open) < _MAX_OPEN:
        _push(state, tag, mark)


def _push(state: _State, tag: Tag, mark: str) -> None:
    name = tag.name
    opened = _Open(name, blockquote=name == "blockquote", mark="" if mark.startswith("rest") else mark)
    if opened.blockquote:
        state.depth += 1
        state.seen_quote = state.seen_quote or bool(state.marks)
    if opened.mark:
        if not state.marks:
            state.seen_quote = opened.blockquote
        state.marks.append(opened.mark)
    opened.sight = sight(tag) if name != "body" else replace(sight(tag), gone=False)  # some programs hide the body
    if name in _HIDDEN or opened.sight.gone:
        opened.hidden = True
        state.hidden += 1
    state.small += [] if opened.sight.small is None else [opened.sight.small]
    state.white += [] if opened.sight.white is None else [opened.sight.white]
    state.grounds += opened.sight.background
    if name == "pre":
        state.pre += 1
    elif name in ("ul", "ol"):
        state.lists.append(0 if name == "ul" else 1)
    elif name == "li":
        _bullet(state)
    elif name == "a":
        opened.link = "".join(tag.attributes().get("href", "").split())  # browsers drop line ends from it
        opened.link_at = len(state.line)
    state.open.append(opened)


def _end(state: _State, name: str) -> None:
    if name in _BLOCKS:
        _break(state)
        state.gap = state.gap or name in _PARAGRAPHS
    # Closing tags are matched to the nearest open one of their name; those between were never closed (HTML 13.2.6.4.7).
    for position in range(len(state.open) - 1, max(-1, len(state.open) - 60), -1):
        if state.open[position].name == name:
            while len(state.open) > position:
                _pop(state, state.open.pop())
            return


def _pop(state: _State, opened: _Open) -> None:
    if opened.blockquote:
        _break(state)
        state.depth -= 1
    if opened.mark:
        _break(state)
        state.marks.pop()
    if opened.hidden:
        state.hidden -= 1
    if opened.sight.small is not None:
        state.small.pop()
    if opened.sight.white is not None:
        state.white.pop()
    state.grounds -= opened.sight.background
    if opened.name == "pre":
        state.pre -= 1
    elif opened.name in ("ul", "ol") and state.lists:
        state.lists.pop()
    elif opened.name == "a" and opened.link:
        _link(state, opened)


def _break(state: _State, *, keep_blank: bool = False) -> None:
    """Ends the current line. An empty one is written only where the mail asks for it."""
    text = "".join(state.line)
    state.line.clear()
    if state.hidden:
        return
    if not state.pre:
        text = " ".join(text.split(" ")).strip() if "  " in text else text.strip()
    if not text and not keep_blank:
        return
    if state.gap and state.lines and state.lines[-1].text.strip("> "):
        _emit(state, "", min(state.depth, state.depth_above))
    state.gap = False
    if state.bullet and text:
        text, state.bullet = state.bullet + text, ""
    _emit(state, text, state.depth)
    state.depth_above = state.depth


def _emit(state: _State, text: str, depth: int) -> None:
    if not text and not state.lines:
        return
    if text and state.rest_if_labelled:
        state.rest = state.rest or ":" in text[:40]
        state.rest_if_labelled = False
    prefix = "> " * min(depth, 20)
    quoted = state.rest or ("quote" in state.marks and (state.depth > 0 or not state.seen_quote))
    state.lines.append(Line((prefix + text.rstrip()).rstrip(), quoted, "signature" in state.marks and not quoted))


def _bullet(state: _State) -> None:
    """The mark of a list item stands before its first text, whatever elements come between."""
    indent = "  " * max(0, min(len(state.lists), 10) - 1)
    if state.lists and state.lists[-1]:
        state.bullet = f"{indent}{state.lists[-1]}. "
        state.lists[-1] += 1
    else:
        state.bullet = f"{indent}* "


def _cell(state: _State) -> None:
    """A cell that follows another on the same line is set off from it."""
    if state.line and not state.line[-1].endswith("| "):
        state.line.append(" | ")


def _image(state: _State, tag: Tag) -> None:
    alt = tag.attributes().get("alt", "").strip() if "alt" in tag.source else ""
    if alt and not _is_unseen(state):
        state.line.append(f"[{' '.join(alt.split())}]")


def _link(state: _State, opened: _Open) -> None:
    """The address behind a link, unless the text already says it."""
    href = opened.link
    text = "".join(state.line[opened.link_at :]).strip()
    if state.hidden or not text or not href.lower().startswith(("http:", "https:", "mailto:", "tel:", "ftp:")):
        return
    shown = href.removeprefix("mailto:").removeprefix("tel:")
    if _bare(text) not in _bare(shown) or len(_bare(text)) < 4:
        state.line.append(f" <{shown}>" if not state.line[-1].endswith(" ") else f"<{shown}> ")


def _bare(url: str) -> str:
    return url.lower().removeprefix("http://").removeprefix("https://").removeprefix("www.").rstrip("/")
