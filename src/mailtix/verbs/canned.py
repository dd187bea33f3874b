"""canned: the texts that agents send with #template, and how often they did."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mailtix.commands.terms import Canned
from mailtix.desk.canned import variables
from mailtix.store import canned as store
from mailtix.terms import read_config
from mailtix.verbs.looking import looking


def canned(arguments: argparse.Namespace) -> int:
    """canned list: each of the settings, never used ones too, and those that are in no settings any more."""
    config = read_config(Path(arguments.config), os.environ)
    known = {one.name: one for one in config.command_terms().canned}
    with looking(config) as session:
        counted = store.counted(session)
    unused = [store.Uses("", name, 0, None) for name in known if name not in {uses.name for uses in counted}]
    rows = [(uses, *_of(known.get(uses.name))) for uses in (*counted, *unused)]
    if arguments.json:
        print(json.dumps([_as_json(*row) for row in rows], ensure_ascii=False))
        return 0
    table = Table("Name", "Company", "Uses", "Last (UTC)", "Languages", "Takes")
    for uses, languages, takes in rows:
        last = f"{uses.last:%Y-%m-%d %H:%M}" if uses.last else "never"
        cells = (uses.name, uses.company, f"{uses.uses:,}", last, ", ".join(languages), ", ".join(takes))
        table.add_row(*map(escape, cells))
    Console().print(table if rows else "No canned responses; they stand under `canned` in the settings.")
    return 0


def _of(one: Canned | None) -> tuple[list[str], list[str]]:
    """What the settings say of it: its languages ("any" for a text without one), and what is filled in."""
    texts = one.text if one else {}
    names = {name for text in texts.values() for name in variables(text)}
    return [language or "any" for language in texts], sorted(names)


def _as_json(uses: store.Uses, languages: list[str], takes: list[str]) -> dict[str, object]:
    last = uses.last.isoformat() if uses.last else None
    return {
        "name": uses.name,
        "company": uses.company or None,
        "uses": uses.uses,
        "last_used_at": last,
        "languages": languages,
        "variables": takes,
    }
