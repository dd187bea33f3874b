"""What a mail is to mailtix: the envelope it came in, and what was read from its bytes."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime

from mailtix.model.making import quickly_made


@quickly_made
@dataclass(frozen=True, slots=True)
class Envelope:
    """What only the session knows (RFC 5321 section 2.3.1); never read from the mail's own headers.

    `mail_from` is "" for the null reverse-path. `source` names the door: smtp, lmtp, imap:ADDRESS, pipe (of a
    mail server), file (put in by hand), or http.
    """

    mail_from: str
    rcpt_tos: tuple[str, ...]
    received_at: datetime
    source: str = "file"
    peer: str = ""
    helo: str = ""
    tls: bool = False


# Private networks by name: is_private would also say so of the addresses for documentation.
_HOUSE = [ipaddress.ip_network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")]


def outside_peer(peer: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address of a machine outside the house that handed a mail over; None for one of ours, or when it came by no
    session."""
    try:
        address = ipaddress.ip_address(peer.strip("[]").partition("%")[0])
    except ValueError:
        return None
    address = getattr(address, "ipv4_mapped", None) or address
    ours = address.is_loopback or address.is_link_local or any(address in network for network in _HOUSE)
    return None if ours else address


@quickly_made
@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of RFC 5322 section 3.4. `addr` has its domain in lower case; `name` is decoded."""

    addr: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} <{self.addr}>" if self.name else self.addr


@dataclass(frozen=True, slots=True)
class Defect:
    """Something that was wrong with the bytes and what was done about it. `code` is stable, `text` is for people."""

    code: str
    text: str


@quickly_made
@dataclass(frozen=True, slots=True)
class Attachment:
    """One part that is not the body. Its bytes stay in the raw mail; `index` finds them again (parsing.attachment)."""

    index: int
    filename: str
    mime: str
    size: int
    sha256: str
    declared_mime: str = ""
    inline: bool = False
    content_id: str = ""
    text: str = ""  # of small plain files, for the search


@dataclass(frozen=True, slots=True)
class Forward:
    """The mail that was forwarded inside this one: who wrote it first. `confidence` is 0 to 1."""

    sender: Address
    to: str
    subject: str
    text: str
    date: datetime | None = None
    message_id: str = ""
    confidence: float = 1.0


@quickly_made
@dataclass(frozen=True, slots=True)
class InboundMail:
    """All that was read from a mail's bytes. Any bytes give one, with `defects` for what was not as it should be.

    `headers` are the raw header fields in order, names as written, values decoded as UTF-8 (else Latin-1), folded
    lines joined, but with their encoded words untouched. `text` is the whole text a person should see; `reply` is its
    new part (lines of `text`), `reply_because` says where it was cut. Message ids stand without their angle brackets.
    """

    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    from_: Address
    sender: Address | None
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    thread_subject: str
    date: datetime | None
    text: str
    html: str
    reply: str
    reply_because: str
    attachments: tuple[Attachment, ...]
    headers: tuple[tuple[str, str], ...]
    envelope: Envelope
    size: int
    forward: Forward | None = None
    defects: tuple[Defect, ...] = ()
    # What classify needs of the structure; parts in the order they stand, as (mime type, decoded text).
    content_type: str = "text/plain"
    content_params: tuple[tuple[str, str], ...] = ()
    report_parts: tuple[tuple[str, str], ...] = ()

    def header(self, name: str) -> str:
        """The first field of that name (case-insensitive), or ""."""
        wanted, length = name.lower(), len(name)
        for key, value in self.headers:  # names of another length need no lower case
            if len(key) == length and key.lower() == wanted:
                return value
        return ""

    def header_all(self, name: str) -> tuple[str, ...]:
        """Every field of that name, in order."""
        wanted, length = name.lower(), len(name)
        return tuple([value for key, value in self.headers if len(key) == length and key.lower() == wanted])
