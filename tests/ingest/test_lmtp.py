from __future__ import annotations

import smtplib

import pytest

from ingest.wire import Wire

MAIL = b"Subject: It burns\r\n\r\nPlease help.\r\n"


def test_each_accepted_recipient_gets_its_own_reply_and_the_mail_is_stored_once(serve, journal):
    with Wire(serve(lmtp=True).port) as wire:
        assert wire.reply() == "220 mx.helpdesk.example LMTP mailtix"
        assert wire.say(b"LHLO mta.example\r\n").startswith("250-mx.helpdesk.example")
        wire.say(b"MAIL FROM:<ann@example.org>\r\n")
        answers = [
            wire.say(b"RCPT TO:<" + name + b">\r\n")[:3]
            for name in (b"support@helpdesk.example", b"someone@example.net", b"sales@helpdesk.example")
        ]
        wire.say(b"DATA\r\n")
        wire.socket.sendall(MAIL + b".\r\nNOOP\r\n")
        after = [wire.reply() for _ in range(3)]
    assert answers == ["250", "550", "250"]
    assert after == ["250 2.0.0 Ok: queued as J1"] * 2 + ["250 2.0.0 OK"]
    [parcel] = journal.parcels
    assert parcel.envelope.rcpt_tos == ("support@helpdesk.example", "sales@helpdesk.example")
    assert parcel.envelope.source == "lmtp"


def test_each_recipient_hears_of_a_failure(serve, journal):
    def fail(parcels):
        raise OSError("gone")

    journal.trouble = fail
    with Wire(serve(lmtp=True).port) as wire:
        wire.greet(b"LHLO mta.example")
        wire.say(b"MAIL FROM:<>\r\n")
        wire.say(b"RCPT TO:<a@helpdesk.example>\r\n")
        wire.say(b"RCPT TO:<b@helpdesk.example>\r\n")
        wire.say(b"DATA\r\n")
        wire.socket.sendall(MAIL + b".\r\nQUIT\r\n")
        assert [wire.reply()[:3] for _ in range(3)] == ["451", "451", "221"]


@pytest.mark.parametrize("hello", [b"EHLO mta.example\r\n", b"HELO mta.example\r\n"])
def test_the_hello_of_smtp_is_no_command_of_lmtp(serve, hello):
    with Wire(serve(lmtp=True).port) as wire:
        wire.reply()
        assert wire.say(hello).startswith("500 5.5.1")
        assert "LHLO" in wire.say(b"MAIL FROM:<ann@example.org>\r\n")


def test_the_standard_library_can_deliver_by_lmtp(serve, journal):
    running = serve(lmtp=True)
    with smtplib.LMTP("127.0.0.1", running.port, local_hostname="mta.example", timeout=10) as client:
        client.sendmail("ann@example.org", ["support@helpdesk.example"], MAIL)
    assert journal.mails == [MAIL]
