"""Plain address fields are read without mail-parser, and mean what mail-parser says they mean."""

from __future__ import annotations

import re
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.parsing import addresses, front
from mailtix.parsing.plain_addresses import plain_addresses

FIELD = re.compile(rb"^(?:From|To|Cc|Reply-To|Sender):[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
FIELDS = [
    field.decode("utf-8", "replace").strip()
    for path in sorted(Path(__file__).parent.parent.glob("mails/*/mail.eml"))
    for field in FIELD.findall(path.read_bytes())
]
NAMES = [
    "ann@example.org",
    "<bob.b+c@desk.example>",
    "Ann",
    "Jürgen",
    "O'Brien",
    "J. R.",
    "王",
    "'x'",
    '"Smith, Ann"',
    '"a.b"',
    "=?utf-8?q?J=C3=BCrgen_Gro=C3=9F?=",
    "=?UTF-8?B?SsO8cmdlbiBHcm/Dnw==?=",
]
SIGNS = [
    " ",
    "  ",
    ",",
    ", ",
    '"',
    "<",
    ">",
    "@",
    ".",
    "-",
    "_",
    "&",
    "/",
    "'",
    "a",
    "7",
    ";",
    ":",
    "(",
    ")",
    "[",
    "]",
    "\\",
]
RARE = [
    *(
        "=?utf-8?q?a?=",
        "=?utf-8?q?=C3?=",
        "=?utf-8?q?=3D=3Futf-8=3Fq=3Fa=3F=3D?=",
        "=?utf-8?q?Smith=2C_Ann?=",
        "=?utf-8?q?_?=",
    ),
    *(
        "=?utf-8?b?QQ=?=",
        "=?utf-8?b?QQ==?=",
        "=?utf-8?b?QUI=?=",
        "=?utf-8?b?QR==?=",
        "=?utf-8?b?InhA?=",
        "=?utf-8?q?=0Aa?=",
    ),
    *("=?utf-8?q?=40_=22_=5C_=28?=", "=?latin-1?q?=E4?=", "=?utf-8?q?a=?=", "=?utf-8?q?a=4?=", "=?utf-8?q?=c3=bc?="),
    "\t",
    "\r\n ",
    "\xa0",
    "\u3000",
    "\u200e",
    "\x1c",
    "\ud800",
    "e\u0301",
]


def same_both_ways(field: str) -> bool:
    raw = (field.encode("utf-8", "surrogatepass"),)
    with patch.object(addresses, "plain_addresses", lambda _: []):
        by_mail_parser = addresses.read_addresses(raw)
    return addresses.read_addresses(raw) == by_mail_parser


@given(st.lists(st.sampled_from(NAMES + SIGNS + RARE), max_size=9).map("".join))
@settings(derandomize=True, database=None, deadline=None, max_examples=1500)
def test_any_field_is_read_as_mail_parser_reads_it(field: str) -> None:
    assert same_both_ways(field)


@pytest.mark.parametrize("field", FIELDS)
def test_the_fields_of_real_mails_are_read_as_mail_parser_reads_them(field: str) -> None:
    assert same_both_ways(field)


@pytest.mark.parametrize(
    "field",
    [
        "ann@example.org",
        "<ann@example.org>",
        "Ann Smith <ann@example.org>",
        '"Smith, Ann" <ann@example.org>',
        "Dr. Jürgen O'Brien-Groß <ann.b+c@mail.example.org>",
        "=?utf-8?q?J=C3=BCrgen_Gro=C3=9F?= <ann@example.org>",
        "=?UTF-8?B?SsO8cmdlbiBHcm/Dnw==?= <ann@example.org>",
        "Ann <ann@example.org>, bob@desk.example,Bob <bob@desk.example>",
    ],
)
def test_what_is_plain_needs_no_parser(field: str) -> None:
    read = [(name.strip('"'), address) for name, address in plain_addresses(field)]
    assert [address for _, address in read] == re.findall(r"[\w.+]+@[\w.]+", field)
    assert [address for _, address in read] == [address for _, address in front.addresses(field)]


@pytest.mark.parametrize(
    "field",
    [
        "",
        "Ann",
        "(x) ann@example.org",
        "=?latin-1?q?Ann?= <ann@example.org>",
        "=?utf-8?q?=FF?= <ann@example.org>",
        "team: ann@example.org;",
        "ann@example.org,",
    ],
)
def test_what_is_not_plain_is_left_to_the_parser(field: str) -> None:
    assert plain_addresses(field) == []
