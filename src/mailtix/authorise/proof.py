"""Is it really the agent whom From names? By his key, or because his domain vouches for the mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from mailtix.model.auth import AgentProof, Authentication
from mailtix.model.desk import Company
from mailtix.model.mail import InboundMail, outside_peer

# A signature holds for as long as its key is published. What is acted on without a key is fresh, so that an old mail of
# an agent, which many may have, is of no use.
_FRESH = timedelta(hours=1)
# What says which mail it is, to whom, about what, and how its text is read. Each that is there must be signed: else a
# signed mail could be sent again with another ticket in it.
_MEANING = (
    "from", "date", "message-id", "to", "cc", "subject", "in-reply-to", "references", "content-type",
    "content-transfer-encoding",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Signs:
    """What a mail shows of its writer. `key_owner` is whom its signed reply address was made for ("" without one);
    `auth` is None when nobody has looked; `seen` says that a ticket holds its Message-ID already;
    `same` are other addresses of whom From names, as he has confirmed them."""

    key_owner: str = ""
    auth: Authentication | None = None
    seen: bool = False
    same: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether an agent is proven, and why. `asks`: SPF, DKIM and DMARC have not been looked up, and could prove him or
    show that From is forged."""

    holds: bool
    because: str
    asks: bool = False


def agent_proof(mail: InboundMail, signs: Signs, company: Company, wanted: AgentProof) -> Proof:
    """Whether the mail is of the agent whom From names, by what the admin wants for that."""
    sender, auth = mail.from_.addr.lower(), signs.auth
    has_key = bool(signs.key_owner) and signs.key_owner == sender
    key = f"the signed reply address of {sender}"
    if auth is not None and (forged := auth.refutes(sender)):
        return Proof(False, f"From names {sender}, but {forged}")
    match wanted:
        case AgentProof.TOKEN:
            return Proof(True, key, asks=auth is None and _checkable(mail)) if has_key else _keyless(sender)
        case AgentProof.TOKEN_OR_DMARC if has_key:
            # a key may have leaked with a notice that was passed on: a forged From must not make it good
            return Proof(True, key, asks=auth is None and _checkable(mail))
        case AgentProof.TOKEN_AND_DMARC if not has_key:
            return _keyless(sender)
    if auth is None:
        return Proof(False, f"From names the agent {sender}, and nobody has looked yet who wrote it", asks=True)
    proven = auth.proves(sender)
    if not proven:
        return Proof(False, f"From names the agent {sender}, but nothing proves it ({auth.line})")
    # also where the admin wants a key besides: with one that leaked, any old mail of the agent would do
    if not auth.direct and (flaw := replayable(mail, signs, company)):
        return Proof(False, f"From names the agent {sender} ({proven}), but {flaw}")
    return Proof(True, f"{key}; {proven}" if has_key else proven)


def replayable(mail: InboundMail, signs: Signs, company: Company) -> str:
    """Why a mail that is really the author's may have been sent here, now, by somebody else; "" when it cannot.

    DKIM and ARC vouch for what was signed, not for who hands it over (RFC 6376 section 8.6).
    """
    covered = signs.auth.covered if signs.auth is not None else frozenset()
    there = {name.lower() for name, _ in mail.headers}
    if unsigned := [name for name in _MEANING if name in there and name not in covered]:
        return f"its signature does not cover {', '.join(map(str.title, unsigned))}"
    if not {"date", "message-id"} <= there:
        return "it has no Date or no Message-ID"
    if not any(company.mailbox(address.addr) for address in (*mail.to, *mail.cc)):
        return "it was not written to us: neither To nor Cc names one of our mailboxes"
    if mail.date is None or abs(mail.envelope.received_at - mail.date) > _FRESH:
        return "its Date is not of the last hour"
    if signs.seen:
        return "a mail with its Message-ID was here before"
    return ""


def _checkable(mail: InboundMail) -> bool:
    """Whether there is anything in the mail that could speak for or against its From."""
    said = any(mail.header(name) for name in ("DKIM-Signature", "Authentication-Results"))
    return said or outside_peer(mail.envelope.peer) is not None


def _keyless(sender: str) -> Proof:
    return Proof(False, f"From names the agent {sender}, but his key is missing")
