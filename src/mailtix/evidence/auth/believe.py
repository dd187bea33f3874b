"""What a server that is trusted has written into Authentication-Results (RFC 8601)."""

from __future__ import annotations

import re
from dataclasses import replace

from mailtix.evidence.auth.dkim import signature_of, unfit
from mailtix.evidence.auth.domains import aligned, ascii_domain
from mailtix.model.auth import Authentication, Check, Result, Signature
from mailtix.model.mail import InboundMail
from mailtix.parsing.auth_results import AuthResults, MethodResult, read_auth_results

_POLICY = re.compile(r"\bp=(none|quarantine|reject)\b", re.IGNORECASE)


def believed(begun: Authentication, mail: InboundMail, trusted: frozenset[str]) -> Authentication | None:
    """What the topmost field of a trusted authserv-id says, None when there is none. Those below it may have come from
    anywhere (section 5: it is the border server that has to remove them)."""
    fields = map(read_auth_results, mail.header_all("authentication-results"))
    field = next((field for field in fields if field.authserv_id in trusted), None)
    return _as_said(begun, field, mail) if field is not None else None


def _as_said(begun: Authentication, field: AuthResults, mail: InboundMail) -> Authentication:
    domain = begun.author.rpartition("@")[2]
    spf, sender = _spf(field)
    dmarc, policy = _dmarc(field, domain)
    signatures = (_signature(result, mail) for result in field.results if result.method == "dkim")
    return replace(
        begun,
        spf=spf,
        dkim=tuple(replace(s, aligned=aligned(s.domain, domain, strict=False)) for s in signatures),
        dmarc=dmarc,
        policy=policy,
        direct=spf.result is Result.PASS and bool(sender) and sender == begun.author,
        spf_aligned=aligned(spf.domain, domain, strict=False),
        by=field.authserv_id,
    )


def _word(result: MethodResult) -> Result:
    """The result; a word that is none of RFC 8601's says nothing (Microsoft's bestguesspass, for one)."""
    try:
        return Result(result.result)
    except ValueError:
        return Result.NONE


def _spf(field: AuthResults) -> tuple[Check, str]:
    """What SPF said, and of which address in the envelope ("" of HELO)."""
    found = next((result for result in field.results if result.method == "spf"), None)
    if found is None:
        return Check(because="nothing was said of it"), ""
    sender = found.value("smtp.mailfrom", "smtp.mail", "smtp.helo").lower()
    address = sender if "@" in sender else ""
    return Check(_word(found), sender.rpartition("@")[2], ""), address


def _dmarc(field: AuthResults, domain: str) -> tuple[Check, str]:
    """What DMARC said of the domain of From, and the policy of that domain if it was told."""
    found = next((result for result in field.results if result.method == "dmarc"), None)
    if found is None:
        return Check(because="nothing was said of it"), ""
    about = found.value("header.from").rpartition("@")[2]
    if not domain or ascii_domain(about) != ascii_domain(domain):
        return Check(Result.NONE, about.lower(), "it was said of another From"), ""
    told = _POLICY.search(found.comment)
    policy = (told[1] if told else found.value("policy.published-domain-policy", "policy.dmarc")).lower()
    return Check(_word(found), about.lower(), f"p={policy}" if policy else ""), policy


def _signature(result: MethodResult, mail: InboundMail) -> Signature:
    """A signature that was verified elsewhere. Which fields it covers stands in the mail's own DKIM-Signature, if only
    one can be meant."""
    domain = (result.value("header.d") or result.value("header.i").rpartition("@")[2]).lower()
    selector, begin = result.value("header.s"), result.value("header.b")
    said = Signature(_word(result), domain, selector)
    fields = [(name.encode(), value.encode("utf-8", "surrogateescape")) for name, value in mail.headers]
    meant = []
    for name, value in fields:
        if name.lower() != b"dkim-signature":
            continue
        signature, tags = signature_of(value, fields)
        base64 = re.sub(rb"\s+", b"", tags.get(b"b", b"")).decode("latin-1")
        if signature.domain == domain and selector in ("", signature.selector) and base64.startswith(begin):
            meant.append((signature, tags))
    if len(meant) != 1:
        return said
    signature, tags = meant[0]
    if flaw := unfit(tags, signature, mail.envelope.received_at):
        return replace(signature, result=Result.POLICY, because=flaw)
    return replace(signature, result=said.result)
