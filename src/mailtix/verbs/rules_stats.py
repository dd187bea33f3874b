"""rules stats and shadow: what rules have done so far, and what those on trial would have done."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mailtix.clock import clock
from mailtix.rules import RuleSet
from mailtix.store import rulesets
from mailtix.store.engine import Session
from mailtix.terms import read_config, read_rules
from mailtix.verbs.archive import since
from mailtix.verbs.looking import looking


@dataclass(frozen=True, slots=True)
class Row:
    """How often a rule held. `place` is "" for one that is in no file any more."""

    rule: str
    place: str
    state: str
    hits: int
    last_at: datetime | None


def stats(arguments: argparse.Namespace) -> int:
    """Hits of each rule, the last of them, and the rules that never held."""
    config = read_config(Path(arguments.config), os.environ)
    rules, begin = read_rules(config), clock() - since(arguments.since) if arguments.since else None
    with looking(config) as session:
        rows = _rows(session, rules, begin)
    if arguments.json:
        names = ("rule", "place", "state", "hits")
        found = [{n: getattr(r, n) for n in names} | {"last_at": _moment(r.last_at)} for r in rows]
        print(json.dumps(found, ensure_ascii=False))
        return 0
    table = Table("Rule", "State", "Hits", "Last (UTC)", "Where")
    for row in rows:
        last = f"{row.last_at:%Y-%m-%d %H:%M}" if row.last_at else "never"
        table.add_row(*(escape(cell) for cell in (row.rule, row.state, f"{row.hits:,}", last, row.place)))
    Console().print(table if rows else "No rules.")
    return 0


def _rows(session: Session, rules: RuleSet, begin: datetime | None) -> list[Row]:
    """The rules in their order, then those that have hits and are no more. What was dropped or rejected has no
    message, so the journal tells of it."""
    hits = {(hit.actor, hit.shadow): (hit.count, hit.last_at) for hit in rulesets.hits(session, begin)}
    rows = []
    for loaded in rules.rules:
        rule = loaded.rule
        count, last = hits.pop((f"rule {rule.name}", rule.shadow), (0, None))
        if (rule.then.drop or rule.then.reject) and not rule.shadow:
            kept_out, last_one = rulesets.kept_out(session, rule.name, begin)
            count, last = count + kept_out, max((m for m in (last, last_one) if m), default=None)
        state = "off" if not rule.enabled else "shadow" if rule.shadow else "on"
        rows.append(Row(rule.name, f"{loaded.file}:{loaded.line}", state, count, last))
    for (actor, shadow), (count, last) in hits.items():
        rows.append(Row(actor.removeprefix("rule "), "", "was shadow" if shadow else "was on", count, last))
    return rows


def shadow(arguments: argparse.Namespace) -> int:
    """Each time a shadow rule held: the ticket, and what it would have done."""
    config = read_config(Path(arguments.config), os.environ)
    begin = clock() - since(arguments.since) if arguments.since else None
    with looking(config) as session:
        trials = rulesets.trials(session, begin, arguments.limit)
    if arguments.json:
        rows = [
            {"rule": t.actor.removeprefix("rule "), "ticket": t.ticket, "at": t.at.isoformat(), "cause": t.cause}
            | {"would": t.text, "because": t.because}
            for t in trials
        ]
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    table = Table("When (UTC)", "Ticket", "Mail", "What", "Why")
    for trial in trials:
        cells = (f"{trial.at:%Y-%m-%d %H:%M}", trial.ticket, trial.cause, trial.text, trial.because)
        table.add_row(*(escape(cell) for cell in cells))
    Console().print(table if trials else "No shadow rule has held.")
    return 0


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
