"""The listener as an ordinary client meets it."""

from __future__ import annotations

import errno
import smtplib

import pytest

from ingest.journal import NOON, until
from ingest.wire import client_tls
from mailtix.ingest.doorman import Limits
from mailtix.model.mail import Envelope

MAIL = b"From: ann@example.org\r\nSubject: It burns\r\n\r\nPlease help.\r\n"
TO = "support@helpdesk.example"


def connect(running) -> smtplib.SMTP:
    return smtplib.SMTP("127.0.0.1", running.port, local_hostname="client.example", timeout=10)


def test_a_mail_is_in_the_journal_with_its_envelope_before_the_sender_hears_250(serve, journal):
    with connect(serve()) as client:
        client.sendmail("Ann@Example.org", ["Support@Helpdesk.Example", "sales@helpdesk.example"], MAIL)
        [parcel] = journal.parcels
    assert parcel.raw == MAIL
    assert parcel.envelope == Envelope(
        mail_from="Ann@Example.org",
        rcpt_tos=("Support@Helpdesk.Example", "sales@helpdesk.example"),
        received_at=NOON,
        source="smtp",
        peer="127.0.0.1",
        helo="client.example",
        tls=False,
    )


def test_the_sender_is_told_the_journal_number(serve):
    with connect(serve()) as client:
        client.ehlo()
        client.mail("ann@example.org")
        client.rcpt(TO)
        assert client.data(MAIL) == (250, b"2.0.0 Ok: queued as J1")


def test_one_session_brings_many_mails(serve, journal):
    with connect(serve()) as client:
        for number in range(5):
            client.sendmail("ann@example.org", [TO], MAIL + b"%d\r\n" % number)
    assert journal.mails == [MAIL + b"%d\r\n" % number for number in range(5)]


def test_only_our_own_recipients_are_taken(serve, journal, heard):
    with connect(serve()) as client:
        client.ehlo()
        client.mail("ann@example.org")
        assert client.rcpt("someone@example.net") == (550, b"5.1.1 No such mailbox here")
        assert client.rcpt(TO)[0] == 250
        client.data(MAIL)
    assert [parcel.envelope.rcpt_tos for parcel in journal.parcels] == [(TO,)]
    assert [fields["recipient"] for fields in heard.all("refused")] == ["someone@example.net"]


def test_a_recipient_is_compared_in_lower_case_and_whole(serve):
    asked = []
    with connect(serve(ours=lambda address: asked.append(address) is None)) as client:
        client.ehlo()
        client.mail("ann@example.org")
        client.rcpt("Support+TKT-Abc@HelpDesk.example")
    assert asked == ["support+tkt-abc@helpdesk.example"]


def test_a_recipient_named_twice_stands_in_the_envelope_once(serve, journal):
    with connect(serve()) as client:
        client.sendmail("ann@example.org", [TO, TO], MAIL)
    assert journal.parcels[0].envelope.rcpt_tos == (TO,)


def test_the_null_sender_is_welcome(serve, journal):
    with connect(serve()) as client:
        client.sendmail("", [TO], MAIL)
    assert journal.parcels[0].envelope.mail_from == ""


def test_addresses_and_mail_may_be_utf_8(serve, journal):
    mail = "Subject: Grüße\r\n\r\nJürgen\r\n".encode()
    with connect(serve()) as client:
        client.sendmail("jürgen@müller.example", ["größe@helpdesk.example"], mail, ["SMTPUTF8", "BODY=8BITMIME"])
    assert journal.parcels[0].raw == mail
    assert journal.parcels[0].envelope.mail_from == "jürgen@müller.example"
    assert journal.parcels[0].envelope.rcpt_tos == ("größe@helpdesk.example",)


def test_what_the_server_can_do_is_announced_and_nothing_else(serve, server_tls):
    with connect(serve(tls=server_tls, size_limit=12345)) as client:
        client.ehlo()
        plain = set(client.esmtp_features)
        assert client.esmtp_features["size"] == "12345"
        client.starttls(context=client_tls())
        client.ehlo()
        secured = set(client.esmtp_features)
    assert plain == {"size", "8bitmime", "smtputf8", "pipelining", "chunking", "enhancedstatuscodes", "starttls"}
    assert secured == plain - {"starttls"}


def test_a_mail_over_tls_says_so_in_its_envelope(serve, server_tls, journal):
    with connect(serve(tls=server_tls)) as client:
        client.starttls(context=client_tls())
        client.sendmail("ann@example.org", [TO], MAIL)
        assert client.docmd("STARTTLS")[0] == 503
    assert journal.parcels[0].envelope.tls
    assert journal.mails == [MAIL]


