"""The Date field (RFC 5322 section 3.3): mail-parser reads it, the email package knows some of the broken forms."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from mailtix.parsing import front

_COMMENT = re.compile(r"\([^()]*\)")


def read_date(value: str) -> datetime | None:
    """An aware time in the writer's own zone (UTC where he gave none), or None. Never raises."""
    text = value.strip()[:200]
    if not text:
        return None
    return front.date(text) or _broken_form(_COMMENT.sub("", text))


def _broken_form(text: str) -> datetime | None:
    for read in (_iso, _loose):
        try:
            found = read(text.strip())
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
        if found is not None:
            return found
    return None


def _loose(text: str) -> datetime | None:
    parts = parsedate_tz(text)
    if parts is None:
        return None
    return datetime(*parts[:6], tzinfo=UTC if parts[9] is None else timezone(timedelta(seconds=parts[9])))


def _iso(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
