"""Whatever comes in, there is a kind, and soon."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.classify import classify, facts, may_answer
from mailtix.model.kind import OwnAddresses
from mailtix.model.mail import Address, Envelope, InboundMail
from mailtix.parsing import parse

ENVELOPE = Envelope("", (), datetime(2026, 5, 4, tzinfo=UTC), source="smtp")
OWN = OwnAddresses(frozenset({"support@example.org"}), "mark")
PLAIN = parse(b"From: ann@customer.example\nSubject: Hi\n\nHi\n", ENVELOPE)

# Pieces that lead into every branch, put together at random.
PIECES = [
    *("a", " ", "\n", "\n\n", "\t", "@", "<", ">", ":", ".", "-- ", "\0", "é", "月", "\u0301", "{", '"', "?", "0", "9"),
    *(
        "550 5.1.1 ",
        "4.2.2",
        "<ann@customer.example>: ",
        "ann@x.example",
        "Final-Recipient: rfc822; ",
        "Action: failed\n",
    ),
    *("Status: 5.0.0\n", "Original message follows\n", "Received: x\n", "could not be delivered to ", "expanded from "),
    *(
        "following recipients\n",
        "until ",
        "14 May 2026 ",
        "31.12.",
        "2026-02-30",
        "5月14日",
        "automatic reply",
        "I am out of the office",
    ),
    *(
        "Message-ID: <",
        "rcpt to:<",
        "utf-8; \\x{110000}",
        "+FF",
        '{"notificationType":"Bounce","bounce":{',
        "[[[[",
        "Feedback-Type: x\n",
    ),
]
TEXT = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=60).map("".join)
NAMES = [
    "From",
    "Subject",
    "Auto-Submitted",
    "Return-Path",
    "X-Failed-Recipients",
    "Precedence",
    "X-Loop",
    "List-Post",
    "List-Id",
]
MIMES = [
    "message/delivery-status",
    "message/feedback-report",
    "message/disposition-notification",
    "message/rfc822",
    "text/plain",
]


@st.composite
def mails(draw: st.DrawFn) -> InboundMail:
    subject = draw(st.sampled_from(["", "Undeliverable: ", "Automatic reply: ", "Re: ", "failure notice"])) + draw(TEXT)
    sender = draw(st.sampled_from(["MAILER-DAEMON@x.example", "no-reply@x.example", "ann@x.example", ""]))
    return replace(
        PLAIN,
        subject=subject[:500],
        from_=Address(sender, draw(TEXT)[:50]),
        text=draw(TEXT),
        headers=tuple(draw(st.lists(st.tuples(st.sampled_from(NAMES), TEXT), max_size=6))),
        content_type=draw(st.sampled_from(["multipart/report", "text/plain"])),
        report_parts=tuple(draw(st.lists(st.tuples(st.sampled_from(MIMES), TEXT), max_size=4))),
        in_reply_to=tuple(draw(st.lists(TEXT, max_size=1))),
        date=draw(st.none() | st.datetimes(timezones=st.just(UTC))),
    )


@settings(derandomize=True, database=None, deadline=None, max_examples=400)
@given(mails())
def test_any_mail_has_a_kind_a_reason_and_facts(mail):
    kind = classify(mail, OWN)

    assert kind.because
    assert isinstance(may_answer(mail, kind), str)
    assert facts(mail, kind).keys() >= {"is_auto", "is_bounce", "suppress_reply"}


@settings(derandomize=True, database=None, deadline=None, max_examples=300)
@given(st.binary(max_size=400), st.sampled_from([b"", b"From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n"]))
def test_any_bytes_have_a_kind(raw, begin):
    assert classify(parse(begin + raw, ENVELOPE), OWN).because


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        " ",
        "\n",
        "@",
        "a@",
        "<a@b.example>:\n",
        "550 ",
        "5.1.1 ",
        "until ",
        "14 May ",
        "from: ",
        "Final-Recipient: ",
        "x" * 63 + "@",
        "..",
        "5.5.",
        "to " * 20,
        "-\n",
        "> ",
        "1.1.",
    ],
)
def test_a_megabyte_of_anything_takes_no_longer_than_its_first_pages(unit):
    text = (unit * (1_000_000 // len(unit)))[:1_000_000]
    mail = replace(
        PLAIN,
        text=text,
        subject=text[:5_000],
        from_=Address("MAILER-DAEMON@x.example"),
        content_type="multipart/report",
        headers=(("Auto-Submitted", "auto-replied"), ("X-Failed-Recipients", "a@b.example"), ("Subject", text[:5_000])),
        report_parts=(("message/delivery-status", text[:200_000]), ("message/rfc822", text[:200_000])),
    )
    for part in (
        mail,
        replace(mail, report_parts=()),
        replace(mail, headers=mail.headers[:1], report_parts=(), content_type=""),
    ):
        began = time.process_time()
        classify(part, OWN)
        assert time.process_time() - began < 1.0
