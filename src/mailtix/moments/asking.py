"""A customer is asked how it went."""

from __future__ import annotations

from mailtix import surveys
from mailtix.model.change import Noted
from mailtix.model.decision import Said, Tap
from mailtix.model.standing import Surveyed
from mailtix.moments.moment import ACTOR, Moment

# A survey about work that ended long ago is a nuisance: after a long downtime it is left out.
_SURVEY_DAYS = 14


def survey(moment: Moment) -> str:
    """Asks the requester, if he may be asked."""
    ticket, draft = moment.ticket, moment.draft
    if not ticket.answerable or ticket.requester.undeliverable:
        return "nobody there to ask"
    if (moment.now - moment.plan.due_at).days >= _SURVEY_DAYS:
        return "too late to ask"
    if no := surveys.refusal(moment.asked, moment.policy.survey, moment.now):
        draft.change(Noted("not_asked", no), ACTOR, no)
        return no
    because = "closed for a while, and not yet rated"
    draft.change(Noted("survey", f"{ticket.requester.email} was asked how it went"), ACTOR, because)
    draft.mark(Surveyed(ticket.requester.email))
    draft.tell(ticket.requester, "survey", because, Said(taps=(Tap("#stop", "#stop"),)))
    return because
