"""A mail's bytes and envelope → Authentication: believed of a trusted server, else found out by ourselves."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from mailtix.evidence.auth.arc import Chain, check_arc
from mailtix.evidence.auth.believe import believed
from mailtix.evidence.auth.dkim import Unreadable, check_dkim, read_sealed
from mailtix.evidence.auth.dmarc import Record, find_record, judge
from mailtix.evidence.auth.dns import Lookups
from mailtix.evidence.auth.domains import aligned, ascii_domain
from mailtix.evidence.auth.spf import check_spf
from mailtix.model.auth import Authentication, Check, Result, Signature
from mailtix.model.mail import InboundMail, outside_peer
from mailtix.parsing.addresses import read_addresses
from mailtix.parsing.auth_results import read_auth_results

# What a mail client may show as an address, outside of quotes and comments.
_SHOWN = re.compile(r"[^\s<>,;:()\"@]+@[^\s<>,;:()\"@]+")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"|\([^()]*+\)')


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom we believe, in lower case: our own servers by their authserv-ids (RFC 8601 section 2.5), and ARC's sealers
    by their domains."""

    authserv_ids: frozenset[str] = frozenset()
    arc: frozenset[str] = frozenset()


def authenticate(raw: bytes, mail: InboundMail, trust: Trust, lookups: Lookups) -> Authentication:
    """Who wrote the mail in `raw`, as far as it can be known. Never raises: what the DNS does not say in time is a
    temperror."""
    author, unclear = author_of(mail)
    begun = Authentication(author=author, unclear=unclear)
    said = believed(begun, mail, trust.authserv_ids)
    return said if said is not None else _verified(begun, raw, mail, trust, lookups)


def author_of(mail: InboundMail) -> tuple[str, str]:
    """The one address in From (lower case) and "", or "" and why it does not name exactly one (RFC 5322 section
    3.6.2; RFC 7489 section 6.6.1 leaves such mail to the receiver). Where no field names anybody, both are ""."""
    fields = mail.header_all("from")
    nobody = "From names nobody; who wrote it stands in another field" if mail.from_.addr else ""
    if len(fields) != 1:
        return "", f"the mail has {len(fields)} From fields" if fields else nobody
    read = [a.addr.lower() for a in read_addresses((fields[0].encode("utf-8", "surrogateescape"),)) if a.addr]
    shown = {address.lower() for address in _SHOWN.findall(_QUOTED.sub(" ", fields[0]))}
    if not read:
        return "", nobody
    own = mail.from_.addr.lower()
    if len(set(read)) > 1 or read[0] != own or not shown <= {own}:
        return "", "From names more than one address"
    return own, ""


def _verified(begun: Authentication, raw: bytes, mail: InboundMail, trust: Trust, lookups: Lookups) -> Authentication:
    domain = begun.author.rpartition("@")[2]
    names = [name for name, _ in mail.headers]
    at = mail.envelope.received_at
    record = find_record(domain, lookups) if domain else Record()
    asked = outside_peer(mail.envelope.peer) is not None
    spf = check_spf(mail.envelope, lookups)
    dkim = _signatures(raw, names, mail, lookups)
    # Where the record is not known, only what the strictest domain would accept counts.
    strict = record.strict_dkim or bool(record.error)
    dkim = tuple(replace(s, aligned=aligned(s.domain, domain, strict=strict)) for s in dkim)
    chain = check_arc(raw, names, trust.arc, (lookups, at)) if trust.arc else Chain(Check())
    sender = mail.envelope.mail_from.lower()
    return replace(
        begun,
        spf=spf,
        dkim=dkim,
        dmarc=judge(domain, record, spf, dkim, spf_asked=asked) if domain else begun.dmarc,
        arc=chain.check,
        policy=record.policy,
        direct=spf.result is Result.PASS and bool(sender) and sender == begun.author,
        spf_aligned=aligned(spf.domain, domain, strict=record.strict_spf),
        arc_vouches=_vouches(chain, domain),
        sealed=chain.covered,
    )


def _signatures(raw: bytes, names: list[str], mail: InboundMail, lookups: Lookups) -> tuple[Signature, ...]:
    if not any(name.lower() == "dkim-signature" for name in names):
        return ()
    try:
        return check_dkim(read_sealed(raw, names), lookups, mail.envelope.received_at)
    except Unreadable as error:
        return (Signature(Result.PERMERROR, because=str(error)),)


def _vouches(chain: Chain, domain: str) -> bool:
    """Whether a trusted sealer saw DMARC pass for the domain of From."""
    if not chain.said or not domain:
        return False
    results = (r for r in read_auth_results(chain.said).results if r.method == "dmarc")
    return any(
        r.result == Result.PASS and ascii_domain(r.value("header.from")) == ascii_domain(domain) for r in results
    )
