"""Has our own mail come back?"""

from __future__ import annotations

from mailtix.classify.evidence import Evidence
from mailtix.model.kind import Loop, OwnAddresses


def read_loop(seen: Evidence, own: OwnAddresses) -> Loop | None:
    """A Loop when the mail bears the mark of this installation, or is an automatic mail from one of our own mailboxes.

    Only our own mark counts: a customer may run mailtix too, and his mail must come in.
    """
    if own.loop_mark and any(v.strip() == own.loop_mark for v in seen.headers.get("x-mailtix-loop", ())):
        return Loop((f"X-Mailtix-Loop is our own mark: {own.loop_mark}",))
    if seen.auto_submitted and seen.mail.from_.addr.lower() in own.mailboxes:
        return Loop((f"From is our own mailbox {seen.mail.from_.addr} and Auto-Submitted is {seen.auto_submitted}",))
    return None
