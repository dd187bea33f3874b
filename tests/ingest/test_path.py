from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailtix.ingest.path import PLAIN_MAIL, PLAIN_RCPT, read_path, readable


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


_NEARLY = st.lists(st.sampled_from(["ann", "@", ".", "example", "-", "<", ">", " ", '"', "a", "\\", "ü", ":", "\0"]))


@given(_NEARLY.map("".join))
@example("<ann@example.org>")
@example("<ann.b+c@mx-1.example.org>")
def test_a_plain_address_is_read_as_the_parser_reads_it(text):
    match = PLAIN_RCPT.fullmatch(f"rcpt to:{text}".encode())
    assert match is None or read_path(text) == (match[1].decode(), "")


@given(
    st.from_regex(
        r"<[a-z.+=_-]{1,20}@[a-z-]{1,10}(\.[a-z-]{1,10}){0,3}>( SIZE=[0-9]{1,9})?( BODY=8BITMIME)?", fullmatch=True
    )
)
def test_what_most_clients_send_is_plain_and_read_as_the_parser_reads_it(text):
    match = PLAIN_MAIL.fullmatch(b"MAIL FROM:" + text.encode())
    assert match is not None
    address, rest = text[1:].split(">")
    assert read_path(text) == (match[1].decode(), rest.strip()) == (address, rest.strip())
