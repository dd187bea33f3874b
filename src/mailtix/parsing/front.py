"""mail-parser, asked for what it is right about and kept from ever stopping a mail.

Its whole MailParser object decodes each part twice, recurses for each level and reads every trace field; of that only
the reading of addresses, dates and damaged base64 is needed here. Whatever it raises means "no answer".
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from mailparser.dates import parse_mail_date  # type: ignore[import-untyped]
from mailparser.utils import decode_base64_payload, get_addresses  # type: ignore[import-untyped]


def addresses(field: str) -> list[tuple[str, str]]:
    """(display name, address) of each mailbox of an address field (RFC 5322 section 3.4), encoded words decoded."""
    try:
        return [(str(name), str(addr)) for name, addr in get_addresses(field, decode_names=True) if addr]
    except Exception:
        return []


def date(field: str) -> datetime | None:
    """The time of a date field (RFC 5322 section 3.3) in its own zone, or None."""
    try:
        parsed = parse_mail_date(field)
        if parsed.value is None:
            return None
        moment: datetime = parsed.value
        return moment.astimezone(timezone(timedelta(hours=float(parsed.timezone or 0))))
    except Exception:
        return None


def damaged_base64(text: str) -> bytes:
    """The bytes of base64 text with wrong padding or foreign characters in it, b"" if there are none."""
    try:
        return bytes(decode_base64_payload(text))
    except Exception:
        return b""
