"""Is it a read receipt? RFC 8098."""

from __future__ import annotations

from mailtix.classify.evidence import Evidence
from mailtix.classify.fields import field, fields_of, message_id
from mailtix.model.kind import Receipt

_TYPE = "message/disposition-notification"


def read_receipt(seen: Evidence) -> Receipt | None:
    """A Receipt when a part is a disposition notification, with its Original-Message-ID (RFC 8098 section 3.2.5)."""
    part = seen.part(_TYPE)
    if part is None:
        return None
    found = [group for group in fields_of(part) if group]
    disposition = field(found, "disposition") or "not named"
    original = message_id(field(found, "original-message-id")) or next(iter(seen.mail.in_reply_to), "")
    return Receipt((f"a {_TYPE} part says: {disposition}",), original)
