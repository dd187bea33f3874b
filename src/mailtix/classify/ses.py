"""Amazon SES tells of bounces, complaints and deliveries by SNS, which can send them as mail whose text is JSON.

Format: "Amazon SNS notification examples for Amazon SES" in the SES developer guide.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from mailtix.classify.evidence import Evidence
from mailtix.classify.fields import message_id

# SNS messages are at most 256 KiB.
_LONGEST = 300_000


@dataclass(frozen=True, slots=True)
class SesEvent:
    """`kind` is bounce, complaint or delivery, `detail` its type; a recipient is address, status, action, words."""

    kind: str
    detail: str
    recipients: tuple[tuple[str, str, str, str], ...]
    message_id: str


def event_of(seen: Evidence) -> SesEvent | None:
    """The event that the text of the mail is, or None. Only of a robot: a person may paste such a text."""
    text = seen.mail.text
    if text.lstrip()[:1] != "{" or not (seen.from_robot or seen.from_daemon) or "otificationType" not in text:
        return None
    outer = _object(text[:_LONGEST])
    inner = _object(outer["Message"]) if isinstance(outer.get("Message"), str) else outer
    kind = str(inner.get("notificationType", "")).lower()
    body = inner.get(kind)
    if kind not in ("bounce", "complaint", "delivery") or not isinstance(body, dict):
        return None
    detail = str(body.get("bounceType") or body.get("complaintFeedbackType") or "").lower()
    return SesEvent(kind, detail, _recipients(body), _id(inner.get("mail")))


def _object(text: str) -> dict[str, Any]:
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text.lstrip())
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _recipients(body: dict[str, Any]) -> tuple[tuple[str, str, str, str], ...]:
    rows = body.get("bouncedRecipients")
    rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    keys = ("emailAddress", "status", "action", "diagnosticCode")
    found = [tuple(str(row.get(key) or "") for key in keys) for row in rows]
    return tuple((a, s, c, d) for a, s, c, d in found)


def _id(mail: object) -> str:
    """The Message-ID header of the mail that was sent; SES's own messageId is not it."""
    headers = mail.get("headers") if isinstance(mail, dict) else None
    for header in headers if isinstance(headers, list) else []:
        if isinstance(header, dict) and str(header.get("name", "")).lower() == "message-id":
            return message_id(str(header.get("value", "")))
    return ""
