"""A burst and its neighbours: mail that pours in, connections that idle, a queue that is too long, a port for two."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy import create_engine, text

from daemon.load import every_mail_is_one_ticket, mails, nothing_is_left
from running import Daemon, Senders, client, letter, send, send_over, settings, until

Start = Callable[..., Daemon]
IDLE = 60
BURST = 500
# Nobody's mail may take longer than that while others send. It is far above what is measured (python -m bench.burst)
# and far below the minutes that a sender waits (RFC 5321 section 4.5.3.2.6), for it must hold on any machine.
PATIENT = 10.0


def test_a_burst_beside_idle_connections_holds_up_nobody(tmp_path: Path, start: Start) -> None:
    config = settings(
        tmp_path,
        "sqlite:///mailtix.db",
        listen={"smtp": "127.0.0.1:0", "per_address": 100},
        limits={"new_tickets": {"count": 10_000, "per": "1h"}},
    )
    daemon = start(config)
    port = daemon.port()
    with ExitStack() as open_ones:
        idle = [open_ones.enter_context(client(port)) for _ in range(IDLE)]
        for connection in idle:
            connection.ehlo()
        sent = mails(BURST)
        burst = Senders(port, sent, connections=20)
        neighbours = [_timed(port, index) for index in range(20)]
        assert len(burst.finish(120)) == BURST
        assert [code for code, _ in neighbours] == [250] * len(neighbours)
        assert max(seconds for _, seconds in neighbours) < PATIENT
        assert {connection.noop()[0] for connection in idle} == {250}
    until(lambda: nothing_is_left(f"sqlite:///{tmp_path}/mailtix.db"), 120)
    every_mail_is_one_ticket(config, [*sent, *((f"Beside {index}", b"", "", "") for index in range(20))])
    assert daemon.stop() == 0
    assert "Traceback" not in daemon.said


def _timed(port: int, index: int) -> tuple[int, float]:
    """The reply to a mail of somebody else, and how long it took from the connection on."""
    began = time.monotonic()
    code, _ = send(port, letter(f"neighbour{index}@example.net", f"Beside {index}"), f"neighbour{index}@example.net")
    return code, time.monotonic() - began


def test_while_too_many_mails_wait_others_are_put_off_until_the_queue_is_shorter(tmp_path: Path, start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=100) as mute:  # a virus scanner that never answers
        config = settings(
            tmp_path,
            "sqlite:///mailtix.db",
            listen={"smtp": "127.0.0.1:0", "queue": 3},
            attachments={"clamd": f"127.0.0.1:{mute.getsockname()[1]}", "clamd_timeout": "60s"},
        )
        daemon = start(config)
        with client(daemon.port()) as connection:
            assert [send_over(connection, _with_a_file(index))[0] for index in range(3)] == [250] * 3
            code, reply = send_over(connection, _with_a_file(4))
            assert (code, reply) == (452, "4.3.1 Too many mails wait to be processed, please try again later")
            _take_out(f"sqlite:///{tmp_path}/mailtix.db")
            until(lambda: send_over(connection, _with_a_file(4))[0] == 250)
        daemon.kill()


def _with_a_file(index: int) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ann@example.org", "support@desk.example", f"A file {index}"
    mail["Message-ID"] = f"<file{index}@example.org>"
    mail.set_content("See there.\n")
    mail.add_attachment(b"words", maintype="application", subtype="octet-stream", filename="words.bin")
    return mail.as_bytes()


def _take_out(database: str) -> None:
    """As if the mails that wait had been dealt with."""
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE journal SET state = 'parked'"))
    engine.dispose()


def test_two_daemons_share_a_port_and_its_mail(tmp_path: Path, postgres: Callable[[], str], start: Start) -> None:
    database = postgres()
    with socket.create_server(("127.0.0.1", 0)) as free:
        door = f"127.0.0.1:{free.getsockname()[1]}"
    config = settings(tmp_path, database, listen={"smtp": door, "reuse_port": True})
    nodes = [start(config) for _ in range(2)]
    sent = mails(80)
    senders = Senders(nodes[0].port(), sent, connections=40)  # the system gives all to one of them once in 2 ** 39 runs
    assert len(senders.finish()) == len(sent)
    every_mail_is_one_ticket(config, sent)
    until(lambda: nothing_is_left(database))
    shares = [len(node.lines("accepted")) for node in nodes]
    assert sum(shares) == len(sent)
    assert all(shares), "one of them took everything"
    for node in nodes:
        assert node.stop() == 0
        assert "Traceback" not in node.said


def test_who_does_not_want_to_share_a_port_is_told_that_it_is_taken(tmp_path: Path, start: Start) -> None:
    first = start(settings(tmp_path, "sqlite:///mailtix.db"))
    second = start(
        settings(tmp_path, "sqlite:///mailtix.db", listen={"smtp": f"127.0.0.1:{first.port()}"}), ready=False
    )
    assert second.ended() != 0
    assert "cannot listen" in second.said
    assert "stop what uses that port" in second.said
    with client(first.port()) as connection:
        assert connection.noop()[0] == 250
    assert first.stop() == 0
