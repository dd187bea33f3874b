"""Whether a condition holds for a mail, and because of what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from functools import cached_property

from mailtix.model.mail import InboundMail
from mailtix.rules.language import Condition
from mailtix.rules.pattern import HeaderPattern, Pattern, Presence, Text


@dataclass(frozen=True, slots=True)
class MailView:
    """A mail, and where it arrived: the company's name and the mailbox's address."""

    mail: InboundMail
    company: str
    mailbox: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it holds, in words that stand in a ticket's history."""

    holds: bool
    because: str


class Reading:
    """A mail as conditions ask for it. Its texts are prepared once for all rules."""

    def __init__(self, view: MailView) -> None:
        self.view = view

    @cached_property
    def sender(self) -> list[Text]:
        return [Text(self.view.mail.from_.addr)]

    @cached_property
    def recipients(self) -> list[Text]:
        return [Text(address.addr) for address in (*self.view.mail.to, *self.view.mail.cc)]

    @cached_property
    def subject(self) -> list[Text]:
        return [Text(self.view.mail.subject)]

    @cached_property
    def body(self) -> list[Text]:
        return [Text(self.view.mail.reply)]

    @cached_property
    def mailbox(self) -> list[Text]:
        return [Text(self.view.mailbox)]

    def header(self, name: str) -> list[Text]:
        return [Text(_decoded(value)) for value in self.view.mail.header_all(name)]


def judge(condition: Condition, reading: Reading) -> Verdict:
    """The verdict on the whole condition: it fails with the first part that does."""
    reasons = []
    for verdict in _parts(condition, reading):
        if not verdict.holds:
            return verdict
        reasons.append(verdict.because)
    return Verdict(True, " and ".join(reasons) or "every mail")


def _parts(condition: Condition, reading: Reading) -> Iterator[Verdict]:
    """Each key that is given, cheap ones first; nothing is looked at before it is asked for."""
    if condition.company:
        yield _company(condition.company, reading.view.company)
    if condition.mailbox:
        yield _one_fits("mailbox", condition.mailbox, reading.mailbox)
    if condition.from_:
        yield _one_fits("from", condition.from_, reading.sender)
    if condition.to:
        yield _one_fits("to", condition.to, reading.recipients)
    if condition.has_attachment is not None:
        yield _attachment(condition.has_attachment, reading.view.mail)
    if condition.subject:
        yield _one_fits("subject", condition.subject, reading.subject)
    for name, patterns in condition.header.items():
        yield _header(name, patterns, reading.header(name))
    if condition.body:
        yield _one_fits("body", condition.body, reading.body)
    yield from _nested(condition, reading)


def _nested(condition: Condition, reading: Reading) -> Iterator[Verdict]:
    for part in condition.all:
        yield judge(part, reading)
    if condition.any:
        yield _first_that_holds(judge(part, reading) for part in condition.any)
    if condition.not_ is not None:
        inner = judge(condition.not_, reading)
        yield Verdict(not inner.holds, inner.because)


def _first_that_holds(verdicts: Iterable[Verdict]) -> Verdict:
    against = []
    for verdict in verdicts:
        if verdict.holds:
            return verdict
        against.append(verdict.because)
    return Verdict(False, " and ".join(against))


def _one_fits(name: str, patterns: tuple[Pattern, ...], texts: list[Text]) -> Verdict:
    """Any of the patterns in any of the texts."""
    for pattern in patterns:
        for text in texts:
            if pattern.found_in(text):
                return Verdict(True, f"{name} {pattern.because(True, text)}")
    shown = texts[0] if texts else Text("")
    return Verdict(False, f"{name} " + " and ".join(pattern.because(False, shown) for pattern in patterns))


def _company(names: tuple[str, ...], company: str) -> Verdict:
    holds = company in names
    return Verdict(holds, f"company is {company}" if holds else f"company is not {' or '.join(names)}")


def _attachment(wanted: bool, mail: InboundMail) -> Verdict:
    files = [attachment.filename for attachment in mail.attachments if not attachment.inline]
    because = f"it has an attachment ({', '.join(files[:3])})" if files else "it has no attachment"
    return Verdict(bool(files) is wanted, because)


def _header(name: str, patterns: tuple[HeaderPattern, ...], fields: list[Text]) -> Verdict:
    texts = tuple(pattern for pattern in patterns if not isinstance(pattern, Presence))
    if texts and fields:
        return _one_fits(f"header {name}", texts, fields)
    there = bool(fields)
    return Verdict(Presence(there) in patterns, f"header {name} is {'there' if there else 'not there'}")


def _decoded(value: str) -> str:
    """The field with its encoded words read (RFC 2047), as it stands if they cannot be."""
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value
