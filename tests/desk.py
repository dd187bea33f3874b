"""A whole desk for tests: a real database, the real line, a courier that remembers and a clock of its own."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses, parseaddr
from functools import cache
from io import StringIO
from pathlib import Path

import mailtix.app
from mailtix.app import App, open_app
from mailtix.config import load
from mailtix.ingest.accept import Parcel
from mailtix.log import open_log
from mailtix.model.mail import Envelope
from mailtix.model.outgoing import Delivered, DeliveryOutcome, OutgoingMail
from mailtix.model.ticket import Ticket
from mailtix.render import Mistake, Templates
from mailtix.render import load as load_templates
from mailtix.store import journal, outbox, tickets
from names import Names

CONFIG = """
companies:
  - name: Example
    mailboxes: [{address: support@desk.example, name: Example Support}]
    categories: [billing, technical]
agents:
  - {name: Bob Miller, email: bob@desk.example, teams: [billing]}
  - {name: Carla Reyes, email: carla@desk.example, teams: [technical]}
"""


@dataclass
class Sent:
    """A mail that left, read as its receiver reads it."""

    envelope_from: str
    to: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    @property
    def html(self) -> str:
        part = self.message.get_body(("html",))
        assert part is not None
        return str(part.get_content())

    @property
    def id(self) -> str:
        return str(self.message["Message-ID"]).strip("<>")

    @property
    def reply_to(self) -> str:
        return parseaddr(str(self.message["Reply-To"]))[1]

    @property
    def number(self) -> str:
        return str(self.message["X-Mailtix-Ticket"])

    @property
    def words(self) -> str:
        """Its text without regard to where lines end."""
        return " ".join(self.text.split())

    @property
    def files(self) -> dict[str, bytes]:
        """The files that went along, by name."""
        found = {}
        for part in self.message.iter_attachments():
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            found[str(part.get_filename())] = content
        return found

    def link(self, label: str) -> str:
        """The mailto: address behind a button of the HTML."""
        match = re.search(rf'<a[^>]*href="(mailto:[^"]+)"[^>]*>\s*{re.escape(label)}\s*</a>', self.html)
        assert match, f"no link {label!r} in:\n{self.html}"
        return match[1].replace("&amp;", "&")


@dataclass
class Courier:
    """Remembers what it was given. `outcomes` are given out first, then everything is delivered."""

    sent: list[Sent] = field(default_factory=list)
    outcomes: list[DeliveryOutcome] = field(default_factory=list)

    def deliver(self, mail: OutgoingMail) -> DeliveryOutcome:
        outcome = self.outcomes.pop(0) if self.outcomes else Delivered("250 ok")
        if isinstance(outcome, Delivered):
            message = email.message_from_bytes(mail.raw, policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            self.sent.append(Sent(mail.mail_from, mail.rcpt_to, message))
        return outcome

    def close(self) -> None:
        pass


@cache
def _built_in_templates() -> Templates:
    """Compiling and checking them takes longer than most tests; none of them changes them."""
    templates = load_templates(())
    assert isinstance(templates, Templates)
    return templates


def templates_once(folders: Sequence[Path]) -> Templates | tuple[Mistake, ...]:
    return load_templates(folders) if any(folder.exists() for folder in folders) else _built_in_templates()


class Desk:
    """What a test says and sees of a desk."""

    def __init__(self, folder: Path, database: str, config: str = CONFIG) -> None:
        self.now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
        self.courier = Courier()
        self.names = Names()
        self.knows_names = True  # False: the DNS of the settings is asked
        self.folder = folder
        self.database = database
        self.log = StringIO()
        self._mails = 0
        self.configure(config)

    def configure(self, config: str, outbound: str = "") -> None:
        """Starts the desk (again) with that config; `outbound` is one more setting of the way out."""
        path = self.folder / "mailtix.yaml"
        way_out = f"outbound: {{maildir: sent{f', {outbound}' if outbound else ''}}}"
        path.write_text(f"database: {self.database}\n{way_out}\n{config}", encoding="utf-8")
        if hasattr(self, "app"):
            self.app.close()
        log = open_log("json", "debug", self.log)
        mailtix.app.load_templates = templates_once  # type: ignore[assignment]
        resolver = self.names if self.knows_names else None
        self.app: App = open_app(load(path, {}), log, now=lambda: self.now, courier=self.courier, resolver=resolver)

    def close(self) -> None:
        self.app.close()

    def compose(
        self,
        sender: str,
        text: str = "",
        *,
        subject: str | None = None,
        to: str | None = None,
        reply_to: Sent | None = None,
        attach: Sequence[tuple[str, bytes]] = (),
        **headers: str,
    ) -> tuple[bytes, str, tuple[str, ...]]:
        """A mail as a client would write it: (bytes, envelope sender, our recipients)."""
        self._mails += 1
        message = EmailMessage()
        message["From"] = sender
        message["Date"] = format_datetime(self.now)
        message["Message-ID"] = headers.pop("Message_ID", f"<m{self._mails}@{parseaddr(sender)[1].rpartition('@')[2]}>")
        if reply_to is not None:
            message["To"] = to or reply_to.reply_to
            message["Subject"] = subject or f"Re: {reply_to.subject.removeprefix('Re: ')}"
            message["In-Reply-To"] = f"<{reply_to.id}>"
            message["References"] = f"{reply_to.message['References'] or ''} <{reply_to.id}>".strip()
        else:
            message["To"] = to or "support@desk.example"
            message["Subject"] = subject if subject is not None else "Help"
        message.set_content(text)
        for name, value in headers.items():  # after the content, which sets its own Content-* fields
            message[name.replace("_", "-")] = value
        for name, data in attach:
            message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
        everybody = getaddresses([str(message[h]) for h in ("To", "Cc") if message[h]])
        recipients = tuple(addr for _, addr in everybody if self.app.ours(addr))
        return message.as_bytes(policy=email.policy.SMTP), parseaddr(sender)[1], recipients

    def receive(self, sender: str, text: str = "", **how: object) -> list[Sent]:
        """A mail comes in by the front door; returns what leaves because of it."""
        raw, mail_from, recipients = self.compose(sender, text, **how)  # type: ignore[arg-type]
        return self.accept(raw, mail_from, recipients)

    def accept(
        self, raw: bytes, mail_from: str = "", recipients: Sequence[str] = ("support@desk.example",)
    ) -> list[Sent]:
        """These bytes come in; returns what leaves because of them, without the transcript to the agent who wrote."""
        before = len(self.courier.sent)
        self.put(raw, mail_from, recipients)
        self.work()
        return [mail for mail in self.courier.sent[before:] if not self._is_transcript(mail)]

    def put(self, raw: bytes, mail_from: str, recipients: Sequence[str]) -> None:
        """These bytes are accepted, and nobody works yet."""
        envelope = Envelope(mail_from, tuple(recipients), self.now, "smtp", "127.0.0.1")
        self.app.commit([Parcel(raw, envelope)])

    def work(self) -> None:
        """Everything that is due now is done."""
        self.app.work.everything()

    def wait(self, **time: float) -> list[Sent]:
        """Time goes by; returns what leaves meanwhile."""
        before = len(self.courier.sent)
        self.now += timedelta(**time)
        self.work()
        return self.courier.sent[before:]

    def notice_to(self, name: str) -> Sent:
        """The newest mail to somebody whose address begins with `name`, transcripts aside."""
        newest = (mail for mail in reversed(self.courier.sent) if mail.to.startswith(name))
        return next(mail for mail in newest if not self._is_transcript(mail))

    def transcript(self) -> Sent:
        """The newest mail that told an agent what his commands have done."""
        return next(mail for mail in reversed(self.courier.sent) if self.template_of(mail) == "done")

    def _is_transcript(self, mail: Sent) -> bool:
        return bool(mail.message["X-Mailtix-Ticket"]) and self.template_of(mail) == "done"

    def template_of(self, mail: Sent) -> str:
        """The kind of mail that it is, "" for one that is not ours."""
        with self.app.sessions.begin() as session:
            rows = [outbox.of_message(session, id_, mail.id) for id_ in self.app.house.companies]
            return next((row.template for row in rows if row is not None), "")

    def ticket(self, index: int = 1) -> Ticket:
        """The ticket that was opened as the `index`th."""
        with self.app.sessions.begin() as session:
            return list(reversed(tickets.newest(session, 1000)))[index - 1]

    def tickets(self) -> list[Ticket]:
        with self.app.sessions.begin() as session:
            return list(reversed(tickets.newest(session, 1000)))

    def messages(self, index: int = 1) -> list[tuple[str, str, str]]:
        """(author, visibility, text) of each message of a ticket."""
        with self.app.sessions.begin() as session:
            rows = tickets.messages_of(session, self.ticket(index).id)
            return [(row.author, row.visibility, row.text.strip()) for row in rows]

    def history(self, index: int = 1) -> list[str]:
        """The lines of a ticket's history."""
        with self.app.sessions.begin() as session:
            return [line.text for line in tickets.history_of(session, self.ticket(index).id)]

    def outcome(self, number: int) -> tuple[str, str]:
        """What the journal says became of a mail, and why."""
        with self.app.sessions.begin() as session:
            entry = journal.entry(session, number)
            assert entry is not None
            return entry.outcome, entry.because
