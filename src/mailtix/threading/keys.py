"""The evidence a mail carries, strongest first: signed reply address, message ids, the subject's tag."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Set
from email.utils import getaddresses

from mailtix.model.desk import detail, without_detail
from mailtix.model.mail import InboundMail
from mailtix.model.thread import Claims, Evidence, Strength

# A References field of a long thread may name hundreds of mails; the newest say all there is to say.
_MOST_IDS = 50
_MOST_TAGS = 5
_TRACE_FIELDS = ("delivered-to", "x-original-to", "envelope-to")


def evidence(
    mail: InboundMail,
    mailboxes: Set[str],
    read_token: Callable[[str], Claims | str],
    tag: re.Pattern[str],
) -> tuple[Evidence, ...]:
    """All evidence of a mail in the order it counts. An invalid token is evidence of nothing, but is kept with its
    reason (claims None) so that the decision can say why it did not count."""
    return (*_tokens(mail, mailboxes, read_token), *_ids(mail), *_tags(mail.subject, tag))


def _tokens(mail: InboundMail, mailboxes: Set[str], read_token: Callable[[str], Claims | str]) -> Iterator[Evidence]:
    seen = set()
    for address in recipients(mail):
        if "+" not in address:
            continue
        extra = detail(address)
        if not extra.startswith("t.") or without_detail(address) not in mailboxes or extra in seen:
            continue
        seen.add(extra)
        claims = read_token(extra)
        if isinstance(claims, str):
            yield Evidence(Strength.TOKEN, extra, claims)
        else:
            yield Evidence(Strength.TOKEN, extra, "the signed reply address", claims)


def recipients(mail: InboundMail) -> Iterator[str]:
    """Where the mail was sent: the envelope first, then what the headers say (mail fetched by IMAP has no envelope)."""
    yield from mail.envelope.rcpt_tos
    for address in (*mail.to, *mail.cc):
        yield address.addr
    traced = [(name.lower(), value) for name, value in mail.headers if name.lower() in _TRACE_FIELDS]
    for field in _TRACE_FIELDS if traced else ():
        if values := [value for name, value in traced if name == field]:
            yield from (addr for _, addr in getaddresses(values))


def _ids(mail: InboundMail) -> Iterator[Evidence]:
    """In-Reply-To before References, and of these the newest first (RFC 5322 section 3.6.4)."""
    newest_first = (*mail.in_reply_to, *reversed(mail.references))
    for message_id in list(dict.fromkeys(newest_first))[:_MOST_IDS]:
        field = "In-Reply-To" if message_id in mail.in_reply_to else "References"
        yield Evidence(Strength.OUR_ID, message_id, f"{field} names <{message_id}>")


def _tags(subject: str, tag: re.Pattern[str]) -> Iterator[Evidence]:
    numbers = dict.fromkeys(match.group(0).upper() for match in tag.finditer(subject[:2000]))
    for number in list(numbers)[:_MOST_TAGS]:
        yield Evidence(Strength.TAG, number, f"the subject holds {number}")
