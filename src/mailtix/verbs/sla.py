"""sla: what other promises would have meant, and calendars that are fetched."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Column, Table

from mailtix.clock import clock
from mailtix.config.times import load_terms
from mailtix.model.ticket import Priority
from mailtix.sla import Target, Terms
from mailtix.store import promises
from mailtix.store.engine import Session
from mailtix.store.promises import Life
from mailtix.terms import read_config
from mailtix.verbs.archive import since
from mailtix.verbs.looking import looking
from mailtix.verbs.rehearsal import FIELDS, Key, Tally, rehearse, remember
from mailtix.verbs.sla_fetch import fetch

# Tickets that are read at a time: enough to make asking cheap, few enough for a bar that moves.
_CHUNK = 500


def sla(arguments: argparse.Namespace) -> int:
    """sla simulate or fetch."""
    if arguments.action == "fetch":
        return fetch(read_config(Path(arguments.config), os.environ), as_json=arguments.json)
    return _simulate(arguments)


def _simulate(arguments: argparse.Namespace) -> int:
    """Tells what share of the promises in a file would have been kept, beside what was. Writes nothing."""
    config, now = read_config(Path(arguments.config), os.environ), clock()
    terms = load_terms(Path(arguments.policy), config.accounts_by_company())
    begin = now - since(arguments.since)
    with looking(config) as session:
        count, simulated, was = _tallied(session, (terms, config.sla_terms()), begin, now)
    keys = [(target.value, priority) for target in Target for priority in (*reversed(Priority), "")]
    told = [key for key in keys if simulated.made[key] or was.made[key]]
    if arguments.json:
        rows = [_row(key, simulated, was) for key in told]
        print(json.dumps({"since": begin.isoformat(), "tickets": count, "targets": rows}))
    else:
        _print(count, begin, told, simulated, was)
    return 0


def _tallied(session: Session, terms: tuple[Terms, Terms], begin: datetime, now: datetime) -> tuple[int, Tally, Tally]:
    """How many tickets there were, and both tallies: by the first terms, and what was under the second."""
    simulated, was, count = Tally.empty(), Tally.empty(), 0
    with Progress(transient=True, console=Console(stderr=True)) as progress:
        task = progress.add_task("tickets", total=None)
        for lives in _lives(session, begin):
            rehearse(lives, terms[0], simulated, now)
            log = promises.logged(session, [life.ticket.id for life in lives])
            remember(lives, log, terms[1], was, now)
            count += len(lives)
            progress.update(task, completed=count)
    return count, simulated, was


def _lives(session: Session, begin: datetime) -> Iterator[list[Life]]:
    after = 0
    while lives := promises.lives(session, begin, FIELDS, after, _CHUNK):
        yield lives
        after = lives[-1].ticket.id


def _row(key: Key, simulated: Tally, was: Tally) -> dict[str, Any]:
    target, priority = key
    pairs = (("simulated", simulated), ("was", was))
    counts = {
        name: {"kept": tally.kept[key], "made": tally.made[key], "share": tally.share(key)} for name, tally in pairs
    }
    return {"target": target, "priority": priority or None, **counts}


def _print(count: int, begin: datetime, keys: list[Key], simulated: Tally, was: Tally) -> None:
    console = Console(highlight=False)
    console.print(f"{count} tickets since {begin:%Y-%m-%d %H:%M:%S} UTC")
    if not keys:
        console.print("None of their targets is over yet.")
        return
    right = ("Would be met", "Was met", "Change")
    table = Table("Target", "Priority", *(Column(name, justify="right") for name in right))
    for key in keys:
        target, priority = key
        name = target.replace("_", " ")
        now, then = simulated.share(key), was.share(key)
        change = f"{(now - then) * 100:+.1f}" if now is not None and then is not None else ""
        table.add_row(
            name, priority or "all", _share(simulated, key), _share(was, key), change, end_section=not priority
        )
    console.print(table)


def _share(tally: Tally, key: Key) -> str:
    share = tally.share(key)
    return "-" if share is None else f"{share:.1%} ({tally.kept[key]}/{tally.made[key]})"
