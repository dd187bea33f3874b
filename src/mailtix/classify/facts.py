"""The kind of a mail as plain values, for `mailtix inspect`."""

from __future__ import annotations

from mailtix.classify.answering import may_answer
from mailtix.model.kind import Automatic, Bounce, Complaint, FailedRecipient, Kind, Loop, Receipt
from mailtix.model.mail import InboundMail


def facts(mail: InboundMail, kind: Kind) -> dict[str, object]:
    """is_auto, suppress_reply, is_bounce, is_feedback, bounce_permanent: bool; bounce_rcpts, bounce_status and
    bounce_action: list of str, one entry for each failed recipient."""
    failed: tuple[FailedRecipient, ...] = kind.recipients if isinstance(kind, Bounce) else ()
    return {
        "is_auto": isinstance(kind, Automatic | Receipt | Loop),
        "suppress_reply": bool(may_answer(mail, kind)),
        "is_bounce": isinstance(kind, Bounce),
        "bounce_rcpts": [recipient.addr for recipient in failed],
        "bounce_status": [recipient.status for recipient in failed],
        "bounce_action": [recipient.action for recipient in failed],
        "bounce_permanent": isinstance(kind, Bounce) and kind.permanent,
        "is_feedback": isinstance(kind, Complaint),
    }
