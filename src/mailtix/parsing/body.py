"""Which parts are the text a person should see, and which are files beside it (RFC 2046 section 5.1, RFC 2183)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mailtix.parsing.armour import is_encrypted, without_armour
from mailtix.parsing.calendar import describe_calendar
from mailtix.parsing.charset import decode, with_line_feeds
from mailtix.parsing.cms import signed_content
from mailtix.parsing.flowed import unflow
from mailtix.parsing.limits import MAX_EMBEDDED, MAX_HTML, MAX_TEXT, MAX_TEXT_LINES
from mailtix.parsing.render import Line, render
from mailtix.parsing.structure import Part, read_structure, with_newlines
from mailtix.parsing.tnef import open_tnef
from mailtix.parsing.uuencode import take_files

_TEXTUAL = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext", "application/xhtml+xml"})
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_ENRICHED_TAG = re.compile(r"<(<)|</?[a-zA-Z-]{1,40}>|<param>[^<]{0,200}</param>")
# Control characters no reader should meet; tab and line feed stay (RFC 5198 section 2).
_CONTROLS = "".join(map(chr, (*range(0x09), 0x0B, *range(0x0E, 0x20), 0x7F)))
_ANY_CONTROL = re.compile(f"[{re.escape(_CONTROLS)}]")
_BYTES_PER_CHAR = 4


@dataclass(slots=True)
class Loose:
    """A file that is not a part of its own: out of winmail.dat or out of the text."""

    filename: str
    mime: str
    content: bytes
    content_id: str = ""
    disposition: str = "attachment"

    def body(self) -> bytes:
        return self.content


@dataclass(slots=True)
class Body:
    """What was collected: the visible lines, the HTML behind them, the files in order, and what was mended."""

    lines: list[str] = field(default_factory=list)
    marked: dict[int, Line] = field(default_factory=dict)
    """By their place the lines that the mail client marked: quoted, or a signature."""
    html: list[str] = field(default_factory=list)
    sources: list[Part | None] = field(default_factory=list)
    """The part that each piece of `html` stands in; None if it was opened out of a container."""
    files: list[Part | Loose] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    encrypted: str = ""
    defects: dict[str, None] = field(default_factory=dict)
    plain_only: bool = False
    opened: int = 0

    def text(self) -> str:
        return "\n".join(self.lines)


def read_body(root: Part) -> Body:
    """The body of the tree under `root`. An alternative gives its plain text unless that says nothing."""
    body = Body()
    _collect(root, body, None)
    if not body.lines:
        _last_resort(body)
    text = body.text() if body.events else ""
    for event in body.events:
        if event.partition("\n")[0].partition(": ")[2] not in text:  # most programs write it into the text themselves
            _append(body, event.split("\n"), {})
    if body.encrypted and not body.lines:
        body.lines.append(f"[Encrypted mail ({body.encrypted}); its content cannot be read here]")
    _trim(body)
    return body


def _last_resort(body: Body) -> None:
    """A mail whose only text is a named part, as some programs send it: the text is read, the file stays too."""
    for file in body.files:
        if isinstance(file, Part) and file.mime in ("text/plain", "text/html") and file.disposition != "attachment":
            _add_text(file, body)
            return


def _collect(part: Part, body: Body, parent: Part | None) -> None:
    """Depth is bounded by limits.MAX_DEPTH, so recursion is safe."""
    if part.is_multipart and part.children:
        match part.mime:
            case "multipart/alternative":
                _alternative(part, body)
            case "multipart/related":
                _related(part, body)
            case "multipart/encrypted":
                body.encrypted = "PGP/MIME"  # RFC 3156 section 4
                body.files += part.children
            case _:
                for child in part.children:
                    _collect(child, body, part)
    elif _is_body_text(part, parent):
        _add_text(part, body)
    else:
        _add_file(part, body)


def _is_body_text(part: Part, parent: Part | None) -> bool:
    """Whether a leaf is text to read, not a file: not called attachment, and not named (RFC 2183 section 2)."""
    if part.is_multipart:  # one without any delimiter: its body is read as text
        return True
    return part.mime in _TEXTUAL and part.disposition != "attachment" and (not part.filename or parent is None)


def _add_file(part: Part, body: Body) -> None:
    """A part that is a file, or a container that only one make of program can open."""
    if part.mime in ("application/ms-tnef", "application/vnd.ms-tnef") or part.filename.lower() == "winmail.dat":
        if _open_tnef(part, body):
            return
    elif part.mime in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
        if _is_enveloped(part):
            body.encrypted = "S/MIME"  # RFC 8551 section 3.3
        elif _open_signed(part, body):
            return
    elif part.mime == "text/calendar" and part.disposition != "attachment":
        text = decode(part.body(), part.params.get("charset", "utf-8")).text
        if described := describe_calendar(text.replace("\r\n", "\n")):
            body.events.append(described)
    body.files.append(part)


def _open_tnef(part: Part, body: Body) -> bool:
    opened = open_tnef(part.body())
    if opened is None:
        return False
    body.files += [Loose(f.name, f.mime or "application/octet-stream", f.content, f.content_id) for f in opened.files]
    if not body.lines:
        if opened.html:
            _add_html(opened.html, body)
        elif opened.text:
            _add_lines(opened.text, body)
    return True


def _open_signed(part: Part, body: Body) -> bool:
    """RFC 8551 section 3.5.2: the mail itself is inside of its signature."""
    content = signed_content(part.body())
    if not content or body.opened >= MAX_EMBEDDED:
        return False
    body.opened += 1
    _collect(read_structure(with_newlines(content)).root, body, None)
    return True


def _is_enveloped(part: Part) -> bool:
    return part.params.get("smime-type", "enveloped-data").lower() in ("enveloped-data", "authenveloped-data")


def _alternative(part: Part, body: Body) -> None:
    """RFC 2046 section 5.1.4: the same content several times. Plain text is preferred, HTML is kept beside it."""
    forms = [_form(child, part, render_html=False) for child in part.children]
    plain = next((form for form in forms if form.lines), None)
    rich_at = next((i for i in range(len(forms) - 1, -1, -1) if forms[i].html), -1)
    chosen = plain
    if rich_at >= 0 and not body.plain_only and (plain is None or _may_say_nothing(plain)):
        rich = _form(part.children[rich_at], part, render_html=True)
        if plain is None or _says_nothing(plain, rich):
            chosen = rich
    if chosen is not None and chosen is plain and rich_at >= 0 and len(forms[rich_at].html) > 1:
        _keep_what_is_not_shown(plain, forms[rich_at])
    for form in forms:
        body.files += form.files
        body.html += form.html
        body.sources += form.sources
        body.events += form.events
        body.defects |= form.defects
        body.encrypted = body.encrypted or form.encrypted
    if chosen is not None:
        _append(body, chosen.lines, chosen.marked)


_SHOWN = 0.5
"""The share of its words that a further HTML part must have in common with the plain text to be the same content."""


def _keep_what_is_not_shown(plain: Body, rich: Body) -> None:
    """Apple Mail breaks a rich text in several parts. One that says what the plain text does not is kept as a file:
    otherwise nobody would ever see it."""
    said = set(_WORD.findall(plain.text()))
    kept, sources = rich.html[:1], rich.sources[:1]
    for html, source in zip(rich.html[1:], rich.sources[1:], strict=True):
        words = set(_WORD.findall(_TAG.sub(" ", html[:MAX_HTML])))
        if source is not None and len(words & said) < _SHOWN * len(words):
            rich.files.append(source)
        else:
            kept.append(html)
            sources.append(source)
    rich.html, rich.sources = kept, sources


_WORD = re.compile(r"\w{2,}")
_TAG = re.compile(r"<[^<>]*>")


def _form(child: Part, parent: Part, *, render_html: bool) -> Body:
    """One form of an alternative. HTML is only rendered when it is wanted: it costs ten times what plain text does."""
    form = Body(plain_only=not render_html)
    _collect(child, form, parent)
    return form


_STUB_WORDS = 12
_STUB = re.compile(r"html|<[a-z]+[^>]*>|https?://", re.IGNORECASE)


def _may_say_nothing(plain: Body) -> bool:
    return len(plain.text().split(maxsplit=_STUB_WORDS)) <= _STUB_WORDS


def _says_nothing(plain: Body, rich: Body) -> bool:
    """A plain part that is blank, or a line that only sends the reader to the HTML part."""
    words = plain.text().split()
    return not words or (bool(_STUB.search(plain.text())) and len(rich.text().split()) > 4 * len(words))


def _related(part: Part, body: Body) -> None:
    """RFC 2387: the root is the body (named by `start`, else the first), everything else belongs into it."""
    start = part.params.get("start", "").strip("<> ")
    root = next((child for child in part.children if start and child.content_id == start), part.children[0])
    for child in part.children:
        if child is root or (child.is_multipart and child.children):
            _collect(child, body, part)
        else:
            body.files.append(child)


def _add_text(part: Part, body: Body) -> None:
    content = part.body()
    limit = MAX_TEXT * _BYTES_PER_CHAR
    if len(content) > limit:
        body.defects["text-limit"] = None
    is_html = part.mime in _HTML
    declared = part.params.get("charset", "") or (_charset_inside(content) if is_html else "")
    decoded = decode(content[:limit], declared)
    if decoded.mended:
        body.defects["charset"] = None
    text = with_line_feeds(decoded.text)
    if _is_markup(text) if part.mime == "text/plain" else is_html and "<" in text:
        _add_html(text, body, part)
        return
    if is_html:  # without a single tag: it is text all the same, and its line ends count
        body.html.append(text)
        body.sources.append(part)
        if body.plain_only:
            return
    if part.mime in ("text/enriched", "text/richtext"):  # RFC 1896: "<<" stands for "<"
        text = _ENRICHED_TAG.sub(r"\1", text)
    if part.params.get("format", "").lower() == "flowed":
        text = unflow(text, delsp=part.params.get("delsp", "").lower() == "yes")
    _add_plain(text, body)


def _charset_inside(content: bytes) -> str:
    """The charset that HTML declares for itself where the mail does not (HTML 13.2.3.2)."""
    found = _META_CHARSET.search(content[:2_000])
    return found[1].decode("ascii") if found else ""


def _is_markup(text: str) -> bool:
    """HTML that is sent as text/plain; nobody begins a letter like that."""
    return text[:200].lstrip().lower().startswith(("<!doctype html", "<html"))


def _add_plain(text: str, body: Body) -> None:
    text, files = take_files(text)
    body.files += [Loose(name, "application/octet-stream", content) for name, content in files]
    if len(text) > MAX_TEXT:
        body.defects["text-limit"] = None
    text = without_armour(text[:MAX_TEXT])
    if is_encrypted(text):
        body.encrypted = "PGP"
    _add_lines(text, body)


def _add_lines(text: str, body: Body) -> None:
    lines = _without_controls(text.replace("\x0c", "\n")).split("\n", MAX_TEXT_LINES)
    if len(lines) > MAX_TEXT_LINES:
        body.defects["text-limit"] = None
        lines.pop()
    _append(body, [line.rstrip(" \t\r") if line != "-- " else line for line in lines], {})


def _without_controls(text: str) -> str:
    # An expression would look at each character of a text in which nearly always none of them stands.
    return _ANY_CONTROL.sub("", text) if any(control in text for control in _CONTROLS) else text


def _add_html(html: str, body: Body, source: Part | None = None) -> None:
    if len(html) > MAX_HTML:
        body.defects["text-limit"] = None
    body.html.append(html)
    body.sources.append(source)
    if not body.plain_only:
        lines = render(_without_controls(html))
        marked = {place: line for place, line in enumerate(lines) if line.quoted or line.signature}
        _append(body, [line.text for line in lines], marked)


def _append(body: Body, lines: list[str], marked: Mapping[int, Line]) -> None:
    """One text after another, with a blank line between."""
    if not any(line.strip() for line in lines):
        return
    if body.lines:
        body.lines.append("")
    begin = len(body.lines)
    body.lines += lines
    body.marked.update((begin + place, line) for place, line in marked.items())


def _trim(body: Body) -> None:
    """Takes off the blank lines at both ends."""
    lines = body.lines
    while lines and not lines[-1].strip():
        lines.pop()
    start = next((i for i, line in enumerate(lines) if line.strip()), 0)
    del lines[:start]
    if body.marked:
        kept = range(start, start + len(lines))
        body.marked = {place - start: line for place, line in body.marked.items() if place in kept}
