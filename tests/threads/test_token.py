"""Signed reply addresses."""

from __future__ import annotations

import base64
import hmac
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.model.thread import Claims, Purpose
from mailtix.threading.token import base32, mint, read, sign

TODAY = date(2026, 11, 20)
SECRET = b"a secret of sixteen bytes or more"
CLAIMS = Claims(ticket=7, person=3, purpose=Purpose.AGENT, expires=TODAY + timedelta(days=90))
FAST = settings(derandomize=True, database=None, max_examples=200)


@FAST
@given(
    st.integers(1, 2**62), st.integers(1, 2**62), st.sampled_from(list(Purpose)), st.integers(0, 20_000), st.booleans()
)
def test_what_was_signed_is_read_again_in_any_case(
    ticket: int, person: int, purpose: Purpose, days: int, shouted: bool
) -> None:
    claims = Claims(ticket, person, purpose, TODAY + timedelta(days=days))
    detail = mint(claims, "Example", SECRET)

    assert read(f"t.{detail[2:].upper()}" if shouted else detail, "Example", [SECRET], TODAY) == claims
    assert detail == detail.lower()


def test_a_key_fits_into_a_local_part() -> None:
    longest = mint(Claims(2**40, 2**40, Purpose.AGENT, CLAIMS.expires), "Example", SECRET)

    assert len(f"support+{longest}") <= 64  # RFC 5321 section 4.5.3.1.1


@FAST
@given(st.integers(0, 40), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_changed_character_makes_it_worthless(position: int, letter: str) -> None:
    detail = mint(CLAIMS, "Example", SECRET)
    place = 2 + position % (len(detail) - 2)
    changed = detail[:place] + letter + detail[place + 1 :]

    # the last character holds bits that are not used: the same key may be written in more than one way
    if changed != detail and place < len(detail) - 1:
        assert isinstance(read(changed, "Example", [SECRET], TODAY), str)


@FAST
@given(st.text(max_size=80))
def test_anything_else_is_no_key_and_no_error(text: str) -> None:
    assert isinstance(read(f"t.{text}", "Example", [SECRET], TODAY), str)


@pytest.mark.parametrize(
    ("company", "secrets", "today", "says"),
    [
        ("Other", [SECRET], TODAY, "not signed by us"),
        ("Example", [b"another secret of some length"], TODAY, "not signed by us"),
        ("Example", [], TODAY, "not signed by us"),
        ("Example", [SECRET], TODAY + timedelta(days=91), "expired on 2027-02-18"),
    ],
)
def test_a_key_says_why_it_does_not_count(company: str, secrets: list[bytes], today: date, says: str) -> None:
    answer = read(mint(CLAIMS, "Example", SECRET), company, secrets, today)

    assert isinstance(answer, str)
    assert says in answer


def test_an_older_secret_is_believed_while_it_is_kept() -> None:
    old = mint(CLAIMS, "Example", b"the secret before this one")

    assert read(old, "Example", [SECRET, b"the secret before this one"], TODAY) == CLAIMS


def test_a_key_of_a_later_generation_says_so_and_still_fits_into_a_local_part() -> None:
    claims = Claims(2**40, 2**40, Purpose.AGENT, CLAIMS.expires, generation=1_000_000)
    longest = mint(claims, "Example", SECRET)

    assert read(longest, "Example", [SECRET], TODAY) == claims
    assert len(f"support+{longest}") <= 64  # RFC 5321 section 4.5.3.1.1


def test_a_key_of_the_first_generation_is_no_longer_for_it() -> None:
    assert len(mint(Claims(7, 3, Purpose.AGENT, CLAIMS.expires, 1), "Example", SECRET)) > len(
        mint(CLAIMS, "Example", SECRET)
    )


@FAST
@given(st.binary(max_size=60))
def test_base32_is_that_of_the_standard_library(data: bytes) -> None:
    assert base32(data) == base64.b32encode(data).decode().rstrip("=").lower()


@FAST
@given(st.binary(max_size=200), st.binary(max_size=100))
def test_signatures_are_those_of_the_standard_library(text: bytes, secret: bytes) -> None:
    assert sign(text, secret) == hmac.digest(secret, text, "sha256")
