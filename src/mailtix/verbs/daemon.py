"""serve and worker: the daemon in the foreground."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from mailtix.app import App, open_app
from mailtix.daemon import run, share_memory, spare_memory
from mailtix.log import open_log
from mailtix.terms import read_config


def serve(arguments: argparse.Namespace) -> int:
    """Runs listeners, mailboxes and workers until it is told to stop."""
    spare_memory()
    config = read_config(Path(arguments.config), os.environ)
    app = open_app(config, open_log(config.log.format, config.log.level))
    return _run(app, doors=True, ready=lambda: _greet(app, arguments.config))


def worker(arguments: argparse.Namespace) -> int:
    """Runs workers only. They hear of work through Redis."""
    config = read_config(Path(arguments.config), os.environ)
    if config.redis is None or config.database.startswith("sqlite"):
        print(
            "mailtix: a worker of its own needs `redis` and a PostgreSQL `database` in the settings;\n"
            "without them `mailtix serve` does all the work itself",
            file=sys.stderr,
        )
        return 2
    spare_memory()
    return _run(open_app(config, open_log(config.log.format, config.log.level)), doors=False, ready=lambda: None)


def _run(app: App, *, doors: bool, ready: Callable[[], None]) -> int:
    try:
        share_memory()
        if app.config.workers.line == "process":
            app.line.start()
        asyncio.run(run(app, doors=doors, ready=ready))
    finally:
        app.close()
    return 0


def _greet(app: App, config: str) -> None:
    """The first screen: where mail comes in, where it goes, and how to try it."""
    listen, outbound = app.config.listen, app.config.outbound
    mailboxes = ", ".join(box.address for company in app.config.companies for box in company.mailboxes)
    smtp = outbound.smtp
    sent = f"smarthost {smtp.host}:{smtp.port}" if smtp else f"Maildir {outbound.maildir}"
    option = "" if config == "mailtix.yaml" else f" --config {config}"
    # as it was called, unless that is what the shell would find anyway
    command = "mailtix" if shutil.which("mailtix") == os.path.abspath(sys.argv[0]) else sys.argv[0]
    command = "python -m mailtix" if command.endswith("__main__.py") else command
    lines = [
        f"mailtix takes mail for {mailboxes}",
        f"  SMTP listens on   {listen.smtp or 'nothing (listen.smtp is null)'}",
        f"  sent mail goes to {sent}",
        f"  a first mail:      {command}{option} send-test",
        f"  what became of it: {command}{option} tickets list",
    ]
    if listen.lmtp:
        lines.insert(2, f"  LMTP listens on   {listen.lmtp}")
    print("\n".join(lines), file=sys.stderr, flush=True)
