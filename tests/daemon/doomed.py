"""Daemons that kill themselves at named points, one after the other on one database, and what is true afterwards."""

from __future__ import annotations

import signal
import smtplib
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from daemon.load import Mail, every_mail_is_one_ticket, let_bookings_run_out, nothing_is_left
from mailtix.app import open_app
from mailtix.config import load
from mailtix.ingest.accept import Parcel
from mailtix.log import open_log
from mailtix.model.mail import Envelope
from running import Daemon, send, until
from smarthost import Memory, Smarthost

_DYING = Path(__file__).with_name("dying.py")


class Doomed(Daemon):
    """A daemon that ends at a point of dying.POINTS."""

    def __init__(self, config: Path, point: str, verb: str = "serve") -> None:
        self.config = config
        self._log = Memory()
        self._process = subprocess.Popen(
            [sys.executable, str(_DYING), point, "--config", str(config), verb],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def is_up(self) -> bool:
        """Whether it got ready; False when the work that was left to it has killed it before."""
        self._log.wait(lambda lines: lines[-1:] == [""] or any('"ready"' in line for line in lines))
        return bool(self.lines("ready"))

    def dies(self) -> None:
        """It has got to its point."""
        assert self.ended() == -signal.SIGKILL, self.said[-3000:]


def died_at(config: Path, points: Iterable[str], sent: list[Mail], verb: str = "serve") -> set[str]:
    """Daemons die at these points, one after the other, while each is sent one mail. Returns the names of those that
    were accepted."""
    taken = set()
    for point, (name, raw, sender, to) in zip(points, sent, strict=True):
        with closing(Doomed(config, point, verb)) as doomed:
            if doomed.is_up() and verb == "serve" and _is_taken(doomed.port(), raw, sender, to):
                taken.add(name)
            doomed.dies()
    let_bookings_run_out(load(config, {}).database)
    return taken


def _is_taken(port: int, raw: bytes, sender: str, to: str) -> bool:
    try:
        return send(port, raw, sender, to)[0] == 250
    except (OSError, smtplib.SMTPException):  # it died before it could say so
        return False


def put_into_the_journal(config: Path, sent: Iterable[Mail], now: Any) -> None:
    """These mails are accepted, by one who does nothing else."""
    app = open_app(load(config, {}), open_log("json", "error"), now=now)
    app.commit([Parcel(raw, Envelope(sender, (to,), now(), "smtp", "127.0.0.1")) for _, raw, sender, to in sent])
    app.close()


def rows(database: str, query: str) -> list[Any]:
    """What the database says."""
    engine = create_engine(database)
    with engine.connect() as connection:
        found = list(connection.execute(text(query)))
    engine.dispose()
    return found


def nothing_is_lost_or_doubled(config: Path, database: str, sent: list[Mail], smarthost: Smarthost) -> None:
    """Each mail is one ticket with one message; each of ours has left, under one Message-ID, and more than once only
    where the outbox and the history say that nobody knew."""
    every_mail_is_one_ticket(config, sent)
    until(lambda: nothing_is_left(database))
    [messages] = rows(database, "SELECT count(*) AS n, count(DISTINCT ticket_id) AS tickets FROM messages")
    assert (messages.n, messages.tickets) == (len(sent), len(sent))
    copies = Counter(mail.id for mail in smarthost.all())
    ours = rows(database, "SELECT id, message_id, rcpt_to, unknown_at FROM outbox")
    assert copies.keys() == {row.message_id for row in ours}
    told = {row.cause for row in rows(database, "SELECT cause FROM history WHERE field = 'outcome_unknown'")}
    for row in ours:
        assert copies[row.message_id] == 1 or row.unknown_at is not None, (
            f"O{row.id} came {copies[row.message_id]} times"
        )
        assert (row.unknown_at is not None) == (f"O{row.id}" in told)
