"""What becomes of tokens for visits, and who is told: the same by mail and on the command line. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from mailtix.draft import Draft
from mailtix.model.change import Noted
from mailtix.model.decision import Said, Tap
from mailtix.model.desk import Agent, Company
from mailtix.model.ticket import Person, Ticket
from mailtix.model.token import NewToken, Token, TokenAssigned, TokenChange, TokenClosed, TokenIssued, TokenStep
from mailtix.tokens import describe, evolve


@dataclass(frozen=True, slots=True)
class Doer:
    """Who does it (an agent's key, or "mailtix" on the command line), and why."""

    key: str
    because: str


def issue(draft: Draft, company: Company, new: NewToken, what: tuple[str, Agent | None], doer: Doer) -> Token:
    """A new token of that category, looked after by that agent. It belongs to the draft's ticket, whose history tells
    of it. The person gets its number by mail, unless `untold` says why not."""
    category, owner = what
    ticket = draft.after if draft.before is not None else None
    token = Token(
        number=new.number,
        person=new.person,
        issued_at=draft.now,
        issued_by=doer.key,
        company=company.name,
        category=category,
        assignee=owner.key if owner else "",
        ticket=ticket.id if ticket else 0,
        ticket_number=ticket.number if ticket else "",
    )
    change = TokenIssued(token)
    draft.hand(TokenStep(change, doer.key, doer.because))
    if ticket is not None:
        draft.change(Noted("token", describe(change, company)), doer.key, doer.because)
    if not untold(new.person, ticket):
        draft.tell(new.person, "token", doer.because, Said(token=token))
    _tell_owner(draft, company, token, doer)
    return token


def untold(person: Person, ticket: Ticket | None) -> str:
    """Why the person gets no mail with the number, "" if he does."""
    if person.undeliverable:
        return f"mail to {person.email} fails: {person.undeliverable}"
    if ticket is not None and not ticket.answerable:
        return "a machine has opened the ticket, and gets no mail that nobody wrote"
    return ""


def assign(draft: Draft, company: Company, token: Token, owner: Agent, doer: Doer) -> Token:
    """That agent looks after the visit from now on, and is told."""
    after = _changed(draft, TokenAssigned(token, owner.key), doer)
    if token.assignee != owner.key:
        _tell_owner(draft, company, after, doer)
    return after


def close(draft: Draft, token: Token, doer: Doer) -> Token:
    """The visit is over."""
    return _changed(draft, TokenClosed(token), doer)


def _changed(draft: Draft, change: TokenChange, doer: Doer) -> Token:
    draft.hand(TokenStep(change, doer.key, doer.because))
    return evolve(change, doer.key, draft.now)


def _tell_owner(draft: Draft, company: Company, token: Token, doer: Doer) -> None:
    """Who looks after a visit hears of it, unless he has said so himself."""
    owner = company.agent(token.assignee)
    if owner is not None and owner.key != doer.key:
        person = token.person
        sender = f"{person.name} <{person.email}>" if person.name else f"<{person.email}>"
        over = Tap("Close", f"#token close {token.number}")
        draft.tell(owner, "token_given", doer.because, Said(sender=sender, token=token, taps=(over,)))
