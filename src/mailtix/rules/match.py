"""Whether a condition holds for a mail, and because of what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from functools import cached_property

from mailtix.model.mail import Attachment, InboundMail
from mailtix.model.ticket import Person, Priority, Status, Ticket
from mailtix.rules.language import Attached, Condition, Customer, Times
from mailtix.rules.measures import DAYS
from mailtix.rules.pattern import HeaderPattern, Pattern, Presence, Text

_NOBODY = Person(0, "")


@dataclass(frozen=True, slots=True)
class MailView:
    """A mail, where it arrived, and what is known besides: the company's name, the mailbox's address, the kind of mail
    in a word, the ticket as it was before any rule (None: it is new), and the customer. `first_ticket` is None where it
    was not looked up."""

    mail: InboundMail
    company: str
    mailbox: str
    kind: str = "human"
    ticket: Ticket | None = None
    customer: Person = _NOBODY
    first_ticket: bool | None = None


@dataclass(frozen=True, slots=True)
class State:
    """What rules can change of a ticket, as it stands when the next rule is tried."""

    status: Status = Status.OPEN
    priority: Priority = Priority.MEDIUM
    category: str = ""
    assignee: str = ""
    team: str = ""
    tags: frozenset[str] = frozenset()

    @classmethod
    def of(cls, ticket: Ticket | None) -> State:
        """The state of that ticket; of a new one, if there is none."""
        if ticket is None:
            return cls()
        return cls(ticket.status, ticket.priority, ticket.category, ticket.assignee, ticket.team, ticket.tags)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it holds, in words that stand in a ticket's history."""

    holds: bool
    because: str


class Reading:
    """A mail as conditions ask for it. Its texts are prepared once for all rules; `state` goes on from rule to rule."""

    def __init__(self, view: MailView) -> None:
        self.view = view
        self.state = State.of(view.ticket)

    @cached_property
    def sender(self) -> list[Text]:
        return [Text(self.view.mail.from_.addr)]

    @cached_property
    def addressees(self) -> list[Text]:
        return [Text(address.addr) for address in (*self.view.mail.to, *self.view.mail.cc)]

    @cached_property
    def recipients(self) -> list[Text]:
        return [Text(address) for address in self.view.mail.envelope.rcpt_tos]

    @cached_property
    def subject(self) -> list[Text]:
        return [Text(self.view.mail.subject)]

    @cached_property
    def body(self) -> list[Text]:
        return [Text(self.view.mail.reply)]

    @cached_property
    def whole_body(self) -> list[Text]:
        return [Text(self.view.mail.text)]

    @cached_property
    def mailbox(self) -> list[Text]:
        return [Text(self.view.mailbox)]

    @cached_property
    def customer(self) -> list[Text]:
        return [Text(self.view.customer.email or self.view.mail.from_.addr)]

    @cached_property
    def files(self) -> list[Attachment]:
        """What is attached; pictures inside the text are not."""
        return [attachment for attachment in self.view.mail.attachments if not attachment.inline]

    @cached_property
    def _headers(self) -> dict[str, list[Text]]:
        found: dict[str, list[Text]] = {}
        for name, value in self.view.mail.headers:
            found.setdefault(name.lower(), []).append(Text(_decoded(value)))
        return found

    @property
    def header_names(self) -> Iterable[str]:
        """The names of all header fields, in lower case."""
        return {name.lower() for name, _ in self.view.mail.headers}

    def header(self, name: str) -> list[Text]:
        return self._headers.get(name.lower(), [])


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
    view = reading.view
    if condition.company:
        yield _is_one_of("company", condition.company, view.company)
    if condition.kind:
        yield _is_one_of("kind", condition.kind, view.kind)
    yield from _ticket(condition, reading.state)
    yield from _addresses(condition, reading)
    if condition.size is not None:
        yield Verdict(condition.size.holds(view.mail.size), f"size is {view.mail.size:,} bytes")
    if condition.time is not None:
        yield _time(condition.time, view)
    if condition.customer is not None:
        yield from _customer(condition.customer, reading)
    yield from _texts(condition, reading)
    yield from _nested(condition, reading)


