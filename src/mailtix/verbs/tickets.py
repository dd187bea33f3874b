"""tickets and timers: looking at what there is."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mailtix.clock import clock
from mailtix.model.ticket import Ticket
from mailtix.store import kinship
from mailtix.store import tickets as store
from mailtix.store import timers as timer_store
from mailtix.store.engine import Session
from mailtix.terms import read_config
from mailtix.verbs.looking import looking
from mailtix.verbs.tickets_list import as_json, listing
from mailtix.verbs.wrong_use import WrongUse


def tickets(arguments: argparse.Namespace) -> int:
    """tickets list, show, history, attachments or sla."""
    if arguments.action == "list":
        return listing(arguments)
    actions = {"show": _show, "history": _history, "attachments": _attachments, "sla": _sla}
    return _with_session(arguments, actions[arguments.action])


def timers(arguments: argparse.Namespace) -> int:
    """timers list."""
    return _with_session(arguments, _timers)


def _with_session(arguments: argparse.Namespace, look: Any) -> int:
    with looking(read_config(Path(arguments.config), os.environ)) as session:
        code: int = look(session, arguments)
        return code


def _show(session: Session, arguments: argparse.Namespace) -> int:
    ticket = _one(session, arguments)
    if ticket is None:
        return 1
    messages = [
        {
            "id": row.id,
            "at": row.at.isoformat(),
            "author": row.author,
            "sender": row.sender,
            "sender_name": row.sender_name,
            "visibility": row.visibility,
            "kind": row.kind,
            "text": row.text,
            "message_id": row.message_id,
            "auth": row.auth or None,
            "warning": row.warning or None,
            "because": row.because,
            "journal": f"J{row.journal_id}" if row.journal_id else None,
        }
        for row in store.messages_of(session, ticket.id)
    ]
    if arguments.json:
        _print_json(as_json(ticket) | _kin(session, ticket) | {"messages": messages})
        return 0
    console = Console(highlight=False)
    console.print(f"[bold]{escape(ticket.number)}[/bold] {escape(ticket.subject)}")
    for name, value in as_json(ticket).items():
        if value not in (None, [], {}, "") and name not in ("number", "subject"):
            words = [f"{key}={held}" for key, held in value.items()] if isinstance(value, dict) else value
            shown = ", ".join(map(str, words)) if isinstance(words, list) else str(words)
            console.print(f"  {name}: {escape(shown)}")
    for line in _kin_lines(session, ticket):
        console.print(f"  {escape(line)}")
    for message in messages:
        held = "" if message["visibility"] == "public" else f" [{message['visibility']}]"
        console.rule(escape(f"{message['at']} {message['sender']} ({message['author']}){held}"), align="left")
        if message["auth"]:
            console.print(escape(str(message["auth"])), style="dim")
        if message["warning"]:
            console.print(escape(f"beware: {message['warning']}"), style="yellow")
        console.print(escape(str(message["text"])))
    return 0


def _kin(session: Session, ticket: Ticket) -> dict[str, object]:
    """The tickets that one belongs together with."""
    links = [
        {"number": number, "subject": subject, "kind": kind}
        for number, subject, kind in kinship.links_of(session, ticket.id)
    ]
    merged = kinship.merged_into(session, ticket.id)
    return {"merged_into": kinship.goes_on_as(session, ticket) or None, "merged": merged, "links": links}


def _kin_lines(session: Session, ticket: Ticket) -> list[str]:
    goes_on = kinship.goes_on_as(session, ticket)
    lines = [f"merged into: {goes_on}"] if goes_on else []
    lines += [f"merged: {number}" for number in kinship.merged_into(session, ticket.id)]
    return lines + [f"{kind}: {number} {subject}" for number, subject, kind in kinship.links_of(session, ticket.id)]


def _history(session: Session, arguments: argparse.Namespace) -> int:
    ticket = _one(session, arguments)
    if ticket is None:
        return 1
    lines = store.history_of(session, ticket.id)
    if arguments.json:
        rows = [
            {
                "at": line.at.isoformat(),
                "actor": line.actor,
                "field": line.field,
                "old": line.old,
                "new": line.new,
                "text": line.text,
                "because": line.because,
                "cause": line.cause,
            }
            for line in lines
        ]
        _print_json(rows)
        return 0
    table = Table("When (UTC)", "Who", "What", "Why", "Cause", title=f"{ticket.number} {ticket.subject}")
    for line in lines:
        row = (f"{line.at:%Y-%m-%d %H:%M:%S}", line.actor, line.text, line.because, line.cause)
        table.add_row(*(escape(value) for value in row))
    Console().print(table)
    return 0


def _attachments(session: Session, arguments: argparse.Namespace) -> int:
    from mailtix.verbs import attachments  # it reads mails, which a list need not wait for

    ticket = _one(session, arguments)
    return 1 if ticket is None else attachments.show(session, ticket, arguments)


def _sla(session: Session, arguments: argparse.Namespace) -> int:
    from mailtix.verbs import tickets_sla  # it knows the whole line

    ticket = _one(session, arguments)
    if ticket is None:
        return 1
    terms = read_config(Path(arguments.config), os.environ).sla_terms()
    return tickets_sla.show(session, ticket, terms, clock(), as_json=arguments.json)


def _one(session: Session, arguments: argparse.Namespace) -> Ticket | None:
    found = store.with_number(session, arguments.number, arguments.company)
    if not found:
        print(f"there is no ticket {arguments.number}; `mailtix tickets list` shows what there is", file=sys.stderr)
        return None
    if len(found) > 1:
        names = ", ".join(ticket.company for ticket in found)
        raise WrongUse(f"{arguments.number} exists in more than one company; add --company with one of: {names}")
    return found[0]


def _timers(session: Session, arguments: argparse.Namespace) -> int:
    from mailtix.moments import why  # it knows the whole line

    ticket = _one(session, arguments) if arguments.number else None
    if arguments.number and ticket is None:
        return 1
    rows = timer_store.upcoming(session, arguments.limit, ticket.id if ticket else 0)
    if arguments.json:
        _print_json(
            [
                {
                    "id": r.id,
                    "kind": r.kind,
                    "due_at": r.due_at.isoformat(),
                    "ticket": r.ticket,
                    "why": why(r.kind),
                    "error": r.error or None,
                }
                for r in rows
            ]
        )
        return 0
    table = Table("Due (UTC)", "What", "Ticket", "Why")
    for row in rows:
        table.add_row(f"{row.due_at:%Y-%m-%d %H:%M:%S}", row.kind, escape(row.ticket), why(row.kind))
    Console().print(table if rows else "No timers.")
    return 0


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False))
