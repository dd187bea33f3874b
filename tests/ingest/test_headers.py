from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtix.ingest.headers import recipients_in_headers, sender_in_headers


def ours(address: str) -> bool:
    return address.endswith("@helpdesk.example")


def test_our_addresses_are_found_in_every_recipient_field_the_delivered_ones_first():
    raw = (
        b'Cc: Four <d@helpdesk.example>\r\nTo: "Three" <C@Helpdesk.Example>, x@example.org,'
        b"\r\n\tc2@helpdesk.example\r\n"
        b"Resent-To: e@helpdesk.example\r\nEnvelope-to: b2@helpdesk.example\r\nX-Original-To: b@helpdesk.example\r\n"
        b"Delivered-To: a@helpdesk.example\r\n\r\nTo: body@helpdesk.example\r\n"
    )
    assert [one.partition("@")[0] for one in recipients_in_headers(raw, ours)] == ["a", "b", "b2", "c", "c2", "d", "e"]


def test_an_address_that_stands_twice_is_named_once():
    raw = b"Delivered-To: a@helpdesk.example\nTo: A@helpdesk.example\n\n"
    assert recipients_in_headers(raw, ours) == ("a@helpdesk.example",)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"To",
        b"To:",
        b"\r\n\r\n",
        b"To: someone@example.org\r\n\r\n",
        b"X-To: a@helpdesk.example\n\n",
        b"\xff\0: \xfe@@",
    ],
)
def test_a_mail_that_names_none_of_us_gives_none(raw):
    assert recipients_in_headers(raw, ours) == ()


def test_line_ends_may_be_of_any_kind_and_text_8_bit():
    assert recipients_in_headers("To: Grüße <a@helpdesk.example>\n\n".encode(), ours) == ("a@helpdesk.example",)
    assert recipients_in_headers(b"From: x\nTo: \xfc <a@helpdesk.example>", ours) == ("a@helpdesk.example",)


@pytest.mark.parametrize(
    ("raw", "sender"),
    [
        (b"Return-Path: <Ann@example.org>\r\nFrom: bob@example.org\r\n\r\n", "Ann@example.org"),
        (b"Return-Path: <>\r\nFrom: bob@example.org\r\n\r\n", ""),
        (b"return-path: ann@example.org\n\n", "ann@example.org"),
        (b"Return-Path: what is this\n\n", ""),
        (b"From: bob@example.org\n\nReturn-Path: <ann@example.org>\n", ""),
    ],
)
def test_the_sender_is_the_return_path_and_nothing_else(raw, sender):
    assert sender_in_headers(raw) == sender


@given(st.binary())
def test_any_bytes_will_do(raw):
    assert isinstance(recipients_in_headers(raw, lambda address: True), tuple)
    assert isinstance(sender_in_headers(b"Return-Path:" + raw), str)


@pytest.mark.parametrize(
    "raw", [b"To: " + b"a" * 5_000_000, b"To:" + b"\n a@b," * 500_000, b"a\n" * 2_000_000, b" " * 5_000_000]
)
def test_a_mail_that_is_all_header_takes_no_longer_than_its_size(raw):
    begin = time.perf_counter()
    recipients_in_headers(raw, ours)
    assert time.perf_counter() - begin < 2  # a quadratic search takes minutes
