"""tokens: numbers for visits, from the command line."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path
from typing import Literal

from mailtix.acts import TokenIssue, TokenMove, issue_token, move_token
from mailtix.app import App, open_app
from mailtix.commands.people import is_address
from mailtix.commands.wrong import Wrong, one_of
from mailtix.desk import tokens as handing
from mailtix.log import open_log
from mailtix.model.desk import Agent, Company
from mailtix.model.ticket import Ticket
from mailtix.model.token import Token, TokenAssigned, TokenClosed
from mailtix.slips import slip
from mailtix.store import kinship
from mailtix.store import tickets as ticket_store
from mailtix.store import tokens as store
from mailtix.store.engine import Session
from mailtix.terms import read_config
from mailtix.tokens import read, refusal
from mailtix.verbs import tokens_list
from mailtix.verbs.tokens_list import as_json
from mailtix.verbs.wrong_use import WrongUse

# Who uses the command line without saying who he is.
_NOBODY = "mailtix"


def tokens(arguments: argparse.Namespace) -> int:
    """tokens issue, list, show, assign, close or print. Exit code 1 when there is no such token, or it is closed."""
    if arguments.action in ("list", "show"):
        return tokens_list.look(arguments)
    acts: dict[str, Callable[[_Counter, argparse.Namespace], Token | None]] = {
        "issue": _issue,
        "assign": _assign,
        "close": _close,
        "print": _print,
    }
    with _counter(arguments) as counter:
        token = acts[arguments.action](counter, arguments)
    if token is None:
        return 1
    print(json.dumps(as_json(token), ensure_ascii=False) if arguments.json else _SAID[arguments.action](token))
    return 0


_SAID: dict[str, Callable[[Token], str]] = {
    "issue": lambda token: f"{token.number} is issued to {token.person.email}.",
    "assign": lambda token: f"{token.number} is looked after by {token.assignee}.",
    "close": lambda token: f"{token.number} is closed.",
    "print": lambda token: f"The slip of {token.number} is written.",
}


@dataclass(frozen=True, slots=True)
class _Counter:
    """Where tokens are issued: a transaction, and who does it."""

    app: App
    session: Session
    doer: handing.Doer
    now: datetime

    def move(self, company_id: int, token: Token, what: Literal["assign", "close", "print"], to: str = "") -> Token:
        """Writes down what becomes of the token; the mails leave with the daemon."""
        wanted = TokenMove(company_id, token.number, what, self.doer.key, self.doer.because, to)
        return move_token(self.session, self.app.house, wanted, self.now)


@contextmanager
def _counter(arguments: argparse.Namespace) -> Iterator[_Counter]:
    config = read_config(Path(arguments.config), os.environ)
    app = open_app(config, open_log(config.log.format, "warning"))
    try:
        doer = handing.Doer(_doer(app, arguments.doer), f"mailtix tokens {arguments.action}")
        with app.sessions.begin() as session:
            yield _Counter(app, session, doer, app.clock())
    finally:
        app.close()


def _doer(app: App, address: str | None) -> str:
    if address is None:
        return _NOBODY
    keys = {agent.key for company in app.house.companies.values() for agent in company.agents}
    if address.lower() not in keys:
        raise WrongUse(f"there is no agent with the address {address}; `mailtix agents list` shows them")
    return address.lower()


def _issue(counter: _Counter, arguments: argparse.Namespace) -> Token:
    company_id, company = _company(counter.app, arguments.company)
    ticket = _ticket(counter.session, company_id, arguments.ticket) if arguments.ticket else None
    email = _address(arguments.address, company, ticket)
    category = _category(arguments.category, company) if arguments.category else (ticket.category if ticket else "")
    owner = _agent(arguments.assign, company) if arguments.assign else None
    if owner is None and ticket is not None:
        owner = company.agent(ticket.assignee)
    name = arguments.name or parseaddr(arguments.address)[0]
    about, doer = ticket.id if ticket else 0, counter.doer
    wanted = TokenIssue(company_id, email, name, category, owner.key if owner else "", about, doer.key, doer.because)
    issued = issue_token(counter.session, counter.app.house, wanted, counter.now)
    if why := handing.untold(issued.person, ticket):
        print(f"tell the number yourself, for {why}", file=sys.stderr)
    return issued


def _assign(counter: _Counter, arguments: argparse.Namespace) -> Token | None:
    found = _found(counter, arguments)
    if found is None:
        return None
    company_id, company, token = found
    owner = _agent(arguments.to, company)
    if no := refusal(TokenAssigned(token, owner.key)):
        _no(no)
        return None
    return counter.move(company_id, token, "assign", owner.key)


def _close(counter: _Counter, arguments: argparse.Namespace) -> Token | None:
    found = _found(counter, arguments)
    if found is None:
        return None
    company_id, _, token = found
    if no := refusal(TokenClosed(token)):
        _no(no)
        return None
    return counter.move(company_id, token, "close")


def _print(counter: _Counter, arguments: argparse.Namespace) -> Token | None:
    """The slip, in the company's language and on its clock."""
    path = Path(arguments.file)
    if path.suffix.lower() != ".pdf":
        raise WrongUse(f"a slip is a PDF; name the file so: {path.with_suffix('.pdf')}")
    found = _found(counter, arguments)
    if found is None:
        return None
    company_id, company, token = found
    words = counter.app.house.templates.page("token", company.language).words
    path.write_bytes(slip(token, words, company.zone))
    return counter.move(company_id, token, "print")


