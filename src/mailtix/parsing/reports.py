"""The parts a classifier reads: delivery reports, feedback reports and the mails they speak of (RFC 6522)."""

from __future__ import annotations

from mailtix.parsing.charset import decode
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
    return () if alone else tuple((mime, text.replace("\r\n", "\n")) for mime, text in found)