def _ticket(condition: Condition, state: State) -> Iterator[Verdict]:
    """What is asked of the ticket, as the rules before have left it."""
    if condition.status:
        yield _is_one_of("status", condition.status, state.status)
    if condition.priority:
        yield _is_one_of("priority", condition.priority, state.priority)
    if condition.category:
        yield _is_one_of("category", condition.category, state.category)
    if condition.team:
        yield _is_one_of("team", condition.team, state.team)
    if condition.assignee:
        yield _is_one_of("assignee", condition.assignee, state.assignee)
    if condition.assigned is not None:
        because = f"{state.assignee} has it" if state.assignee else "nobody has it"
        yield Verdict(bool(state.assignee) is condition.assigned, because)
    if condition.tags:
        there = [tag for tag in condition.tags if tag in state.tags]
        yield Verdict(bool(there), f"tag {there[0]}" if there else f"no tag {' or '.join(condition.tags)}")


def _addresses(condition: Condition, reading: Reading) -> Iterator[Verdict]:
    if condition.mailbox:
        yield _one_fits("mailbox", condition.mailbox, reading.mailbox)
    if condition.from_:
        yield _one_fits("from", condition.from_, reading.sender)
    if condition.to:
        yield _one_fits("to", condition.to, reading.addressees)
    if condition.recipient:
        yield _one_fits("recipient", condition.recipient, reading.recipients)


def _customer(condition: Customer, reading: Reading) -> Iterator[Verdict]:
    view = reading.view
    if condition.address:
        yield _one_fits("customer", condition.address, reading.customer)
    if condition.language:
        spoken = view.customer.language.lower()
        fits = any(spoken == tag or spoken.startswith(f"{tag}-") for tag in condition.language)
        yield Verdict(fits, f"the customer's language is {spoken or 'not known'}")
    if condition.first_ticket is not None:
        first = bool(view.first_ticket)
        yield Verdict(first is condition.first_ticket, f"it is {'' if first else 'not '}the customer's first ticket")


def _texts(condition: Condition, reading: Reading) -> Iterator[Verdict]:
    if condition.has_attachment is not None:
        yield _attachments(condition.has_attachment, reading.files)
    if condition.attachment is not None:
        yield _attached(condition.attachment, reading.files)
    if condition.subject:
        yield _one_fits("subject", condition.subject, reading.subject)
    for name, patterns in condition.header.items():
        yield _header(name, patterns, reading.header(name))
    if condition.body:
        yield _one_fits("body", condition.body, reading.body)
    if condition.whole_body:
        yield _one_fits("whole body", condition.whole_body, reading.whole_body)
    if condition.words is not None:
        yield _one_fits("text:", (condition.words.phrases,), [*reading.subject, *reading.body])


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


def _is_one_of(name: str, wanted: tuple[str, ...], value: str) -> Verdict:
    holds = value in wanted
    return Verdict(holds, f"{name} is {value}" if holds else f"{name} is not {' or '.join(wanted)}")


def _attachments(wanted: bool, attached: list[Attachment]) -> Verdict:
    files = [attachment.filename for attachment in attached]
    because = f"it has an attachment ({', '.join(files[:3])})" if files else "it has no attachment"
    return Verdict(bool(files) is wanted, because)


def _attached(wanted: Attached, attached: list[Attachment]) -> Verdict:
    """One file that fits all that is asked."""
    for file in attached:
        fits = (
            (not wanted.name or _one_fits("", wanted.name, [Text(file.filename)]).holds)
            and (not wanted.type or _one_fits("", wanted.type, [Text(file.mime)]).holds)
            and (wanted.size is None or wanted.size.holds(file.size))
        )
        if fits:
            return Verdict(True, f"attachment {file.filename} ({file.mime}, {file.size:,} bytes)")
    return Verdict(False, "no attachment fits")


def _time(times: Times, view: MailView) -> Verdict:
    """By the time the mail came in, not by that of its processing: so the archive gives the same answer later."""
    at = view.mail.envelope.received_at.astimezone(times.zone)
    holds = not times.hours or any(hours.hold(at.time()) for hours in times.hours)
    holds = holds and (not times.days or at.weekday() in times.days)
    return Verdict(holds, f"it came on {DAYS[at.weekday()]} at {at:%H:%M} ({times.zone.key})")


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
