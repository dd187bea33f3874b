"""Short ways to make a mail out of its pieces and read it."""

from __future__ import annotations

from datetime import UTC, datetime

from mailtix.model.mail import Envelope, InboundMail
from mailtix.parsing import parse

RECEIVED = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HEADER = b"From: ann@example.org\r\nTo: support@desk.example\r\nSubject: x\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\n"


def read(raw: bytes) -> InboundMail:
    return parse(raw, Envelope("ann@example.org", ("support@desk.example",), RECEIVED))


def read_text(text: str, content_type: str = "text/plain; charset=utf-8", subject: str = "") -> InboundMail:
    header = HEADER.replace(b"Subject: x", f"Subject: {subject or 'x'}".encode())
    body = text.replace("\n", "\r\n").encode("utf-8", "surrogateescape")
    return read(header + f"Content-Type: {content_type}\r\n\r\n".encode() + body)


def defect_codes(mail: InboundMail) -> set[str]:
    return {defect.code for defect in mail.defects}
