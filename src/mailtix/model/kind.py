"""What kind of mail it is. Each kind carries the reasons for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

Because = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FailedRecipient:
    """One recipient of a delivery report (RFC 3464 section 2.3). `status` is an RFC 3463 code or "".

    `addr` is the recipient we wrote to. `action` is failed or delayed; `permanent` says whether trying again is
    pointless; `reason` is the MTA's own word. `final` is where the mail went in the end, if that is another address.
    `dead` says that the address itself is at fault (unknown, switched off): no other mail will reach it either; a full
    mailbox or a refused text is not that.
    """

    addr: str
    status: str
    action: str
    permanent: bool
    reason: str = ""
    final: str = ""
    dead: bool = False


@dataclass(frozen=True, slots=True)
class Human:
    """Written by a person: the only kind that is answered and that may reopen a ticket."""

    because: Because = ()


@dataclass(frozen=True, slots=True)
class Automatic:
    """An automatic reply or machine-made mail (RFC 3834). `until` is the return date of an out-of-office, if given."""

    because: Because
    out_of_office: bool = False
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Bulk:
    """A mailing list or newsletter: read, never answered."""

    because: Because


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report that mail could not be delivered, or not yet (RFC 3464, RFC 6522).

    `original_id` is the Message-ID of the mail that failed, without brackets, "" if the report does not hold it.
    """

    because: Because
    recipients: tuple[FailedRecipient, ...] = ()
    original_id: str = ""

    @property
    def permanent(self) -> bool:
        return any(r.permanent for r in self.recipients)


@dataclass(frozen=True, slots=True)
class Complaint:
    """An abuse report in ARF (RFC 5965)."""

    because: Because
    original_id: str = ""
    feedback_type: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A read receipt (MDN, RFC 8098)."""

    because: Because
    original_id: str = ""


@dataclass(frozen=True, slots=True)
class Loop:
    """Our own mail has come back."""

    because: Because


Kind = Human | Automatic | Bulk | Bounce | Complaint | Receipt | Loop


@dataclass(frozen=True, slots=True)
class OwnAddresses:
    """The addresses mail reaches us at (lower case), and the mark every mail of this installation carries."""

    mailboxes: frozenset[str] = frozenset()
    loop_mark: str = ""
