"""What agents ask for by mail: the tickets that a query finds, and the numbers of the day."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from mailtix.figures import By, Counts, Period
from mailtix.figures.today import ASKED, Stats, day_and_week
from mailtix.model.decision import AskQuery
from mailtix.model.desk import AgentRole, Company
from mailtix.query import All, AnyOf, Field, Known, Node, OneOf, Query, parse
from mailtix.query.hits import Hits
from mailtix.store import directory, figures, search

# A mail that holds more is not read.
MOST = 50
_COUNTED = frozenset({"created", "handled", "moves", "open"})


def hits(session: Session, place: tuple[int, Company], ask: AskQuery, viewer: str, now: datetime) -> Hits:
    """The tickets of a company (its id and itself) that are asked for by the agent `viewer` (a key), or by a customer.
    Raises ValueError for a query that nobody has read before."""
    company_id, company = place
    known = Known.of((company,), "" if ask.requester else viewer)
    within, query = (_read(text, known) for text in (ask.within, ask.text))
    allowed = All() if ask.requester else _allowed(company, viewer)
    both = Query(All((within.where, query.where, allowed)), query.sort or within.sort, query.text)
    customer = directory.email_of(session, company_id, ask.requester) if ask.requester else ""
    seen = search.Viewer(customer)
    found = search.find(session, both, company_id, now, MOST, seen)
    total = search.count(session, both, company_id, now, seen) if len(found) == MOST else len(found)
    return Hits(tuple(found), total)


def stats(session: Session, place: tuple[int, Company], viewer: str, now: datetime) -> Stats:
    """The numbers of the day of a company (its id and itself), as they are for the agent `viewer` (a key)."""
    company_id, company = place
    known, agents = Known.of((company,), viewer), tuple(agent.key for agent in company.agents)

    def counted(period: Period) -> Counts:
        return figures.count(session, figures.Frame((company_id,), (period,), By.AGENT, agents), now, _COUNTED)

    day, week = map(counted, day_and_week(now, company.zone))
    allowed = _allowed(company, viewer)
    asked = {text: Query(All((_read(text, known).where, allowed))) for text in ASKED}
    now_there = {text: search.count(session, query, company_id, now) for text, query in asked.items()}
    return Stats(day, week, now_there)


def _allowed(company: Company, viewer: str) -> Node:
    """What an agent may see: all, unless he works in some categories only (as in authorise/permissions.py)."""
    agent = company.agent(viewer)
    if agent is None or not agent.categories or agent.role is not AgentRole.AGENT:
        return All()
    his = (OneOf(Field.CATEGORY, ("", *agent.categories)), OneOf(Field.ASSIGNEE, (agent.key,)))
    return AnyOf((*his, OneOf(Field.TEAM, agent.teams)))


def _read(text: str, known: Known) -> Query:
    query = parse(text, known)
    if isinstance(query, Query):
        return query
    raise ValueError(f"the query {text!r} was not read before it was asked")
