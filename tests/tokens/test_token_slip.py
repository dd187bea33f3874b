"""The slip of a token: what stands on it, and what a scanner reads."""

from __future__ import annotations

import re
import zlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import segno

from mailtix.model.ticket import Person
from mailtix.model.token import Token
from mailtix.render import Templates, load
from mailtix.render.words import Words
from mailtix.slips import lines, slip

BERLIN = ZoneInfo("Europe/Berlin")
TOKEN = Token(
    "TK000123",
    Person(1, "ann@example.org", "Änne Ärcher"),
    datetime(2026, 11, 20, 9, tzinfo=UTC),
    "bob@desk.example",
    "Example",
    "billing",
    ticket=12,
    ticket_number="TKT-2026-000012",
)


def words(language: str) -> Words:
    templates = load(())
    assert isinstance(templates, Templates)
    return templates.page("token", language).words


def streams(pdf: bytes) -> list[bytes]:
    """What is inside the PDF, unpacked."""
    parts = re.findall(rb"/FlateDecode.*?stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return [zlib.decompress(part) for part in parts]


def squares(pdf: bytes) -> set[tuple[int, int]]:
    """The rows and columns of the dark squares that are drawn."""
    [page] = [stream for stream in streams(pdf) if b" re f" in stream]
    drawn = [tuple(map(float, found)) for found in re.findall(rb"([\d.]+) ([\d.]+) ([\d.]+) -?[\d.]+ re f", page)]
    left, top, side = min(x for x, _, _ in drawn), max(y for _, y, _ in drawn), drawn[0][2]
    return {(round((top - y) / side), round((x - left) / side)) for x, y, _ in drawn}


def test_the_code_holds_the_number_and_nothing_else() -> None:
    matrix = segno.make_qr("TK000123", error="m").matrix
    dark = {(row, column) for row, bits in enumerate(matrix) for column, bit in enumerate(bits) if bit}

    assert squares(slip(TOKEN, words("en"), BERLIN)) == dark


def test_it_is_one_page_of_a7() -> None:
    pdf = slip(TOKEN, words("en"), BERLIN)

    assert pdf.startswith(b"%PDF-")
    assert re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf) == [(b"209.76", b"297.64")]  # 74 mm × 105 mm
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 1


def test_the_same_token_gives_the_same_slip() -> None:
    assert slip(TOKEN, words("en"), BERLIN) == slip(TOKEN, words("en"), BERLIN)


def test_it_speaks_the_language_and_shows_the_clock_of_the_company() -> None:
    assert lines(TOKEN, "Änne Ärcher", words("de"), BERLIN) == [
        "Änne Ärcher",
        "Kategorie: billing",
        "Ticket: TKT-2026-000012",
        "Ausgestellt am 2026-11-20 10:00",
    ]


@pytest.mark.parametrize("name", ["", "山田太郎", "Ann " * 200, "\u202eeve\x00", "👋"])
def test_any_name_gives_a_slip(name: str) -> None:
    token = Token("TK000123", Person(1, f"{'a' * 64}@example.org", name), TOKEN.issued_at, "mailtix", "会社 Example")

    assert squares(slip(token, words("en"), UTC)) == squares(slip(TOKEN, words("en"), BERLIN))
