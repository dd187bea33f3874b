"""Senders who take their time: each word may be slow, no session lasts for ever, and nobody waits for them."""

from __future__ import annotations

import math
import socket
import threading

import pytest

from ingest.journal import until
from ingest.wire import Wire
from mailtix.ingest.doorman import Limits

LATE = "421 4.4.2 That took too long, closing the connection"
ENVELOPE = b"MAIL FROM:<ann@example.org>\r\nRCPT TO:<support@helpdesk.example>\r\nDATA\r\n"


def test_a_command_that_comes_byte_by_byte_is_silence(serve):
    with Wire(serve(limits=Limits(silence=0.5)).port) as wire:
        wire.greet()
        assert wire.drip(b"x") == LATE
        assert wire.reply() == ""


def test_empty_lines_and_unknown_commands_are_silence_too(serve):
    with Wire(serve(limits=Limits(silence=0.5)).port) as wire:
        wire.greet()
        assert wire.say(b"\r\n").startswith("500")
        assert wire.say(b"HACK\r\n").startswith("500")
        assert wire.reply() == LATE


@pytest.mark.parametrize(
    "command",
    [b"NOOP", b"MAIL FROM:<ann@example.org>", b"MAIL FROM:<>", b"RCPT TO:<someone@example.net>"],
)
def test_each_command_gives_the_client_his_time_anew(serve, command):
    running = serve()
    with Wire(running.port) as wire:
        wire.greet()
        [session] = running.server._sessions
        before = session.deadline
        wire.say(command + b"\r\n")
        assert session.deadline > before


def test_who_took_too_long_is_told_of_in_the_log(serve, heard):
    with Wire(serve(limits=Limits(silence=0.5)).port) as wire:
        wire.greet()
        assert wire.reply() == LATE
    assert [fields["reply"] for fields in heard.all("refused")] == [LATE]


def test_a_mail_that_comes_byte_by_byte_ends_with_its_time(serve, journal):
    with Wire(serve(limits=Limits(mail=0.2)).port) as wire:
        wire.begin()
        assert wire.drip(b"x") == LATE
        assert wire.reply() == ""
    assert journal.mails == []


@pytest.mark.parametrize("drop", [b"x", b"BDAT 1\r\nx"], ids=["one chunk", "many chunks"])
def test_a_mail_in_chunks_has_no_more_time_than_another(serve, journal, drop):
    with Wire(serve(limits=Limits(mail=0.2)).port) as wire:
        wire.begin_chunks()
        wire.socket.sendall(b"BDAT 100000\r\n" if drop == b"x" else b"")
        answer = wire.drip(drop)
        while answer.startswith("250"):
            answer = wire.drip(drop)
        assert answer == LATE
    assert journal.mails == []


def test_a_session_ends_although_there_is_always_something_to_say(serve):
    with Wire(serve(limits=Limits(session=0.5)).port) as wire:
        wire.greet()
        answer = wire.say(b"NOOP\r\n")
        while answer.startswith("250"):
            answer = wire.say(b"NOOP\r\n")
        assert answer == LATE


def test_a_mail_that_is_on_its_way_outlives_its_session(serve, journal):
    running = serve()
    with Wire(running.port) as wire:
        wire.begin()
        [session] = running.server._sessions
        session._session_end = running.loop.time()
        assert wire.say(b"late\r\n.\r\n").startswith("250")
        assert wire.reply() == LATE
    assert journal.mails == [b"late\r\n"]


def test_our_own_slowness_is_not_held_against_the_sender(serve, journal):
    free = threading.Event()
    journal.trouble = lambda parcels: free.wait(10)
    running = serve()
    with Wire(running.port) as wire:
        wire.begin()
        wire.socket.sendall(b"x\r\n.\r\n")
        [session] = running.server._sessions
        until(lambda: session.deadline == math.inf)
        running.loop.call_soon_threadsafe(session.end_if_overdue, running.loop.time() + 1_000_000)
        free.set()
        assert wire.reply().startswith("250")
        assert session.deadline < math.inf
    assert journal.mails == [b"x\r\n"]


def test_who_never_reads_what_he_is_told_is_cut_off(serve):
    running = serve()
    with Wire(running.port) as wire:
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.greet()
        [session] = running.server._sessions
        sender = threading.Thread(target=_flood, args=(wire.socket,))
        sender.start()
        until(lambda: session.transport.get_write_buffer_size() > 0)
        long_after = running.loop.time() + 1000
        running.loop.call_soon_threadsafe(session.end_if_overdue, long_after)
        until(lambda: not running.server._sessions)
        sender.join()


def _flood(client: socket.socket) -> None:
    try:
        client.sendall(b"NOOP\r\n" * 1_000_000)
    except OSError:
        return  # cut off, as it should be


def test_a_long_pipeline_of_one_is_no_queue_for_others(serve, journal):
    running = serve()
    begun, free = threading.Event(), threading.Event()

    def slow_first(parcels):
        begun.set()
        assert free.wait(10)

    journal.trouble = slow_first
    with Wire(running.port) as many, Wire(running.port) as one:
        many.greet()
        many.socket.sendall((ENVELOPE + b"many\r\n.\r\n") * 200)
        assert begun.wait(10)
        one.begin()
        one.socket.sendall(b"one\r\n.\r\n")
        until(lambda: not running.server._listener.accept.__self__._queue.empty())
        free.set()
        assert one.reply().startswith("250")
        assert journal.mails.index(b"one\r\n") <= 2
        assert [many.reply()[:3] for _ in range(800)] == ["250", "250", "354", "250"] * 200


# --- too much that is not yet processed


def test_while_the_queue_is_too_long_mail_is_put_off(serve, journal):
    full = True
    with Wire(serve(is_full=lambda: full).port) as wire:
        wire.greet()
        for command in (b"MAIL FROM:<ann@example.org>\r\n", b"MAIL FROM:<> BODY=8BITMIME\r\n"):
            assert wire.say(command) == "452 4.3.1 Too many mails wait to be processed, please try again later"
        assert wire.say(b"RCPT TO:<support@helpdesk.example>\r\n").startswith("503")
        full = False
        wire.socket.sendall(ENVELOPE + b"x\r\n.\r\n")
        assert [wire.reply()[:3] for _ in range(4)] == ["250", "250", "354", "250"]
    assert journal.mails == [b"x\r\n"]
