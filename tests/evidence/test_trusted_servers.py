"""What other servers say of a mail: Authentication-Results of our own, ARC seals of those we trust."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace

import dkim  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.evidence.auth.dns import Lookups
from mailtix.evidence.auth.verify import Trust, authenticate
from mailtix.model.auth import Authentication, Result
from mailtix.model.mail import Envelope
from mailtix.parsing import parse
from mailtix.parsing.auth_results import read_auth_results
from names import Names
from signing import Signer, rsa_key, seal

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SIGNER = Signer("example.org")
MAIL = (
    b"From: Ann <ann@example.org>\r\nTo: support@desk.example\r\nSubject: Fire\r\n"
    b"Date: Fri, 20 Nov 2026 09:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n\r\nIt burns.\r\n"
)
TRUST = Trust(frozenset({"mx.desk.example"}), frozenset({"lists.example"}))

Look = Callable[..., Authentication]


@pytest.fixture
def names() -> Names:
    names = Names()
    names.publish("_dmarc.example.org", "v=DMARC1; p=reject")
    names.publish(SIGNER.name, SIGNER.record)
    names.publish("s1._domainkey.lists.example", rsa_key()[1])
    return names


@pytest.fixture
def look(names: Names) -> Look:
    def authenticated(raw: bytes, trust: Trust = TRUST) -> Authentication:
        mail = parse(raw, Envelope("eve@example.net", (), AT, "smtp", "198.51.100.7"))
        return authenticate(raw, mail, trust, Lookups(names, 5))

    return authenticated


def said(text: str) -> bytes:
    return f"Authentication-Results: {text}\r\n".encode() + MAIL


def test_a_trusted_server_is_believed_and_the_dns_is_not_asked(look: Look, names: Names) -> None:
    auth = look(said("mx.desk.example; dmarc=pass (p=reject dis=none) header.from=example.org"))

    assert auth.proves("ann@example.org") == "DMARC passes, as mx.desk.example says"
    assert auth.line == (
        "dkim=none, spf=none (nothing was said of it), dmarc=pass (example.org, p=reject); by mx.desk.example"
    )
    assert names.asked == []


@pytest.mark.parametrize(
    "text",
    [
        "evil.example; dmarc=pass header.from=example.org",
        "evil.example; dmarc=pass header.from=example.org; mx.desk.example",
        "xmx.desk.example; dmarc=pass header.from=example.org",
        "(mx.desk.example); dmarc=pass header.from=example.org",
        "; mx.desk.example; dmarc=pass header.from=example.org",
        "",
    ],
)
def test_nobody_else_is_believed(look: Look, text: str) -> None:
    auth = look(said(text))

    assert (auth.by, auth.proves("ann@example.org")) == ("", "")
    assert auth.refutes("ann@example.org")  # we have looked ourselves


def test_only_the_topmost_word_of_a_trusted_server_counts(look: Look) -> None:
    forged = said("mx.desk.example; dmarc=pass header.from=example.org")
    auth = look(b"Authentication-Results: mx.desk.example; dmarc=fail (p=reject) header.from=example.org\r\n" + forged)

    assert auth.proves("ann@example.org") == ""
    assert "p=reject" in auth.refutes("ann@example.org")


@pytest.mark.parametrize(
    "text",
    [
        "mx.desk.example; dmarc=pass header.from=example.net",
        "mx.desk.example; dmarc=pass",
        "mx.desk.example; dmarc=bestguesspass header.from=example.org",
        'mx.desk.example; spf=fail smtp.mailfrom="; dmarc=pass header.from=example.org"',
        "mx.desk.example; spf=fail (; dmarc=pass header.from=example.org) smtp.mailfrom=eve@example.net",
        "mx.desk.example; spf=fail (\\); dmarc=pass header.from=example.org) smtp.mailfrom=eve@example.net",
        "mx.desk.example; none",
        "mx.desk.example; dkim=pass header.d=example.net; dmarc=fail header.from=example.org",
        "mx.desk.example; spf=pass smtp.mailfrom=ann@example.org; dmarc=none header.from=example.org",
    ],
)
def test_what_a_trusted_server_does_not_say_is_not_believed(look: Look, text: str) -> None:
    auth = look(said(text))

    assert auth.by == "mx.desk.example"
    assert auth.proves("ann@example.org") == ""


@pytest.mark.parametrize(
    "text",
    [
        "MX.desk.example 1; dkim=pass header.d=example.org header.s=s1",
        "mx.desk.example; dkim=pass (2048-bit key) header.i=@example.org header.s=s1 reason=fine",
        "mx.desk.example;\r\n dkim = pass\r\n header.d = example.org;\r\n spf=fail smtp.mailfrom=eve@example.net",
        "mx.desk.example; dkim/1=pass header.d=example.org",
    ],
)
def test_a_signature_that_a_trusted_server_has_verified_says_which_fields_it_covers(look: Look, text: str) -> None:
    signed = SIGNER.sign(MAIL, ("from", "to", "subject"))
    auth = look(f"Authentication-Results: {text}\r\n".encode() + signed)

    assert auth.proves("ann@example.org").startswith("DKIM signature of example.org")
    assert auth.covered == {"from", "to", "subject"}


def test_which_fields_are_covered_is_not_known_when_two_signatures_may_be_meant(look: Look) -> None:
    signed = SIGNER.sign(SIGNER.sign(MAIL), ("from",))
    auth = look(b"Authentication-Results: mx.desk.example; dkim=pass header.d=example.org\r\n" + signed)

    assert auth.proves("ann@example.org")
    assert auth.covered == frozenset()


def test_a_limited_signature_counts_as_little_when_somebody_else_has_verified_it(look: Look) -> None:
    signed = SIGNER.sign(MAIL, None, 11)
    auth = look(b"Authentication-Results: mx.desk.example; dkim=pass header.d=example.org\r\n" + signed)

    assert auth.proves("ann@example.org") == ""


def test_the_authors_own_server_may_be_told_of_by_a_trusted_one(look: Look) -> None:
    text = "mx.desk.example; spf=pass smtp.mailfrom=ann@example.org; dmarc=pass (p=NONE) header.from=example.org"
    own, forwarded = look(said(text)), look(said(text.replace("=ann@", "=srs0+x@")))

    assert own.direct
    assert own.proves("ann@example.org")
    assert forwarded.proves("ann@example.org") == ""


@settings(derandomize=True, database=None, max_examples=500)
@given(st.text(alphabet='abc.=;/"()\\ \r\n\té@', max_size=80))
def test_any_text_is_read(text: str) -> None:
    assert read_auth_results(text).authserv_id == read_auth_results(text).authserv_id.lower()


def test_very_long_fields_are_read_quickly() -> None:
    for text in ("(" * 100_000, '"' * 100_001, "a=" * 100_000, "\\" * 100_000, "a;" * 50_000, " " * 100_000):
        assert read_auth_results(text).results is not None


# ------------------------------------------------------------------------------------------------------------- ARC

SAID = "lists.example; arc=none; dkim=pass header.d=example.org; dmarc=pass header.from=example.org"


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A mail that a list has sealed and then changed, so that the author's own signature does not hold any more."""
    monkeypatch.setattr(dkim, "time", SimpleNamespace(time=AT.timestamp))  # dkimpy would refuse seals of the future
    return seal(MAIL.replace(b"Subject: ", b"Subject: [list] "), "lists.example", SAID, int(AT.timestamp()))


