"""What is suspicious about a sender, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtix.hygiene import suspicions
from mailtix.hygiene.lookalike import mixes_scripts, skeleton
from mailtix.model.desk import Agent, Company, Mailbox
from mailtix.model.mail import Envelope
from mailtix.parsing import parse

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
COMPANY = Company("Example", (Mailbox("support@desk.example"),), (Agent("Bob Miller", "bob@desk.example"),))


def beware(sender: str, *fields: str) -> tuple[str, ...]:
    """What is said of a mail with that From (in UTF-8) and these fields."""
    dated = () if any(field.startswith("Date:") for field in fields) else (f"Date: {format_datetime(NOW)}",)
    head = "\r\n".join((f"From: {sender}", "To: support@desk.example", "Subject: Hello", *dated, *fields))
    mail = parse(f"{head}\r\n\r\nIt burns.\r\n".encode(), Envelope("", ("support@desk.example",), NOW))
    return suspicions(mail, None, COMPANY, ("ann@example.org",))


@pytest.mark.parametrize(
    "sender",
    [
        "Ann Archer <ann@example.org>",
        "ann@example.org",
        '"ann@example.org" <ann@example.org>',
        "Bob Miller <bob@desk.example>",
        "Jürgen Müller <juergen@firma.example>",
        "Иван Иванов <ivan@example.net>",
        "山田Taro <taro@example.net>",
        "Ιωάννης <ioannis@example.net>",
        "Bob <bob@example.net>",
        "",
        "nonsense",
    ],
)
def test_an_ordinary_sender_is_not_suspicious(sender: str) -> None:
    assert beware(sender) == ()


@pytest.mark.parametrize(
    ("sender", "said"),
    [
        ('"bob@desk.example" <eve@evil.example>', "shows bob@desk.example, but the mail is from eve@evil.example"),
        ('"Ann (ann@example.org)" <eve@evil.example>', "the name shows ann@example.org"),
        ("=?utf-8?q?bob=40desk.example?= <eve@evil.example>", "bob@desk.example, hidden in encoded words, but"),
        ('"bob＠desk.example" <eve@evil.example>', "the name shows bob@desk.example"),
        ('"bob@\u200bdesk.example" <eve@evil.example>', "the name shows bob@desk.example"),
        ("Bob Miller <eve@evil.example>", "Bob Miller is the name of an agent, but the mail is from eve@evil.example"),
        ("BOB  MILLER <eve@evil.example>", "Bob Miller is the name of an agent"),
        ("Βob Μiller <eve@evil.example>", "Bob Miller is the name of an agent"),
        ("Ann <ann@examp1e.org>", "the domain examp1e.org looks like example.org, and is another one"),
        ("Ann <ann@exarnple.org>", "looks like example.org"),
        ("Ann <ann@xn--exmple-4nf.org>", "looks like example.org"),
        ("Ann <ann@exаmple.org>", "the domain exаmple.org looks like example.org"),
        ("Bob <bob@dеsk.example>", "looks like desk.example"),
        ("Аnn <ann@example.net>", "'Аnn' mixes letters of different scripts that look alike"),
        ("Ann <аnn@example.net>", "mixes letters of different scripts"),
        ("Ann\u202egro.elpmaxe <ann@example.net>", "characters that nobody sees or that turn the writing around"),
        ("=?utf-8?b?QW5u4oCuZ3Jv?= <ann@example.net>", "characters that nobody sees"),
        ("ann@example.org, eve@evil.example", "From names more than one address: ann@example.org, eve@evil.example"),
    ],
)  # fmt: skip
def test_a_sender_who_pretends_is_suspicious(sender: str, said: str) -> None:
    assert said in "; ".join(beware(sender))


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("Reply-To: eve@evil.example", "it wants answers to go to eve@evil.example, and is from ann@example.org"),
        ("Sender: eve@evil.example", "eve@evil.example has sent it for ann@example.org"),
        (f"Date: {format_datetime(NOW - timedelta(days=30))}", "its Date is 30 days before it came"),
        (f"Date: {format_datetime(NOW + timedelta(days=3))}", "its Date is 3 days after it came"),
    ],
)
def test_a_field_may_be_suspicious(field: str, said: str) -> None:
    assert beware("ann@example.org", field) == (said,)


@pytest.mark.parametrize(
    "field",
    [
        "Reply-To: desk@example.org",
        "Reply-To: ann@mail.example.org",
        "Sender: mailer@example.org",
        f"Date: {format_datetime(NOW - timedelta(days=6))}",
        f"Date: {format_datetime(NOW + timedelta(hours=12))}",
    ],
)
def test_a_field_as_many_have_it_is_not(field: str) -> None:
    assert beware("ann@example.org", field) == ()


def test_two_from_fields_name_two_authors() -> None:
    assert "more than one address" in "; ".join(beware("ann@example.org", "From: eve@evil.example"))


def test_comments_in_comments_do_not_hide_a_second_author() -> None:
    assert "more than one address" in "; ".join(beware(f"ann@example.org, eve@evil.example {'(' * 900}"))


def test_what_is_told_is_short_and_can_be_shown() -> None:
    [said] = [s for s in beware(f'"{"b" * 500}@desk.example" <eve@evil.example>') if "shows" in s]

    assert len(said) < 250


@pytest.mark.parametrize(
    ("one", "other"), [("paypaI.example", "paypal.example"), ("vvindow", "window"), ("ОΒО", "OBO")]
)
def test_what_looks_alike_has_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(("one", "other"), [("ann", "anna"), ("desk.example", "disk.example"), ("", "a")])
def test_what_looks_different_has_not(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


@given(st.text())
def test_any_text_has_a_skeleton(text: str) -> None:
    assert skeleton(text) == skeleton(text.strip())
    assert mixes_scripts(text) in (True, False)


@given(st.text(max_size=200), st.text(max_size=80))
def test_any_header_is_looked_at(sender: str, field: str) -> None:
    for said in beware(sender.replace("\n", " "), f"Reply-To: {field}"):
        assert said.isprintable()
