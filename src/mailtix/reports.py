"""Delivery reports, abuse reports and read receipts: each belongs to the mail of ours that it speaks of. Pure."""

from __future__ import annotations

from datetime import datetime

from mailtix.draft import Draft
from mailtix.facts import Facts, Failed, Policy, message_of
from mailtix.model.change import AddressFailed, Noted, Restored, StatusChanged, Unanswered
from mailtix.model.decision import Decision, Outcome, Said
from mailtix.model.desk import Company
from mailtix.model.kind import Bounce, Complaint, Kind, Receipt
from mailtix.model.ticket import Author, Status, Ticket, Visibility
from mailtix.notify import whom


def decide_report(facts: Facts, policy: Policy, now: datetime) -> Decision:
    """A delivery report, an abuse report or a read receipt: it belongs to the mail of ours that it speaks of."""
    reasons = "; ".join(facts.kind.because)
    failed = facts.failed
    ticket = facts.tickets.get(failed.ticket) if failed else None
    if failed is None or ticket is None:
        return Decision(Outcome.IGNORED, f"{_what(facts.kind)} about no mail that we know: {reasons}")
    draft = Draft(ticket, facts.company.name, now)
    because = f"{_what(facts.kind)} about our mail to {failed.rcpt}: {reasons}"
    draft.change(message_of(facts, Author.SYSTEM, Visibility.INTERNAL, because), facts.sender.email, because)
    if not isinstance(facts.kind, Bounce):
        draft.change(Noted(_what(facts.kind).replace(" ", "_"), because), "mailtix", because)
        return draft.decision(Outcome.NOTED, because, policy.sla)
    text = _why_undelivered(facts.kind, failed)
    draft.change(Noted("undelivered", text), "mailtix", because)
    if not facts.kind.recipients or any(r.action == "failed" for r in facts.kind.recipients):
        _undo_answer(draft, failed, because)
        if any(recipient.dead for recipient in facts.kind.recipients):
            draft.change(AddressFailed(failed.rcpt, text), "mailtix", because)
        _tell_undelivered(draft, facts.company, failed, because, text)
    return draft.decision(Outcome.BOUNCED, because, policy.sla)


def decide_undelivered(
    ticket: Ticket, failed: Failed, reply: str, company: Company, policy: Policy, now: datetime
) -> Decision:
    """The next server has refused a mail of ours for good, or it was tried for too long."""
    draft = Draft(ticket, company.name, now)
    because = f"the mail to {failed.rcpt} was refused: {reply}"
    draft.change(Noted("undelivered", because), "mailtix", reply)
    _undo_answer(draft, failed, because)
    _tell_undelivered(draft, company, failed, because, reply)
    return draft.decision(Outcome.BOUNCED, because, policy.sla)


def _undo_answer(draft: Draft, failed: Failed, because: str) -> None:
    """An answer that did not arrive is none: whoever waited for it has waited all the time, and it is the desk's turn.
    One that another answer has followed ends no wait any more."""
    ticket = draft.after
    if failed.template != "reply" or failed.rcpt != ticket.requester.email:
        return
    if ticket.first_response_at == failed.sent_at:
        draft.change(Unanswered(), "mailtix", because)
    elif failed.waited_since is None:
        return
    elif not ticket.status.is_done and _waited_longer(ticket, failed):
        draft.change(Restored((("waiting_since", failed.waited_since),)), "mailtix", because)
    if ticket.status is Status.WAITING_CUSTOMER:
        draft.change(StatusChanged(Status.WAITING_SUPPORT), "mailtix", because)


def _waited_longer(ticket: Ticket, failed: Failed) -> bool:
    since = failed.waited_since
    return since is not None and (ticket.waiting_since is None or since < ticket.waiting_since)


def _tell_undelivered(draft: Draft, company: Company, failed: Failed, because: str, reason: str) -> None:
    """Only the failure of a customer's mail is told: a report about a notice could bring forth notices without end."""
    if company.agent(failed.rcpt) is None:
        for agent in whom.desk(draft.after, company, everyone=True):
            said = Said(sender=failed.rcpt, reason=reason, sent_at=failed.sent_at)
            draft.tell(agent, "undelivered", because, said)


def _what(kind: Kind) -> str:
    match kind:
        case Bounce():
            return "delivery report"
        case Complaint():
            return "abuse report"
        case Receipt():
            return "read receipt"
        case _:
            return "mail"


def _why_undelivered(bounce: Bounce, failed: Failed) -> str:
    recipient = next((r for r in bounce.recipients if r.addr.lower() == failed.rcpt), None)
    recipient = recipient or next(iter(bounce.recipients), None)
    if recipient is None:
        return f"the mail of {failed.sent_at:%Y-%m-%d %H:%M} UTC to {failed.rcpt} was not delivered"
    verb = "is delayed" if recipient.action == "delayed" else "was not delivered"
    detail = " ".join(filter(None, (recipient.status, recipient.reason)))
    return f"the mail of {failed.sent_at:%Y-%m-%d %H:%M} UTC to {failed.rcpt} {verb}{f': {detail}' if detail else ''}"
