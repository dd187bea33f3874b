"""A desk to ask about, and reading that must go well or must not."""

from __future__ import annotations

from mailtix.model.desk import Agent, Company
from mailtix.query import Known, Mistake, Node, Query, parse

BOB = Agent("Bob Miller", "bob@desk.example", ("billing",))
ANN = Agent("Ann Bell", "ann@desk.example", ("second line",))
ANNE = Agent("Anne Miller", "anne@desk.example", ())
COMPANY = Company("Example", (), (BOB, ANN, ANNE), ("billing", "technical"))
KNOWN = Known.of([COMPANY], BOB.key)


def asked(text: str) -> Node:
    """What a query without mistakes asks for."""
    return whole(text).where


def whole(text: str) -> Query:
    query = parse(text, KNOWN)
    assert isinstance(query, Query), [mistake.pointed() for mistake in query]
    return query


def mistakes(text: str, known: Known = KNOWN) -> list[Mistake]:
    found = parse(text, known)
    assert not isinstance(found, Query), found
    return list(found)
