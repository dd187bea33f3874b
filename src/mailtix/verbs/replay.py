"""replay: every ticket made again from the journal, in an empty database, and compared with what it was."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from mailtix.clock import clock
from mailtix.redo import NotEmpty, Redone, redo_all
from mailtix.store import migrations
from mailtix.store.engine import open_engine, where
from mailtix.terms import read_config
from mailtix.verbs.backup import shown
from mailtix.verbs.wrong_use import WrongUse


def replay(arguments: argparse.Namespace) -> int:
    """Exit code 0 when all is as it was, 1 when something is not, or when the other database is not empty."""
    config = read_config(Path(arguments.config), os.environ)
    past, here = open_engine(config.database), open_engine(_url(arguments.into))
    try:
        migrations.upgrade(past)
        with shown() as progress:
            redone = redo_all(config, past, here, clock(), progress)
        place = where(here)
    except NotEmpty as error:
        print(f"mailtix: {error}", file=sys.stderr)
        return 1
    finally:
        past.dispose()
        here.dispose()
    print(json.dumps(asdict(redone), ensure_ascii=False) if arguments.json else _told(redone, place))
    return 1 if redone.differences else 0


def _url(text: str) -> str:
    """The database's URL, with the driver that we bring, as in the settings."""
    scheme, _, rest = text.partition("://")
    if scheme not in ("sqlite", "postgres", "postgresql", "postgresql+psycopg") or not rest:
        raise WrongUse("--into names a database as the settings do: sqlite:///again.db, postgresql://user@host/again")
    return text if scheme == "sqlite" else f"postgresql+psycopg://{rest}"


def _told(redone: Redone, place: str) -> str:
    count = len(redone.differences)
    result = f"{count:,} difference{'s' if count != 1 else ''}" if count else "everything is as it was"
    what = f"{redone.mails:,} mails and {redone.events - redone.mails:,} other things made {redone.tickets:,} tickets"
    return "\n".join([*map(str, redone.differences), f"{what} again in {place}: {result}."])
