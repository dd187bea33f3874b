"""tokens list and show: which there are, how many today, and what happened to one."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from mailtix.clock import clock
from mailtix.config import Config
from mailtix.figures.periods import midnight
from mailtix.model.desk import Company
from mailtix.model.token import Token
from mailtix.store import directory
from mailtix.store import tokens as store
from mailtix.store.engine import Session
from mailtix.terms import read_config
from mailtix.tokens import read
from mailtix.verbs.looking import looking
from mailtix.verbs.wrong_use import WrongUse

_EVERY = 2**31 - 1  # rows; both databases take it for a limit


def look(arguments: argparse.Namespace) -> int:
    """tokens list or show."""
    config = read_config(Path(arguments.config), os.environ)
    companies = _companies(config, arguments.company)
    with looking(config) as session:
        ids = tuple(directory.known_ids(session, [company.name for company in companies]).values())
        return (_list if arguments.action == "list" else _show)(session, arguments, companies, ids)


def _companies(config: Config, name: str | None) -> tuple[Company, ...]:
    companies = config.companies_as_model()
    found = tuple(company for company in companies if name in (None, company.name))
    if not found:
        raise WrongUse(f"there is no company {name!r}; there are: {', '.join(c.name for c in companies)}")
    return found


def _list(session: Session, arguments: argparse.Namespace, companies: Sequence[Company], ids: tuple[int, ...]) -> int:
    if arguments.limit < 0:
        raise WrongUse("--limit is a number of tokens; 0 means all of them")
    zones = {company.zone for company in companies}
    zone = zones.pop() if len(zones) == 1 else UTC  # days of different clocks are none
    day = _day(arguments.day, zone)
    begin, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    wanted = store.Wanted(
        ids,
        is_open=True if arguments.open else None,
        words=tuple(arguments.search.casefold().split()),
        categories=None if arguments.category is None else (arguments.category,),
        assignee=None if arguments.assignee is None else arguments.assignee.lower(),
        since=begin if arguments.day else None,
        until=end if arguments.day else None,
    )
    found = store.find(session, wanted, arguments.limit or _EVERY)
    tally = store.tally(session, ids, begin, end)
    if arguments.json:
        counts = {"issued": tally.issued, "closed": tally.closed, "open": tally.open}
        about = {"day": day.isoformat(), **counts, "tokens": [as_json(token) for token in found]}
        print(json.dumps(about, ensure_ascii=False))
        return 0
    _print_table(found)
    print(f"{day}: {tally.issued:,} issued, {tally.closed:,} closed; {tally.open:,} are open now.")
    if len(found) == arguments.limit and store.count(session, wanted) > arguments.limit:
        print("There are more; --limit 0 shows all of them.", file=sys.stderr)
    return 0


def _day(text: str | None, zone: tzinfo) -> date:
    today = clock().astimezone(zone).date()
    if text is None or text == "today":
        return today
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUse(f"--day: {text!r} is no day; write it as 2026-12-01, or today") from None


def _print_table(found: Sequence[Token]) -> None:
    heads = ("For", "Category", "With", "Ticket", "Issued (UTC)", "Closed (UTC)", "Printed")
    table = Table(Column("Number", no_wrap=True), *heads)
    for token in found:
        closed = f"{token.closed_at:%Y-%m-%d %H:%M}" if token.closed_at else ""
        issued, printed = f"{token.issued_at:%Y-%m-%d %H:%M}", "yes" if token.printed_at else ""
        row = (token.number, token.person.email, token.category, token.assignee, token.ticket_number, issued, closed)
        table.add_row(*map(escape, (*row, printed)))
    Console().print(table if found else "No tokens.")


def _show(session: Session, arguments: argparse.Namespace, companies: Sequence[Company], ids: tuple[int, ...]) -> int:
    number = read(arguments.number)
    there = [token for id_ in ids if number and (token := store.by_number(session, id_, number))]
    if not there:
        print(f"there is no token {arguments.number}; `mailtix tokens list` shows what there is", file=sys.stderr)
        return 1
    if len(there) > 1:
        names = ", ".join(token.company for token in there)
        raise WrongUse(f"{number} exists in more than one company; add --company with one of: {names}")
    [token] = there
    log = store.log_of(session, token)
    if arguments.json:
        lines = [
            {"at": line.at.isoformat(), "actor": line.actor, "text": line.text, "because": line.because,
             "cause": line.cause}
            for line in log
        ]  # fmt: skip
        print(json.dumps({**as_json(token), "log": lines}, ensure_ascii=False))
        return 0
    console = Console(highlight=False)
    for name, value in as_json(token).items():
        if value is not None:
            console.print(f"  {name}: {escape(str(value))}")
    table = Table("When (UTC)", "Who", "What", "Why", "Cause")
    for line in log:
        row = (f"{line.at:%Y-%m-%d %H:%M:%S}", line.actor, line.text, line.because, line.cause)
        table.add_row(*map(escape, row))
    console.print(table)
    return 0


def as_json(token: Token) -> dict[str, object]:
    """A token as programs see it. Times are ISO 8601 in UTC."""

    def moment(value: datetime | None) -> str | None:
        return value.isoformat() if value else None

    return {
        "number": token.number,
        "status": "open" if token.is_open else "closed",
        "company": token.company,
        "person": token.person.email,
        "name": token.person.name or None,
        "category": token.category or None,
        "assignee": token.assignee or None,
        "ticket": token.ticket_number or None,
        "issued_at": moment(token.issued_at),
        "issued_by": token.issued_by,
        "closed_at": moment(token.closed_at),
        "closed_by": token.closed_by or None,
        "printed_at": moment(token.printed_at),
    }
