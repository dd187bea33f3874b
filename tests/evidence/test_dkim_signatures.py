"""Which DKIM signatures count, and what is said of those that do not."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from mailtix.evidence.auth.dns import Lookups
from mailtix.evidence.auth.verify import Trust, authenticate
from mailtix.model.auth import Authentication, Result, Signature
from mailtix.model.mail import Envelope
from mailtix.parsing import parse
from names import Names
from signing import Signer

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SIGNER = Signer("example.org")
MAIL = (
    b"From: Ann <ann@example.org>\r\nTo: support@desk.example\r\nSubject: Fire\r\n"
    b"Date: Fri, 20 Nov 2026 09:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\nIt burns.\r\n"
)

Look = Callable[[bytes], Authentication]


@pytest.fixture
def names() -> Names:
    names = Names()
    names.publish(SIGNER.name, SIGNER.record)
    return names


@pytest.fixture
def look(names: Names) -> Look:
    """Authenticates a mail that came without an SMTP session."""

    def authenticated(raw: bytes) -> Authentication:
        mail = parse(raw, Envelope("", (), AT, "imap"))
        return authenticate(raw, mail, Trust(), Lookups(names, 5))

    return authenticated


def only(auth: Authentication) -> Signature:
    [signature] = auth.dkim
    return signature


def stamp(moment: datetime) -> str:
    return str(int(moment.timestamp()))


@pytest.mark.parametrize("algorithm", ["rsa-sha256", "ed25519-sha256"])
def test_a_signature_of_the_senders_domain_proves_the_sender(look: Look, names: Names, algorithm: str) -> None:
    signer = Signer("example.org", "s2", algorithm)
    names.publish(signer.name, signer.record)
    auth = look(signer.sign(MAIL, t=stamp(AT)))

    assert only(auth).result is Result.PASS
    assert only(auth).signed_at == AT
    assert auth.proves("Ann@example.org") == "DKIM signature of example.org"
    assert auth.proves("bob@example.org") == ""
    assert auth.refutes("ann@example.org") == ""


def test_the_signatures_of_rfc_8463_verify(look: Look, names: Names) -> None:
    key = (
        "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J1"
        "6JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l"
        "/K4w3QIDAQAB"
    )
    names.publish("test._domainkey.football.example.com", key)
    names.publish(
        "brisbane._domainkey.football.example.com", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    )
    auth = look(RFC_8463.replace(b"\n", b"\r\n"))

    assert [(s.result, s.selector) for s in auth.dkim] == [(Result.PASS, "brisbane"), (Result.PASS, "test")]
    assert auth.proves("joe@football.example.com")


# RFC 8463 appendix A.3
RFC_8463 = b"""\
DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
"""


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ((b"It burns.", b"It rains."), "the text was changed"),
        ((b"Subject: Fire", b"Subject: Rain"), "a signed field was changed"),
        ((b"ann@example.org", b"bob@example.org"), "a signed field was changed"),
    ],
)
def test_what_was_changed_after_signing_fails(look: Look, change: tuple[bytes, bytes], says: str) -> None:
    signature = only(look(SIGNER.sign(MAIL).replace(*change)))

    assert (signature.result, says in signature.because) == (Result.FAIL, True)


def test_a_changed_text_is_not_proven_by_a_signature_over_its_beginning(look: Look) -> None:
    auth = look(SIGNER.sign(MAIL, length=11) + b"#close\r\n")

    assert only(auth).result is Result.POLICY
    assert "only the first 11 octets" in only(auth).because
    assert auth.proves("ann@example.org") == ""


def test_not_even_a_signature_over_all_of_a_text_counts_when_it_is_limited(look: Look) -> None:
    assert look(SIGNER.sign(MAIL, length=11)).proves("ann@example.org") == ""


def test_a_signature_of_another_domain_proves_nothing(look: Look, names: Names) -> None:
    other = Signer("example.net")
    names.publish(other.name, other.record)
    auth = look(other.sign(MAIL))

    assert only(auth).result is Result.PASS
    assert auth.proves("ann@example.org") == ""


def test_a_subdomain_speaks_for_its_organization_and_a_neighbour_under_a_public_suffix_does_not(
    look: Look, names: Names
) -> None:
    for domain in ("mail.example.org", "other.co.uk"):
        names.publish(Signer(domain).name, Signer(domain).record)

    assert look(Signer("mail.example.org").sign(MAIL)).proves("ann@example.org")
    theirs = MAIL.replace(b"ann@example.org", b"ann@example.co.uk")
    assert look(Signer("other.co.uk").sign(theirs)).proves("ann@example.co.uk") == ""


@pytest.mark.parametrize(
    ("tags", "says"),
    [
        ({"x": stamp(AT - timedelta(minutes=1))}, "the signature has expired"),
        ({"x": "soon"}, "the signature has expired"),
        ({"t": stamp(AT + timedelta(hours=2))}, "signed in the future"),
    ],
)
def test_a_signature_out_of_its_time_does_not_count(look: Look, tags: dict[str, str], says: str) -> None:
    signature = only(look(SIGNER.sign(MAIL, None, None, **tags)))

    assert (signature.result, says in signature.because) == (Result.POLICY, True)


def test_a_mail_that_came_in_time_is_good_whenever_we_look(look: Look) -> None:
    assert look(SIGNER.sign(MAIL, x=stamp(AT + timedelta(minutes=1)))).proves("ann@example.org")


def test_rsa_sha1_does_not_count(look: Look) -> None:
    signer = Signer("example.org", "s1", "rsa-sha1")

    assert "rsa-sha1 is broken" in only(look(signer.sign(MAIL))).because


def test_a_weak_key_does_not_count(look: Look, names: Names) -> None:
    names.publish(SIGNER.name, f"v=DKIM1; p={KEY_OF_768_BITS}")
    signature = only(look(SIGNER.sign(MAIL)))

    assert signature.result is Result.POLICY
    assert "768 bits is too weak" in signature.because


def test_a_key_that_would_keep_us_busy_is_not_used(look: Look, names: Names) -> None:
    number = (1 << 20_000) | 1
    names.publish(SIGNER.name, f"v=DKIM1; p={public_key(number, number)}")
    began = time.monotonic()

    assert "is too large" in only(look(SIGNER.sign(MAIL))).because
    assert time.monotonic() - began < 5


def public_key(modulus: int, exponent: int) -> str:
    """The key as it stands in the DNS: SubjectPublicKeyInfo (RFC 5280 section 4.1), of any numbers."""

    def der(tag: int, content: bytes) -> bytes:
        size = len(content).to_bytes(4, "big").lstrip(b"\0")
        length = bytes([len(content)]) if len(content) < 128 else bytes([0x80 | len(size)]) + size
        return bytes([tag]) + length + content

    def integer(value: int) -> bytes:
        return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))

    algorithm = der(0x30, der(6, bytes.fromhex("2a864886f70d010101")) + der(5, b""))
    numbers = der(0x30, integer(modulus) + integer(exponent))
    return base64.b64encode(der(0x30, algorithm + der(3, b"\0" + numbers))).decode()


KEY_OF_768_BITS = (
    "MHwwDQYJKoZIhvcNAQEBBQADawAwaAJhANDVRL6qPh6J9dh7Msd2Xd/t/qaLy1Dgs6FsfDyfirfTJ87EbqJxo9NLvsCEJ/KklRuGDeu3b26/b7/w"
    "v11CUcPTyVmxiAaWEGggMSST09FfXJ4b7RYDASc/5Ot5qgWCzwIDAQAB"
)


@pytest.mark.parametrize(
    ("key", "result", "says"),
    [
        ("v=DKIM1; p=", Result.PERMERROR, "the key was revoked"),
        ("v=DKIM1; t=y; {p}", Result.POLICY, "only for testing"),
        ("v=DKIM1; t=y:s; {p}", Result.POLICY, "only for testing"),
        ("v=DKIM1; h=sha1; {p}", Result.PERMERROR, "the key is not for sha256"),
        ("v=DKIM1; k=ed25519; {p}", Result.PERMERROR, "of another algorithm"),
        ("v=DKIM2; {p}", Result.PERMERROR, "the key cannot be read"),
        ("v=DKIM1; p=AAAA", Result.PERMERROR, "the key cannot be read"),
        ("nonsense", Result.PERMERROR, "the key record is not well-formed"),
    ],
)
def test_what_a_key_says_of_itself_is_heard(look: Look, names: Names, key: str, result: Result, says: str) -> None:
    names.publish(SIGNER.name, key.replace("{p}", SIGNER.record.partition("k=rsa; ")[2]))
    signature = only(look(SIGNER.sign(MAIL)))

    assert (signature.result, says in signature.because) == (result, True)


def test_a_key_that_is_not_for_subdomains_is_not_used_for_one(look: Look, names: Names) -> None:
    names.publish(SIGNER.name, SIGNER.record.replace("v=DKIM1;", "v=DKIM1; t=s;"))

    assert look(SIGNER.sign(MAIL, i="@example.org")).proves("ann@example.org")
    assert "not for subdomains" in only(look(SIGNER.sign(MAIL, i="@sub.example.org"))).because


def test_no_key_and_two_keys_are_no_key(look: Look, names: Names) -> None:
    names.publish(SIGNER.name)
    assert "there is no key" in only(look(SIGNER.sign(MAIL))).because
    names.publish(SIGNER.name, SIGNER.record, SIGNER.record)
    assert "several keys" in only(look(SIGNER.sign(MAIL))).because


def test_a_dns_that_does_not_answer_is_a_temporary_error(look: Look, names: Names) -> None:
    names.silent.add(SIGNER.name)
    auth = look(SIGNER.sign(MAIL))

    assert only(auth).result is Result.TEMPERROR
    assert (auth.proves("ann@example.org"), auth.refutes("ann@example.org")) == ("", "")


def test_a_signature_that_does_not_cover_from_does_not_count(look: Look) -> None:
    signature = only(look(SIGNER.sign(MAIL, ("to", "subject"))))

    assert (signature.result, signature.because) == (Result.POLICY, "it does not cover From")


def test_a_field_is_covered_only_when_every_instance_is(look: Look) -> None:
    signed = SIGNER.sign(MAIL)
    added = look(b"Subject: Rain\r\nReferences: <2@example.org>\r\n" + signed)

    assert only(added).result is Result.PASS  # DKIM counts from the bottom (RFC 6376 section 5.4.2)
    assert {"subject", "references"} & added.covered == set()
    assert {"from", "to", "date"} <= added.covered
    again = SIGNER.sign(MAIL, ("from", "to", "subject", "subject"))
    assert "subject" in look(again).covered
    assert only(look(b"Subject: Rain\r\n" + again)).result is Result.FAIL


@pytest.mark.parametrize(
    "senders",
    [
        b"From: ann@example.org\r\nFrom: eve@example.net",
        b"From: ann@example.org, eve@example.net",
        b"From: eve@example.net, ann@example.org",
        b"From: ann@example.org <eve@example.net>",
        b"From: ann@example.org\r\nFrom: ann@example.org",
    ],
)
def test_a_from_that_names_two_proves_nobody(look: Look, names: Names, senders: bytes) -> None:
    for domain in ("example.net", "example.org"):
        names.publish(Signer(domain).name, Signer(domain).record)
        raw = Signer(domain).sign(MAIL.replace(b"From: Ann <ann@example.org>", senders), ("from", "from", "to"))
        auth = look(raw)
        assert (auth.proves("ann@example.org"), auth.proves("eve@example.net")) == ("", "")
        assert auth.refutes("ann@example.org")


def test_a_name_that_is_the_address_itself_is_no_second_address(look: Look) -> None:
    twice = MAIL.replace(b"Ann <ann@", b"Ann@example.org <ann@")
    quoted = MAIL.replace(b"Ann <ann@", b'"eve@example.net" <ann@')

    assert look(SIGNER.sign(twice)).proves("ann@example.org")
    assert look(SIGNER.sign(quoted)).proves("ann@example.org")


@pytest.mark.parametrize(
    "raw",
    [
        b"\r\n" + MAIL,
        b"Subject: a\r\nno field\r\n" + MAIL,
        MAIL.replace(b"Subject: Fire", b"Subject: Fire" + b"\r\n x" * 40_000),
    ],
)
def test_a_mail_that_can_be_read_in_two_ways_or_would_take_too_long_is_not_verified(look: Look, raw: bytes) -> None:
    signed = b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s1; h=from; bh=AAAA; b=AAAA\r\n" + raw
    signed = raw[:2] + signed if raw.startswith(b"\r\n") else signed
    auth = look(signed)

    assert only(auth).result is Result.PERMERROR
    assert auth.proves("ann@example.org") == ""


@pytest.mark.parametrize(
    "field",
    [
        b"DKIM-Signature: ",
        b"DKIM-Signature: v=1; v=1",
        b"DKIM-Signature: nonsense",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=\xff\xfe; s=\xff; h=from; bh=A; b=A",
        b"DKIM-Signature: v=2; a=rsa-sha256; d=example.org; s=s1; h=from; bh=AAAA; b=AAAA",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s1; h=from; l=" + b"9" * 90 + b"; bh=AAAA; b=AAAA",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=" + b"a" * 300 + b"; s=s1; h=from; bh=AAAA; b=AAAA",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s1; h=from; bh=AAAA; b" + b" \r\n " * 2000 + b"=AAAA",
        b"DKIM-Signature: v=1; a=rsa-sha256; t=99999999999; x=999999999999; d=a; s=s1; h=from; bh=AAAA; b=AAAA",
    ],
)
def test_a_broken_signature_is_told_of_and_breaks_nothing(look: Look, field: bytes) -> None:
    auth = look(field + b"\r\n" + MAIL)

    assert only(auth).result in (Result.PERMERROR, Result.POLICY)
    assert auth.proves("ann@example.org") == ""
    assert auth.line.isprintable()


@pytest.mark.parametrize("blanks", [b" " * 5_000_000, (b" \t" * 2000 + b"x") * 1000, b" \r\n" * 1_000_000])
def test_no_body_takes_long(look: Look, blanks: bytes) -> None:
    began = time.monotonic()

    assert look(SIGNER.sign(MAIL) + blanks).dkim[0].result in (Result.FAIL, Result.PASS)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("blanks", [b"\r\n \t \r\n", b" \r\n\r\n"])
def test_blanks_that_are_added_at_the_end_change_nothing(look: Look, blanks: bytes) -> None:
    assert only(look(SIGNER.sign(MAIL) + blanks)).result is Result.PASS


def test_only_the_first_signatures_of_very_many_are_looked_at(look: Look, names: Names) -> None:
    raw = MAIL
    for number in range(20):
        raw = Signer("example.org", f"n{number}").sign(raw)
    auth = look(raw)

    assert len(auth.dkim) == 5
    assert len([name for name, _ in names.asked if "_domainkey" in name]) == 5


def test_one_good_signature_beside_bad_ones_is_enough(look: Look) -> None:
    bad = Signer("example.org", "unknown").sign(SIGNER.sign(MAIL))
    auth = look(bad)

    assert [signature.result for signature in auth.dkim] == [Result.PERMERROR, Result.PASS]
    assert auth.proves("ann@example.org")


def test_all_of_it_stands_in_one_line(look: Look) -> None:
    line = look(SIGNER.sign(MAIL)).line

    assert line == (
        "dkim=pass (example.org, selector s1), spf=none (no SMTP session), dmarc=none (example.org, no DMARC record)"
    )
