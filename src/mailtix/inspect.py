"""What `mailtix inspect` tells of one mail: everything that was read from it, as plain values ready for JSON."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from mailtix.classify import classify, facts
from mailtix.model.kind import OwnAddresses
from mailtix.model.mail import Attachment, Envelope, Forward, InboundMail
from mailtix.parsing import attachments, parse
from mailtix.parsing.auth_results import read_auth_results

_COMMAND = re.compile(r"#[A-Za-z]")
_NOBODY = OwnAddresses()


def describe(raw: bytes, received_at: datetime) -> dict[str, object]:
    """The keys of a mail as `mailtix inspect --json` prints them. `received_at` is only the envelope's time."""
    mail = parse(raw, Envelope("", (), received_at))
    kind = classify(mail, _NOBODY)
    files = attachments(raw) if mail.attachments else ()
    texts = [_text_digest(content) for content in files]
    rows = [_attachment(a) | digest for a, digest in zip(mail.attachments, texts, strict=True)]
    return (
        _as_read(mail)
        | {"attachments": rows}
        | facts(mail, kind)
        | {"kind": type(kind).__name__.lower(), "because": list(kind.because)}
    )


def _as_read(mail: InboundMail) -> dict[str, object]:
    return {
        "from_addr": mail.from_.addr,
        "from_name": mail.from_.name,
        "to": [address.addr for address in mail.to],
        "cc": [address.addr for address in mail.cc],
        "reply_to": [address.addr for address in mail.reply_to],
        "subject": mail.subject,
        "thread_subject": mail.thread_subject,
        "message_id": mail.message_id,
        "in_reply_to": list(mail.in_reply_to),
        "references": list(mail.references),
        "date": mail.date.isoformat() if mail.date else None,
        "size": mail.size,
        "body_text": mail.text,
        "body_html": mail.html,
        "reply_text": mail.reply,
        "reply_because": mail.reply_because,
        "auth_results": [_auth_results(value) for value in mail.header_all("authentication-results")],
        "command_lines": [line for line in mail.reply.split("\n") if _COMMAND.match(line)],
        "forward": _forward(mail.forward) if mail.forward else None,
        "defects": [{"code": defect.code, "text": defect.text} for defect in mail.defects],
    }


def _auth_results(value: str) -> dict[str, object]:
    """What a server says of the sender; anybody can have written it."""
    said = read_auth_results(value)
    return {"by": said.authserv_id, "results": ", ".join(f"{r.method}={r.result}" for r in said.results)}


def _text_digest(content: bytes) -> dict[str, object]:
    """The digest of a text file without regard to its line ends, which transports change (RFC 2049 section 3)."""
    if b"\0" in content:
        return {}
    text = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n")
    return {"sha256_text": hashlib.sha256(text).hexdigest()}


def _attachment(a: Attachment) -> dict[str, object]:
    return {
        "index": a.index,
        "filename": a.filename,
        "mime": a.mime,
        "declared_mime": a.declared_mime,
        "size": a.size,
        "sha256": a.sha256,
        "inline": a.inline,
        "content_id": a.content_id,
    }


def _forward(forward: Forward) -> dict[str, object]:
    return {
        "from": str(forward.sender),
        "to": forward.to,
        "subject": forward.subject,
        "text": forward.text,
        "date": forward.date.isoformat() if forward.date else None,
        "message_id": forward.message_id,
        "confidence": forward.confidence,
    }
