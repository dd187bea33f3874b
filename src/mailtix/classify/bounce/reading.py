"""A delivery report becomes a Bounce: who did not get which mail, why, and for good or for now."""

from __future__ import annotations

from dataclasses import replace

from mailtix.classify.bounce.dsn import recipients_of
from mailtix.classify.bounce.notice import Named, Notice, mentioned, named_recipients, read_notice
from mailtix.classify.bounce.original import original_id, returned_header, returned_to
from mailtix.classify.bounce.signs import signs_of, status_parts
from mailtix.classify.bounce.status import code_of_words, enhanced_code, is_dead, is_vague, words_mean
from mailtix.classify.evidence import Evidence
from mailtix.classify.fields import Group
from mailtix.classify.phrases import first_in, fold, words
from mailtix.classify.ses import event_of
from mailtix.model.kind import Bounce, FailedRecipient, OwnAddresses

_REASON = 500


def read_bounce(seen: Evidence, own: OwnAddresses) -> Bounce | None:
    """A Bounce, or None: also for a report that all went well (RFC 3464 section 2.3.3), which is merely automatic."""
    if event := event_of(seen):
        return _from_ses(event.recipients, event.detail, event.message_id) if event.kind == "bounce" else None
    signs = signs_of(seen)
    if not signs.report:
        return None
    notice = read_notice(seen.mail.text)
    header = returned_header(seen, notice)
    recipients, went_well = _structured(seen, notice)
    if not recipients and went_well:
        return None
    recipients = recipients or _in_words(seen, own, notice, header)
    return Bounce(signs.because, tuple(_with_reason(recipients, notice)), original_id(seen, notice, header))


def _structured(seen: Evidence, notice: Notice) -> tuple[list[FailedRecipient], bool]:
    """From the status parts; else from the same fields in the notice, where Amazon WorkMail and others write them."""
    for text in status_parts(seen):
        recipients, went_well = recipients_of(text)
        if recipients or went_well:
            return recipients, went_well
    folded = notice.text.lower()
    return recipients_of(notice.text) if "final-recipient:" in folded else ([], False)


def _in_words(seen: Evidence, own: OwnAddresses, notice: Notice, header: Group) -> list[FailedRecipient]:
    ours = frozenset(a.addr.lower() for a in seen.mail.to) | own.mailboxes | {seen.mail.from_.addr.lower()}
    listed = [a.strip() for v in seen.headers.get("x-failed-recipients", ()) for a in v.split(",") if "@" in a]
    named = named_recipients(notice, ours) or named_recipients(notice, frozenset({seen.mail.from_.addr.lower()}))
    if listed:
        reasons = {n.addr.lower(): n.reason for n in named}
        named = [Named(address, reasons.get(address.lower(), "")) for address in dict.fromkeys(listed)]
    named = named or [Named(a, "") for a in returned_to(header)] or mentioned(notice, ours)
    text = f"{seen.mail.subject}\n{notice.text}"
    delayed = _is_delayed(text)
    return [_failed(n, text, delayed, alone=len(named) == 1) for n in named]


def _is_delayed(text: str) -> bool:
    folded = fold(text)
    late = first_in(words("bounce", "notice", "delayed"), folded)
    return bool(late) and not first_in(words("bounce", "notice", "given_up"), folded)


def _failed(named: Named, text: str, delayed: bool, alone: bool) -> FailedRecipient:
    """The nearest words count: the recipient's own paragraph, then (for one recipient alone) the whole notice."""
    final = bool(first_in(words("bounce", "notice", "given_up"), fold(text)))
    told = named.reason if not alone else f"{named.reason}\n{text}"
    status = enhanced_code(named.reason) or enhanced_code(told)
    if not status:
        nearest = named.reason if words_mean(named.reason) else told
        status = code_of_words(nearest, delayed, final)
    permanent = not delayed and (status[0] == "5" or final)
    return FailedRecipient(
        named.addr,
        status,
        "delayed" if delayed else "failed",
        permanent,
        reason=named.reason[:_REASON],
        dead=permanent and is_dead(status),
    )


def _with_reason(recipients: list[FailedRecipient], notice: Notice) -> list[FailedRecipient]:
    """Where the report gives a code that says nothing, the words beside the recipient may."""
    if not any(is_vague(r.status) and not r.reason for r in recipients):
        return recipients
    told = {n.addr.lower(): n.reason for n in named_recipients(notice, frozenset())}
    return [replace(r, reason=told.get(r.addr.lower(), "")[:_REASON]) if not r.reason else r for r in recipients]


def _from_ses(rows: tuple[tuple[str, str, str, str], ...], kind: str, original: str) -> Bounce:
    permanent = kind == "permanent"
    failed = tuple(
        FailedRecipient(
            address,
            code or enhanced_code(reason) or ("5.0.0" if permanent else "4.0.0"),
            action or "failed",
            permanent,
            reason[:_REASON],
            dead=permanent and is_dead(code),
        )
        for address, code, action, reason in rows
    )
    return Bounce((f"Amazon SES tells of a {kind} bounce",), failed, original)
