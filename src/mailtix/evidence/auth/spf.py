"""SPF (RFC 7208): may that machine send for the domain of the envelope's sender? pyspf reads the records."""

from __future__ import annotations

from typing import Any

import spf  # type: ignore[import-untyped]

from mailtix.evidence.auth.dns import Lookups, Unanswered
from mailtix.model.auth import Check, Result
from mailtix.model.mail import Envelope, outside_peer


def check_spf(envelope: Envelope, lookups: Lookups) -> Check:
    """What SPF says of the mail's envelope. With the null reverse-path it is asked about HELO (section 2.4)."""
    if not envelope.peer:
        return Check(because="no SMTP session")
    peer = outside_peer(envelope.peer)
    if peer is None:
        return Check(because=f"handed over by {envelope.peer}, a machine of the house")
    domain = (envelope.mail_from.rpartition("@")[2] if envelope.mail_from else envelope.helo).lower()
    if not domain:
        return Check(because="the envelope names no sender")
    return _asked(str(peer), envelope, domain, lookups)


def _asked(peer: str, envelope: Envelope, domain: str, lookups: Lookups) -> Check:
    try:
        word, _, text = _Query(lookups, i=peer, s=envelope.mail_from, h=envelope.helo).check()
        result = Result(word)
    except Exception as error:  # pyspf gives no promise for strange senders and records
        return Check(Result.PERMERROR, domain, f"its SPF record cannot be read ({type(error).__name__})")
    says = {
        Result.PASS: f"{peer} may send for it",
        Result.FAIL: f"{peer} may not send for it",
        Result.SOFTFAIL: f"{peer} should not send for it",
        Result.NEUTRAL: f"it says nothing about {peer}",
        Result.NONE: "it has no SPF record",
    }
    # of an error the text is pyspf's; of a fail it would be the domain's own words, which are not shown to anybody
    return Check(result, domain, says.get(result) or text.partition(": ")[2][:200])


class _Query(spf.query):  # type: ignore[misc]
    """pyspf's evaluation, with the questions put to our resolver."""

    def __init__(self, lookups: Lookups, **about: str) -> None:
        super().__init__(**about)
        self._lookups = lookups

    def dns(self, name: str, qtype: str, cnames: object = None, ignore_void: bool = False) -> list[Any]:
        """As pyspf's own: the values of the records; two questions without an answer are one too many."""
        try:
            found = self._lookups.ask(str(name), qtype)
        except Unanswered as error:
            raise spf.TempError(str(error)) from error
        if not found and not ignore_void:  # RFC 7208 section 4.6.4
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError(f"Void lookup limit of {spf.MAX_VOID_LOOKUPS} exceeded")
        return [_value(text, qtype) for text in found]


def _value(text: str, kind: str) -> Any:
    match kind:
        case "TXT":
            return (text.encode("latin-1"),)
        case "MX":
            preference, _, host = text.partition(" ")
            return (int(preference), host.rstrip("."))
    return text.rstrip(".")
