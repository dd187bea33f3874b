"""Tokens → slips of paper (PDF, A7). fpdf2, segno and the font are loaded when the first is printed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from mailtix.model.token import Token
from mailtix.render.words import Words

if TYPE_CHECKING:
    from fpdf import FPDF

# ISO 216 A7 in mm: receipt printers take it, and four make a sheet that can be cut.
_WIDTH, _HEIGHT, _MARGIN = 74.0, 105.0, 6.0
_QR = 36.0
# Beneath that size (points) nothing can be read, and a text is cut.
_SMALLEST = 6.0
_FONT = "DejaVu"


def slip(token: Token, words: Words, zone: tzinfo) -> bytes:
    """One page with the number, large and as a QR code (which holds the number and nothing else). Times are on the
    clock of `zone`. The same token gives the same bytes."""
    pdf = _page(token)
    _line(pdf, token.company, 11, 6, bold=True)
    _line(pdf, words.phrases["slip_number"], 8, 5)
    _line(pdf, token.number, 28, 12, bold=True)
    _code(pdf, token.number)
    name = token.person.name
    for text in lines(token, name if name and _fit(pdf, name) == name else token.person.email, words, zone):
        _line(pdf, text, 8, 4.5)
    _line(pdf, words.phrases["slip_keep"], 7, 6)
    return bytes(pdf.output())


def lines(token: Token, whose: str, words: Words, zone: tzinfo) -> Sequence[str]:
    """What stands below the code: whose it is, what it is about, and since when it is."""
    issued = token.issued_at.astimezone(zone)
    return [
        whose,
        *([f"{words.fields['category']}: {token.category}"] if token.category else []),
        *([f"{words.fields['ticket']}: {token.ticket_number}"] if token.ticket_number else []),
        words.phrases["slip_issued"].format(moment=_clock(issued)),
    ]


def _clock(local: datetime) -> str:
    return f"{local:%Y-%m-%d %H:%M}"


def _page(token: Token) -> FPDF:
    from fpdf import FPDF
    from matplotlib import get_data_path

    pdf = FPDF(unit="mm", format=(_WIDTH, _HEIGHT))
    pdf.set_creation_date(token.issued_at)
    pdf.set_title(token.number)
    pdf.set_margin(_MARGIN)
    pdf.set_auto_page_break(False)
    # The font that comes with the charts' library: it has Latin, Greek and Cyrillic, unlike those that PDF brings.
    folder = Path(get_data_path()) / "fonts" / "ttf"
    pdf.add_font(_FONT, "", folder / "DejaVuSans.ttf")
    pdf.add_font(_FONT, "B", folder / "DejaVuSans-Bold.ttf")
    pdf.add_page()
    return pdf


def _line(pdf: FPDF, text: str, size: float, height: float, *, bold: bool = False) -> None:
    """A line in the middle, as large as it fits."""
    text, room = _fit(pdf, text), _WIDTH - 2 * _MARGIN
    pdf.set_font(_FONT, "B" if bold else "", size)
    while size > _SMALLEST and pdf.get_string_width(text) > room:
        size -= 0.5
        pdf.set_font_size(size)
    while pdf.get_string_width(text) > room:
        text = f"{text[:-2]}…"
    pdf.cell(w=room, h=height, text=text, align="C", new_x="LMARGIN", new_y="NEXT")


def _fit(pdf: FPDF, text: str) -> str:
    """The text without the letters that the font lacks."""
    pdf.set_font(_FONT)
    known = getattr(pdf.current_font, "cmap", {})
    return "".join(char for char in text if ord(char) in known)


def _code(pdf: FPDF, number: str) -> None:
    """The QR code (ISO/IEC 18004), square by square, with the quiet zone of four modules around it."""
    import segno

    matrix = segno.make_qr(number, error="m").matrix
    module = _QR / (len(matrix) + 8)
    left, top = (_WIDTH - _QR) / 2 + 4 * module, pdf.get_y() + 4 * module
    for row, bits in enumerate(matrix):
        for column, dark in enumerate(bits):
            if dark:
                pdf.rect(left + column * module, top + row * module, module, module, style="F")
    pdf.set_y(pdf.get_y() + _QR)
