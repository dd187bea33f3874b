"""What SPF and DMARC say of a mail that came by SMTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from mailtix.evidence.auth.dns import Lookups
from mailtix.evidence.auth.verify import Trust, authenticate
from mailtix.model.auth import Authentication, Result
from mailtix.model.mail import Envelope
from mailtix.parsing import parse
from names import Names
from signing import Signer

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
OURS, ELSE = "203.0.113.9", "198.51.100.7"
MAIL = b"From: ann@example.org\r\nTo: support@desk.example\r\nMessage-ID: <1@example.org>\r\n\r\nIt burns.\r\n"

Look = Callable[..., Authentication]


@pytest.fixture
def names() -> Names:
    names = Names()
    names.publish("example.org", "some other text", "v=spf1 ip4:203.0.113.9 -all")
    names.publish("_dmarc.example.org", "v=DMARC1; p=reject")
    return names


@pytest.fixture
def look(names: Names) -> Look:
    def authenticated(
        raw: bytes = MAIL, peer: str = OURS, mail_from: str = "ann@example.org", helo: str = "mx.example.org"
    ) -> Authentication:
        mail = parse(raw, Envelope(mail_from, (), AT, "smtp", peer, helo))
        return authenticate(raw, mail, Trust(), Lookups(names, 5))

    return authenticated


def test_the_domains_own_server_proves_the_sender_who_stands_in_the_envelope(look: Look) -> None:
    auth = look()

    assert (auth.spf.result, auth.dmarc.result, auth.direct) == (Result.PASS, Result.PASS, True)
    assert "by SPF" in auth.dmarc.because
    assert auth.proves("ann@example.org") == "DMARC passes: its own server sent it (SPF of example.org)"


def test_a_forwarder_that_writes_its_own_domain_into_the_envelope_proves_nobody(look: Look, names: Names) -> None:
    srs = look(mail_from="SRS0=abc=de=example.net=eve@example.org")  # a mail that example.org has forwarded

    assert srs.dmarc.result is Result.PASS
    assert (srs.proves("ann@example.org"), srs.refutes("ann@example.org")) == ("", "")


@pytest.mark.parametrize(
    ("policy", "refuted"),
    [
        ("v=DMARC1; p=reject", "p=reject"),
        ("v=DMARC1; p=quarantine", "p=quarantine"),
        ("v=DMARC1; p=REJECT; adkim=s", "p=reject"),
        ("v=DMARC1; p=none", "SPF fails"),
        ("v=DMARC1; p=reject; pct=0", "SPF fails"),
        ("v=DMARC1; p=reject; t=y", "SPF fails"),
        ("v=DMARC1; p=what", "SPF fails"),
        ("v=DMARC1", "SPF fails"),
        ("v=DMARC2; p=reject", "SPF fails"),
    ],
)
def test_a_forged_sender_is_refuted_by_what_his_domain_says(
    look: Look, names: Names, policy: str, refuted: str
) -> None:
    names.publish("_dmarc.example.org", policy)
    auth = look(peer=ELSE)

    assert auth.proves("ann@example.org") == ""
    assert refuted in auth.refutes("ann@example.org")


def test_spf_that_fails_for_a_domain_of_no_matter_refutes_nobody(look: Look, names: Names) -> None:
    names.publish("_dmarc.example.org")
    names.publish("example.net", "v=spf1 -all")

    assert look(peer=ELSE, mail_from="bounces@example.net").refutes("ann@example.org") == ""


def test_a_softfail_refutes_nobody(look: Look, names: Names) -> None:
    names.publish("_dmarc.example.org", "v=DMARC1; p=none")
    names.publish("example.org", "v=spf1 ~all")
    auth = look()

    assert auth.spf.result is Result.SOFTFAIL
    assert auth.refutes("ann@example.org") == ""


def test_a_signature_makes_up_for_spf_that_fails(look: Look, names: Names) -> None:
    signer = Signer("example.org")
    names.publish(signer.name, signer.record)
    auth = look(signer.sign(MAIL), peer=ELSE)

    assert (auth.spf.result, auth.dmarc.result) == (Result.FAIL, Result.PASS)
    assert "by DKIM" in auth.dmarc.because
    assert auth.refutes("ann@example.org") == ""


@pytest.mark.parametrize(("record", "proven"), [("adkim=s", False), ("adkim=r", True), ("aspf=s", True)])
def test_a_domain_may_be_strict_about_signatures(look: Look, names: Names, record: str, proven: bool) -> None:
    signer = Signer("mail.example.org")
    names.publish(signer.name, signer.record)
    names.publish("_dmarc.example.org", f"v=DMARC1; p=reject; {record}")

    assert bool(look(signer.sign(MAIL), peer=ELSE).proves("ann@example.org")) is proven


@pytest.mark.parametrize(("record", "result"), [("aspf=s", Result.FAIL), ("aspf=r", Result.PASS)])
def test_a_domain_may_be_strict_about_the_envelope(look: Look, names: Names, record: str, result: Result) -> None:
    names.publish("bounces.example.org", "v=spf1 ip4:203.0.113.9 -all")
    names.publish("_dmarc.example.org", f"v=DMARC1; p=reject; {record}")

    assert look(mail_from="ann@bounces.example.org").dmarc.result is result


def test_a_subdomain_follows_its_organization(look: Look, names: Names) -> None:
    names.publish("_dmarc.example.org", "v=DMARC1; p=none; sp=reject")
    auth = look(MAIL.replace(b"ann@example.org", b"ann@shop.example.org"), peer=ELSE)

    assert (auth.dmarc.result, auth.policy) == (Result.FAIL, "reject")
    names.publish("_dmarc.shop.example.org", "v=DMARC1; p=quarantine")
    assert look(MAIL.replace(b"ann@example.org", b"ann@shop.example.org"), peer=ELSE).policy == "quarantine"


def test_two_dmarc_records_are_none(look: Look, names: Names) -> None:
    names.publish("_dmarc.example.org", "v=DMARC1; p=reject", "v=DMARC1; p=none")

    assert look().dmarc.result is Result.NONE


def test_the_null_sender_is_looked_up_by_helo(look: Look, names: Names) -> None:
    names.publish("mx.example.org", "v=spf1 ip4:203.0.113.9 -all")
    auth = look(mail_from="")

    assert (auth.spf.result, auth.spf.domain) == (Result.PASS, "mx.example.org")
    assert auth.proves("ann@example.org") == ""  # who bounces is nobody in particular


@pytest.mark.parametrize(
    ("peer", "says"),
    [
        ("", "no SMTP session"),
        ("127.0.0.1", "a machine of the house"),
        ("10.1.2.3", "a machine of the house"),
        ("::1", "a machine of the house"),
        ("fd00::1", "a machine of the house"),
        ("/run/lmtp.sock", "a machine of the house"),
    ],
)
def test_mail_that_our_own_machines_hand_over_is_not_asked_about_by_spf_nor_called_forged(
    look: Look, names: Names, peer: str, says: str
) -> None:
    names.publish("_dmarc.example.org", "v=DMARC1; p=reject")
    auth = look(peer=peer)

    assert (auth.spf.result, says in auth.spf.because) == (Result.NONE, True)
    assert (auth.dmarc.result, auth.refutes("ann@example.org")) == (Result.NONE, "")


@pytest.mark.parametrize(
    ("record", "result"),
    [
        ("v=spf1 include:other.example -all", Result.PASS),
        ("v=spf1 mx -all", Result.PASS),
        ("v=spf1 a:mail.example.org -all", Result.PASS),
        ("v=spf1 exists:%{i}.yes.example -all", Result.PASS),
        ("v=spf1 redirect=other.example", Result.PASS),
        ("v=spf1 ptr -all", Result.PASS),
        ("v=spf1 ip6:2001:db8::/32 -all", Result.FAIL),
        ("v=spf1 ?all", Result.NEUTRAL),
        ("v=spf1 nonsense:x -all", Result.PERMERROR),
        ("v=spf1 include:example.org -all", Result.PERMERROR),
        ("v=spf1 a:no1.example a:no2.example a:no3.example -all", Result.PERMERROR),
        ("v=spf1 include:slow.example -all", Result.TEMPERROR),
        ("v=spf10 -all", Result.NONE),
    ],
)
def test_the_mechanisms_of_spf(look: Look, names: Names, record: str, result: Result) -> None:
    names.publish("example.org", record)
    names.publish("example.org", "10 mail.example.org.", kind="MX")
    names.publish("mail.example.org", OURS, kind="A")
    names.publish("other.example", "v=spf1 ip4:203.0.113.0/24 -all")
    names.publish("203.0.113.9.yes.example", "127.0.0.2", kind="A")
    names.publish("9.113.0.203.in-addr.arpa", "mail.example.org.", kind="PTR")
    names.silent.add("slow.example")

    assert look().spf.result is result


def test_an_ipv6_peer_is_asked_about_as_such(look: Look, names: Names) -> None:
    names.publish("example.org", "v=spf1 ip6:2001:db8::/32 -all")

    assert look(peer="2001:db8::25").spf.result is Result.PASS
    assert look(peer="::ffff:203.0.113.9").spf.result is Result.FAIL


def test_what_the_dns_does_not_say_proves_and_refutes_nobody(look: Look, names: Names) -> None:
    names.silent |= {"example.org", "_dmarc.example.org"}
    auth = look()

    assert (auth.spf.result, auth.dmarc.result) == (Result.TEMPERROR, Result.TEMPERROR)
    assert (auth.proves("ann@example.org"), auth.refutes("ann@example.org")) == ("", "")


def test_a_failure_that_may_only_be_the_dns_refutes_nobody(look: Look, names: Names) -> None:
    signer = Signer("example.org")
    names.silent.add(signer.name)
    auth = look(signer.sign(MAIL), peer=ELSE)

    assert auth.dmarc.result is Result.TEMPERROR


def test_a_mail_may_not_make_us_ask_for_very_many_names(names: Names) -> None:
    raw = b"".join(b"ARC-Seal: i=%d; d=a; s=b\r\n" % number for number in range(1, 200)) + MAIL
    for number in range(20):
        raw = Signer("example.org", f"n{number}").sign(raw)
    mail = parse(raw, Envelope("ann@example.org", (), AT, "smtp", OURS))
    authenticate(raw, mail, Trust(), Lookups(names, 5))

    assert len(names.asked) < 60


def test_when_the_time_is_over_nothing_more_is_asked(names: Names) -> None:
    mail = parse(MAIL, Envelope("ann@example.org", (), AT, "smtp", OURS))
    auth = authenticate(MAIL, mail, Trust(), Lookups(names, 0))

    assert names.asked == []
    assert auth.dmarc.result is Result.TEMPERROR
    assert "the time for the DNS is over" in auth.line


@pytest.mark.parametrize("sender", ["ann@exämple.org", "ann@xn--exmple-cua.org"])
def test_a_domain_in_unicode_is_asked_for_in_ascii(look: Look, names: Names, sender: str) -> None:
    names.publish("_dmarc.xn--exmple-cua.org", "v=DMARC1; p=reject")
    auth = look(f"From: {sender}\r\n\r\nHi\r\n".encode(), peer=ELSE, mail_from=sender)

    assert auth.refutes(sender)


@pytest.mark.parametrize("sender", ["", "undisclosed", "@", "ann@", "a@b@c", "ann@" + "x" * 300, "ann@[203.0.113.9]"])
def test_any_sender_is_read_and_strange_ones_prove_nobody(look: Look, sender: str) -> None:
    auth = look(f"From: {sender}\r\n\r\nHi\r\n".encode(), mail_from=sender, helo=sender)

    assert auth.proves(sender) == ""
