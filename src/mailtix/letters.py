"""notice → outgoing mail: its words, its addresses, and the ids that make every client thread it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Protocol
from urllib.parse import quote

from mailtix.model.copies import replace
from mailtix.model.decision import Notice, Phrase, Table, Tap
from mailtix.model.desk import Company, Mailbox
from mailtix.model.outgoing import Cover, OutgoingMail
from mailtix.model.thread import Claims, Keyholder, Purpose
from mailtix.model.ticket import Ticket
from mailtix.notify import whom
from mailtix.notify.compose import Enclosure, Letter, Picture, compose
from mailtix.notify.taps import offered
from mailtix.render import Context, Grid, GridLine, Link, Templates
from mailtix.render.words import Words
from mailtix.sla import Target, due_of
from mailtix.threading import token

# A reply must go out whole whatever its size (the door has limited it); a notice carries what mail servers commonly
# take, and names the rest.
_NOTICE_ENCLOSURES = 10_000_000
# Longer ids would not fit into a line of 998 octets (RFC 5322 section 2.1.1) together with the field's name.
_LONGEST_ID = 250
_SLA = {"sla_warning", "sla_breach", "late"}
# An address that a link holds as it is: unreserved characters (RFC 3986 section 2.3), "@" and "+".
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9._~@+-]*")
# Mails that answer one that was just written to us.
_ANSWERS = {"created", "answered", "refused", "confirm", "verify", "overtaken", "done", "told"}
# Mails that ask whether a mail is to be carried out. Their answers go to the key that names it.
_CONFIRMS = {"confirm", "verify", "join"}


@dataclass(frozen=True, slots=True)
class Seal:
    """What signs: the newest secret, and how long a signed reply address is believed; that of a survey for as long as
    answers count."""

    secret: bytes
    lifetime: timedelta
    survey: timedelta


@dataclass(frozen=True, slots=True)
class Writing:
    """All that is known while the mails of one decision are written.

    `cause` (J12, T5, O7) makes their ids: the same cause gives the same mail. `told` is whom we have written to about
    the ticket with the id of our newest mail; `heard` the first and newest message id of each sender; `people` whom
    the keys in the mails are made for; `held` names the files that do not go along, each with the reason. Where there
    is no ticket, `mailbox` is the one that was written to and `answers` the message id of the mail that is answered.
    """

    company: Company
    ticket: Ticket | None
    cause: str
    now: datetime
    seal: Seal
    templates: Templates
    loop_mark: str
    told: Mapping[str, str]
    heard: Mapping[str, tuple[str, str]]
    people: Mapping[str, Keyholder]
    enclosures: tuple[Enclosure, ...] = ()
    pictures: tuple[Picture, ...] = ()
    held: tuple[str, ...] = ()
    mailbox: Mailbox | None = None
    answers: str = ""
    # The mailbox that writes: the ticket's, as long as there is one, else the one that was written to.
    ours: Mailbox = field(init=False)

    def __post_init__(self) -> None:
        there = self.company.mailbox(self.ticket.mailbox) if self.ticket else self.mailbox
        object.__setattr__(self, "ours", there or self.company.mailboxes[0])  # asked for many times a letter

    @property
    def ticket_id(self) -> int:
        return self.ticket.id if self.ticket else 0


class NotWritten(Exception):
    """Letters could not be written by somebody else."""


class Scribe(Protocol):
    """Writes letters while others do something else."""

    def begin(self) -> None:
        """Forgets all that it was given before."""

    def write(self, number: int, notice: Notice, writing: Writing) -> None:
        """Is to write the mail that a notice becomes, known by that number."""

    def written(self) -> Mapping[int, bytes]:
        """The bytes of all that it was given, by their numbers; of what had the same number, of the last. Raises
        NotWritten when one is missing."""


def cover(notice: Notice, writing: Writing) -> Cover:
    """The cover of the mail that a notice becomes."""
    address = notice.to.lower()
    is_first = address not in writing.told and writing.ticket is not None
    message_id = _derived(writing, address, "root" if is_first else _what(notice, writing))
    return Cover(message_id, _signed(address, Purpose.BOUNCE, writing.ticket_id, writing), notice.to)


def write(notice: Notice, writing: Writing) -> OutgoingMail:
    """The mail that a notice becomes."""
    address, mailbox = notice.to.lower(), writing.ours
    its = cover(notice, writing)
    reply_to = _reply_to(notice, writing)
    language = _language(notice, writing)
    enclosures, left_out = _enclosures(notice, writing)
    page = writing.templates.page(notice.template, language)
    context = _context(notice, writing, page.words, reply_to, (*[e.filename for e in enclosures], *left_out))
    rendered = page.render(context, writing.now)
    root = _derived(writing, address, "root")
    return compose(
        Letter(
            to=notice.to,
            to_name=notice.to_name,
            from_name=_from_name(notice, mailbox.name or writing.company.name),
            from_addr=mailbox.address,
            reply_to=reply_to,
            envelope_from=its.mail_from,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            date=writing.now,
            message_id=its.message_id,
            in_reply_to=_parent(notice, writing),
            references=_references(notice, root, writing),
            ticket=writing.ticket.number if writing.ticket else "",
            loop_mark=writing.loop_mark,
            automatic=_automatic(notice),
            bulk=notice.template == "survey",
            unsubscribe=_mail_link(reply_to, "#stop", "#stop") if notice.template == "survey" else "",
            list_id=f"<{mailbox.address.replace('@', '.').lower()}>" if notice.agent else "",
            enclosures=enclosures,
            pictures=writing.pictures,
        )
    )


def _what(notice: Notice, writing: Writing) -> str:
    """What makes a mail another one than others to the same reader: one cause may give a notice for each of several
    tokens."""
    about = f" {notice.said.token.number}" if notice.said.token else ""
    return f"{writing.cause} {notice.template}{about}"


def _automatic(notice: Notice) -> str:
    """Auto-Submitted: a person's words are not automatic, a confirmation answers a mail, the rest makes itself
    (RFC 3834 section 5)."""
    if notice.template == "reply":
        return ""
    return "auto-replied" if notice.template in _ANSWERS else "auto-generated"


def _reply_to(notice: Notice, writing: Writing) -> str:
    """Where an answer goes: the address that says who may do what with it."""
    address = notice.to.lower()
    if notice.template in _CONFIRMS or (notice.template == "limited" and writing.ticket is None):
        return _signed(address, Purpose.CONFIRM, int(writing.cause.removeprefix("J")), writing)
    if notice.agent:
        return _signed(address, Purpose.AGENT if writing.ticket else Purpose.DESK, writing.ticket_id, writing)
    purpose = Purpose.SURVEY if notice.template == "survey" else Purpose.CUSTOMER
    return _signed(address, purpose, writing.ticket_id, writing)


def _signed(address: str, purpose: Purpose, number: int, writing: Writing) -> str:
    """The mailbox with the sub-address that is bound to this person and that ticket (or mail)."""
    lifetime = writing.seal.survey if purpose is Purpose.SURVEY else writing.seal.lifetime
    expires = (writing.now + lifetime).date()
    holder = writing.people[address]
    claims = Claims(number, holder.person, purpose, expires, holder.generation)
    local, _, domain = writing.ours.address.rpartition("@")
    return f"{local}+{token.mint(claims, writing.company.name, writing.seal.secret)}@{domain}"


def _derived(writing: Writing, address: str, what: str) -> str:
    """A message id that follows from what the mail is, and that nobody can guess. The ticket comes first: in an index
    new ids then lie side by side."""
    text = "\0".join((writing.company.name, str(writing.ticket_id), address, what)).encode()
    digest = token.sign(b"mailtix message id\0" + text, writing.seal.secret)[:15]
    domain = (writing.ticket.mailbox if writing.ticket else writing.ours.address).rpartition("@")[2]
    return f"{writing.ticket_id}.{token.base32(digest)}@{domain}"


def _parent(notice: Notice, writing: Writing) -> str:
    """The mail that this one answers: the customer's newest, else our newest to the same reader."""
    address = notice.to.lower()
    if writing.ticket is None:
        return _answered(notice, writing)
    heard = "" if notice.agent else writing.heard.get(address, ("", ""))[1]
    return _short(heard) or writing.told.get(address, "")