def test_a_sealer_who_is_trusted_is_believed(look: Look, sealed: bytes) -> None:
    auth = look(sealed)

    assert auth.arc.result is Result.PASS
    assert auth.proves("ann@example.org") == "ARC: lists.example, which is trusted, saw DMARC pass"
    assert auth.refutes("ann@example.org") == ""
    assert {"from", "subject", "date"} <= auth.covered
    assert "arc=pass (lists.example)" in auth.line


def test_a_sealer_whom_nobody_trusts_is_not_even_asked_about(look: Look, names: Names, sealed: bytes) -> None:
    auth = look(sealed, Trust(arc=frozenset({"other.example"})))

    assert auth.proves("ann@example.org") == ""
    assert auth.arc.because == "a sealer who is not trusted"
    assert not [name for name, _ in names.asked if "lists.example" in name]


@pytest.mark.parametrize(
    "change",
    [
        (b"It burns.", b"It rains."),
        (b"Subject: [list]", b"Subject: [lost]"),
        (b"ann@example.org", b"bob@example.org"),
        (b"dmarc=pass", b"dmarc=bass"),
        (b"cv=none", b"cv=pass"),
        (b"cv=none", b"cv=fail"),
        (b"ARC-Message-Signature: i=1", b"ARC-Message-Signature: i=2"),
        (b"ARC-Seal: i=1", b"ARC-Seal: i=999"),
        (b"ARC-Seal: i=1;", b"ARC-Seal: i=1; h=from;"),
    ],
)
def test_a_broken_chain_proves_nobody(look: Look, sealed: bytes, change: tuple[bytes, bytes]) -> None:
    assert change[0] in sealed
    auth = look(sealed.replace(*change))

    assert auth.arc.result in (Result.FAIL, Result.PERMERROR)
    assert auth.proves("ann@example.org") == auth.proves("bob@example.org") == ""


def test_an_older_seal_of_somebody_trusted_under_one_of_a_stranger_proves_nobody(
    look: Look, names: Names, sealed: bytes
) -> None:
    names.publish("s1._domainkey.evil.example", rsa_key()[1])
    again = seal(
        sealed, "evil.example", "evil.example; arc=pass; dmarc=pass header.from=example.org", int(AT.timestamp())
    )

    assert look(again).arc.domain == "evil.example"
    assert look(again).proves("ann@example.org") == ""


def test_a_trusted_seal_over_a_failure_proves_nobody(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dkim, "time", SimpleNamespace(time=AT.timestamp))
    failed = seal(MAIL, "lists.example", SAID.replace("dmarc=pass", "dmarc=fail"), int(AT.timestamp()))
    auth = look(failed)

    assert auth.arc.result is Result.PASS
    assert auth.proves("ann@example.org") == ""


def test_a_dns_that_is_silent_about_a_seal_is_a_temporary_error(look: Look, names: Names, sealed: bytes) -> None:
    names.silent.add("s1._domainkey.lists.example")

    assert look(sealed).arc.result is Result.TEMPERROR
