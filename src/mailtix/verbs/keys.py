"""keys: the signed reply addresses that people have been given, and how to take them back."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from mailtix.clock import clock
from mailtix.store import acts, directory, migrations
from mailtix.store.engine import open_engine, sessions
from mailtix.terms import read_config
from mailtix.verbs.wrong_use import WrongUse


def keys(arguments: argparse.Namespace) -> int:
    """keys revoke: exit code 1 when nobody has that address."""
    config = read_config(Path(arguments.config), os.environ)
    names = [company.name for company in config.companies]
    if arguments.company is not None and arguments.company not in names:
        raise WrongUse(f"there is no company {arguments.company!r}; there are: {', '.join(names)}")
    email = arguments.address.strip().lower()
    wanted = names if arguments.company is None else [arguments.company]
    engine = open_engine(config.database)
    try:
        migrations.upgrade(engine)
        with sessions(engine).begin() as session:
            ids = {id_: name for name, id_ in directory.known_ids(session, wanted).items()}
            done = acts.revoke_keys(session, email, list(ids), clock())
    finally:
        engine.dispose()
    rows = [{"company": ids[id_], "address": email, "generation": number} for id_, number in sorted(done.items())]
    if arguments.json:
        print(json.dumps(rows, ensure_ascii=False))
    elif not rows:
        print(f"{email} has no keys: nobody has been written to at that address", file=sys.stderr)
    for row in rows if not arguments.json else ():
        print(f"Every reply address that {email} was given for {row['company']} is revoked; new mails bring new ones.")
    return 0 if rows else 1
