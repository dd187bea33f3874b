"""tickets list: what a query finds, as a table, JSON or CSV."""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from mailtix.clock import clock
from mailtix.config import Config
from mailtix.model.ticket import Status, Ticket
from mailtix.query import All, Field, Known, Node, OneOf, Query, parse, phrase
from mailtix.store import directory, preferences, search
from mailtix.store.engine import Session
from mailtix.terms import read_config
from mailtix.verbs.looking import looking
from mailtix.verbs.wrong_use import WrongUse

_EVERY = 2**31 - 1  # rows; both databases take it for a limit
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def listing(arguments: argparse.Namespace) -> int:
    """tickets list."""
    if arguments.json and arguments.csv:
        raise WrongUse("the tickets come as JSON or as CSV; take one of --json and --csv")
    if arguments.limit < 0:
        raise WrongUse("--limit is a number of tickets; 0 means all of them")
    config = read_config(Path(arguments.config), os.environ)
    text = " ".join(arguments.query)
    query = None if text.startswith("@") else asked(arguments, config, text)
    with looking(config) as session:
        company = _company(session, arguments.company)
        query = query or _filtered(session, arguments, config, company)
        found = search.find(session, query, company, clock(), arguments.limit or _EVERY)
        more = len(found) == arguments.limit and search.count(session, query, company, clock()) > arguments.limit
    if arguments.json:
        print(json.dumps([as_json(ticket) for ticket in found], ensure_ascii=False))
    elif arguments.csv:
        _print_csv(found)
    else:
        _print_table(found, more)
    return 0


def _filtered(session: Session, arguments: argparse.Namespace, config: Config, company: int | None) -> Query:
    """The query when its first word is @ and the name of a filter that an agent keeps; the rest narrows it down."""
    first, _, rest = " ".join(arguments.query).partition(" ")
    name, viewer = first.removeprefix("@").lower(), (arguments.viewer or "").lower()
    if not viewer:
        raise WrongUse(f"{first} is a filter of one agent; --as ADDRESS says of whom")
    if company is None and len(config.companies) > 1:
        raise WrongUse(f"{first} is a filter in one company; --company NAME says in which")
    own = preferences.filters(session, company or _company(session, config.companies[0].name) or 0, [viewer])
    kept = own.get(viewer, {})
    if name not in kept:
        there = f"there are: {', '.join(kept)}" if kept else "he keeps none"
        raise WrongUse(f"{viewer} has no filter {name!r}; {there}")
    within, query = asked(arguments, config, kept[name]), asked(arguments, config, rest)
    return Query(All((within.where, query.where)), query.sort or within.sort, rest)


def asked(arguments: argparse.Namespace, config: Config, text: str) -> Query:
    """What a query and the other options ask for. Raises WrongUse with every mistake in it."""
    companies = config.companies_as_model()
    named = [company for company in companies if arguments.company in (None, company.name)]
    viewer = (arguments.viewer or "").lower()
    if viewer and not any(company.agent(viewer) for company in named):
        raise WrongUse(f"there is no agent with the address {viewer}; `mailtix agents list` shows them")
    query = parse(text, Known.of(named, viewer))
    if not isinstance(query, Query):
        raise WrongUse("\n".join(["the query cannot be understood:", *(mistake.pointed() for mistake in query)]))
    return Query(All((query.where, *_options(arguments))), query.sort, query.text)


def _options(arguments: argparse.Namespace) -> list[Node]:
    """What the options ask for besides the query."""
    nodes: list[Node] = []
    known = {status.value for status in Status}
    if wrong := [name for name in arguments.status or () if name not in known]:
        raise WrongUse(f"there is no status {wrong[0]!r}; there are: {', '.join(sorted(known))}")
    if arguments.status:
        nodes.append(OneOf(Field.STATUS, tuple(arguments.status)))
    if arguments.assignee is not None:
        nodes.append(OneOf(Field.ASSIGNEE, (arguments.assignee.lower(),)))
    if arguments.search:
        said = phrase(arguments.search)
        if said is None:
            raise WrongUse(
                f"there is no word to look for in {arguments.search!r}; words are made of letters and digits"
            )
        nodes.append(said)
    return nodes


def _company(session: Session, name: str | None) -> int | None:
    if name is None:
        return None
    ids = {known: id_ for id_, known in directory.company_names(session).items()}
    if name not in ids:
        raise WrongUse(f"there is no company {name!r}; there are: {', '.join(sorted(ids))}")
    return ids[name]


def as_json(ticket: Ticket) -> dict[str, object]:
    """A ticket as programs see it. Times are ISO 8601 in UTC."""

    def moment(value: datetime | None) -> str | None:
        return value.isoformat() if value else None

    return {
        "number": ticket.number,
        "subject": ticket.subject,
        "status": ticket.status,
        "category": ticket.category or None,
        "priority": ticket.priority,
        "assignee": ticket.assignee or None,
        "team": ticket.team or None,
        "requester": ticket.requester.email,
        "requester_name": ticket.requester.name,
        "company": ticket.company,
        "mailbox": ticket.mailbox,
        "source": ticket.source,
        "tags": sorted(ticket.tags),
        "fields": dict(ticket.fields),
        "participants": list(ticket.participants),
        "watchers": list(ticket.watchers),
        "created_at": moment(ticket.created_at),
        "updated_at": moment(ticket.updated_at),
        "first_response_at": moment(ticket.first_response_at),
        "first_response_due": moment(ticket.first_response_due),
        "next_response_due": moment(ticket.next_response_due),
        "resolution_due": moment(ticket.resolution_due),
        "due_at": moment(ticket.due_at),
        "snoozed_until": moment(ticket.snoozed_until),
        "resolved_at": moment(ticket.resolved_at),
        "closed_at": moment(ticket.closed_at),
        "escalation": ticket.escalation,
        "rating": ticket.rating,
        "feedback": ticket.feedback or None,
    }


def _print_table(found: Sequence[Ticket], more: bool) -> None:
    table = Table(
        Column("Number", no_wrap=True), *("Status", "Priority", "Category", "Assignee", "Requester", "Subject")
    )
    for t in found:
        row = (t.number, t.status, t.priority, t.category, t.assignee or t.team, t.requester.email, t.subject)
        table.add_row(*(escape(str(value)) for value in row))
    Console().print(table if found else "No tickets.")
    if more:
        print("There are more; --limit 0 shows all of them.", file=sys.stderr)


def _print_csv(found: Sequence[Ticket]) -> None:
    """As RFC 4180 says, but with the line ends of the system; the first line names the columns."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for ticket in found:
        values = as_json(ticket)
        writer.writerow([_cell(values[name]) for name in _COLUMNS])


def _cell(value: object) -> str:
    """One cell. What a customer wrote must not be a formula of the spreadsheet that opens it."""
    if value is None:
        return ""
    if isinstance(value, list):
        value = " ".join(value)
    if isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False) if value else ""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


_COLUMNS = (
    "number", "subject", "status", "priority", "category", "assignee", "team", "requester", "requester_name",
    "company", "source", "tags", "fields", "created_at", "updated_at", "first_response_at", "first_response_due",
    "next_response_due", "resolution_due", "due_at", "snoozed_until", "resolved_at", "closed_at", "escalation",
    "rating", "feedback",
)  # fmt: skip
