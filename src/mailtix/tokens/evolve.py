"""(token, change) → token, and the change in words."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from mailtix.model.copies import replace
from mailtix.model.desk import Company
from mailtix.model.token import Token, TokenAssigned, TokenChange, TokenClosed, TokenIssued, TokenPrinted


def evolve(change: TokenChange, actor: str, now: datetime) -> Token:
    """The token as it is after the change. A visit that nobody had belongs to the agent who ends it; `actor` is his
    key, or whatever else has ended it."""
    token = change.token
    match change:
        case TokenIssued():
            return token
        case TokenAssigned(to=to):
            return replace(token, assignee=to)
        case TokenClosed():
            owner = token.assignee or (actor if "@" in actor else "")
            return replace(token, closed_at=now, closed_by=actor, assignee=owner)
        case TokenPrinted():
            return replace(token, printed_at=token.printed_at or now)
        case _:
            assert_never(change)


def refusal(change: TokenChange) -> str:
    """Why that cannot be done with the token, "" if it can. A slip may be printed at any time."""
    token = change.token
    if isinstance(change, TokenIssued | TokenPrinted) or token.closed_at is None:
        return ""
    return f"{token.number} is closed since {token.closed_at:%Y-%m-%d %H:%M} UTC; a new visit needs a new token"


def describe(change: TokenChange, company: Company) -> str:
    """The change in a sentence, for those who work at the desk."""
    token = change.token
    whose = f"{token.number} of {token.person.email}"
    match change:
        case TokenIssued():
            about = f" for {token.category}" if token.category else ""
            owner = f", looked after by {_name(token.assignee, company)}" if token.assignee else ""
            return f"the token {token.number} was issued to {token.person.email}{about}{owner}"
        case TokenAssigned(to=""):
            return f"{whose} is nobody's"
        case TokenAssigned(to=to):
            return f"{whose} is looked after by {_name(to, company)}"
        case TokenClosed():
            return f"{whose} is closed"
        case TokenPrinted():
            return f"the slip of {whose} was printed"
        case _:
            assert_never(change)


def _name(key: str, company: Company) -> str:
    agent = company.agent(key)
    return agent.name if agent else key
