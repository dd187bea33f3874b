"""Mails of the journal as they came, read once more."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mailtix.attachments import Verdict, judge
from mailtix.house import House
from mailtix.model.conversation import Conversation
from mailtix.model.decision import AskThread
from mailtix.model.mail import InboundMail
from mailtix.parsing import attachments, parse
from mailtix.store import conversations, evidence, journal
from mailtix.store.engine import Session


@dataclass(frozen=True, slots=True)
class Whole:
    """A mail with its bytes, and its files with theirs."""

    raw: bytes
    mail: InboundMail
    files: tuple[Verdict, ...] = ()
    contents: tuple[bytes, ...] = ()

    @property
    def withheld(self) -> str:
        """Why the mail may not be passed on as a whole, "" if it may: a file that is held comes along with nothing."""
        return "; ".join(f"it holds {verdict}" for verdict in self.files if verdict.held)


def original(session: Session, house: House, company_id: int, number: int) -> Whole | None:
    """The journal's mail with that number; None when there is none in that company."""
    entry = journal.entry(session, number)
    if entry is None or entry.company_id != company_id:
        return None
    mail = parse(entry.raw, entry.envelope)
    if not mail.attachments:
        return Whole(entry.raw, mail)
    contents = attachments(entry.raw)
    scan = evidence.scan_of(session, entry.raw_id)
    return Whole(entry.raw, mail, judge(mail.attachments, contents, house.policy.attachments, scan), contents)


def conversation(session: Session, house: House, company_id: int, ask: AskThread) -> Conversation:
    """Everything that was said and done about a ticket. The files of its newest messages are named, as many messages as
    the question wants: their mails have to be read for that."""
    found = conversations.of_ticket(session, ask.ticket)
    brought = [message.journal for message in found.messages if message.journal]
    newest = brought[-ask.files :] if ask.files else []
    mails = {number: original(session, house, company_id, number) for number in newest}
    files = {number: tuple(map(str, mail.files)) for number, mail in mails.items() if mail}
    return replace(found, files=files, files_asked=bool(ask.files))
