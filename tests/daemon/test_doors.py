"""The other ways in: LMTP, a mailbox by IMAP, and SMTP under TLS."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from ingest.certificate import make_certificate
from ingest.imap_server import PASSWORD, USER, ImapServer
from running import Daemon, asked, client, letter, send, send_over, settings, until
from smarthost import PATIENCE, Smarthost

Start = Callable[..., Daemon]


def database(folder: Path) -> str:
    return f"sqlite:///{folder}/mailtix.db"


def test_mail_comes_in_by_lmtp_with_an_answer_for_each_recipient(
    tmp_path: Path, smarthost: Smarthost, start: Start
) -> None:
    listen = {"smtp": None, "lmtp": "127.0.0.1:0"}
    config = settings(tmp_path, database(tmp_path), listen=listen, outbound=smarthost.settings)
    daemon = start(config)

    with smtplib.LMTP("127.0.0.1", daemon.port("lmtp"), local_hostname="mta.example", timeout=PATIENCE) as mta:
        refused = mta.sendmail(
            "ann@example.org", ["support@desk.example", "nobody@desk.example"], letter("ann@example.org", "It burns")
        )

    assert {address: code for address, (code, _) in refused.items()} == {"nobody@desk.example": 550}
    smarthost.to("ann@example.org")
    [ticket] = asked(config, "tickets", "list")
    assert ticket["subject"] == "It burns"


@pytest.fixture
def imap(stack: ExitStack) -> ImapServer:
    server = ImapServer()
    stack.callback(server.stop)
    return server


def test_mail_in_a_mailbox_becomes_tickets_and_is_moved_when_it_is_durable(
    tmp_path: Path, imap: ImapServer, smarthost: Smarthost, start: Start
) -> None:
    account = {"host": "127.0.0.1", "port": imap.port, "tls": "none", "username": USER, "password": PASSWORD}
    mailbox = {"address": "support@desk.example", "imap": account | {"done": "Processed", "poll": "1s"}}
    config = settings(
        tmp_path,
        database(tmp_path),
        companies=[{"name": "Example", "mailboxes": [mailbox]}],
        outbound=smarthost.settings,
    )
    imap.append(letter("ann@example.org", "Waiting"))
    daemon = start(config)
    smarthost.to("ann@example.org")
    imap.append(letter("bea@example.org", "Meanwhile"))
    smarthost.to("bea@example.org")

    until(lambda: imap.mails() == [])
    assert len(imap.mails("Processed")) == 2
    assert {ticket["subject"] for ticket in asked(config, "tickets", "list")} == {"Waiting", "Meanwhile"}

    raw = letter("ann@example.org", "Waiting")
    assert send(daemon.port(), raw)[0] == 250, "the same mail by another door"
    daemon.wait("accepted")
    assert daemon.stop(15) == 0
    assert len(asked(config, "tickets", "list")) == 2


def test_an_imap_server_that_is_down_stops_neither_the_other_doors_nor_the_end(
    tmp_path: Path, smarthost: Smarthost, start: Start
) -> None:
    account = {"host": "127.0.0.1", "port": 1, "tls": "none", "username": USER, "password": PASSWORD}
    config = settings(
        tmp_path,
        database(tmp_path),
        companies=[{"name": "Example", "mailboxes": [{"address": "support@desk.example", "imap": account}]}],
        outbound=smarthost.settings,
    )
    daemon = start(config)
    daemon.wait("imap_trouble")

    assert send(daemon.port(), letter("ann@example.org", "It burns"))[0] == 250
    smarthost.to("ann@example.org")
    assert daemon.stop(15) == 0
    assert "Traceback" not in daemon.said


def test_with_a_certificate_mail_comes_in_under_tls(tmp_path: Path, smarthost: Smarthost, start: Start) -> None:
    made = make_certificate(tmp_path)
    tls = {"certificate": str(made.cert), "key": str(made.key)}
    config = settings(
        tmp_path,
        database(tmp_path),
        listen={"smtp": "127.0.0.1:0", "tls": tls},
        outbound=smarthost.settings,
    )
    daemon = start(config)
    trusting = ssl.create_default_context(cafile=made.cert)
    trusting.check_hostname = False  # it names mx.helpdesk.example

    with client(daemon.port()) as connection:
        connection.ehlo()
        assert connection.has_extn("starttls")
        assert connection.starttls(context=trusting)[0] == 220
        connection.ehlo()
        assert not connection.has_extn("starttls")
        assert send_over(connection, letter("ann@example.org", "It burns"))[0] == 250

    smarthost.to("ann@example.org")


def test_without_a_certificate_tls_is_not_offered(tmp_path: Path, start: Start) -> None:
    daemon = start(settings(tmp_path, database(tmp_path)))

    with client(daemon.port()) as connection:
        connection.ehlo()
        assert not connection.has_extn("starttls")
        assert connection.docmd("STARTTLS")[0] in (454, 502, 503)


def test_imap_servers_that_never_answer_do_not_keep_the_daemon_from_stopping(
    tmp_path: Path, stack: ExitStack, start: Start
) -> None:
    silent = stack.enter_context(closing(socket.create_server(("127.0.0.1", 0))))
    account = {"host": "127.0.0.1", "port": silent.getsockname()[1], "tls": "none", "username": USER}
    mailboxes = [
        {"address": f"support{index}@desk.example", "imap": account | {"password": PASSWORD}} for index in range(4)
    ]
    config = settings(tmp_path, database(tmp_path), companies=[{"name": "Example", "mailboxes": mailboxes}])
    daemon = start(config)
    for _ in mailboxes:
        stack.enter_context(closing(silent.accept()[0]))

    assert daemon.stop(15) == 0
