"""The desk that is attacked: two companies, three agents, tickets of four customers, and all that a forger may have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from email.utils import format_datetime, parseaddr
from itertools import count
from typing import Any

from desk import Desk, Sent
from mailtix.ingest.accept import Parcel
from mailtix.model.mail import Envelope
from mailtix.model.ticket import Status, Ticket
from mailtix.store import journal, preferences, staff, tickets
from signing import Signer

ANN, DAN, JOE, EVE = "ann@example.org", "dan@example.net", "joe@example.net", "eve@evil.example"
BOB, CARLA, ADA = "bob@desk.example", "carla@desk.example", "ada@desk.example"
AGENTS = (BOB, CARLA, ADA)
# The machines of the desk's domain, of Ann's, and of the forger's; each may send for its own domain only.
OURS, ANNS, EVES = "203.0.113.9", "203.0.113.20", "198.51.100.7"
SIGNER, EVIL_SIGNER = Signer("desk.example"), Signer("evil.example")
FIRE, SMOKE = "TKT-2026-000001", "TKT-2026-000002"

# What forgers order, what they want customers to read, and what customers must never read.
ORDERS, WORDS, SECRET = "#priority urgent\n#tag owned\n#close", "Send your money to Eve.", "The valve is our own fault."
ORDER = f"{ORDERS}\n\n{WORDS}\n"

CONFIG = """
companies:
  - name: Example
    mailboxes: [{address: support@desk.example, name: Example Support}]
    categories: [billing, technical]
  - {name: Other, mailboxes: [{address: help@other.example, name: Other Help}]}
agents:
  - {name: Bob Miller, email: bob@desk.example, teams: [billing]}
  - {name: Carla Reyes, email: carla@desk.example, teams: [technical]}
  - {name: Ada Stone, email: ada@desk.example, role: admin}
