"""The listener against bytes that no ordinary client sends."""

from __future__ import annotations

import socket
import struct
import threading

import pytest

from ingest.journal import until
from ingest.wire import Wire
from mailtix.ingest.doorman import Limits

MAIL = b"Subject: It burns\r\n\r\nPlease help.\r\n"
ENVELOPE = b"MAIL FROM:<ann@example.org>\r\nRCPT TO:<support@helpdesk.example>\r\n"


@pytest.mark.parametrize(
    "mail",
    [
        b"Subject: lone line feeds\n\nText\nmore\r\n",
        b"Subject: lone carriage returns\r\rText\r\r\n",
        b"Subject: nothing\r\n\r\na\0b\0\r\n",
        b"Subject: \xff\xfe\r\n\r\n\x80\r\n",
        b"X: " + b"y" * 300_000 + b"\r\n\r\n" + b"z" * 300_000 + b"\r\n",
        b"\r\n",
    ],
    ids=["lf", "cr", "nul", "8-bit", "long lines", "one empty line"],
)
def test_odd_bytes_are_kept_as_they_came(serve, journal, mail):
    with Wire(serve().port) as wire:
        wire.begin()
        assert wire.say(mail + b".\r\n").startswith("250 2.0.0 Ok")
    assert journal.mails == [mail]


def test_an_empty_mail_is_a_mail(serve, journal):
    with Wire(serve().port) as wire:
        wire.begin()
        assert wire.say(b".\r\n").startswith("250")
    assert journal.mails == [b""]


def test_the_dots_of_the_transport_are_taken_away(serve, journal):
    with Wire(serve().port) as wire:
        wire.begin()
        wire.say(b"..first\r\n..\r\n.. two\r\na.b\r\n..\r\n.\r\n")
    assert journal.mails == [b".first\r\n.\r\n. two\r\na.b\r\n.\r\n"]


def test_a_mail_may_come_byte_by_byte(serve, journal):
    with Wire(serve().port) as wire:
        wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wire.begin()
        for byte in b".." + MAIL + b".\r\n":
            wire.socket.sendall(bytes([byte]))
        assert wire.reply().startswith("250")
    assert journal.mails == [b"." + MAIL]


def test_pipelined_commands_are_answered_one_by_one_also_after_the_mail(serve, journal):
    with Wire(serve().port) as wire:
        wire.greet()
        wire.socket.sendall(ENVELOPE + b"DATA\r\n")
        assert [wire.reply()[:3] for _ in range(3)] == ["250", "250", "354"]
        wire.socket.sendall(MAIL + b".\r\n" + ENVELOPE + b"DATA\r\n")
        assert [wire.reply()[:3] for _ in range(4)] == ["250", "250", "250", "354"]
        wire.socket.sendall(MAIL + b".\r\nQUIT\r\n")
        assert [wire.reply()[:3] for _ in range(2)] == ["250", "221"]
    assert journal.mails == [MAIL, MAIL]


def test_what_was_pipelined_before_tls_is_forgotten(serve, server_tls):
    with Wire(serve(tls=server_tls).port) as wire:
        wire.greet()
        assert wire.say(b"STARTTLS\r\n" + ENVELOPE).startswith("220")
        wire.start_tls()
        assert wire.say(b"EHLO client.example\r\n").startswith("250-mx.helpdesk.example")
        assert wire.say(b"RCPT TO:<support@helpdesk.example>\r\n") == "503 5.5.1 Error: need MAIL command"


def test_stopping_does_not_wait_for_the_farewell_of_a_silent_tls_client(serve, server_tls):
    running = serve(tls=server_tls)
    with Wire(running.port) as wire:
        wire.greet()
        wire.say(b"STARTTLS\r\n")
        wire.start_tls()
        wire.say(b"EHLO client.example\r\n")
        running.stop(grace=0.05)
        assert not running.server._sessions


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        (b"DATA\r\n", "503 5.5.1"),
        (b"RCPT TO:<support@helpdesk.example>\r\n", "503 5.5.1"),
        (b"MAIL FROM:<ann@example.org\r\n", "553 5.1.3"),
        (b"MAIL FROM:<\xff@example.org>\r\n", "553 5.1.3"),
        (b"MAIL FROM:<a\0@example.org>\r\n", "553 5.1.3"),
        (b"MAIL FROM:<" + b'"' * 500 + b">\r\n", "553 5.1.3"),
        (b"MAIL TO:<ann@example.org>\r\n", "501 5.5.4"),
        (b"MAIL FROM:<ann@example.org> COLOUR=RED\r\n", "555 5.5.4"),
        (b"MAIL FROM:<ann@example.org> SIZE=many\r\n", "501 5.5.4"),
        (b"MAIL\r\n", "501 5.5.4"),
        (b"EHLO\r\n", "501 5.5.4"),
        (b"\xc3\xa4\xff\r\n", "500 5.5.2"),
        (b"\r\n", "500 5.5.2"),
        (b"NOOP " + b"x" * 5000 + b"\r\n", "500 5.5.2"),
        (b"NOOP " + b"x" * 300_000 + b"\r\n", "500 5.5.2"),
        (b"AUTH PLAIN AGEAYg==\r\n", "502 5.5.1"),
        (b"STARTTLS\r\n", "454 4.7.0"),
        (b"VRFY \xff\r\n", "252 2.5.0"),
        (b"EXPN staff\r\n", "502 5.5.1"),
        (b"HELP\r\n", "214 2.0.0"),
        (b"GET / HTTP/1.1\r\n", "500 5.5.2"),
        (b"RSET\r\n", "250 2.0.0"),
    ],
)
def test_a_command_out_of_place_is_answered_and_the_session_goes_on(serve, journal, heard, capfd, command, reply):
    with Wire(serve().port) as wire:
        wire.greet()
        assert wire.say(command).startswith(reply)
        for line in ENVELOPE.splitlines(keepends=True):
            wire.say(line)
        wire.say(b"DATA\r\n")
        wire.say(MAIL + b".\r\n")
    assert journal.mails == [MAIL]
    assert heard.all("smtp_trouble") == []
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "recipient", [b"", b"\xff@helpdesk.example", b"support@helpdesk.example\0", b"a b@helpdesk.example"]
)
def test_an_odd_recipient_is_refused(serve, recipient):
    with Wire(serve().port) as wire:
        wire.greet()
        wire.say(b"MAIL FROM:<ann@example.org>\r\n")
        assert wire.say(b"RCPT TO:<" + recipient + b">\r\n")[:4] in ("550 ", "553 ")