def test_a_handshake_that_fails_is_an_event_and_harms_nobody(serve, server_tls, heard, capfd):
    running = serve(tls=server_tls)
    client = connect(running)
    client.ehlo()
    client.docmd("STARTTLS")
    client.sock.sendall(b"This is no handshake.\r\n" * 10)
    while client.sock.recv(1000):
        pass
    client.close()
    with connect(running) as other:
        assert other.noop()[0] == 250
    assert len(heard.all("tls_failed")) == 1
    assert capfd.readouterr().err == ""


def test_a_mail_that_announces_too_big_a_size_is_refused_at_once(serve):
    with connect(serve(size_limit=1000)) as client:
        client.ehlo()
        assert client.mail("ann@example.org", ["SIZE=1001"])[0] == 552
        assert client.mail("ann@example.org", ["SIZE=1000"])[0] == 250


@pytest.mark.parametrize(("size", "code"), [(1000, 250), (1001, 552), (1900, 552)])
def test_a_mail_that_is_too_big_is_refused_whatever_it_announced(serve, journal, size, code):
    with connect(serve(size_limit=1000)) as client:
        client.ehlo()
        client.mail("ann@example.org")
        client.rcpt(TO)
        assert client.data(b"x" * (size - 2) + b"\r\n")[0] == code
        assert client.noop()[0] == 250
    assert len(journal.mails) == (code == 250)


def test_a_sender_who_does_not_stop_is_cut_off(serve, journal):
    with connect(serve(size_limit=1000)) as client:
        client.ehlo()
        client.mail("ann@example.org")
        client.rcpt(TO)
        client.docmd("DATA")
        with pytest.raises(ConnectionError):
            client.sock.sendall(b"x" * 100_000_000)
    assert journal.mails == []


def test_recipients_beyond_the_limit_are_asked_to_come_in_another_mail(serve, journal):
    with connect(serve(limits=Limits(recipients=3))) as client:
        refused = client.sendmail("ann@example.org", [f"a{number}@helpdesk.example" for number in range(5)], MAIL)
    assert [code for code, _ in refused.values()] == [452, 452]
    assert len(journal.parcels[0].envelope.rcpt_tos) == 3


@pytest.mark.parametrize(
    ("error", "reply"),
    [
        (RuntimeError("password=hunter2"), (451, b"4.3.0 Local trouble, please try again later")),
        (OSError(errno.ENOSPC, "disk"), (452, b"4.3.1 Not enough storage now, please try again later")),
    ],
)
def test_when_the_journal_cannot_be_written_the_sender_tries_again(serve, journal, heard, capfd, error, reply):
    def fail(parcels):
        raise error

    journal.trouble = fail
    with connect(serve()) as client:
        client.ehlo()
        client.mail("ann@example.org")
        client.rcpt(TO)
        assert client.data(MAIL) == reply
        journal.trouble = lambda parcels: None
        client.sendmail("ann@example.org", [TO], MAIL)
    assert journal.mails == [MAIL]
    assert [fields["reply"][:3] for fields in heard.all("not_accepted")] == [str(reply[0])]
    assert capfd.readouterr().err == ""


def test_trouble_with_our_own_list_of_mailboxes_is_our_fault(serve, heard, capfd):
    def broken(address):
        raise LookupError("config.secret")

    with connect(serve(ours=broken)) as client:
        client.ehlo()
        client.mail("ann@example.org")
        assert client.rcpt(TO) == (451, b"4.3.0 Local trouble, please try again later")
    assert "config.secret" in str(heard.all("smtp_trouble"))
    assert capfd.readouterr().err == ""


def test_too_many_connections_of_one_peer_are_told_to_come_later(serve):
    running = serve(limits=Limits(connections_of_one_peer=2))
    with connect(running) as one, connect(running) as two:
        with pytest.raises(smtplib.SMTPConnectError, match=r"421.*4\.7\.0"):
            connect(running)
        assert (one.noop()[0], two.noop()[0]) == (250, 250)


def test_a_place_becomes_free_when_a_client_leaves(serve):
    running = serve(limits=Limits(connections=1))
    for _ in range(20):
        with connect(running) as client:
            client.noop()
            client.sock.shutdown(2)
            client.close()
            until(lambda: not running.server._sessions)


def test_more_mail_at_once_than_memory_is_put_off(serve, journal):
    with connect(serve(limits=Limits(bytes_in_memory=5000))) as client:
        client.ehlo()
        for body, code in ((b"x" * 6000, 452), (b"x" * 4000, 250), (b"x" * 4000, 250)):
            client.mail("ann@example.org")
            client.rcpt(TO)
            assert client.data(body)[0] == code
    assert len(journal.mails) == 2


def test_the_server_names_itself_and_its_host(serve):
    running = serve()
    client = smtplib.SMTP(timeout=10)
    assert client.connect("127.0.0.1", running.port) == (220, b"mx.helpdesk.example ESMTP mailtix")
    client.quit()
