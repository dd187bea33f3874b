"""parked: what could not be processed, and what waits for a word; to be seen, processed all the same, or dropped."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from mailtix.app import App, open_app
from mailtix.log import open_log
from mailtix.store import journal
from mailtix.terms import read_config
from mailtix.verbs.wrong_use import WrongUse


def parked(arguments: argparse.Namespace) -> int:
    """parked list, show, retry or drop."""
    config = read_config(Path(arguments.config), os.environ)
    app = open_app(config, open_log(config.log.format, "warning"))
    try:
        return {"list": _list, "show": _show, "retry": _retry, "drop": _drop}[arguments.action](app, arguments)
    finally:
        app.close()


def _list(app: App, arguments: argparse.Namespace) -> int:
    with app.sessions() as session:
        rows = journal.dropped(session) if arguments.dropped else journal.parked(session)
    if arguments.json:
        print(json.dumps([asdict(row) for row in rows], ensure_ascii=False, default=str))
    elif not rows:
        print("Nothing was dropped." if arguments.dropped else "Nothing is parked or held.")
    else:
        heads = ("Number", "State", "Received (UTC)", "From", "Size", "Tries", "Why")
        table = Table(*heads, title="Mail that stands aside")
        for row in rows:
            when = f"{row.received_at:%Y-%m-%d %H:%M}"
            table.add_row(f"J{row.id}", row.state, when, row.mail_from, f"{row.size:,}", str(row.attempts), row.error)
        Console().print(table)
    return 0


def _show(app: App, arguments: argparse.Namespace) -> int:
    number = _number(arguments.number)
    with app.sessions() as session:
        entry = journal.entry(session, number)
    if entry is None or entry.state not in (*journal.ASIDE, "dropped"):
        return _not_there(number)
    if arguments.json:
        row = {"id": entry.id, "state": entry.state, "attempts": entry.attempts, "error": entry.error}
        row |= {"because": entry.because}
        envelope = asdict(entry.envelope) | {"raw": entry.raw.decode("utf-8", "backslashreplace")}
        print(json.dumps(row | envelope, ensure_ascii=False, default=str))
        return 0
    parked = f"was parked after {entry.attempts} tries: {entry.error}"
    why = {"parked": parked, "held": f"is held: {entry.error}", "dropped": f"was {entry.because}"}[entry.state]
    print(f"J{entry.id} {why}\n", flush=True)
    sys.stdout.buffer.write(entry.raw)
    return 0


def _retry(app: App, arguments: argparse.Namespace) -> int:
    if (arguments.number is None) is not arguments.all:
        raise WrongUse("give the number of one mail, or --all")
    number = None if arguments.all else _number(arguments.number)
    with app.sessions.begin() as session:
        numbers = journal.retry(session, number, app.clock())
    if not numbers and number is not None:
        return _not_there(number)
    app.work.everything()
    with app.sessions() as session:
        entries = [entry for n in numbers if (entry := journal.entry(session, n))]
    rows = [{"id": e.id, "state": e.state, "outcome": e.outcome, "because": e.because or e.error} for e in entries]
    if arguments.json:
        print(json.dumps(rows, ensure_ascii=False))
    for row in rows if not arguments.json else ():
        print(f"J{row['id']} {row['outcome'] or row['state']}: {row['because']}")
    return 1 if any(row["state"] != "done" for row in rows) else 0


def _drop(app: App, arguments: argparse.Namespace) -> int:
    """It stays in the journal with who has dropped it, when and why."""
    number, words = _number(arguments.number), " ".join(arguments.because.split())
    if not words:
        raise WrongUse("--because says why it is dropped, for whoever looks later")
    because = f"dropped by {_who()}: {words}"
    with app.sessions.begin() as session:
        if not journal.drop(session, number, because, app.clock()):
            return _not_there(number)
    row = {"id": number, "state": "dropped", "outcome": "dropped", "because": because}
    print(json.dumps([row], ensure_ascii=False) if arguments.json else f"J{number} {because}")
    return 0


def _who() -> str:
    """The user of the machine; his number where he has no name, as in many a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _not_there(number: int) -> int:
    print(f"J{number} is not parked or held; `mailtix parked list` shows what is", file=sys.stderr)
    return 1


def _number(text: str) -> int:
    digits = text.upper().removeprefix("J")
    if not digits.isdecimal():
        raise WrongUse(f"{text!r} is no journal number; they look like J12")
    return int(digits)
