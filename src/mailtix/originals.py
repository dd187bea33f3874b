"""Mails of the journal as they came, read once more."""

from __future__ import annotations

from dataclasses import dataclass

from mailtix.attachments import Verdict, judge
from mailtix.house import House
from mailtix.model.mail import InboundMail
from mailtix.parsing import attachments, parse
from mailtix.store import evidence, journal
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
