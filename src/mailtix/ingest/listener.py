"""What the sessions of one listener share, and what they ask when somebody names a sender or a recipient."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aiosmtpd.smtp import SMTP
from aiosmtpd.smtp import Envelope as Transaction
from aiosmtpd.smtp import Session as Greeting

from mailtix.ingest import replies
from mailtix.ingest.accept import Parcel
from mailtix.ingest.doorman import Doorman
from mailtix.ingest.events import Events

NULL_PATH = "<>"  # what aiosmtpd keeps for the null reverse-path; to it "" means that no MAIL was given


@dataclass(frozen=True, slots=True)
class Listener:
    """aiosmtpd calls its handle_ methods, for the addresses that `session` does not answer at once. `is_full` says
    whether too many accepted mails wait to be processed."""

    source: Literal["smtp", "lmtp"]
    hostname: str
    size_limit: int
    ours: Callable[[str], bool]
    accept: Callable[[Parcel], Awaitable[tuple[int, ...]]]
    is_full: Callable[[], bool]
    clock: Callable[[], datetime]
    events: Events
    doorman: Doorman

    def __dir__(self) -> list[str]:
        # aiosmtpd looks through all attributes for each new session.
        return ["handle_MAIL", "handle_RCPT"]

    async def handle_MAIL(
        self, _session: SMTP, _greeting: Greeting, transaction: Transaction, address: str, options: list[str]
    ) -> str:
        if self.is_full():
            return str(replies.QUEUE_FULL)
        transaction.mail_from = address
        transaction.mail_options.extend(options)
        return str(replies.SENDER_OK)

    async def handle_RCPT(
        self, _session: SMTP, greeting: Greeting, transaction: Transaction, address: str, _options: list[str]
    ) -> str:
        if len(transaction.rcpt_tos) >= self.doorman.limits.recipients:
            return str(replies.TOO_MANY_RECIPIENTS)
        if self.takes(address):
            transaction.rcpt_tos.append(address)
            return str(replies.RECIPIENT_OK)
        self.events.event(
            "refused",
            source=self.source,
            peer=ip(greeting),
            sender=sender(transaction),
            recipient=address,
            reply=str(replies.NOT_OURS),
        )
        return str(replies.NOT_OURS)

    def takes(self, recipient: str) -> bool:
        """Whether mail to that address is for us. RFC 5321 section 2.4 lets local parts differ by case; ours do not."""
        return recipient != NULL_PATH and self.ours(recipient.lower())


def ip(greeting: Greeting) -> str:
    """The peer's address, "" when it is not known."""
    peer: object = greeting.peer  # annotated as text, but the transport's (host, port, …)
    return str(peer[0]) if isinstance(peer, tuple) and peer else ""


def sender(transaction: Transaction) -> str:
    """The reverse-path, "" for the null one."""
    address = transaction.mail_from or ""
    return "" if address == NULL_PATH else address
