"""DMARC (RFC 7489): does what SPF and DKIM prove speak for the domain of From, and what if not?"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailtix.evidence.auth.dns import Lookups, Unanswered
from mailtix.evidence.auth.domains import aligned, ascii_domain, organizational
from mailtix.model.auth import Check, Result, Signature

_POLICIES = ("none", "quarantine", "reject")


@dataclass(frozen=True, slots=True)
class Record:
    """What a domain lays down. `domain` is where the record was found; `policy` is meant for the domain of From.
    `error` says why nothing could be found out."""

    domain: str = ""
    policy: str = ""
    strict_dkim: bool = False
    strict_spf: bool = False
    error: str = ""


def find_record(author: str, lookups: Lookups) -> Record:
    """The record for a domain in From: its own, else that of its organization (section 6.6.3)."""
    own = ascii_domain(author)
    try:
        for domain in dict.fromkeys((own, organizational(own))):
            if tags := _tags(lookups.texts(f"_dmarc.{domain}")):
                return _record(domain, tags, inherited=domain != own)
    except Unanswered as error:
        return Record(error=str(error))
    return Record()


def judge(author: str, record: Record, spf: Check, dkim: tuple[Signature, ...], *, spf_asked: bool = True) -> Check:
    """Whether anything that passes speaks for the author's domain. `dkim` knows already what is aligned.

    Where SPF could not be asked (`spf_asked`) because a machine of the house handed the mail over, it may have passed
    at the border: then nothing is said rather than a fail.
    """
    if record.error:
        return Check(Result.TEMPERROR, author, record.error)
    if not record.domain:
        return Check(Result.NONE, author, "no DMARC record")
    policy = f"p={record.policy}"
    if any(signature.speaks for signature in dkim):
        return Check(Result.PASS, record.domain, f"{policy}, by DKIM")
    speaks = aligned(spf.domain, author, strict=record.strict_spf)
    if speaks and spf.result is Result.PASS:
        return Check(Result.PASS, record.domain, f"{policy}, by SPF")
    waiting = (speaks and spf.result is Result.TEMPERROR) or any(
        signature.aligned and signature.result is Result.TEMPERROR for signature in dkim
    )
    if not waiting and not spf_asked:
        return Check(Result.NONE, record.domain, f"{policy}, but SPF could not be asked")
    return Check(Result.TEMPERROR if waiting else Result.FAIL, record.domain, policy)


def _tags(texts: list[bytes]) -> dict[str, str]:
    """The tags of the one DMARC record among them; nothing when there is none, or more than one (section 6.6.3)."""
    records = [text for text in texts if re.match(rb"v\s*=\s*DMARC1\s*(;|$)", text)]
    if len(records) != 1:
        return {}
    parts = (part.partition("=") for part in records[0].decode("latin-1").split(";"))
    return {name.strip().lower(): value.strip().lower() for name, equals, value in parts if equals}


def _record(domain: str, tags: dict[str, str], *, inherited: bool) -> Record:
    asked = tags.get("p", "")
    if inherited:
        asked = tags.get("sp", asked)
    # Section 6.6.3: a policy that is none of these means none. So does a domain that is still trying it out.
    trying = tags.get("pct") == "0" or tags.get("t") == "y"
    policy = asked if asked in _POLICIES and not trying else "none"
    return Record(domain, policy, tags.get("adkim") == "s", tags.get("aspf") == "s")
