"""Whatever a mail holds, it is authenticated: nothing raises, and damage proves nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace

import dkim  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.evidence.auth.dns import Lookups
from mailtix.evidence.auth.verify import Trust, authenticate
from mailtix.model.auth import Authentication
from mailtix.model.mail import Envelope
from mailtix.parsing import parse
from names import Names
from signing import Signer, rsa_key, seal

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SIGNER = Signer("example.org")
TRUST = Trust(frozenset({"mx.desk.example"}), frozenset({"lists.example"}))
MAIL = (
    b"From: Ann <ann@example.org>\r\nTo: support@desk.example\r\nSubject: Fire\r\n"
    b"Date: Fri, 20 Nov 2026 09:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n\r\nIt burns.\r\n"
)
PIECES = [
    b"", b"\r\n", b"\r", b"\n", b"\0", b"\xff", b" ", b";", b"=", b"@", b"\r\n\r\n", b'"', b"(", b"<>", b"=?utf-8?q?",
    b"From: eve@example.net\r\n", b"l=1;", b"i=2;", b"d=example.net;", b"h=from", b"DKIM-Signature: ",
    b"ARC-Seal: i=3; cv=pass",
]  # fmt: skip
FAST = settings(derandomize=True, database=None, max_examples=300, deadline=None)


@pytest.fixture(scope="module", autouse=True)
def _then() -> Iterator[None]:
    """dkimpy looks at the clock itself when it reads a seal."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dkim, "time", SimpleNamespace(time=AT.timestamp))
        yield


@pytest.fixture(scope="module")
def names() -> Names:
    names = Names()
    names.publish("example.org", "v=spf1 ip4:203.0.113.9 -all")
    names.publish("_dmarc.example.org", "v=DMARC1; p=reject")
    names.publish(SIGNER.name, SIGNER.record)
    names.publish("s1._domainkey.lists.example", rsa_key()[1])
    return names


@pytest.fixture(scope="module")
def signed() -> bytes:
    return SIGNER.sign(MAIL)


@pytest.fixture(scope="module")
def sealed() -> bytes:
    said = "lists.example; dmarc=pass header.from=example.org"
    return seal(MAIL, "lists.example", said, int(AT.timestamp()))


def look(raw: bytes, names: Names) -> Authentication:
    mail = parse(raw, Envelope("eve@example.net", (), AT, "smtp", "198.51.100.7", "evil"))
    return authenticate(raw, mail, TRUST, Lookups(names, 5))


@FAST
@given(st.binary(max_size=300))
def test_any_bytes_prove_nobody(names: Names, raw: bytes) -> None:
    auth = look(raw, names)

    assert auth.proves("ann@example.org") == ""
    assert auth.line.isprintable()


@FAST
@given(st.integers(0, 1000), st.integers(0, 30), st.sampled_from(PIECES))
def test_a_signed_mail_with_a_piece_cut_out_or_put_in_is_dealt_with(
    names: Names, signed: bytes, at: int, cut: int, piece: bytes
) -> None:
    raw = signed[:at] + piece + signed[at + cut :]
    auth = look(raw, names)

    assert auth.line.isprintable()
    if auth.proves("ann@example.org"):  # then what is proven is what Ann wrote
        mail = parse(raw, Envelope("", (), AT))
        assert "It burns." in mail.text
        assert mail.from_.addr == "ann@example.org"
        assert "subject" not in auth.covered or mail.subject == "Fire"


@FAST
@given(st.integers(0, 2500), st.integers(0, 30), st.sampled_from(PIECES))
def test_so_is_a_sealed_one(names: Names, sealed: bytes, at: int, cut: int, piece: bytes) -> None:
    raw = sealed[:at] + piece + sealed[at + cut :]
    auth = look(raw, names)

    assert auth.line.isprintable()
    assert auth.proves("eve@example.net") == ""
