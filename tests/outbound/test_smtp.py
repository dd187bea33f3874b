"""The smarthost courier and a real SMTP server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mailtix.model.outgoing import Deferred, Delivered, OutgoingMail, Rejected
from mailtix.outbound.smtp import Smarthost, SmtpCourier
from outbound.servers import RealServer, make_certificate, only

Start = Callable[..., RealServer]
Make = Callable[..., SmtpCourier]


def a_mail(
    to: str = "ann@example.org",
    sender: str = "support@example.com",
    raw: bytes = b"Subject: It burns\r\n\r\nCome quickly.\r\n",
) -> OutgoingMail:
    return OutgoingMail("1@example.com", sender, to, raw)


def test_a_mail_arrives_with_its_envelope_and_its_bytes(real_server: Start, courier: Make) -> None:
    server = real_server()
    outcome = courier(server.port).deliver(a_mail())
    assert outcome == Delivered("250 2.0.0 taken as number 1")
    [arrived] = server.mails
    assert (arrived.mail_from, arrived.rcpt_tos) == ("support@example.com", ["ann@example.org"])
    assert arrived.original_content == b"Subject: It burns\r\n\r\nCome quickly.\r\n"


@pytest.mark.parametrize(
    "body",
    [
        b".\r\n",
        b".hidden\r\n..two\r\n...\r\n",
        b"\xc3\xa4\xff\x80 eight bits\r\n",
        b"From here\r\n>From there\r\n",
        b"a" * 900 + b"\r\n",
        b"x\r\n" * 100_000,
        b"",
    ],
    ids=["dot", "dots", "bits", "from", "long", "big", "empty"],
)
def test_no_byte_of_the_body_is_changed_on_the_way(real_server: Start, courier: Make, body: bytes) -> None:
    server = real_server()
    raw = b"Subject: bytes\r\n\r\n" + body
    assert isinstance(courier(server.port).deliver(a_mail(raw=raw)), Delivered)
    assert server.mails[0].original_content == raw


def test_a_mail_without_a_last_line_end_gets_one(real_server: Start, courier: Make) -> None:
    server = real_server()
    courier(server.port).deliver(a_mail(raw=b"Subject: x\r\n\r\nend"))
    assert server.mails[0].original_content == b"Subject: x\r\n\r\nend\r\n"


def test_a_lone_line_feed_and_a_dot_do_not_end_the_mail(real_server: Start, courier: Make) -> None:
    server = real_server()
    raw = b"Subject: x\r\n\r\na\n.\r\nMAIL FROM:<eve@example.net>\r\n"
    assert isinstance(courier(server.port).deliver(a_mail(raw=raw)), Delivered)
    assert len(server.mails) == 1


def test_the_null_sender_is_sent_as_such(real_server: Start, courier: Make) -> None:
    server = real_server()
    assert isinstance(courier(server.port).deliver(a_mail(sender="")), Delivered)
    assert server.mails[0].mail_from == "<>"  # as aiosmtpd keeps it


def test_many_mails_share_one_connection(real_server: Start, courier: Make) -> None:
    server = real_server()
    carrier = courier(server.port)
    outcomes = [carrier.deliver(a_mail(to=f"ann{n}@example.org")) for n in range(20)]
    assert all(isinstance(outcome, Delivered) for outcome in outcomes)
    assert (len(server.mails), server.connections) == (20, 1)


def test_a_connection_is_renewed_before_servers_grow_tired_of_it(real_server: Start, courier: Make) -> None:
    server = real_server()
    carrier = courier(server.port)
    for _ in range(150):
        assert isinstance(carrier.deliver(a_mail()), Delivered)
    assert server.connections == 2


def test_threads_do_not_share_a_dialogue(real_server: Start, courier: Make) -> None:
    server = real_server()
    carrier = courier(server.port)
    start = threading.Barrier(8)

    def send(n: int) -> bool:
        start.wait(10)
        return all(isinstance(carrier.deliver(a_mail(to=f"ann{n}-{m}@example.org")), Delivered) for m in range(10))

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(send, range(8)))
    assert {mail.rcpt_tos[0] for mail in server.mails} == {
        f"ann{n}-{m}@example.org" for n in range(8) for m in range(10)
    }
    assert len(server.mails) == 80


def test_an_unknown_recipient_is_rejected_and_the_connection_goes_on(real_server: Start, courier: Make) -> None:
    server = real_server()
    carrier = courier(server.port)
    assert carrier.deliver(a_mail(to="nobody@example.org")) == Rejected("550 5.1.1 no such user here")
    assert carrier.deliver(a_mail(to="full@example.org")) == Deferred("452 4.2.2 mailbox full")
    assert isinstance(carrier.deliver(a_mail()), Delivered)
    assert server.connections == 1


def test_a_mail_that_is_larger_than_the_server_says_it_takes_is_rejected_unsent(
    real_server: Start, courier: Make
) -> None:
    server = real_server(data_size_limit=1000)
    outcome = courier(server.port).deliver(a_mail(raw=b"Subject: x\r\n\r\n" + b"x" * 2000))
    assert outcome == Rejected("the mail has 2014 bytes, the server takes 1000")


# ---------------------------------------------------------------- addresses


def test_an_address_beyond_ascii_goes_where_smtputf8_is_offered(real_server: Start, courier: Make) -> None:
    server = real_server(enable_SMTPUTF8=True)
    assert isinstance(courier(server.port).deliver(a_mail(to="jürgen@example.org")), Delivered)
    assert server.mails[0].rcpt_tos == ["jürgen@example.org"]
    assert server.mails[0].smtp_utf8


def test_an_address_beyond_ascii_is_rejected_with_the_reason_where_it_is_not(real_server: Start, courier: Make) -> None:
    outcome = courier(real_server(enable_SMTPUTF8=False).port).deliver(a_mail(to="jürgen@example.org"))
    assert isinstance(outcome, Rejected)
    assert "SMTPUTF8" in outcome.reply


def test_a_domain_beyond_ascii_needs_no_extension(real_server: Start, courier: Make) -> None:
    server = real_server(enable_SMTPUTF8=False)
    assert isinstance(courier(server.port).deliver(a_mail(to="ann@bücher.example")), Delivered)
    assert server.mails[0].rcpt_tos == ["ann@xn--bcher-kva.example"]


def test_plain_mail_asks_for_no_extension(real_server: Start, courier: Make) -> None:
    server = real_server(enable_SMTPUTF8=True)
    courier(server.port).deliver(a_mail())
    courier(server.port).deliver(a_mail(raw=b"Subject: x\r\n\r\n\xc3\xa4\r\n"))
    assert [mail.smtp_utf8 for mail in server.mails] == [False, False]
    assert ["BODY=8BITMIME" in mail.mail_options for mail in server.mails] == [False, True]


@pytest.mark.parametrize(
    "address",
    [
        "ann@example.org>\r\nRCPT TO:<eve@example.net",
        "ann@example.org> NOTIFY=NEVER",
        "ann",
        "@example.org",
        "ann@",
        "",
        "a b@example.org",
        "ann@example.org\x00",
        "\ud800@example.org",
        "ann@" + "ü" * 70 + ".example",
    ],
)
def test_what_is_no_address_never_becomes_a_command(real_server: Start, courier: Make, address: str) -> None:
    server = real_server()
    outcome = courier(server.port).deliver(a_mail(to=address))
    assert isinstance(outcome, Rejected)
    assert "\n" not in outcome.reply
    assert server.mails == []


@pytest.mark.parametrize("address", ['"a b"@example.org', "o'neil+x=y@example.org", "ann@[127.0.0.1]"])
def test_odd_addresses_are_addresses(real_server: Start, courier: Make, address: str) -> None:
    assert isinstance(courier(real_server().port).deliver(a_mail(to=address)), Delivered)


# ---------------------------------------------------------------- TLS and AUTH


@pytest.mark.parametrize("mode", ["starttls", "ssl"])
def test_mail_goes_through_tls_to_a_server_that_is_trusted(
    real_server: Start, courier: Make, tmp_path: Path, mode: str
) -> None:
    context, cafile = make_certificate(tmp_path)
    server = (
        real_server(implicit_tls=context) if mode == "ssl" else real_server(tls_context=context, require_starttls=True)
    )
    carrier = courier(server.port, tls=mode, cafile=str(cafile))
    assert isinstance(carrier.deliver(a_mail()), Delivered)
    assert isinstance(carrier.deliver(a_mail()), Delivered)
    assert server.connections == 1


@pytest.mark.parametrize("mode", ["starttls", "ssl"])
@pytest.mark.parametrize("fault", ["unknown authority", "other host"])
def test_a_certificate_that_is_not_valid_gets_no_mail(
    real_server: Start, courier: Make, tmp_path: Path, mode: str, fault: str
) -> None:
    context, cafile = make_certificate(tmp_path, "other.test" if fault == "other host" else "127.0.0.1")
    server = real_server(implicit_tls=context) if mode == "ssl" else real_server(tls_context=context)
    trusted = str(cafile) if fault == "other host" else None
    outcome = courier(server.port, tls=mode, cafile=trusted).deliver(a_mail())
    assert isinstance(outcome, Deferred)
    assert "certificate is not valid" in outcome.reply
    assert server.mails == []


def test_without_starttls_nothing_is_sent_in_clear_text(real_server: Start, courier: Make) -> None:
    server = real_server(authenticator=only("desk", "secret"), auth_require_tls=False)
    outcome = courier(server.port, tls="starttls", username="desk", password="secret").deliver(a_mail())
    assert isinstance(outcome, Deferred)
    assert "does not offer STARTTLS" in outcome.reply
    assert server.mails == []


@pytest.mark.parametrize(("name", "password"), [("desk", "secret"), ("desk", "geheim-äöü-鍵")])
def test_signing_in_with_the_right_password_works(
    real_server: Start, courier: Make, tmp_path: Path, name: str, password: str
) -> None:
    context, cafile = make_certificate(tmp_path)
    server = real_server(tls_context=context, auth_required=True, authenticator=only(name, password))
    carrier = courier(server.port, tls="starttls", cafile=str(cafile), username=name, password=password)
    assert isinstance(carrier.deliver(a_mail()), Delivered)


@pytest.mark.parametrize("password", ["wrong", "fälsch", ""])
def test_a_wrong_password_loses_no_mail_and_says_what_to_check(
    real_server: Start, courier: Make, tmp_path: Path, password: str
) -> None:
    context, cafile = make_certificate(tmp_path)
    server = real_server(tls_context=context, auth_required=True, authenticator=only("desk", "secret"))
    outcome = courier(server.port, tls="starttls", cafile=str(cafile), username="desk", password=password).deliver(
        a_mail()
    )
    assert isinstance(outcome, Deferred)
    assert "check username and password" in outcome.reply
    assert "535" in outcome.reply


def test_a_missing_sign_in_loses_no_mail(real_server: Start, courier: Make) -> None:
    server = real_server(auth_required=True, auth_require_tls=False, authenticator=only("desk", "secret"))
    outcome = courier(server.port).deliver(a_mail())
    assert isinstance(outcome, Deferred)
    assert outcome.reply.startswith("530 ")


def test_a_sign_in_that_the_server_does_not_offer_loses_no_mail(real_server: Start, courier: Make) -> None:
    outcome = courier(real_server().port, username="desk", password="secret").deliver(a_mail())
    assert isinstance(outcome, Deferred)
    assert "AUTH" in outcome.reply


def test_a_missing_authority_file_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        SmtpCourier(Smarthost("127.0.0.1", cafile=str(tmp_path / "none.pem")))


def test_the_password_is_not_shown_with_the_settings() -> None:
    assert "secret" not in repr(Smarthost("127.0.0.1", username="desk", password="secret"))


# ---------------------------------------------------------------- ends


def test_a_server_that_is_down_defers(courier: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    outcome = courier(port).deliver(a_mail())
    assert isinstance(outcome, Deferred)
    assert f"127.0.0.1:{port}" in outcome.reply


@pytest.mark.parametrize("host", ["no-such-host.test", "a" * 80 + ".test", "", "\x00"])
def test_a_host_that_cannot_be_found_defers(courier: Make, host: str) -> None:
    assert isinstance(courier(25, host=host).deliver(a_mail()), Deferred)


def test_a_closed_courier_keeps_no_connection(real_server: Start, courier: Make) -> None:
    server = real_server()
    carrier = courier(server.port)
    carrier.deliver(a_mail())
    carrier.close()
    assert isinstance(carrier.deliver(a_mail()), Delivered)
    assert isinstance(carrier.deliver(a_mail()), Delivered)
    assert server.connections == 3
