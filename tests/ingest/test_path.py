from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtix.ingest.path import read_path, readable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<ann@example.org>", ("ann@example.org", "")),
        ("<>", ("", "")),
        ("<> SIZE=12", ("", "SIZE=12")),
        ("<ann@example.org> SIZE=12 BODY=8BITMIME", ("ann@example.org", "SIZE=12 BODY=8BITMIME")),
        ("ann@example.org SIZE=12", ("ann@example.org", "SIZE=12")),
        ("<@a.example,@b.example:ann@example.org>", ("ann@example.org", "")),
        ('<"ann the >great@"@example.org>', ('"ann the >great@"@example.org', "")),
        ("<ann@[192.0.2.1]>", ("ann@[192.0.2.1]", "")),
        ("<ann@[IPv6:2001:db8::1]>", ("ann@[IPv6:2001:db8::1]", "")),
        ("<Postmaster>", ("Postmaster", "")),
        ("<bounce+ann=example.org@lists.example>", ("bounce+ann=example.org@lists.example", "")),
        ("<jürgen@müller.example>", ("jürgen@müller.example", "")),
        ("<a..b@example.org>", ("a..b@example.org", "")),
    ],
)
def test_an_address_is_read_with_what_follows_it(text, expected):
    assert read_path(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<",
        "<ann@example.org",
        "ann",
        "<ann@>",
        "<@>",
        "<a b@example.org>",
        "<a@b@c>",
        "<a@example.org>x",
        "<\udcff@x.example>",
        "<a\0@example.org>",
        '<"a@example.org>',
        "<<a@example.org>>",
    ],
)
def test_a_malformed_address_is_none(text):
    assert read_path(text) is None


@given(st.text())
def test_any_text_gives_an_address_that_can_be_stored_or_none(text):
    path = read_path(text)
    assert path is None or (path[0].encode("utf-8") and "\0" not in path[0]) or path[0] == ""


def test_long_nonsense_is_refused_in_linear_time():
    assert read_path("<" + '"' + "\\a" * 50_000) is None
    assert read_path("<" + "@a" * 50_000) is None


@given(st.binary())
def test_a_readable_name_can_be_logged_and_stored(raw):
    assert readable(raw.decode("utf-8", "surrogateescape")).isprintable()
