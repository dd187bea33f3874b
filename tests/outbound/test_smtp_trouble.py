"""The smarthost courier and servers that misbehave: whose fault was it, and may the mail be sent again?"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mailtix.model.outgoing import Deferred, Delivered, DeliveryOutcome, OutgoingMail, Rejected
from mailtix.outbound.smtp import SmtpCourier
from outbound.servers import HANG_UP, SILENCE, ScriptedServer, make_certificate

Start = Callable[..., ScriptedServer]
Make = Callable[..., SmtpCourier]
MAIL = OutgoingMail("1@example.com", "support@example.com", "ann@example.org", b"Subject: x\r\n\r\nIt burns.\r\n")
TOO_BIG_FOR_ANY_BUFFER = replace(MAIL, raw=MAIL.raw + (b"It burns. " * 90 + b"\r\n") * 12_000)
AT_ONCE = {"EHLO": b"250-server.test\r\n250-PIPELINING\r\n250 SIZE 100000000\r\n"}
one_by_one_and_at_once = pytest.mark.parametrize("way", [{}, AT_ONCE], ids=["one by one", "at once"])


@pytest.mark.parametrize(
    ("script", "kind", "words"),
    [
        # our configuration or the server's mood: later
        ({"greeting": b"554 5.7.1 you are listed\r\n"}, Deferred, "554 5.7.1 you are listed"),
        ({"greeting": b"421 too many connections\r\n"}, Deferred, "421 too many connections"),
        ({"greeting": b"SSH-2.0-OpenSSH_9.2\r\n"}, Deferred, "not an SMTP reply: 'SSH-2.0-OpenSSH_9.2'"),
        ({"greeting": b"\x00\xff\xfe garbage\r\n"}, Deferred, "not an SMTP reply"),
        ({"greeting": b"x" * 100_000}, Deferred, "line without end"),
        ({"greeting": b"220-more\r\n" * 1000}, Deferred, "reply without end"),
        ({"greeting": HANG_UP}, Deferred, "connection closed"),
        ({"greeting": SILENCE}, Deferred, "no reply in time"),
        ({"EHLO": b"550 go away\r\n", "HELO": b"550 go away\r\n"}, Deferred, "550 go away"),
        ({"MAIL": b"550 5.7.1 sender not allowed\r\n"}, Deferred, "550 5.7.1 sender not allowed"),
        ({"MAIL": b"451 4.3.0 try later\r\n"}, Deferred, "451 4.3.0 try later"),
        ({"MAIL": b"421 4.3.2 shutting down\r\n"}, Deferred, "421 4.3.2 shutting down"),
        ({"MAIL": b"hello?\r\n"}, Deferred, "not an SMTP reply"),
        ({"MAIL": SILENCE, "RCPT": SILENCE, "DATA": SILENCE}, Deferred, "no reply in time"),
        ({"RCPT": b"530 5.7.0 sign in first\r\n"}, Deferred, "530 5.7.0 sign in first"),
        ({"RCPT": b"450 4.2.0 greylisted\r\n"}, Deferred, "450 4.2.0 greylisted"),
        ({"RCPT": HANG_UP}, Deferred, "connection closed"),
        ({"DATA": b"451 no disk\r\n"}, Deferred, "451 no disk"),
        ({"DATA": b"250 what?\r\n"}, Deferred, "250 what?"),
        ({"body": HANG_UP}, Deferred, ""),
        ({"dot": b"452 4.3.1 disk full\r\n"}, Deferred, "452 4.3.1 disk full"),
        # the mail or its recipient: never
        ({"MAIL": b"552 5.3.4 too big\r\n"}, Rejected, "552 5.3.4 too big"),
        (
            {"RCPT": b"550-5.1.1 no such user,\r\n550 5.1.1 ask ann\r\n"},
            Rejected,
            "550 5.1.1 no such user, 5.1.1 ask ann",
        ),
        ({"DATA": b"554 no valid recipients\r\n"}, Rejected, "554 no valid recipients"),
        ({"dot": b"554 5.7.1 spam\r\n"}, Rejected, "554 5.7.1 spam"),
        # the mail was sent whole, and nobody said what became of it
        ({"dot": HANG_UP}, Deferred, "outcome unknown"),
        ({"dot": SILENCE}, Deferred, "outcome unknown"),
        ({"dot": b"perhaps\r\n"}, Deferred, "outcome unknown"),
        ({"dot": b"354 go on\r\n"}, Deferred, "outcome unknown"),
        # odd, but right
        ({"greeting": b"220-one\r\n220 two\r\n"}, Delivered, "250 taken"),
        ({"EHLO": b"502 what?\r\n", "HELO": b"250 hello\r\n"}, Delivered, "250 taken"),
        ({"EHLO": b"250-server.test\r\n250 SIZE many\r\n"}, Delivered, "250 taken"),
        ({"dot": b"250\r\n"}, Delivered, "250"),
        ({"dot": b"250 taken\n"}, Delivered, "250 taken"),
    ],
)
@one_by_one_and_at_once
def test_each_reply_is_judged_by_whose_fault_it_is(
    scripted_server: Start,
    courier: Make,
    script: Mapping[str, bytes],
    kind: type[DeliveryOutcome],
    words: str,
    way: Mapping[str, bytes],
) -> None:
    server = scripted_server({**way, **script})
    silent = {verb for verb, reply in script.items() if reply == SILENCE}
    timeout, final_timeout = (0.2 if silent - {"dot"} else 5), (0.2 if "dot" in silent else 5)
    outcome = courier(server.port, timeout=timeout, final_timeout=final_timeout).deliver(MAIL)
    assert isinstance(outcome, kind), outcome
    assert words in outcome.reply
    assert server.connections == 1


@pytest.mark.parametrize(
    "second",
    [
        {"MAIL": HANG_UP},
        {"MAIL": b"421 idle for too long\r\n"},
        {"RCPT": HANG_UP},
        {"DATA": HANG_UP},
        {"body": HANG_UP},
    ],
    ids=["mail", "421", "rcpt", "data", "body"],
)
@one_by_one_and_at_once
def test_a_kept_connection_that_breaks_before_the_final_dot_is_replaced_once(
    scripted_server: Start, courier: Make, second: Mapping[str, bytes], way: Mapping[str, bytes]
) -> None:
    server = scripted_server(way, way)
    carrier = courier(server.port)
    assert isinstance(carrier.deliver(MAIL), Delivered)
    server.change_open_connections(second)
    assert isinstance(carrier.deliver(TOO_BIG_FOR_ANY_BUFFER if "body" in second else MAIL), Delivered)
    assert (server.connections, len(server.bodies)) == (2, 2)


def test_a_server_that_restarted_costs_no_attempt(scripted_server: Start, courier: Make) -> None:
    server = scripted_server({})
    carrier = courier(server.port)
    assert isinstance(carrier.deliver(MAIL), Delivered)
    server.drop_all()
    assert isinstance(carrier.deliver(MAIL), Delivered)
    assert (server.connections, len(server.bodies)) == (2, 2)


@pytest.mark.parametrize("end", [HANG_UP, SILENCE], ids=["hang-up", "silence"])
def test_after_the_final_dot_nothing_is_sent_again(scripted_server: Start, courier: Make, end: bytes) -> None:
    server = scripted_server({})
    carrier = courier(server.port, final_timeout=0.2)
    assert isinstance(carrier.deliver(MAIL), Delivered)
    server.change_open_connections({"dot": end})
    outcome = carrier.deliver(MAIL)
    assert isinstance(outcome, Deferred)
    assert outcome.reply.startswith("outcome unknown: ")
    assert (server.connections, len(server.bodies)) == (1, 2)


def test_a_connection_in_doubt_is_not_used_for_the_next_mail(scripted_server: Start, courier: Make) -> None:
    server = scripted_server({"dot": b"perhaps\r\n"}, {})
    carrier = courier(server.port)
    assert isinstance(carrier.deliver(MAIL), Deferred)
    assert isinstance(carrier.deliver(MAIL), Delivered)
    assert server.connections == 2


def test_commands_that_were_sent_at_once_are_all_answered_before_the_next_mail(
    scripted_server: Start, courier: Make
) -> None:
    server = scripted_server({**AT_ONCE, "RCPT": b"550 5.1.1 nobody here\r\n", "DATA": b"554 no valid recipients\r\n"})
    carrier = courier(server.port)
    assert carrier.deliver(MAIL) == Rejected("550 5.1.1 nobody here")
    server.change_open_connections({"RCPT": b"250 OK\r\n", "DATA": b"354 go on\r\n"})
    assert carrier.deliver(MAIL) == Delivered("250 taken")
    assert (server.connections, len(server.bodies)) == (1, 1)


def test_a_server_that_takes_a_mail_for_nobody_gets_none(scripted_server: Start, courier: Make) -> None:
    server = scripted_server({**AT_ONCE, "RCPT": b"550 5.1.1 nobody here\r\n"}, AT_ONCE)
    carrier = courier(server.port)
    assert carrier.deliver(MAIL) == Rejected("550 5.1.1 nobody here")
    assert carrier.deliver(MAIL) == Delivered("250 taken")
    assert (server.connections, len(server.bodies)) == (2, 1)


def test_a_fresh_connection_that_breaks_is_not_tried_again_at_once(scripted_server: Start, courier: Make) -> None:
    server = scripted_server({"RCPT": HANG_UP})
    assert isinstance(courier(server.port).deliver(MAIL), Deferred)
    assert server.connections == 1


def test_a_server_that_drips_is_not_waited_for_beyond_the_timeout(scripted_server: Start, courier: Make) -> None:
    outcome = courier(scripted_server({"MAIL": b"250-still"}).port, timeout=0.2).deliver(MAIL)
    assert outcome == Deferred("no reply in time")


def test_clear_text_that_was_slipped_in_before_the_handshake_is_noticed(courier: Make, tmp_path: Path) -> None:
    context, cafile = make_certificate(tmp_path)
    heard: list[bytes] = []

    def man_in_the_middle(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"220 ready\r\n")
            connection.recv(1000)
            connection.sendall(b"250-server.test\r\n250 STARTTLS\r\n")
            connection.recv(1000)
            connection.sendall(b"220 go\r\n250-server.test\r\n250 AUTH PLAIN\r\n")
            with context.wrap_socket(connection, server_side=True) as secured:
                heard.append(secured.recv(1000))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=man_in_the_middle, args=(listener,))
        thread.start()
        outcome = courier(listener.getsockname()[1], tls="starttls", cafile=str(cafile)).deliver(MAIL)
        thread.join(10)
    assert isinstance(outcome, Deferred)
    assert "clear text" in outcome.reply
    assert heard == [b""]


def test_starttls_that_is_offered_and_then_refused_sends_nothing(scripted_server: Start, courier: Make) -> None:
    server = scripted_server({"EHLO": b"250-server.test\r\n250 STARTTLS\r\n", "STARTTLS": b"454 not now\r\n"})
    assert courier(server.port, tls="starttls").deliver(MAIL) == Deferred(
        f"cannot use 127.0.0.1:{server.port}: 454 not now"
    )
    assert not [command for command in server.commands if command.startswith("MAIL")]


def test_what_the_peer_says_becomes_one_bounded_line(scripted_server: Start, courier: Make) -> None:
    reply = b"".join(b"550-\x1b[31m\x00 %s\r\n" % (b"x" * 400) for _ in range(90)) + b"550 \xff\r\n"
    outcome: Any = courier(scripted_server({"RCPT": reply}).port).deliver(MAIL)
    assert isinstance(outcome, Rejected)
    assert len(outcome.reply) <= 310
    assert outcome.reply.isprintable()
