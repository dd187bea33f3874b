"""Did a machine answer or write it? RFC 3834, vendors' fields, out-of-office subjects and texts, challenges."""

from __future__ import annotations

from mailtix.classify.absence import Absence, read_absence
from mailtix.classify.evidence import Evidence, title
from mailtix.classify.phrases import first_in, table, words
from mailtix.classify.returning import return_date
from mailtix.classify.ses import event_of
from mailtix.model.kind import Automatic

_NO = ("no", "false", "0")


def read_automatic(seen: Evidence) -> Automatic | None:
    """An Automatic with each sign in `because`; `until` is the day of return when the text of an absence names one."""
    signs = [*_submitted(seen), *_vendor_fields(seen), *_vendor_values(seen), *_inbox_rule(seen), *_challenge(seen)]
    signs += [f"Amazon SES tells of a {event.kind}" for event in (event_of(seen),) if event]
    signs += _machine_report(seen)
    if seen.null_sender:
        signs.append("the reverse-path is null")
    absence = read_absence(seen, signed=bool(signs))
    return _automatic([*signs, *absence.because], absence, seen) if signs or absence.certain else None


def _automatic(because: list[str], absence: Absence, seen: Evidence) -> Automatic:
    away = absence.away
    return Automatic(tuple(because), out_of_office=away, until=return_date(seen.mail) if away else None)


def _submitted(seen: Evidence) -> list[str]:
    """Anything but "no" is automatic (RFC 3834 section 5); auto-forwarded is a person's mail that a rule passed on."""
    told = seen.auto_submitted not in ("", "auto-forwarded")
    return [f"Auto-Submitted is {seen.first('auto-submitted')}"] if told else []


def _vendor_fields(seen: Evidence) -> list[str]:
    passed_on = words("automatic", "fields", "passed_on")
    return [
        f"{title(name)} is {seen.first(name)}"
        for name in words("automatic", "fields", "present")
        if seen.has(name) and seen.first(name).lower() not in (*_NO, *passed_on)
    ]


def _vendor_values(seen: Evidence) -> list[str]:
    signs = [
        f"{title(name)} is {value.strip()}"
        for name, wanted in table("automatic")["values"].items()
        for value in seen.headers.get(name, ())
        if any(_begins(value.strip().lower(), word) for word in wanted)
    ]
    reverse_path = seen.first("return-path").strip("<>")
    if reverse_path.partition("@")[0].lower() in words("automatic", "reverse_path", "local_parts"):
        signs.append(f"the reverse-path is {reverse_path}")
    return signs


def _begins(value: str, word: str) -> bool:
    """Whether it begins with the word itself: "vacation/1.2", not "VacationRentals Mailer"."""
    return value.startswith(word) and not value[len(word) : len(word) + 1].isalnum()


def _inbox_rule(seen: Evidence) -> list[str]:
    """Exchange marks what an inbox rule sends; with the request for silence it is a reply, without it a forward."""
    if seen.has("x-ms-exchange-inbox-rules-loop") and seen.has("x-auto-response-suppress"):
        return ["X-MS-Exchange-Inbox-Rules-Loop is there, and X-Auto-Response-Suppress"]
    return []


def _machine_report(seen: Evidence) -> list[str]:
    """Reports for machines: RFC 6522 (any type), DMARC aggregates with the subject of RFC 7489 section 7.2.1.1."""
    signs = ["Content-Type is multipart/report"] if seen.mail.content_type == "multipart/report" else []
    if seen.subject.startswith("report domain:") and "submitter:" in seen.subject:
        signs.append("the subject is that of a DMARC report")
    return signs


def _challenge(seen: Evidence) -> list[str]:
    """A challenge-response system's own field, or its subject together with its text: each alone may be a person's."""
    signs = [f"{title(name)} is there" for name in words("automatic", "challenge", "fields") if seen.has(name)]
    subjects = words("automatic", "challenge", "subjects")
    if seen.subject.startswith(subjects) and (text := first_in(words("automatic", "challenge", "texts"), seen.head())):
        subject = next(s for s in subjects if seen.subject.startswith(s))
        signs.append(f'the sender must be confirmed: subject "{subject}", text "{text}"')
    return signs