def _found(counter: _Counter, arguments: argparse.Namespace) -> tuple[int, Company, Token] | None:
    """The token that is meant, locked. None, and said so, when there is none."""
    number, companies = read(arguments.number), counter.app.house.companies
    if arguments.company is not None:
        company_id, company = _company(counter.app, arguments.company)
        companies = {company_id: company}
    there = [
        (company_id, company, token)
        for company_id, company in companies.items()
        if number and (token := store.by_number(counter.session, company_id, number, lock=True))
    ]
    if len(there) > 1:
        names = ", ".join(company.name for _, company, _ in there)
        raise WrongUse(f"{number} exists in more than one company; add --company with one of: {names}")
    if not there:
        _no(f"there is no token {arguments.number}; `mailtix tokens list` shows what there is")
    return there[0] if there else None


def _no(reason: str) -> None:
    print(reason, file=sys.stderr)


def _company(app: App, name: str | None) -> tuple[int, Company]:
    companies = list(app.house.companies.items())
    names = ", ".join(company.name for _, company in companies)
    if name is None and len(companies) > 1:
        raise WrongUse(f"say for which company: --company with one of: {names}")
    found = [(id_, company) for id_, company in companies if name in (None, company.name)]
    if not found:
        raise WrongUse(f"there is no company {name!r}; there are: {names}")
    return found[0]


def _ticket(session: Session, company_id: int, number: str) -> Ticket:
    """The ticket with that number, or the one that it was merged into; locked."""
    ids = ticket_store.by_numbers(session, company_id, [number])
    if not ids:
        raise WrongUse(f"there is no ticket {number}; `mailtix tickets list` shows what there is")
    [id_] = ids.values()
    goes_on = kinship.followed(session, company_id, [id_]).get(id_, id_)
    return ticket_store.by_ids(session, company_id, [goes_on], lock=True)[goes_on]


def _address(text: str, company: Company, ticket: Ticket | None) -> str:
    email = parseaddr(text)[1].lower()
    if not is_address(email):
        raise WrongUse(f"{text!r} is no address; write it as ann@example.org")
    if company.mailbox(email) is not None or company.agent(email) is not None:
        raise WrongUse(f"{email} is an address of the desk; tokens are for customers")
    if ticket is not None and email not in (ticket.requester.email, *ticket.participants):
        raise WrongUse(f"{email} takes no part in {ticket.number}; leave --ticket out")
    return email


def _category(name: str, company: Company) -> str:
    found = one_of(name, company.categories, "category", parts=True) if company.categories else name.lower()
    if isinstance(found, Wrong):
        raise WrongUse(found)
    return found


def _agent(address: str, company: Company) -> Agent:
    agent = company.agent(address.strip())
    if agent is None:
        there = ", ".join(agent.email for agent in company.agents)
        raise WrongUse(f"there is no agent {address}; there are: {there}")
    return agent