def _references(notice: Notice, root: str, writing: Writing) -> tuple[str, ...]:
    """From the root to the newest. A customer's conversation begins with his own first mail, an agent's with our first
    notice to him; then comes what was last (RFC 5322 section 3.6.4)."""
    address = notice.to.lower()
    if writing.ticket is None:
        return tuple(filter(None, (_answered(notice, writing),)))
    first, newest = writing.heard.get(address, ("", ""))
    told = writing.told.get(address, "")
    beginning = "" if notice.agent else _short(first)
    return tuple(filter(None, (beginning, root if told else "", told, _short(newest))))


def _answered(notice: Notice, writing: Writing) -> str:
    """The mail that a mail without a ticket answers; who is asked for somebody else, or gets a token, has not written
    it."""
    return "" if notice.template == "join" or notice.said.token else _short(writing.answers)


def _short(message_id: str) -> str:
    return message_id if len(message_id) <= _LONGEST_ID and message_id.isprintable() else ""


def _from_name(notice: Notice, mailbox: str) -> str:
    """The agent's name to customers, the customer's name to agents, never an address of either."""
    if notice.said.spoken and not notice.agent:
        return notice.said.spoken
    sender = notice.said.spoken or notice.said.sender.partition("<")[0].strip()
    return f"{sender} ({mailbox})" if notice.agent and sender and "@" not in sender else mailbox


