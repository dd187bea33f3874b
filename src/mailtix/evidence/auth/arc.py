"""ARC (RFC 8617): what the last server that passed a mail on had seen, believed only of those who are trusted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import dkim  # type: ignore[import-untyped]

from mailtix.evidence.auth.dkim import (
    KeyRefused,
    Sealed,
    Unreadable,
    check_size,
    is_relaxed,
    read_sealed,
    readable,
    signature_of,
    unfit,
)
from mailtix.evidence.auth.dns import Lookups, Unanswered
from mailtix.model.auth import Check, Result

_INSTANCE = re.compile(rb"(?:^|;)\s*i\s*=\s*(\d{1,3})\s*;")


@dataclass(frozen=True, slots=True)
class Chain:
    """What the chain is worth. `said` is the ARC-Authentication-Results of the last sealer and `covered` the fields
    that his signature covers; both are empty unless he is trusted and the whole chain verifies."""

    check: Check
    said: str = ""
    covered: frozenset[str] = frozenset()


def check_arc(raw: bytes, names: Sequence[str], trusted: frozenset[str], asked: tuple[Lookups, datetime]) -> Chain:
    """Verifies the chain of seals if its last sealer is `trusted` (domains, lower case); of others nothing is asked.
    `asked` is the DNS and when the mail came."""
    lookups, at = asked
    if not any(name.lower() == "arc-seal" for name in names):
        return Chain(Check())
    try:
        sealed = read_sealed(raw, names, dkim.ARC)
    except Unreadable as error:
        return Chain(Check(Result.PERMERROR, because=str(error)))
    signed = (*sealed.values(b"arc-seal"), *sealed.values(b"arc-message-signature"))
    if any(not readable(value) for value in signed):
        return Chain(Check(Result.PERMERROR, because="a seal is too long to be read"))
    instance, seal = max(((_instance(v), v) for v in sealed.values(b"arc-seal")), key=lambda found: found[0])
    sealer = signature_of(seal, ())[0].domain
    if sealer not in trusted:
        return Chain(Check(Result.NONE, sealer, "a sealer who is not trusted"))
    return _verified(sealed, instance, sealer, lookups, at)


def _verified(sealed: Sealed, instance: int, sealer: str, lookups: Lookups, at: datetime) -> Chain:
    messages = [v for v in sealed.values(b"arc-message-signature") if _instance(v) == instance]
    if not messages:
        return Chain(Check(Result.FAIL, sealer, "the last seal has no signature beside it"))
    signature, tags = signature_of(messages[0], sealed.fields)
    if flaw := unfit(tags, signature, at):
        return Chain(Check(Result.POLICY, sealer, flaw))
    if signature.domain != sealer:
        return Chain(Check(Result.FAIL, sealer, "the seal and the signature are of two domains"))

    def key(name: bytes, timeout: float) -> bytes | None:
        record = next(iter(lookups.texts(name.decode("latin-1"))), None)
        if record is not None:
            check_size(record)
        return record

    forms = {is_relaxed({b"c": b"/relaxed", **signature_of(v, ())[1]}) for v in sealed.values(b"arc-message-signature")}
    if len(forms) > 1:
        return Chain(Check(Result.PERMERROR, sealer, "its signatures are of several forms"))
    sealed.reader.body = sealed.relaxed() if True in forms else sealed.body
    try:
        verdict, sets, text = sealed.reader.verify(dnsfunc=key)
        said = sets[0]["aar-value"].decode("utf-8", "replace") if sets else ""
    except KeyRefused as refusal:
        return Chain(Check(refusal.result, sealer, str(refusal)))
    except Unanswered as error:
        return Chain(Check(Result.TEMPERROR, sealer, str(error)))
    except Exception as error:  # dkimpy raises what its parts raise
        return Chain(Check(Result.PERMERROR, sealer, f"the chain cannot be computed ({type(error).__name__})"))
    if verdict != dkim.CV_Pass:
        return Chain(Check(Result.FAIL, sealer, str(text)[:200]))
    return Chain(Check(Result.PASS, sealer), re.sub(r"^\s*i\s*=\s*\d+\s*;", "", said), signature.signed)


def _instance(value: bytes) -> int:
    found = _INSTANCE.search(value)
    return int(found[1]) if found else 0
