"""BDAT (RFC 3030): a mail in chunks of known size."""

from __future__ import annotations

import pytest

from ingest.wire import Wire
from mailtix.ingest.doorman import Limits

MAIL = b"Subject: It burns\r\n\r\nPlease help.\r\n.\r\n..two\r\n"


def test_chunks_make_one_mail_byte_for_byte(serve, journal):
    with Wire(serve().port) as wire:
        wire.begin_chunks()
        assert wire.say(b"BDAT 10\r\n" + MAIL[:10]) == "250 2.0.0 10 octets received"
        assert wire.say(b"bdat %d last\r\n" % len(MAIL[10:]) + MAIL[10:]) == "250 2.0.0 Ok: queued as J1"
    assert journal.mails == [MAIL]


def test_the_last_chunk_may_be_empty(serve, journal):
    with Wire(serve().port) as wire:
        wire.begin_chunks()
        wire.say(b"BDAT %d\r\n" % len(MAIL) + MAIL)
        assert wire.say(b"BDAT 0 LAST\r\n").startswith("250")
    assert journal.mails == [MAIL]


def test_chunks_and_what_follows_them_may_be_pipelined(serve, journal):
    envelope = b"MAIL FROM:<ann@example.org>\r\nRCPT TO:<support@helpdesk.example>\r\n"
    with Wire(serve().port) as wire:
        wire.greet()
        one = envelope + b"BDAT 5\r\nfirstBDAT 6 LAST\r\nsecond"
        wire.socket.sendall(one + one.replace(b"first", b"third") + b"QUIT\r\n")
        assert [wire.reply()[:3] for _ in range(9)] == ["250"] * 8 + ["221"]
    assert journal.mails == [b"firstsecond", b"thirdsecond"]


def test_data_and_new_recipients_do_not_mix_with_chunks(serve, journal):
    with Wire(serve().port) as wire:
        wire.begin_chunks()
        wire.say(b"BDAT 3\r\nabc")
        assert wire.say(b"DATA\r\n").startswith("503 5.5.1")
        assert wire.say(b"RCPT TO:<sales@helpdesk.example>\r\n").startswith("503 5.5.1")
        assert wire.say(b"BDAT 1 LAST\r\nd").startswith("250")
    assert journal.mails == [b"abcd"]


def test_reset_forgets_the_chunks(serve, journal):
    running = serve(limits=Limits(bytes_in_memory=100))
    with Wire(running.port) as wire:
        wire.begin_chunks()
        for _ in range(5):  # the memory is given back each time
            assert wire.say(b"BDAT 60\r\n" + b"x" * 60).startswith("250")
            assert wire.say(b"RSET\r\n").startswith("250")
            wire.say(b"MAIL FROM:<ann@example.org>\r\n")
            wire.say(b"RCPT TO:<support@helpdesk.example>\r\n")
        assert wire.say(b"BDAT 60 LAST\r\n" + b"y" * 60).startswith("250")
    assert journal.mails == [b"y" * 60]


@pytest.mark.parametrize(
    ("limits", "size_limit", "reply"),
    [(Limits(), 1000, "552 5.3.4"), (Limits(bytes_in_memory=1000), 1_000_000, "452 4.3.1")],
    ids=["size", "memory"],
)
def test_too_much_in_chunks_is_refused_until_the_sender_begins_anew(serve, journal, limits, size_limit, reply):
    with Wire(serve(limits=limits, size_limit=size_limit).port) as wire:
        wire.begin_chunks()
        assert wire.say(b"BDAT 900\r\n" + b"x" * 900).startswith("250")
        assert wire.say(b"BDAT 200\r\n" + b"x" * 200).startswith(reply)
        assert wire.say(b"BDAT 1 LAST\r\nx").startswith(reply)
        assert wire.say(b"NOOP\r\n").startswith("250")
    assert journal.mails == []


def test_a_chunk_that_announces_far_too_much_ends_the_session(serve, journal):
    with Wire(serve(size_limit=1000).port) as wire:
        wire.begin_chunks()
        assert wire.say(b"BDAT 999999999999\r\nxxx").startswith("552 5.3.4")
        assert wire.reply() == ""
    assert journal.mails == []


def test_a_sender_of_many_chunks_who_does_not_stop_is_cut_off(serve, journal):
    with Wire(serve(size_limit=1000).port) as wire:
        wire.begin_chunks()
        answers = [wire.say(b"BDAT 900\r\n" + b"x" * 900)[:3] for _ in range(3)]
        assert (answers, wire.reply()) == (["250", "552", "552"], "")
    assert journal.mails == []


def test_lmtp_answers_for_each_recipient_after_the_last_chunk_only(serve, journal):
    with Wire(serve(lmtp=True).port) as wire:
        wire.greet(b"LHLO mta.example")
        wire.say(b"MAIL FROM:<>\r\n")
        for name in (b"support", b"sales"):
            wire.say(b"RCPT TO:<" + name + b"@helpdesk.example>\r\n")
        wire.socket.sendall(b"BDAT 3\r\nabcBDAT 1 LAST\r\ndNOOP\r\n")
        answers = [wire.reply() for _ in range(4)]
    assert answers == ["250 2.0.0 3 octets received", *["250 2.0.0 Ok: queued as J1"] * 2, "250 2.0.0 OK"]
    assert journal.mails == [b"abcd"]


def test_a_client_who_leaves_between_chunks_leaves_nothing(serve, journal):
    running = serve(limits=Limits(bytes_in_memory=100))
    with Wire(running.port) as wire:
        wire.begin_chunks()
        wire.say(b"BDAT 90\r\n" + b"x" * 90)
    with Wire(running.port) as wire:
        wire.begin_chunks()
        assert wire.say(b"BDAT 90 LAST\r\n" + b"y" * 90).startswith("250")
    assert journal.mails == [b"y" * 90]
