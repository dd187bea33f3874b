"""Is it a delivery report? One sign is not enough, unless it is one that no person can leave."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailtix.classify.evidence import Evidence
from mailtix.classify.phrases import absence, first_in, fold, words

STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status")
RETURNED_PARTS = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers", "message/partial")
_DIALOGUE = re.compile(r"(?m)^\s*(?:<<<|>>>|\.\.\. while talking to)|\bRCPT TO:|\b[45]\d\d[ -]#?[45]\.\d\.\d{1,3}\b|\b55[0-4][ -]")
_OPENING = 2_500


@dataclass(frozen=True, slots=True)
class Signs:
    """`because` names each sign; `structured` when a status part is there; `report` when together they suffice."""

    because: tuple[str, ...]
    structured: bool
    report: bool


def signs_of(seen: Evidence) -> Signs:
    """The signs, the cheap ones first: for an ordinary mail this is a look at the sender and the subject."""
    if any(mime in STATUS_PARTS for mime, _ in seen.mail.report_parts) and _is_top_report(seen):
        return Signs(("a message/delivery-status part is there",), structured=True, report=True)
    if seen.has("x-failed-recipients") and not seen.is_reply_or_forward:
        return Signs((f"X-Failed-Recipients is {seen.first('x-failed-recipients')}",), structured=False, report=True)
    subject = _subject(seen)
    daemon, robot = seen.from_daemon, seen.from_robot
    if not (subject or daemon or robot) or (_absent(seen) and not subject):
        return Signs((), structured=False, report=False)
    opening = fold(seen.mail.text[:_OPENING])
    said = first_in(words("bounce", "notice", "says"), opening)
    because = [sign for sign in (daemon or robot, subject) if sign]
    because += [f'the text says "{said}"'] if said else []
    return Signs(tuple(because), structured=False, report=_suffice(seen, bool(subject), bool(said)))


def _suffice(seen: Evidence, subject: bool, said: bool) -> bool:
    """A mail system speaking of delivery; a role address with both subject and text; or a subject no person writes."""
    if seen.is_reply_or_forward:
        return False
    if seen.from_daemon:
        return subject or said or bool(_DIALOGUE.search(seen.mail.text[:_OPENING]))
    if seen.from_robot:
        dialogue = bool(_DIALOGUE.search(seen.mail.text[:_OPENING]))
        return (subject and (said or dialogue)) or (said and _returned(seen) and dialogue)
    if seen.mail.content_type == "multipart/report" and _report_type(seen) == "delivery-status":
        return subject or said
    return seen.subject in words("bounce", "subjects", "whole") and not seen.answers_something


def _is_top_report(seen: Evidence) -> bool:
    """Whether the report is the mail, not something a person attached."""
    return seen.mail.content_type == "multipart/report" or bool(seen.from_daemon or seen.from_robot) or bool(_subject(seen))


def _report_type(seen: Evidence) -> str:
    return next((value.lower() for name, value in seen.mail.content_params if name.lower() == "report-type"), "")


def _subject(seen: Evidence) -> str:
    if seen.is_reply_or_forward:
        return ""
    begins = seen.subject.startswith(words("bounce", "subjects", "begins"))
    ends = seen.subject.endswith(words("bounce", "subjects", "ends"))
    return f'the subject is "{seen.mail.subject[:80]}"' if begins or ends else ""


def _absent(seen: Evidence) -> bool:
    return seen.subject.startswith(absence().prefixes)


def _returned(seen: Evidence) -> bool:
    return any(mime in RETURNED_PARTS for mime, _ in seen.mail.report_parts)
