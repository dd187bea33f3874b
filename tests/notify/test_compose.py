"""The mails that leave, as other programs read them."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.notify.compose import Enclosure, Letter, Picture, compose

LETTER = Letter(
    to="ann@example.org",
    to_name="Ann Archer",
    from_name="Bob Miller",
    from_addr="support@desk.example",
    reply_to="support+t.abc@desk.example",
    envelope_from="support+t.def@desk.example",
    subject="Re: [TKT-2026-000001] Fire",
    text="Use water.\n",
    html="<p>Use water.</p>\n",
    date=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
    message_id="new@desk.example",
    in_reply_to="old@example.org",
    references=("first@example.org", "old@example.org"),
    ticket="TKT-2026-000001",
    loop_mark="mark",
)
# Lone surrogates cannot come this far: the parser and the templates replace them.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def read(letter: Letter) -> EmailMessage:
    message = email.message_from_bytes(compose(letter).raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert compose(LETTER) == compose(LETTER)


def test_one_moment_on_two_clocks_is_written_as_each_has_it() -> None:
    berlin = LETTER.date.astimezone(timezone(timedelta(hours=1)))

    dates = [read(replace(LETTER, date=date))["Date"] for date in (LETTER.date, berlin, LETTER.date)]
    assert dates == [
        "Fri, 20 Nov 2026 09:00:00 +0000",
        "Fri, 20 Nov 2026 10:00:00 +0100",
        "Fri, 20 Nov 2026 09:00:00 +0000",
    ]


@settings(derandomize=True, database=None, max_examples=200, deadline=None)
@given(name=TEXT, subject=TEXT, text=TEXT)
def test_whatever_people_write_no_header_is_made_of_it(name: str, subject: str, text: str) -> None:
    raw = compose(replace(LETTER, to_name=name, from_name=name, subject=subject, text=text)).raw
    head = raw.partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if not line.startswith(b" ")]

    assert sorted(names) == sorted(
        [
            *(b"Date", b"Message-ID", b"From", b"To", b"Reply-To", b"Subject", b"In-Reply-To", b"References"),
            *(b"X-Mailtix-Ticket", b"X-Mailtix-Loop", b"MIME-Version", b"Content-Type"),
        ]
    )
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("name", ["Ann Archer", 'Ann "x" Archer', "Änn Ärcher", "Archer, Ann", "=?utf-8?q?x?=", "安"])
def test_names_come_through_as_they_are(name: str) -> None:
    message = read(replace(LETTER, to_name=name))

    assert message["To"].addresses[0].display_name == name
    assert message["To"].addresses[0].addr_spec == "ann@example.org"


def test_text_html_and_files_come_through_as_they_are() -> None:
    mail = "To: Zoë\r\n\r\nWell.".encode()  # of eight bits, so it goes as any other file
    files = (Enclosure("Grüße.bin", "application/x-thing", b"\x00\xff"), Enclosure("m.eml", "message/rfc822", mail))
    message = read(replace(LETTER, text="Grüße\n" + "x" * 2000 + "\n", enclosures=files))
    body = message.get_body(("plain",))

    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == "Grüße\n" + "x" * 2000 + "\n"
    parts = list(message.iter_attachments())
    assert [(p.get_filename(), p.get_payload(decode=True)) for p in parts] == [
        ("Grüße.bin", b"\x00\xff"),
        ("m.eml", mail),
    ]


def test_a_mail_that_needs_no_encoding_goes_along_as_a_mail() -> None:
    mail = b"To: x@example.org\r\nSubject: y\r\n\r\nWell.\r\n"

    composed = compose(replace(LETTER, enclosures=(Enclosure("m.eml", "message/rfc822", mail),)))

    assert mail in composed.raw
    [part] = read(replace(LETTER, enclosures=(Enclosure("m.eml", "message/rfc822", mail),))).iter_attachments()
    assert (part.get_content_type(), part.get_filename(), part.get_content()["Subject"]) == (
        "message/rfc822", "m.eml", "y",
    )  # fmt: skip


@pytest.mark.parametrize("mail", [b"A: b\n\nBare", b"A: b\r\n\r\n" + b"x" * 999, b"A: b\r\n\r\n\0", b"A: \xe4\r\n\r\n"])
def test_a_mail_that_would_not_survive_as_it_is_goes_along_as_a_file(mail: bytes) -> None:
    [part] = read(replace(LETTER, enclosures=(Enclosure("m.eml", "message/rfc822", mail),))).iter_attachments()

    assert (part.get_content_type(), part.get_payload(decode=True)) == ("application/octet-stream", mail)


def test_an_address_beyond_ascii_stays_as_it_is() -> None:
    assert "To: <jörg@exämple.org>\r\n".encode() in compose(replace(LETTER, to="jörg@exämple.org", to_name="")).raw


def test_a_long_conversation_keeps_its_root_and_its_newest_references() -> None:
    ids = ("root@x", *(f"{n}@x" for n in range(100)))
    references = str(read(replace(LETTER, references=ids))["References"]).split()

    assert references[0] == "<root@x>"
    assert references[-1] == "<99@x>"
    assert len(references) == 21


@settings(derandomize=True, database=None, max_examples=300, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")))
def test_every_text_is_read_as_it_was_written(text: str) -> None:
    body = read(replace(LETTER, text=f"{text}\n")).get_body(("plain",))

    assert body is not None
    assert body.get_payload(decode=True) == f"{text}\n".replace("\n", "\r\n").encode()


def test_a_picture_stands_beside_the_html_that_shows_it_and_the_text_does_without() -> None:
    picture = Picture("chart1.new@desk.example", "New and resolved", b"\x89PNG\r\n")
    mail = read(replace(LETTER, html='<img src="cid:chart1.new@desk.example">', pictures=(picture,)))

    text, related = mail.iter_parts()
    html, image = related.iter_parts()
    assert mail.get_content_type() == "multipart/alternative"
    assert (text.get_content_type(), related.get_content_type()) == ("text/plain", "multipart/related")
    assert related["Content-Type"].params["type"] == html.get_content_type() == "text/html"
    assert (image.get_content_type(), image["Content-ID"]) == ("image/png", "<chart1.new@desk.example>")
    assert (image.get_content_disposition(), image.get_content()) == ("inline", b"\x89PNG\r\n")
