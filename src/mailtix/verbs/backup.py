"""backup and restore: everything mailtix knows, in one file."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from mailtix.store import backup as store
from mailtix.store import migrations
from mailtix.store.engine import open_engine, where
from mailtix.terms import read_config


def backup(arguments: argparse.Namespace) -> int:
    """Writes a backup, or checks one. Exit 1 when it is not right."""
    path = Path(arguments.file)
    with shown() as progress:
        if arguments.check:
            return _told(arguments, lambda: store.check(path, progress), f"{path} is whole")
        config = read_config(Path(arguments.config), os.environ)
        engine = open_engine(config.database)
        try:
            migrations.upgrade(engine)
            return _told(arguments, lambda: store.write(engine, path, progress), f"Wrote {path}, and checked it")
        finally:
            engine.dispose()


def restore(arguments: argparse.Namespace) -> int:
    """Puts a backup into the empty database of the settings."""
    config = read_config(Path(arguments.config), os.environ)
    engine = open_engine(config.database)
    try:
        with shown() as progress:
            done = f"{arguments.file} is now in {where(engine)}"
            return _told(arguments, lambda: store.restore(Path(arguments.file), engine, progress), done)
    finally:
        engine.dispose()


def _told(arguments: argparse.Namespace, work: Callable[[], dict[str, int]], done: str) -> int:
    try:
        counts = work()
    except store.BadBackup as bad:
        print(f"mailtix: {bad}", file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps(counts))
    else:
        print(f"{done}: {counts['raw_mails']:,} mails, {counts['tickets']:,} tickets")
    return 0


@contextmanager
def shown() -> Iterator[store.Progress]:
    """A progress bar for people; programs and files see none."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bars:
        tasks = {}

        def progress(table: str, done: int, total: int) -> None:
            if table not in tasks:
                tasks[table] = bars.add_task(table, total=total)
            bars.update(tasks[table], completed=done)

        yield progress
