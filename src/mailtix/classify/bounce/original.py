"""Which mail failed? Its header section, where the report holds it."""

from __future__ import annotations

import re

from mailtix.classify.bounce.notice import Notice
from mailtix.classify.evidence import ENCLOSED, Evidence
from mailtix.classify.fields import Group, field, fields_of, message_id

_HEADER_SECTION = 60_000
_ID_IN_TEXT = re.compile(
    r"(?im)^[>\s]{0,10}(?:original[- ])?message-id\s{0,3}:\s{0,8}<?([^<>\s]{1,990}@[^<>\s]{1,250})>?"
)
# RFC 5321 section 4.4: the For clause of a Received field.
_FOR = re.compile(r"\bfor\s{1,3}<([^\s<>@]{1,64}@[A-Za-z0-9.\-_]{1,254})>")
_ADDRESS = re.compile(r"[^\s<>,;:\"'()\[\]]{1,64}@[A-Za-z0-9.\-_]{1,254}")


def returned_header(seen: Evidence, notice: Notice) -> Group:
    """The fields of the returned mail's header section: from its part, else from the text behind the notice."""
    for mime, text in seen.mail.report_parts:
        if mime in ENCLOSED and (groups := fields_of(text[:_HEADER_SECTION])):
            return _header_group(groups)
    return _header_group(fields_of(notice.returned[:_HEADER_SECTION]))


def _header_group(groups: list[Group]) -> Group:
    """The first group that looks like a header section; a returned mail may begin with a stray line."""
    return next(
        (g for g in groups if len({"message-id", "from", "to", "subject", "received", "date"} & g.keys()) > 1), {}
    )


def original_id(seen: Evidence, notice: Notice, header: Group) -> str:
    """The Message-ID of the mail that failed, without brackets: from its header, from the report's text, or from what
    the report says it answers (Exchange, Gmail and others set In-Reply-To or References)."""
    if found := message_id(header.get("message-id", "")):
        return found
    for mime, text in seen.mail.report_parts:
        if mime not in ("text/html",) and (match := _ID_IN_TEXT.search(text[:_HEADER_SECTION])):
            return match[1]
    if match := _ID_IN_TEXT.search(f"{notice.text}\n{notice.returned}"):
        return match[1]
    envelope_id = field(
        [g for mime, text in seen.mail.report_parts if "status" in mime for g in fields_of(text)],
        "x-original-message-id",
    )
    answered = (*seen.mail.in_reply_to[:1], *seen.mail.references[-1:])
    return message_id(envelope_id) or next(iter(answered), "")


def returned_to(header: Group) -> list[str]:
    """Whom the returned mail was for, when it was one person: the last hop's "for <address>", else the To field."""
    for value in (
        _FOR.findall(header.get("received", "")[:2_000]),
        _ADDRESS.findall(header.get("x-envelope-to", "")[:2_000]),
    ):
        if value:
            return [str(value[0])]
    found = _ADDRESS.findall(header.get("to", "")[:2_000])
    return [str(address) for address in found] if len(found) == 1 else []
