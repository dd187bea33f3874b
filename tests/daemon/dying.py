"""mailtix, killed at a named point: `python dying.py POINT ARGUMENTS…` runs `mailtix ARGUMENTS…` until it gets there.

The functions are wrapped from here, so that the program knows nothing of it. SIGKILL: no handler, no `finally`.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

# name: the function, and whether to die before it or after it (with something in its result, where it may find nothing)
POINTS = {
    "accept: written, not committed": ("mailtix.store.journal:append", "after"),
    "accept: committed, sender not told": ("mailtix.app:App.commit", "after"),
    "ring: before": ("mailtix.workers:Bells.ring_mail", "before"),
    "ring: after": ("mailtix.workers:Bells.ring_mail", "after"),
    "process: claimed": ("mailtix.store.journal:claim", "after"),
    "process: ticket saved": ("mailtix.pipeline:save", "after"),
    "process: finished, not committed": ("mailtix.pipeline:process_mails", "after"),
    "process: committed, bell not rung": ("mailtix.workers:Work._tell", "before"),
    "book: written, not committed": ("mailtix.store.outbox:book", "after"),
    "book: committed": ("mailtix.outbound.deliver:Delivery._first", "after"),
    "send: before the connection": ("mailtix.outbound.smtp:SmtpCourier.deliver", "before"),
    "send: between DATA and 250": ("mailtix.outbound.dialogue:Dialogue.final_reply", "before"),
    "send: after 250": ("mailtix.outbound.dialogue:Dialogue.final_reply", "after"),
    "record: written, not committed": ("mailtix.store.outbox:record", "after, whatever"),
    "record: committed": ("mailtix.outbound.deliver:Delivery._settle", "after, whatever"),
    "timers: claimed": ("mailtix.store.timers:claim", "after"),
    "timers: fired": ("mailtix.store.timers:fired", "after"),
    "timers: done, not committed": ("mailtix.pipeline:process_timers", "after"),
    "timers: committed, bell not rung": ("mailtix.workers:Work._tell", "before, T"),
    "imap: fetched": ("mailtix.ingest.mailbox:Mailbox.fetch", "after"),
    "imap: accepted, not moved": ("mailtix.ingest.accept:Acceptor.accept_all", "after"),
    "imap: moved": ("mailtix.ingest.mailbox:Mailbox.put_away", "after, whatever"),
}


def dying(function: Callable[..., Any], when: str) -> Callable[..., Any]:
    """The function, and the end of the process before or after it."""

    @wraps(function)
    def wrapped(*arguments: Any, **options: Any) -> Any:
        if when == "before" or (when == "before, T" and arguments[1].cause.startswith("T")):
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*arguments, **options)
        if when == "after, whatever" or (when == "after" and (result or function.__name__ == "ring_mail")):
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return wrapped


def main() -> int:
    """Runs mailtix; returns its exit code when it never gets to the point."""
    where, when = POINTS[sys.argv[1]]
    module, _, path = where.partition(":")
    holder = importlib.import_module(module)
    *classes, name = path.split(".")
    for part in classes:
        holder = getattr(holder, part)
    setattr(holder, name, dying(getattr(holder, name), when))
    from mailtix.cli import main as mailtix

    return mailtix(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
