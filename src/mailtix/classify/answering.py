"""May an automatic answer be sent? RFC 3834 section 2."""

from __future__ import annotations

from mailtix.classify.evidence import Evidence, evidence, title
from mailtix.classify.phrases import words
from mailtix.model.kind import Human, Kind
from mailtix.model.mail import InboundMail

# [MS-OXCMAIL] section 2.1.3.2.20: the kinds of answers that the sender does not want.
_SUPPRESS_ALL = ("all", "autoreply", "oof", "dr", "rn", "nrn")
_NO = ("", "no", "false", "none", "0")


def may_answer(mail: InboundMail, kind: Kind) -> str:
    """ "" when an automatic answer may go out, else the reason why not, for people."""
    if not isinstance(kind, Human):
        return f"it is not a person's mail: {kind.because[0] if kind.because else type(kind).__name__.lower()}"
    seen = evidence(mail)
    return _nobody_there(seen) or _silence_wanted(seen)


def _nobody_there(seen: Evidence) -> str:
    if seen.null_sender:
        return "the reverse-path is null"  # RFC 3834 section 2: never answer <>
    target = seen.mail.reply_to[0] if seen.mail.reply_to else seen.mail.from_
    if "@" not in target.addr:
        return "there is no address to answer to"
    local = target.addr.rpartition("@")[0].lower()
    if local in words("automatic", "unanswerable", "local_parts"):
        return f"nobody reads {target.addr}"
    if local.startswith(words("automatic", "unanswerable", "begins")):
        return f"nobody reads {target.addr}"
    if local.endswith(words("automatic", "unanswerable", "ends")):
        return f"nobody reads {target.addr}"
    return ""


def _silence_wanted(seen: Evidence) -> str:
    for value in seen.headers.get("x-auto-response-suppress", ()):
        if any(word.strip().lower() in _SUPPRESS_ALL for word in value.split(",")):
            return f"X-Auto-Response-Suppress is {value.strip()}"
    for name in ("x-loop", "x-no-loop", "x-debbugs-no-ack", "x-rt-loop-prevention", "x-otrs-loop", "x-roundup-loop"):
        if seen.first(name).lower() not in _NO:
            return f"{title(name)} is {seen.first(name)}"  # another desk's or list's mark: answering may start a loop
    if seen.auto_submitted:  # auto-forwarded: a person's mail, but RFC 3834 section 2 wants no answer to it
        return f"Auto-Submitted is {seen.auto_submitted}"
    return ""
