"""A delivery report becomes a Bounce: who did not get which mail, why, and for good or for now."""

from __future__ import annotations

from dataclasses import replace

from mailtix.classify.bounce.dsn import recipients_of
from mailtix.classify.bounce.in_words import REASON, listed_recipients, recipients_in_words, telling_line
from mailtix.classify.bounce.notice import Notice, named_recipients, read_notice
from mailtix.classify.bounce.original import original_id, returned_header, returned_to
from mailtix.classify.bounce.signs import signs_of, status_parts
from mailtix.classify.bounce.status import enhanced_code, is_dead
from mailtix.classify.evidence import Evidence
from mailtix.classify.fields import Group
from mailtix.classify.ses import event_of
from mailtix.model.kind import Bounce, FailedRecipient, OwnAddresses


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
    recipients = recipients or recipients_in_words(seen, own, notice, header)
    mended = _mended(recipients, seen, notice, header)
    return Bounce(signs.because, tuple(mended), original_id(seen, notice, header))


def _structured(seen: Evidence, notice: Notice) -> tuple[list[FailedRecipient], bool]:
    """From the status parts; else from the same fields in the notice, where Amazon WorkMail and others write them."""
    for text in status_parts(seen):
        recipients, went_well = recipients_of(text)
        if recipients or went_well:
            return recipients, went_well
    folded = notice.text.lower()
    return recipients_of(notice.text) if "final-recipient:" in folded else ([], False)


def _mended(found: list[FailedRecipient], seen: Evidence, notice: Notice, header: Group) -> list[FailedRecipient]:
    """Where the report gives no words, those of the notice; where it names a file or a pipe and no address, as Exim
    does, the address that the mail was for."""
    told = {n.addr.lower(): n.reason for n in named_recipients(notice, frozenset())} if _wordless(found) else {}
    lone = telling_line(notice) if _wordless(found) and len(found) == 1 else ""
    found = [r if r.reason else replace(r, reason=(told.get(r.addr.lower()) or lone)[:REASON]) for r in found]
    if len(found) == 1 and "@" not in found[0].addr:
        for address in (*listed_recipients(seen), *returned_to(header)):
            return [replace(found[0], addr=address, final=found[0].addr)]
    return found


def _wordless(found: list[FailedRecipient]) -> bool:
    return any(not recipient.reason for recipient in found)


def _from_ses(rows: tuple[tuple[str, str, str, str], ...], kind: str, original: str) -> Bounce:
    permanent = kind == "permanent"
    failed = tuple(
        FailedRecipient(
            address,
            code or enhanced_code(reason) or ("5.0.0" if permanent else "4.0.0"),
            action or "failed",
            permanent,
            reason[:REASON],
            dead=permanent and is_dead(code, reason),
        )
        for address, code, action, reason in rows
    )
    return Bounce((f"Amazon SES tells of a {kind} bounce",), failed, original)