def _enclosures(notice: Notice, writing: Writing) -> tuple[tuple[Enclosure, ...], tuple[str, ...]]:
    """The files that go along, and the names of those that do not: held, or too large for a notice."""
    if not (notice.said.attach or notice.said.files_of or notice.said.original):
        return (), ()
    if not notice.agent:
        return writing.enclosures, ()
    room, kept, left = _NOTICE_ENCLOSURES, [], []
    for enclosure in writing.enclosures:
        if len(enclosure.data) <= room:
            room -= len(enclosure.data)
            kept.append(enclosure)
        else:
            left.append(f"{enclosure.filename} ({len(enclosure.data):,} bytes, too large to send along)")
    return tuple(kept), (*left, *writing.held)


def _context(notice: Notice, writing: Writing, words: Words, reply_to: str, files: tuple[str, ...]) -> Context:
    company, mailbox, said = writing.company, writing.ours, notice.said
    sender_name, _, sender_email = said.sender.rpartition("<")
    general = Context(
        company=company.name,
        mailbox_name=mailbox.name,
        mailbox_address=mailbox.address,
        subject=said.subject,
        recipient_name=notice.to_name,
        agent_name=said.spoken,
        message=said.text,
        sender_name=sender_name.strip() or ("" if notice.template == "undelivered" else said.spoken),
        sender_email=sender_email.rstrip(">") if not said.spoken else "",
        attachments=files,
        reason="" if notice.template in _SLA else said.reason,
        mistakes=said.mistakes,
        failed_address=said.sender if notice.template == "undelivered" else "",
        sent_at=said.sent_at,
        done=(*said.done, *map(words.tell, said.phrases)),
        warning=said.warning,
        tables=tuple(_grid(table, notice, writing, words, reply_to) for table in said.tables),
        token=said.token.number if said.token else "",
        token_category=said.token.category if said.token else "",
        charts=tuple(Link(picture.alt, f"cid:{picture.cid}") for picture in writing.pictures),
        actions=_actions(notice, writing, words, reply_to),
    )
    return _about(general, notice, writing.ticket, writing.company, words, reply_to) if writing.ticket else general


def _about(context: Context, notice: Notice, ticket: Ticket, company: Company, words: Words, reply_to: str) -> Context:
    """The context with what is to be said of the ticket."""
    said = notice.said
    assignee = company.agent(ticket.assignee) if ticket.assignee else None
    target = said.reason if notice.template in _SLA else ""
    # Without a target in question it is the next one that the customer waits for.
    about = Target(target or ("resolution" if ticket.first_response_at else "first_response"))
    return replace(
        context,
        number=ticket.number,
        subject=ticket.subject,
        status=ticket.status,
        priority=ticket.priority,
        category=ticket.category,
        assignee=assignee.name if assignee else "",
        team=ticket.team,
        requester_name=ticket.requester.name,
        requester_email=ticket.requester.email,
        answer_by=ticket.first_response_due,
        target=target,
        due=said.due or due_of(about, ticket),
        ratings=_ratings(notice, reply_to, ticket),
        details=_details(ticket, company, words),
    )