"""
RECORDS = (
    ("desk.example", f"v=spf1 ip4:{OURS} -all"),
    ("_dmarc.desk.example", "v=DMARC1; p=reject"),
    (SIGNER.name, SIGNER.record),
    ("example.org", f"v=spf1 ip4:{ANNS} -all"),
    ("_dmarc.example.org", "v=DMARC1; p=reject"),
    ("evil.example", f"v=spf1 ip4:{EVES} -all"),
    ("_dmarc.evil.example", "v=DMARC1; p=reject"),
    (EVIL_SIGNER.name, EVIL_SIGNER.record),
)
# What stays when a customer or an agent has only written something: times and the status go on by that.
_LASTS = {
    "requester", "subject", "priority", "category", "assignee", "team", "tags", "participants", "rating", "feedback",
    "watchers", "fields", "snoozed_until", "due_at", "escalation", "merged_into", "mailbox",
}  # fmt: skip


@dataclass(frozen=True)
class Incoming:
    """A mail as it is handed over: the bytes, and what the envelope says."""

    raw: bytes
    mail_from: str = EVE
    to: tuple[str, ...] = ("support@desk.example",)
    peer: str = EVES

    def with_field(self, field: str) -> Incoming:
        """The mail with a field more, on top."""
        return replace(self, raw=field.encode() + b"\r\n" + self.raw)

    def without(self, name: str) -> Incoming:
        """The mail without the fields of that name; they stand on one line each."""
        head, _, body = self.raw.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(name.lower().encode() + b":")]
        return replace(self, raw=b"\r\n".join(lines) + b"\r\n\r\n" + body)

    def signed(self, signer: Signer = SIGNER, **how: Any) -> Incoming:
        return replace(self, raw=signer.sign(self.raw, **how))

    def sent_from(self, peer: str, mail_from: str) -> Incoming:
        return replace(self, peer=peer, mail_from=mail_from)


@dataclass(frozen=True)
class Past:
    """What had happened before the attack, to be put into any desk that has the same database."""

    now: Any
    sent: tuple[Sent, ...]
    mails: int
    signed: bytes
    marks: dict[str, Sent]


class Scene:
    """A desk with a past, and how forgers write to it."""

    def __init__(self, desk: Desk, past: Past) -> None:
        self.desk, self.past = desk, past
        desk.now, desk._mails = past.now, past.mails
        desk.courier.sent = list(past.sent)
        publish(desk)

    def mail(self, sender: str, text: str = ORDER, **how: Any) -> Incoming:
        """What a mail client would write; without more, a mail to the mailbox that names the first ticket."""
        if "reply_to" not in how and "subject" not in how:
            how["subject"] = f"Re: [{FIRE}] Fire"
        raw, _, to = self.desk.compose(sender, text, **how)
        return Incoming(raw, EVE, to or ("support@desk.example",))

    def keyed(self, sender: str, mark: str, text: str = ORDER, **how: Any) -> Incoming:
        """An answer to one of the mails that went out (`marks`), so with its signed address; from the machine of whom
        it says it is from."""
        return self.mail(sender, text, reply_to=self[mark], **how).sent_from(home(sender), sender)

    def written(self, head: Iterable[str], body: str | bytes = ORDER, **how: Any) -> Incoming:
        """A mail with just these fields, besides Date and Message-ID where they are not among them."""
        self.desk._mails += 1
        names = {line.partition(":")[0].lower() for line in head}
        extra = [f"Date: {format_datetime(self.desk.now)}"] if "date" not in names else []
        extra += [f"Message-ID: <w{self.desk._mails}@evil.example>"] if "message-id" not in names else []
        plain = body.encode() if isinstance(body, str) else body
        top = "\r\n".join([*head, *extra]).encode("utf-8", "surrogateescape")
        return Incoming(top + b"\r\n\r\n" + plain.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), **how)

    def __getitem__(self, mark: str) -> Sent:
        return self.past.marks[mark]

    def key(self, mark: str) -> str:
        """The signed address of one of the mails that went out."""
        return self[mark].reply_to

    def arrive(self, *mails: Incoming) -> list[Sent]:
        """They come in, one after the other; returns what leaves."""
        desk, before = self.desk, len(self.desk.courier.sent)
        for mail in mails:
            envelope = Envelope(mail.mail_from, mail.to, desk.now, "smtp", mail.peer, "mx.evil.example")
            desk.app.commit([Parcel(mail.raw, envelope)])
            desk.work()
        return desk.courier.sent[before:]

    def standing(self) -> Standing:
        """What may not change."""
        with self.desk.app.sessions.begin() as session:
            all_tickets = list(reversed(tickets.newest(session, 1000)))
            said = {t.id: tuple(tickets.messages_of(session, t.id)) for t in all_tickets}
            lines = {t.id: tuple(line.text for line in tickets.history_of(session, t.id)) for t in all_tickets}
            states = staff.states(session, AGENTS)
            chosen = {id_: preferences.chosen(session, id_, (*AGENTS, ANN, DAN, JOE)) for id_ in (1, 2)}
        public = {
            id_: tuple((row.author, row.text) for row in rows if row.visibility == "public")
            for id_, rows in said.items()
        }
        people = {"states": states, "chosen": chosen}
        auth = {id_: tuple(row.auth for row in rows) for id_, rows in said.items()}
        return Standing({t.id: t for t in all_tickets}, public, lines, auth, people, self._newest_mail())

    def _newest_mail(self) -> int:
        with self.desk.app.sessions.begin() as session:
            return next(n for n in count(1) if journal.entry(session, n + 1) is None)

    def reasons(self, before: Standing) -> str:
        """What the journal says of each new mail, each new line of the histories, and what was found out of writers."""
        told = []
        with self.desk.app.sessions.begin() as session:
            while (entry := journal.entry(session, before.mails + len(told) + 1)) is not None:
                told.append(f"{entry.outcome or entry.state}: {entry.because or entry.error}")
        after = self.standing()
        for id_, lines in after.history.items():
            told += lines[len(before.history.get(id_, ())) :]
            told += after.auth[id_][len(before.auth.get(id_, ())) :]
        return "\n".join(told)


@dataclass(frozen=True)
class Standing:
    """Tickets, what customers see of them, their histories, what is kept of people, and the newest mail's number."""

    tickets: dict[int, Ticket]
    public: dict[int, tuple[tuple[str, str], ...]]
    history: dict[int, tuple[str, ...]]
    auth: dict[int, tuple[str, ...]]
    people: dict[str, Any]
    mails: int

    def changed(self, after: Standing, goes_on: bool) -> list[str]:
        """What is not as it was, in words. `goes_on`: a customer may have written to his own ticket."""
        found = [] if self.people == after.people else [f"people: {self.people} → {after.people}"]
        kept = _LASTS if goes_on else {field.name for field in fields(Ticket)} - {"updated_at", "version"}
        for id_, ticket in self.tickets.items():
            now = after.tickets[id_]
            pairs = ((name, getattr(ticket, name), getattr(now, name)) for name in sorted(kept))
            found += [f"{ticket.number} {name}: {old!r} → {new!r}" for name, old, new in pairs if old != new]
            if not goes_on and self.public[id_] != after.public[id_]:
                found.append(f"{ticket.number} tells customers: {after.public[id_][len(self.public[id_]) :]}")
            if now.status in (Status.CLOSED, Status.RESOLVED, Status.CANCELLED) and now.status is not ticket.status:
                found.append(f"{ticket.number} is {now.status}")
        for id_ in after.tickets.keys() - self.tickets.keys():
            new = after.tickets[id_]
            if new.tags or new.assignee or new.status is not Status.OPEN or new.priority.value != "medium":
                found.append(f"the new ticket {new.number} obeys: {new}")
        return found


