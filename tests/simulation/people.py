"""What people write, and how stubbornly they do: who did not hear 250 sends again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from email.parser import BytesHeaderParser
from random import Random

from mailtix.model.outgoing import OutgoingMail

AGENT = "bob@desk.example"
SUPPORT = "support@desk.example"
OTHER = "help@other.example"
_DATE = "Fri, 20 Nov 2026 09:00:00 +0000"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it stands at our door. `what` is new, answer, order or machine; `tag` is the order's own."""

    name: str
    what: str
    raw: bytes
    sender: str
    to: tuple[str, ...]
    source: str = "smtp"
    tag: str = ""


class People:
    """Customers and agents with a seed's dice."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice
        self._count = 0

    def write(self, received: list[OutgoingMail]) -> Letter:
        """Somebody writes; to what he has received, if he wants to answer."""
        answered = self._dice.choice(received) if received and self._dice.random() < 0.55 else None
        if answered is None:
            return self._new()
        if answered.rcpt_to == AGENT:
            return self._order(answered)
        return self._answer(answered, machine=self._dice.random() < 0.15)

    def again(self, letter: Letter) -> Letter:
        """The same mail as it comes through another door."""
        trace = f"Received: from mx{self._dice.randrange(10**6)}.example.net by mailbox.test; {_DATE}\r\n".encode()
        return replace(letter, raw=trace + letter.raw, source="imap:support@desk.example")

    def _new(self) -> Letter:
        number, to = self._number(), (SUPPORT,)
        if self._dice.random() < 0.1:
            to = (SUPPORT, OTHER)
        sender = f"customer{self._dice.randrange(4)}@example.org"
        return self._letter("new", sender, to, f"Question {number}", "", f"Please help with {number}.\r\n")

    def _answer(self, mail: OutgoingMail, *, machine: bool) -> Letter:
        kind = "Auto-Submitted: auto-replied\r\n" if machine else ""
        text = f"More about it, {self._number()}.\r\n"
        return self._reply("machine" if machine else "answer", mail, text, kind)

    def _order(self, mail: OutgoingMail) -> Letter:
        number = self._number()
        orders = [f"#tag t{number}", self._dice.choice(("#take", "#priority high", "#resolve", "#note", "#unassign"))]
        text = "\r\n".join([*orders, f"Try this, {number}.", ""])
        return replace(self._reply("order", mail, text), tag=f"t{number}")

    def _reply(self, what: str, mail: OutgoingMail, text: str, more: str = "") -> Letter:
        head = BytesHeaderParser().parsebytes(mail.raw)
        to = str(head["Reply-To"]).rpartition("<")[2].rstrip(">")
        answers = f"In-Reply-To: <{mail.message_id}>\r\nReferences: <{mail.message_id}>\r\n{more}"
        return self._letter(what, mail.rcpt_to, (to,), "Re: your mail", answers, text)

    def _letter(self, what: str, sender: str, to: tuple[str, ...], subject: str, more: str, text: str) -> Letter:
        name = f"m{self._number()}@{sender.partition('@')[2]}"
        head = f"From: {sender}\r\nTo: {', '.join(to)}\r\nSubject: {subject}\r\nDate: {_DATE}\r\n{more}"
        return Letter(name, what, f"{head}Message-ID: <{name}>\r\n\r\n{text}".encode(), sender, to)

    def _number(self) -> int:
        self._count += 1
        return self._count
