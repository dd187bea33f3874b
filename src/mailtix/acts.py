"""What admins do at the command line, done and kept with all that it rests on; and done again from what was kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from mailtix.desk import tokens as handing
from mailtix.draft import Draft
from mailtix.house import House
from mailtix.model.decision import Outcome
from mailtix.model.desk import AgentState, Availability
from mailtix.model.token import NewToken, Token, TokenPrinted, TokenStep
from mailtix.save import Cause, save
from mailtix.store import acts, directory, tickets, tokens
from mailtix.store.engine import Session


@dataclass(frozen=True, slots=True)
class TokenIssue:
    """A new token for a visit. `owner` is the key of the agent who looks after it, "" for nobody; `ticket` is 0 where
    it is about none; `doer` does it, because of that."""

    company: int
    email: str
    name: str
    category: str
    owner: str
    ticket: int
    doer: str
    because: str


@dataclass(frozen=True, slots=True)
class TokenMove:
    """Something that becomes of an open token. `to` is the key of the agent who looks after it from now on."""

    company: int
    number: str
    what: Literal["assign", "close", "print"]
    doer: str
    because: str
    to: str = ""


def issue_token(session: Session, house: House, wanted: TokenIssue, now: datetime) -> Token:
    """The token. The mails about it are in the outbox."""
    acts.keep(session, "token issued", asdict(wanted), now)
    company = house.companies[wanted.company]
    person = directory.person(session, wanted.company, wanted.email, wanted.name, now)
    new = NewToken(tokens.next_number(session, wanted.company), person)
    draft = Draft(None, company.name, now)
    if wanted.ticket:
        ticket = tickets.by_ids(session, wanted.company, [wanted.ticket], lock=True)[wanted.ticket]
        draft = Draft(ticket, company.name, now)
    owner = company.agent(wanted.owner) if wanted.owner else None
    token = handing.issue(draft, company, new, (wanted.category, owner), handing.Doer(wanted.doer, wanted.because))
    _save(session, house, (wanted.company, draft, wanted.because), new.number, now)
    return token


def move_token(session: Session, house: House, wanted: TokenMove, now: datetime) -> Token:
    """The token as it is afterwards. Raises LookupError when there is none with that number, or no such agent."""
    acts.keep(session, "token moved", asdict(wanted), now)
    company = house.companies[wanted.company]
    token = tokens.by_number(session, wanted.company, wanted.number, lock=True)
    owner = company.agent(wanted.to) if wanted.to else None
    if token is None or (wanted.what == "assign" and owner is None):
        raise LookupError(f"there is no token {wanted.number}, or no agent {wanted.to}")
    draft, doer = Draft(None, company.name, now), handing.Doer(wanted.doer, wanted.because)
    # A name that no other change of the token has: mails that follow from it are named after it.
    name = f"{token.number}.{len(tokens.log_of(session, token))}"
    if wanted.what == "close":
        token = handing.close(draft, token, doer)
    elif owner is not None:
        token = handing.assign(draft, company, token, owner, doer)
    else:
        draft.hand(TokenStep(TokenPrinted(token), doer.key, doer.because))
    _save(session, house, (wanted.company, draft, wanted.because), name, now)
    return token


def _save(session: Session, house: House, what: tuple[int, Draft, str], name: str, now: datetime) -> None:
    company_id, draft, because = what
    decision = draft.decision(Outcome.COMMANDED, because, house.policy.sla)
    save(session, house, company_id, decision, Cause(name), now)


def again(session: Session, house: House, act: acts.KeptAct, at: datetime) -> None:
    """Does once more what was kept, at that moment. Raises LookupError when what it was about is not there."""
    value: dict[str, Any] = act.value
    match act.what:
        case "agent":
            availability = Availability(value["availability"]) if value["availability"] else None
            until = datetime.fromisoformat(value["until"]) if value["until"] else None
            acts.set_agent(session, value["agent"], AgentState(availability, until, value["maximum"]), at)
        case "keys":
            acts.revoke_keys(session, value["email"], value["companies"], at)
        case "token issued":
            issue_token(session, house, TokenIssue(**value), at)
        case "token moved":
            move_token(session, house, TokenMove(**value), at)
        case unknown:
            raise LookupError(f"no version of mailtix that is known here has kept {unknown!r}")
