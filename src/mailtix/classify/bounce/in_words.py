"""The recipients of a report that speaks in words only."""

from __future__ import annotations

from mailtix.classify.bounce.notice import Named, Notice, mentioned, named_recipients
from mailtix.classify.bounce.original import returned_to
from mailtix.classify.bounce.status import code_of_words, enhanced_code, is_dead, is_vague, says_something, words_mean
from mailtix.classify.evidence import Evidence
from mailtix.classify.fields import Group
from mailtix.classify.phrases import first_in, fold, words
from mailtix.model.kind import FailedRecipient, OwnAddresses

# An agent reads the reason in one glance.
REASON = 500
# A list of hundreds of recipients is still a list; more is an attack.
_LISTED = 20_000


def recipients_in_words(seen: Evidence, own: OwnAddresses, notice: Notice, header: Group) -> list[FailedRecipient]:
    """Whom the report names: in X-Failed-Recipients, in its text, by the returned mail's own recipient; or nobody."""
    text = f"{seen.mail.subject}\n{notice.text}"
    delayed = _is_delayed(text)
    named = _named(seen, own, notice, header)
    return [_failed(n, notice, text, delayed, alone=len(named) == 1) for n in named]


def _named(seen: Evidence, own: OwnAddresses, notice: Notice, header: Group) -> list[Named]:
    sender = frozenset({seen.mail.from_.addr.lower()})
    ours = frozenset(a.addr.lower() for a in seen.mail.to) | own.mailboxes | sender
    # Somebody may have written to himself: then the one the report was sent to is meant after all.
    named = named_recipients(notice, ours) or named_recipients(notice, sender)
    listed = listed_recipients(seen)
    if listed:
        reasons = {n.addr.lower(): n.reason for n in named}
        return [Named(address, reasons.get(address.lower(), "")) for address in listed]
    return named or [Named(address, "") for address in returned_to(header)] or mentioned(notice, ours)


def listed_recipients(seen: Evidence) -> list[str]:
    """The addresses of X-Failed-Recipients, which Exim and Gmail write."""
    values = ",".join(seen.mail.header_all("x-failed-recipients"))[:_LISTED]
    return list(dict.fromkeys(a.strip() for a in values.split(",") if "@" in a))


def _is_delayed(text: str) -> bool:
    folded = fold(text)
    late = first_in(words("bounce", "notice", "delayed"), folded)
    return bool(late) and not first_in(words("bounce", "notice", "given_up"), folded)


def _failed(named: Named, notice: Notice, text: str, delayed: bool, alone: bool) -> FailedRecipient:
    """The nearest words count: the recipient's own paragraph, then (for one recipient alone) the whole notice."""
    final = bool(first_in(words("bounce", "notice", "given_up"), fold(text)))
    told = f"{named.reason}\n{text}" if alone else named.reason
    status = enhanced_code(named.reason) or enhanced_code(told)
    if not status or (is_vague(status) and words_mean(named.reason)):
        status = code_of_words(named.reason if words_mean(named.reason) else told, delayed, final)
    permanent = not delayed and (status[0] == "5" or final)
    reason = named.reason if says_something(named.reason) or not alone else telling_line(notice) or named.reason
    return FailedRecipient(
        named.addr,
        status,
        "delayed" if delayed else "failed",
        permanent,
        reason=reason[:REASON],
        dead=permanent and is_dead(status, reason),
    )


def telling_line(notice: Notice) -> str:
    """The line of the notice that holds a code or words that mean one, or ""."""
    return next((line.strip() for line in notice.lines if line.strip() and says_something(line)), "")
