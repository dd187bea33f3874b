"""What leaves: notices (who is told what) and the mails made of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cover:
    """What is known of a mail before it is written: its id, and its envelope (RFC 5321)."""

    message_id: str
    mail_from: str
    rcpt_to: str


@dataclass(frozen=True, slots=True)
class OutgoingMail(Cover):
    """A finished mail. `raw` has CRLF line ends."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class Delivered:
    """The next server has taken the mail. `reply` is its last line, with its code."""

    reply: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now: try again later (a 4xx reply, or the server cannot be reached). `unknown`: the whole mail was sent and
    its answer was lost, so that it may have arrived all the same."""

    reply: str
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """Never: the server refused for good (a 5xx reply)."""

    reply: str


DeliveryOutcome = Delivered | Deferred | Rejected
