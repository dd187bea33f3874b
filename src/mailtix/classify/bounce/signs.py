"""Is it a delivery report? One sign is not enough, unless it is one that no person can leave."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailtix.classify.bounce.notice import named_recipients, read_notice
from mailtix.classify.evidence import ENCLOSED, Evidence
from mailtix.classify.phrases import absence, first_in, fold, words

STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status")
_DIALOGUE = re.compile(
    r"(?m)^\s*(?:<<<|>>>|\.\.\. while talking to)|\bRCPT TO:|\b[45]\d\d[ -]#?[45]\.\d\.\d{1,3}\b|\b55[0-4][ -]"
)
_OPENING = 2_500


@dataclass(frozen=True, slots=True)
class Signs:
    """`because` names each sign; `report` when together they suffice."""

    because: tuple[str, ...]
    report: bool


def signs_of(seen: Evidence) -> Signs:
    """The signs, the cheap ones first: for an ordinary mail this is a look at the sender and the subject."""
    if status_parts(seen) and _is_top_report(seen):
        return Signs(("a message/delivery-status part is there",), report=True)
    if seen.is_reply_or_forward:
        return _bare_report(seen)
    if seen.has("x-failed-recipients"):
        return Signs((f"X-Failed-Recipients is {seen.first('x-failed-recipients')}",), report=True)
    if seen.mail.content_type == "multipart/report" and _report_type(seen) == "delivery-status":
        return Signs(("Content-Type is multipart/report of the type delivery-status",), report=True)
    subject, daemon, robot = _subject(seen), seen.from_daemon, seen.from_robot
    if not (subject or daemon or robot) or (_absent(seen) and not subject):
        return _NONE
    said = first_in(words("bounce", "notice", "says"), fold(seen.mail.text[:_OPENING]))
    because = [sign for sign in (daemon or robot, subject) if sign]
    because += [f'the text says "{said}"'] if said else []
    return Signs(tuple(because), report=_suffice(seen, bool(subject), bool(said)))


_NONE = Signs((), report=False)


def status_parts(seen: Evidence) -> list[str]:
    """The mail's own status parts; in a declared delivery report they may even stand behind the returned mail."""
    parts = seen.mail.report_parts if _report_type(seen) == "delivery-status" else seen.own_parts
    return [text for mime, text in parts if mime in STATUS_PARTS]


def _suffice(seen: Evidence, subject: bool, said: bool) -> bool:
    """A mail system speaking of delivery; a null reverse-path or a role address with more than one sign, for responders
    and people use those too; or a subject that no person writes."""
    whole = seen.subject in words("bounce", "subjects", "whole") and not seen.answers_something
    if seen.from_system:
        return subject or said or _technical(seen)
    if seen.null_sender:
        return subject or (said and _technical(seen))
    if seen.from_robot and not whole:
        return (subject and said and _concrete(seen)) or (said and _technical(seen) and _returns(seen))
    return whole or _bare_report(seen).report


def _bare_report(seen: Evidence) -> Signs:
    """A report from an unknown address: the subject ends as gateways end it, and the text is nothing but the sentence
    and the recipient on a line of his own. A person who tells of a report says something of his own first."""
    if seen.answers_something or not seen.subject.endswith(words("bounce", "subjects", "ends")):
        return _NONE
    lines = [line.strip(" *-=_") for line in seen.mail.text[:_OPENING].splitlines()]
    first = next((i for i, line in enumerate(lines) if line), 0)
    said = first_in(words("bounce", "notice", "says"), fold(" ".join(lines[first : first + 2])))
    named = named_recipients(read_notice("\n".join(lines[first : first + 4])), frozenset())
    if not (said and named):
        return _NONE
    because = (f'the subject is "{seen.mail.subject[-80:]}"', f'the text says only "{said}"')
    return Signs(because, report=True)


def _technical(seen: Evidence) -> bool:
    """Whether the text quotes an SMTP dialogue or a status code."""
    return bool(_DIALOGUE.search(seen.mail.text[:_OPENING]))


def _concrete(seen: Evidence) -> bool:
    """Whether it names a recipient as reports do, quotes a dialogue or holds the returned mail."""
    notice = read_notice(seen.mail.text)
    return _technical(seen) or _returns(seen) or bool(notice.returned or named_recipients(notice, frozenset()))


def _returns(seen: Evidence) -> bool:
    return any(mime in ENCLOSED for mime, _ in seen.mail.report_parts)


def _is_top_report(seen: Evidence) -> bool:
    """Whether the report is the mail, not something a person attached."""
    return seen.mail.content_type == "multipart/report" or bool(seen.from_daemon or seen.from_robot or _subject(seen))


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