def test_data_after_every_recipient_was_refused_is_out_of_sequence(serve):
    with Wire(serve().port) as wire:
        wire.greet()
        wire.say(b"MAIL FROM:<ann@example.org>\r\n")
        wire.say(b"RCPT TO:<someone@example.net>\r\n")
        assert wire.say(b"DATA\r\n") == "503 5.5.1 No valid recipients"


def test_a_host_name_with_odd_bytes_can_be_stored(serve, journal):
    with Wire(serve().port) as wire:
        wire.greet(b"EHLO \xff\0\x1b[31mhost")
        for line in [*ENVELOPE.splitlines(keepends=True), b"DATA\r\n", MAIL + b".\r\n"]:
            wire.say(line)
    assert journal.parcels[0].envelope.helo == "???[31mhost"


@pytest.mark.parametrize("hard", [False, True], ids=["closed", "reset"])
def test_a_client_who_leaves_in_the_middle_of_his_mail_leaves_nothing(serve, journal, heard, capfd, hard):
    running = serve()
    wire = Wire(running.port)
    wire.begin()
    wire.socket.sendall(MAIL * 1000)
    if hard:
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.close()
    until(lambda: not running.server._sessions)
    assert journal.mails == []
    assert (heard.events, capfd.readouterr().err) == ([], "")


def test_a_client_who_never_reads_and_leaves_is_no_trouble(serve, heard, capfd):
    running = serve()
    wire = Wire(running.port)
    wire.reply()
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.socket.sendall(b"EHLO client.example\r\n" + b"NOOP\r\n" * 20_000)
    wire.close()
    until(lambda: not running.server._sessions)
    assert (heard.events, capfd.readouterr().err) == ([], "")


def test_silence_ends_the_session_with_421(serve):
    with Wire(serve(limits=Limits(silence=0.5)).port) as wire:
        wire.greet()
        assert wire.reply().startswith("421 4.4.2")
        assert wire.reply() == ""


def test_a_slow_mail_is_not_silence(serve, journal):
    running = serve()
    with Wire(running.port) as wire:
        wire.begin()
        [session] = running.server._sessions
        for _ in range(3):
            deadline = session.deadline
            wire.socket.sendall(b"one more line\r\n")
            until(lambda deadline=deadline: session.deadline > deadline)
        assert wire.say(b".\r\n").startswith("250")
    assert len(journal.mails) == 1


def test_bogus_commands_end_the_session(serve):
    with Wire(serve().port) as wire:
        wire.greet()
        replies = [wire.say(b"HACK\r\n") for _ in range(5)]
        assert replies[-1].startswith("502 5.5.1")
        assert wire.reply() == ""


# --- shutting down


def test_stopping_says_421_to_those_who_idle_and_refuses_new_ones(serve):
    running = serve()
    with Wire(running.port) as wire:
        wire.greet()
        port = running.port
        running.stop(grace=5)
        assert wire.reply() == "421 4.3.2 Shutting down, please try again later"
        assert wire.reply() == ""
        with pytest.raises(ConnectionRefusedError):
            Wire(port)


def test_stopping_lets_a_mail_on_its_way_finish(serve, journal):
    running = serve()
    with Wire(running.port) as wire:
        wire.begin()
        wire.socket.sendall(MAIL)
        stopping = threading.Thread(target=running.stop, args=(5,))
        stopping.start()
        until(lambda: running.server._doorman.closing)
        assert wire.say(b".\r\n").startswith("250")
        assert wire.reply().startswith("421 4.3.2")
        stopping.join()
    assert journal.mails == [MAIL]


def test_stopping_does_not_wait_longer_than_its_grace(serve, journal):
    running = serve()
    with Wire(running.port) as wire:
        wire.begin()
        wire.socket.sendall(MAIL)
        running.stop(grace=0.05)
        assert wire.reply().startswith("421 4.3.2")
        assert wire.reply() == ""
    assert journal.mails == []