def _grid(table: Table, notice: Notice, writing: Writing, words: Words, reply_to: str) -> Grid:
    """The table with its taps as links that only this reader can use."""
    address = notice.to.lower()
    purpose = Purpose.AGENT if notice.agent else Purpose.CUSTOMER

    def link(tap: Tap) -> Link:
        to = _signed(address, purpose, tap.ticket, writing) if tap.ticket else reply_to
        label = words.tap(tap.label)
        subject = f"Re: [{tap.number}] {tap.subject[:100]}" if tap.number else label
        return Link(label, _mail_link(to, subject, tap.command))

    def said(cells: tuple[str | Phrase, ...]) -> tuple[str, ...]:
        return tuple(words.tell(cell) if isinstance(cell, Phrase) else cell for cell in cells)

    lines = tuple(GridLine(said(row.cells), tuple(map(link, row.taps))) for row in table.rows)
    heads = tuple(head if isinstance(head, Phrase) else words.head(head) for head in table.heads)
    return Grid(words.head(table.title), said(heads), lines)


def _language(notice: Notice, writing: Writing) -> str:
    """The reader's own, else that of the account he belongs to, else the company's."""
    account = None if notice.agent else writing.company.account_of(notice.to)
    return notice.language or (account.language if account else "") or writing.company.language


def _ratings(notice: Notice, reply_to: str, ticket: Ticket) -> tuple[Link, ...]:
    if notice.template != "survey":
        return ()
    beginning = _mailto(reply_to, ticket)
    return tuple(Link(mark, beginning + mark) for mark in "12345")


def _actions(notice: Notice, writing: Writing, words: Words, reply_to: str) -> tuple[Link, ...]:
    """What can be tapped below the notice: what its kind offers, and what it offers besides."""
    ticket = writing.ticket
    sender = notice.said.sender.rpartition("<")[2].rstrip(">")
    taps = (*(offered(notice.template, ticket, notice.to, sender) if notice.agent else ()), *notice.said.taps)

    beginning = _mailto(reply_to, ticket) if ticket and taps else ""

    def link(label: str, command: str) -> Link:
        url = beginning + _quoted(command) if beginning else _mail_link(reply_to, label, command)
        return Link(label, url)

    return tuple(link(words.tap(tap.label), tap.command) for tap in taps)


def _details(ticket: Ticket, company: Company, words: Words) -> tuple[tuple[str, str], ...]:
    """What there may be to say of a ticket beside the usual, as (label, value)."""
    watching = (agent.name for agent in whom.watchers(ticket, company))
    others = (email for email in ticket.participants if email != ticket.requester.email)
    account = company.account_of(ticket.requester.email)
    known = {
        "account": f"{account.name}{' (VIP)' if account.vip else ''}" if account else "",
        "tags": ", ".join(sorted(ticket.tags)),
        "others": ", ".join(others),
        "snoozed": words.moment(ticket.snoozed_until) if ticket.snoozed_until else "",
        "promised": words.moment(ticket.due_at) if ticket.due_at else "",
        "escalation": str(ticket.escalation or ""),
        "watchers": ", ".join(watching),
    }
    usual = tuple((words.fields[name], value) for name, value in known.items() if value)
    return (*usual, *sorted(ticket.fields.items()))


def _mailto(address: str, ticket: Ticket) -> str:
    """A mailto: link that writes the whole mail (RFC 6068), up to the body: that is what the links of a mail differ
    in."""
    return _mail_link(address, f"Re: [{ticket.number}] {ticket.subject[:100]}", "")


def _mail_link(address: str, subject: str, body: str) -> str:
    return f"mailto:{_quoted_address(address)}?subject={_quoted(subject)}&body={_quoted(body)}"


def _quoted_address(address: str) -> str:
    return address if _PLAIN_ADDRESS.fullmatch(address) else quote(address, safe="@+")


@lru_cache(maxsize=1024)  # commands are few, and many links are about the same ticket
def _quoted(text: str) -> str:
    return quote(text, safe="")
