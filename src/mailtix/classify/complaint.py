"""Is it an abuse report? ARF (RFC 5965), and the reports of providers that do not use it."""

from __future__ import annotations

from mailtix.classify.evidence import Evidence
from mailtix.classify.fields import field, fields_of, message_id
from mailtix.classify.ses import event_of
from mailtix.model.kind import Complaint

_TYPE = "message/feedback-report"
# Outlook.com's junk mail reporting sends the mail itself, with this field added to its header.
_JMRP_FIELD = "x-hmxmroriginalrecipient"
_JMRP_SUBJECT = "complaint about message from"


def read_complaint(seen: Evidence) -> Complaint | None:
    """A Complaint with its Feedback-Type (RFC 5965 section 3.1) and the id of the mail that was complained about."""
    report, included = seen.part(_TYPE), seen.enclosed()
    if report is not None:
        kind = field(fields_of(report), "feedback-type").lower()
        return Complaint((f"a {_TYPE} part says: {kind or 'no type'}",), _id_in(included), kind)
    if seen.subject.startswith(_JMRP_SUBJECT) and (_JMRP_FIELD in included.lower() or seen.local_part == "staff"):
        return Complaint((f'the subject begins with "{_JMRP_SUBJECT}" and holds the mail',), _id_in(included), "abuse")
    event = event_of(seen)
    if event and event.kind == "complaint":
        return Complaint(("Amazon SES tells of a complaint",), event.message_id, event.detail)
    return None


def _id_in(header_section: str) -> str:
    return message_id(field(fields_of(header_section), "message-id"))