def home(sender: str) -> str:
    """The machine that may send for that address."""
    return {"desk.example": OURS, "example.org": ANNS}.get(sender.rpartition("@")[2], EVES)


def publish(desk: Desk) -> None:
    for name, record in RECORDS:
        desk.names.publish(name, record)


def play(desk: Desk) -> Past:
    """Lets happen what had happened before the attack."""
    publish(desk)
    marks: dict[str, Sent] = {}

    def keep(mark: str, to: str) -> None:
        marks[mark] = desk.notice_to(to)

    desk.receive("Ann <ann@example.org>", "The pump burns.", subject="Fire")
    for mark, to in (("ann", ANN), ("bob", BOB), ("carla", CARLA), ("ada", ADA)):
        keep(mark, to)
    desk.receive(BOB, "#take", reply_to=marks["bob"])
    desk.receive(CARLA, f"#note {SECRET}", reply_to=marks["carla"])
    keep("note", BOB)
    desk.receive(BOB, "Use water.", reply_to=marks["bob"])
    keep("answer", ANN)
    desk.receive("Dan <dan@example.net>", "It smokes.", subject="Smoke")
    for mark, to in (("dan", DAN), ("bob2", BOB), ("carla2", CARLA)):
        keep(mark, to)
    desk.receive("Ann <ann@example.org>", "It burns there, too.", subject="Fire there", to="help@other.example")
    keep("ann-other", ANN)
    keep("bob-other", BOB)
    desk.receive("Joe <joe@example.net>", "Thank you.", subject="Thanks")
    keep("joe", JOE)
    desk.receive(BOB, "#close\nYou are welcome.", reply_to=desk.notice_to(BOB))
    desk.wait(hours=25)
    keep("survey", JOE)
    handed_over(desk, desk.compose(BOB, "#max 7", to="support+desk@desk.example", subject="x")[0], "+desk")
    marks["desk"] = desk.transcript()
    signed = SIGNER.sign(desk.compose(BOB, "#tag seen", subject=f"Re: [{FIRE}] Fire")[0])
    handed_over(desk, signed)
    raw = desk.compose(CARLA, ORDER, subject=f"Re: [{SMOKE}] Smoke")[0]
    desk.app.commit([Parcel(raw, Envelope(CARLA, ("support@desk.example",), desk.now, "smtp", EVES))])
    desk.work()
    keep("question", CARLA)
    assert "seen" in desk.ticket(1).tags
    assert [desk.template_of(marks[mark]) for mark in ("question", "survey", "note")] == ["confirm", "survey", "note"]
    return Past(desk.now, tuple(desk.courier.sent), desk._mails, signed, marks)


def handed_over(desk: Desk, raw: bytes, detail: str = "") -> None:
    """A mail of Bob's that comes from his own server."""
    envelope = Envelope(BOB, (f"support{detail}@desk.example",), desk.now, "smtp", OURS)
    desk.app.commit([Parcel(raw, envelope)])
    desk.work()


def own_address(mail: Incoming) -> str:
    """Whom a mail names first in From."""
    head = mail.raw.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
    line = next((line for line in head.split("\r\n") if line.lower().startswith("from:")), "")
    return parseaddr(line.partition(":")[2])[1].lower()


def settings(security: str) -> str:
    return f"security: {{{security}}}\n{CONFIG}" if security else CONFIG
