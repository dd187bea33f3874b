"""The Date field (RFC 5322 section 3.3): what is not plain mail-parser reads, and the email package knows some of the
broken forms."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from mailtix.parsing import front

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# What nearly every field holds, and all readers take for the same.
_PLAIN = re.compile(
    rf"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?([0-9]{{1,2}}) ({'|'.join(_MONTHS)}) ((?:19|20)[0-9]{{2}}) "
    r"([0-9]{2}):([0-9]{2}):([0-5][0-9]) ([+-])([01][0-9])(00|30)(?: \([A-Z]{1,5}\))?"
)
_COMMENT = re.compile(r"\([^()]*\)")


def read_date(value: str) -> datetime | None:
    """An aware time in the writer's own zone (UTC where he gave none), or None. Never raises."""
    text = value.strip()[:200]
    if not text:
        return None
    return plain_date(text) or front.date(text) or _broken_form(_COMMENT.sub("", text))


def plain_date(text: str) -> datetime | None:
    """The time that a date says which is written as nearly all are; None for any other."""
    match = _PLAIN.fullmatch(text)
    if match is None:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    zone = timezone(offset if sign == "+" else -offset)
    try:
        return datetime(int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second), tzinfo=zone)
    except ValueError:
        return None


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
