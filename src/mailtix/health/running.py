"""The daemon: whether it runs, takes mail, and looks into its mailboxes."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import datetime, timedelta

from mailtix.config import Config, Endpoint
from mailtix.health.database import opened
from mailtix.health.finding import Finding, bad, counted, doubtful, fine, spoken
from mailtix.health.outside import mailbox_limit
from mailtix.pulse import INTERVAL
from mailtix.store import nodes
from mailtix.store.condition import sqlite_file
from mailtix.store.engine import DatabaseError, reading, sessions
from mailtix.store.mailbox_health import MailboxHealth, healths
from mailtix.store.nodes import Node

_SECONDS = 5.0
# A round of the sweep may take a while when a smarthost is slow; two signs missed and some more.
_SILENT = 3 * INTERVAL
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def daemon(config: Config, now: datetime) -> Iterator[Finding]:
    """Whether there are processes that do the work, by the sign that each gives every minute."""
    found = _asked(config)
    if found is None:
        return  # `database` tells why
    there, boxes = found
    yield from _working(there, now)
    yield from _mailboxes(config, {box.address: box for box in boxes}, now)


def listeners(config: Config) -> Iterator[Finding]:
    """Whether our doors answer. Port 0 is chosen by the system, so nobody but the log knows where that is."""
    for name, endpoint in (("smtp", config.listen.smtp), ("lmtp", config.listen.lmtp)):
        if endpoint is not None and endpoint.port:
            yield _door(name, endpoint)


def _asked(config: Config) -> tuple[list[Node], list[MailboxHealth]] | None:
    path = sqlite_file(config.database)
    if path is not None and not path.exists():
        return [], []
    with opened(config) as engine:
        try:
            with sessions(reading(engine))() as session:
                return nodes.alive_or_lost(session), healths(session)
        except DatabaseError:
            return None


def _working(there: list[Node], now: datetime) -> Iterator[Finding]:
    alive = [node for node in there if now - node.seen_at < _SILENT]
    if alive:
        said = ", ".join(f"{node.name} since {node.started_at:%Y-%m-%d %H:%M}" for node in alive)
        yield fine("daemon", f"{counted(len(alive), 'process', 'processes')}: {said} (UTC)")
    for node in there:
        if node not in alive:
            text = f"{node.name} gave its last sign {spoken(now - node.seen_at)} ago: it was killed, or is stuck"
            advice = (
                "see its log and whether it runs; a new start takes up all it left (forgotten in a day if it is gone)"
            )
            yield doubtful("daemon", text, advice) if alive else bad("daemon", text, advice)
    if not there:
        text = "mailtix does not run: nothing is received, processed or sent"
        yield bad("daemon", text, "start it: `mailtix serve`, or by systemd (deploy/mailtix.service)")


def _door(name: str, endpoint: Endpoint) -> Finding:
    where = (_ANYWHERE.get(endpoint.host, endpoint.host), endpoint.port)
    try:
        with socket.create_connection(where, _SECONDS) as connection, connection.makefile("rwb") as lines:
            greeting = lines.readline(1000).decode("ascii", "replace").strip()
            lines.write(b"QUIT\r\n")
            lines.flush()
    except OSError as error:
        text = f"nothing answers on {endpoint}: {error.strerror or 'no greeting in time'}"
        return bad(name, text, "start mailtix, or see in its log why it does not listen; senders try again for days")
    if greeting.startswith("220"):
        return fine(name, f"{endpoint} answers")
    if greeting.startswith("421"):
        text = f"{endpoint} turns people away: {greeting}"
        return doubtful(name, text, "see who holds all connections; `listen.connections` says how many there may be")
    return bad(name, f"{endpoint} is not our door: it says {greeting[:100]!r}", "see what else uses that port")


def _mailboxes(config: Config, known: dict[str, MailboxHealth], now: datetime) -> Iterator[Finding]:
    limit = mailbox_limit(config)
    for company in config.companies:
        for box in company.mailboxes:
            if box.imap is not None:
                yield _mailbox(box.address, known.get(box.address), now, limit)


def _mailbox(address: str, health: MailboxHealth | None, now: datetime, limit: timedelta) -> Finding:
    name = f"mailbox {address}"
    if health is None or (health.last_ok_at is None and not health.is_troubled):
        return bad(
            name, "nobody has looked into it yet", "start mailtix; its log says what becomes of it (imap_trouble)"
        )
    last = f"last emptied {spoken(now - health.last_ok_at)} ago" if health.last_ok_at else "never emptied"
    if health.is_troubled:
        return bad(
            name, f"{last}; then: {health.trouble}", "mend that; it is tried again by itself and nothing is lost"
        )
    assert health.last_ok_at is not None
    if now - health.last_ok_at > limit:
        return bad(name, last, "see that the daemon runs, and what its log says of the mailbox")
    return fine(name, last)
