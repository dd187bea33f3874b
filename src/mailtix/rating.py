"""A customer answers our question how it went. Pure."""

from __future__ import annotations

from mailtix import surveys
from mailtix.draft import Draft
from mailtix.facts import Facts, Policy, message_of
from mailtix.model.change import Noted, Rated, StatusChanged
from mailtix.model.decision import Decision, Outcome, Said
from mailtix.model.personal import Preferred
from mailtix.model.thread import Found, Purpose, Strength, Writer
from mailtix.model.ticket import Author, Status, Visibility
from mailtix.notify import whom
from mailtix.ruling import follow_rating
from mailtix.surveys import Terms


def answer_to_survey(facts: Facts, policy: Policy, draft: Draft, writer: Writer, found: Found) -> Decision | None:
    """What an answer to a survey means: a mark, or the wish not to be asked again. None for all other mail, and for an
    answer without a mark, which is a mail like any other."""
    if found.claims is None or found.claims.purpose is not Purpose.SURVEY:
        return _too_late(facts, policy, draft, writer, found)
    because = f"answer to the survey, {found.because}"
    if surveys.stops(facts.mail.reply) or surveys.stops(facts.mail.subject):
        return _stopped(facts, policy, draft, writer, because)
    rated = surveys.answer(facts.mail.reply)
    if rated is None:
        return None
    before = draft.after.rating
    rate(facts, policy, draft, rated, because)
    _keep(facts, draft, writer, "answer to the survey")
    if policy.survey.thanks and before is None and not facts.muted:
        draft.tell(draft.after.requester, "thanks", because)
    follow_rating(facts, policy, draft)
    return draft.decision(Outcome.RATED, f"rated {rated.rating} of 5 ({found.because})", policy.sla)


def rate(facts: Facts, policy: Policy, draft: Draft, rated: Rated, because: str) -> None:
    """The customer's mark counts; of a low one somebody hears."""
    before = draft.after.rating
    draft.change(rated, facts.mail.from_.addr.lower(), because)
    if surveys.is_low(rated.rating, policy.survey) and not surveys.is_low(before, policy.survey):
        _alert(facts, policy, draft, rated)


def _keep(facts: Facts, draft: Draft, writer: Writer, because: str) -> None:
    draft.change(message_of(facts, Author.CUSTOMER, Visibility.INTERNAL, because), writer.email, because)


def _alert(facts: Facts, policy: Policy, draft: Draft, rated: Rated) -> None:
    """Whoever looks after the ticket, and who stands above, hear of a low mark; it may be opened again."""
    company, because = facts.company, f"rated {rated.rating} of 5"
    if policy.survey.reopen and draft.after.status.is_done:
        draft.change(StatusChanged(Status.REOPENED), "mailtix", because)
    said = Said(text=rated.feedback, sender=str(facts.mail.from_), reason=str(rated.rating))
    assignee = company.agent(draft.after.assignee) if draft.after.assignee else None
    above = whom.chain(draft.after, company, 1, rungs=policy.escalation.chain)
    for reader in dict.fromkeys((*((assignee,) if assignee else ()), *above)):
        draft.tell(reader, "low_mark", because, said)


def _stopped(facts: Facts, policy: Policy, draft: Draft, writer: Writer, because: str) -> Decision:
    draft.change(Noted("no_survey", f"{writer.email} does not want to be asked again"), writer.email, because)
    draft.set(Preferred(writer.email, surveys.PREFERENCE, "off"))
    if not facts.muted:
        draft.tell(draft.after.requester, "no_survey", because)
    return draft.decision(Outcome.NOTED, f"{writer.email} does not want to be asked again", policy.sla)


def _too_late(facts: Facts, policy: Policy, draft: Draft, writer: Writer, found: Found) -> Decision | None:
    """A mark that comes after its time is kept, and counts for nothing; it must not open the ticket again."""
    if not _is_late_mark(facts, draft, policy.survey):
        return None
    because = f"a mark that came too late; {found.because}"
    _keep(facts, draft, writer, because)
    return draft.decision(Outcome.NOTED, because, policy.sla)


def _is_late_mark(facts: Facts, draft: Draft, terms: Terms) -> bool:
    """A mark alone, for a ticket that is closed for longer than marks count; answered to the survey itself, or tapped,
    and then its signed address does not hold any more."""
    bad_key = any(item.strength is Strength.TOKEN and item.claims is None for item in facts.evidence)
    if not (bad_key or facts.answers == "survey") or not draft.after.status.is_done:
        return False
    closed = draft.after.closed_at
    ended = closed is not None and draft.now - closed > terms.after + terms.expires
    return ended and surveys.answer(facts.mail.reply) is not None
