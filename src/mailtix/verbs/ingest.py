"""ingest: mail put in by hand, from files or a mail server's pipe."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from rich.progress import track

from mailtix.app import App, open_app
from mailtix.ingest.accept import Parcel
from mailtix.ingest.files import read_mails
from mailtix.ingest.headers import recipients_in_headers, sender_in_headers
from mailtix.log import open_log
from mailtix.model.mail import Envelope
from mailtix.store import journal, tickets
from mailtix.store.engine import Session
from mailtix.terms import read_config
from mailtix.verbs.wrong_use import WrongUse

_GROUP = 50  # mails that share a commit
_PATIENCE_SECONDS = 30.0
_LOOK_SECONDS = 0.2


def ingest(arguments: argparse.Namespace) -> int:
    """Writes mails to the journal, processes them, and says what became of each."""
    config = read_config(Path(arguments.config), os.environ)
    app = open_app(config, open_log(config.log.format, "warning"))
    try:
        strangers = [address for address in arguments.to or () if not app.ours(address)]
        if strangers:
            raise WrongUse(f"{', '.join(strangers)}: no mailbox of the settings; see `companies` in {arguments.config}")
        numbers = list(_accept(app, arguments))
        rows = _processed(app, numbers)
    finally:
        app.close()
    for row in rows:
        print(json.dumps(row, ensure_ascii=False) if arguments.json else _line(row))
    # A mail server takes anything but 0 for its own mail to bounce; but the mail is durable, so it is ours now.
    return 1 if not arguments.pipe and any(row["state"] != "done" for row in rows) else 0


def _processed(app: App, numbers: list[tuple[str, int]]) -> list[dict[str, object]]:
    """What became of each mail. A daemon beside us may have some of them in hand; it gets a while to finish."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        app.work.everything()
        with app.sessions() as session:
            rows = [_row(session, name, number) for name, number in numbers]
        untouched = any(row["state"] == "new" and not row["because"] for row in rows)
        if not untouched or time.monotonic() > deadline:
            return rows
        time.sleep(_LOOK_SECONDS)


def _accept(app: App, arguments: argparse.Namespace) -> Iterator[tuple[str, int]]:
    """Every mail, once durable: (its name, its journal number)."""
    mails = read_mails(arguments.files, sys.stdin.buffer)
    show = sys.stderr.isatty() and not arguments.pipe
    groups = iter(lambda: list(islice(mails, _GROUP)), [])
    for group in track(groups, "Reading mail", transient=True, disable=not show):
        parcels = [Parcel(raw, _envelope(app, raw, arguments)) for _, raw in group]
        for (name, _), numbers in zip(group, app.commit(parcels), strict=True):
            for number in numbers:
                yield name, number


def _envelope(app: App, raw: bytes, arguments: argparse.Namespace) -> Envelope:
    """As said on the command line, else as the headers say; the first mailbox takes what names none of ours."""
    recipients = tuple(arguments.to or ()) or recipients_in_headers(raw, app.ours)
    first = app.config.companies[0].mailboxes[0].address
    sender = arguments.sender if arguments.sender is not None else sender_in_headers(raw)
    source = "pipe" if arguments.pipe else "file"
    return Envelope(sender.strip("<>"), recipients or (first,), app.clock(), source)


def _row(session: Session, name: str, number: int) -> dict[str, object]:
    entry = journal.entry(session, number)
    assert entry is not None
    owner = entry.ticket_id
    ticket = tickets.by_ids(session, entry.company_id, [owner]).get(owner) if owner else None
    return {
        "file": name,
        "journal": f"J{number}",
        "state": entry.state,
        "outcome": entry.outcome,
        "because": entry.because or entry.error,
        "ticket": ticket.number if ticket else None,
    }


def _line(row: dict[str, object]) -> str:
    ticket = f" {row['ticket']}" if row["ticket"] else ""
    return f"{row['journal']} {row['outcome'] or row['state']}{ticket}: {row['because']} ({row['file']})"
