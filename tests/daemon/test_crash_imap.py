"""The process is killed while it collects a mailbox: no mail is lost there, and none is taken twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from daemon.doomed import Doomed, nothing_is_lost_or_doubled
from daemon.dying import POINTS
from daemon.load import let_bookings_run_out, mails
from ingest.imap_server import PASSWORD, USER, ImapServer
from running import Daemon, settings, until
from smarthost import Smarthost

Start = Callable[..., Daemon]


@contextmanager
def running_imap() -> Iterator[ImapServer]:
    server = ImapServer()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def imap(stack: ExitStack) -> ImapServer:
    return stack.enter_context(running_imap())


def test_a_mail_in_a_mailbox_is_one_ticket_wherever_the_daemon_dies_while_it_collects(
    tmp_path: Path, database: str, imap: ImapServer, smarthost: Smarthost, start: Start
) -> None:
    account = {"host": "127.0.0.1", "port": imap.port, "tls": "none", "username": USER, "password": PASSWORD}
    mailbox = {"address": "support@desk.example", "imap": account | {"done": "Processed", "poll": "1s"}}
    config = settings(
        tmp_path, database, companies=[{"name": "Example", "mailboxes": [mailbox]}], outbound=smarthost.settings
    )
    points = [point for point in POINTS if point.startswith("imap")]
    sent = mails(len(points) + 1)
    for point, (_, raw, *_) in zip(points, sent, strict=False):
        imap.append(raw)
        with closing(Doomed(config, point)) as doomed:
            doomed.dies()
    imap.append(sent[-1][1])
    let_bookings_run_out(database)

    daemon = start(config)
    until(lambda: len(imap.mails("Processed")) == len(sent))
    assert imap.mails() == []
    nothing_is_lost_or_doubled(config, database, sent, smarthost)
    assert daemon.stop() == 0
