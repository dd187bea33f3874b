"""Which parts are the text a person should see, and which are files beside it (RFC 2046 section 5.1, RFC 2183)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mailtix.parsing.charset import decode
from mailtix.parsing.flowed import unflow
from mailtix.parsing.limits import MAX_HTML, MAX_TEXT
from mailtix.parsing.render import Line, render
from mailtix.parsing.structure import Part

_TEXTUAL = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext", "application/xhtml+xml"})
_ENRICHED_TAG = re.compile(r"<(<)|</?[a-zA-Z-]{1,40}>|<param>[^<]{0,200}</param>")
# Control characters no reader should meet; tab and line feed stay (RFC 5198 section 2).
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_BYTES_PER_CHAR = 4


@dataclass(slots=True)
class Body:
    """What was collected: the visible lines, the HTML behind them, the other parts in order, and what was mended."""

    lines: list[Line] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)
    encrypted: str = ""
    defects: dict[str, None] = field(default_factory=dict)
    from_html: bool = False

    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


def read_body(root: Part, charset_hint: str = "") -> Body:
    """The body of the tree under `root`. An alternative gives its plain text unless that says nothing."""
    body = Body()
    _collect(root, body, None)
    _trim(body.lines)
    return body


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
    elif is_body_text(part, parent):
        _add_text(part, body)
    else:
        if part.mime in ("application/pkcs7-mime", "application/x-pkcs7-mime") and _is_enveloped(part):
            body.encrypted = "S/MIME"  # RFC 8551 section 3.3
        body.files.append(part)


def is_body_text(part: Part, parent: Part | None) -> bool:
    """Whether a leaf is text to read, not a file: not called attachment, and not named (RFC 2183 section 2)."""
    if part.is_multipart:  # one without any delimiter: its body is read as text
        return True
    return part.mime in _TEXTUAL and part.disposition != "attachment" and not part.filename


def _is_enveloped(part: Part) -> bool:
    return part.params.get("smime-type", "enveloped-data").lower() in ("enveloped-data", "authenveloped-data")


def _alternative(part: Part, body: Body) -> None:
    """RFC 2046 section 5.1.4: the same content several times. Plain text is preferred, HTML is kept beside it."""
    forms: list[Body] = []
    for child in part.children:
        form = Body()
        _collect(child, form, part)
        forms.append(form)
    plain = next((f for f in forms if f.lines and not f.from_html), None)
    rich = next((f for f in reversed(forms) if f.html), None)
    chosen = plain if plain is not None and not _says_nothing(plain, rich) else rich or plain
    for form in forms:
        body.files += form.files
        body.html += form.html
        body.defects |= form.defects
        body.encrypted = body.encrypted or form.encrypted
    if chosen is not None:
        _append(body, chosen.lines, from_html=chosen.from_html)


_STUB_WORDS = 12
_STUB = re.compile(r"html|<[a-z]+[^>]*>|https?://", re.IGNORECASE)


def _says_nothing(plain: Body, rich: Body | None) -> bool:
    """A plain part that is blank, or a line that only sends the reader to the HTML part."""
    if rich is None:
        return False
    words = plain.text().split()
    if not words:
        return True
    return len(words) <= _STUB_WORDS and bool(_STUB.search(plain.text())) and len(rich.text().split()) > 4 * len(words)


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
    decoded = decode(content[:limit], part.params.get("charset", ""))
    if decoded.mended:
        body.defects["charset"] = None
    text = decoded.text.replace("\r\n", "\n").replace("\r", "\n")
    if part.mime in ("text/html", "application/xhtml+xml"):
        if len(text) > MAX_HTML:
            body.defects["text-limit"] = None
        body.html.append(text)
        _append(body, render(_CONTROL.sub("", text)), from_html=True)
        return
    if part.mime in ("text/enriched", "text/richtext"):  # RFC 1896: "<<" stands for "<"
        text = _ENRICHED_TAG.sub(r"\1", text)
    if part.params.get("format", "").lower() == "flowed":
        text = unflow(text, delsp=part.params.get("delsp", "").lower() == "yes")
    lines = _CONTROL.sub("", text[:MAX_TEXT]).replace("\x0c", "\n").split("\n")
    _append(body, [Line(line.rstrip(" \t") if line != "-- " else line) for line in lines], from_html=False)


def _append(body: Body, lines: list[Line], *, from_html: bool) -> None:
    """One text after another, with a blank line between."""
    if not any(line.text.strip() for line in lines):
        return
    if body.lines:
        body.lines.append(Line(""))
    else:
        body.from_html = from_html
    body.lines += lines


def _trim(lines: list[Line]) -> None:
    while lines and not lines[-1].text.strip():
        lines.pop()
    start = next((i for i, line in enumerate(lines) if line.text.strip()), 0)
    del lines[:start]
