"""The parts a classifier reads: delivery reports, feedback reports and the mails they speak of (RFC 6522)."""

from __future__ import annotations

from mailtix.parsing.charset import decode, with_line_feeds
from mailtix.parsing.limits import MAX_REPORT_PARTS, MAX_REPORT_TEXT
from mailtix.parsing.structure import Part


def report_parts(root: Part) -> tuple[tuple[str, str], ...]:
    """(mime type, text) of every text and message part in order, when there is more than one text to the mail.

    A message/rfc822 gives its header section and the begin of its body, undecoded.
    """
    if not root.children and root.mime.startswith("text/"):
        return ()
    found: list[tuple[str, str]] = []
    pending = [root]
    while pending and len(found) < MAX_REPORT_PARTS:
        part = pending.pop()
        if part.mime.startswith("message/"):
            content = part.body() if not part.children else part.raw[part.start : part.end]
            found.append((part.mime, decode(content[:MAX_REPORT_TEXT], part.params.get("charset", "")).text))
        elif part.mime.startswith("text/"):
            found.append((part.mime, decode(part.body()[:MAX_REPORT_TEXT], part.params.get("charset", "")).text))
        pending += reversed(part.children)
    alone = len(found) == 1 and found[0][0].startswith("text/")
    return () if alone else tuple((mime, _with_line_feeds(text)) for mime, text in found)


def _with_line_feeds(text: str) -> str:
    """The text with its CR LF as LF. A lone CR stays as it is, and is in hardly any text."""
    feeds = with_line_feeds(text)
    has_lone = text.count("\r") > len(text) - len(feeds)
    return text.replace("\r\n", "\n") if has_lone else feeds
