"""Which files are passed on, and why the others are not."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtix.attachments import Terms, judge, worth_scanning
from mailtix.attachments.contents import MOST_NAMES, names_inside, true_extension
from mailtix.model.mail import Attachment
from mailtix.model.scan import Scan

PDF = "application/pdf"
MAIL = "message/rfc822"
USUAL = Terms()


def file(
    name: str, index: int = 0, mime: str = PDF, size: int = 10, declared: str = "", inline: bool = False
) -> Attachment:
    return Attachment(index, name, mime, size, f"sha-{index}", declared or mime, inline)


def why(
    name: str, content: bytes = b"%PDF-1.7", mime: str = PDF, terms: Terms = USUAL, scan: Scan | None = None
) -> str:
    [verdict] = judge([file(name, mime=mime, size=len(content))], [content], terms, scan)
    return verdict.held


def zipped(*names: str, data: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, data)
    return out.getvalue()


def reasons(files: Sequence[Attachment], terms: Terms) -> list[str]:
    return [verdict.held for verdict in judge(files, [b""] * len(files), terms, None)]


@pytest.mark.parametrize(
    "name",
    ["report.pdf", "photo.jpg", "no extension", "notes.txt", "exe", "mail about setup.exe.pdf", "Re: 10:30.eml", ""],
)
def test_an_ordinary_file_is_passed_on(name: str) -> None:
    assert why(name) == ""


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("setup.exe", "a .exe file"),
        ("SETUP.EXE", "a .exe file"),
        ("invoice.pdf.exe", "a .exe file that its name disguises as .pdf"),
        ("Rechnung.PDF .js", "a .js file that its name disguises as .pdf"),
        ("v1.2.exe", "a .exe file"),
        ("setup.exe. ", "a .exe file"),
        ("setup.exe:stream", "a .exe file"),
        ("report.docm", "a .docm file"),
        ("sheet.xlsm", "a .xlsm file"),
        ("disk.iso", "a .iso file"),
        ("link.lnk", "a .lnk file"),
    ],
)
def test_a_dangerous_file_is_held_by_its_name(name: str, reason: str) -> None:
    assert why(name) == reason


def test_a_dangerous_file_is_held_by_its_declared_type() -> None:
    [verdict] = judge([file("a", mime="text/plain", declared="Application/X-MSDownload")], [b"x"], Terms(), None)
    assert verdict.held == "of the type application/x-msdownload"


@pytest.mark.parametrize(
    ("content", "extension"),
    [
        (b"MZ\x90\0\x03\0", "exe"),
        (b"\x7fELF\x02\x01", "elf"),
        (b"\xcf\xfa\xed\xfe\x07", "app"),
        (b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0", "lnk"),
    ],
)
def test_a_program_is_held_by_its_content_whatever_its_name(content: bytes, extension: str) -> None:
    assert why("invoice.pdf", content) == f"its content is that of a .{extension} file"


def test_text_that_begins_like_a_program_is_text() -> None:
    assert why("orders.csv", b"MZ-1204;3;Screws\r\n" * 10) == ""


@pytest.mark.parametrize(("folder", "extension"), [("word", "docm"), ("xl", "xlsm"), ("ppt", "pptm")])
def test_macros_are_found_in_a_document_that_does_not_say_so(folder: str, extension: str) -> None:
    content = zipped("[Content_Types].xml", f"{folder}/document.xml", f"{folder}/vbaProject.bin")
    assert why("letter.docx", content) == f"it holds macros, as a .{extension} file does"
    assert why("letter.docx", zipped("[Content_Types].xml", f"{folder}/document.xml")) == ""


def test_macros_are_found_in_an_old_document() -> None:
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "Workbook".encode("utf-16-le")
    assert why("old.xls", old + "_VBA_PROJECT".encode("utf-16-le")) == "it holds macros, as a .xlsm file does"
    assert why("old.xls", old) == ""


def test_a_program_inside_an_archive_holds_the_archive() -> None:
    assert why("photos.zip", zipped("a.jpg", "b.jpg")) == ""
    assert why("photos.zip", zipped("a.jpg", "deep/in/Invoice.pdf.EXE")) == "it holds deep/in/Invoice.pdf.EXE"


def test_a_name_in_either_header_of_an_archive_counts() -> None:
    honest = zipped("setup.exe")
    first, second = honest.find(b"setup.exe"), honest.rfind(b"setup.exe")
    assert first < second
    for place in (first, second):
        liar = honest[:place] + b"setup.txt" + honest[place + 9 :]
        assert why("a.zip", liar) == "it holds setup.exe"


def test_a_damaged_archive_is_read_as_far_as_it_goes() -> None:
    whole = zipped("a.txt", "b.exe", "c.txt")
    assert why("a.zip", whole[: whole.find(b"b.exe") + 5]) == "it holds b.exe"


def test_an_archive_of_more_names_than_are_read_is_held() -> None:
    header = b"PK\x03\x04" + bytes(22) + b"\x01\0" + b"\0\0" + b"a"
    assert why("a.zip", header * (MOST_NAMES + 1)) == "it holds more than 10,000 files"
    assert why("a.zip", header * MOST_NAMES) == ""


def test_names_that_claim_more_than_there_is_cost_no_memory() -> None:
    header = b"PK\x03\x04" + bytes(22) + b"\xff\xff" + b"\0\0"
    names = names_inside(header * (MOST_NAMES + 5_000), "application/zip")
    assert sum(map(len, names)) < 2_000 * MOST_NAMES
    assert why("a.zip", b"PK\x03\x04" + bytes(22) + b"\xff\xff\0\0" + b"x" * 65_531 + b".exe").startswith(
        "it holds xxx"
    )


def test_a_program_inside_an_attached_mail_holds_the_mail() -> None:
    mail = b'Subject: x\r\nContent-Type: application/pdf;\r\n name="%s"\r\n\r\nx'
    assert why("fwd.eml", mail % b"invoice.pdf", MAIL) == ""
    assert why("fwd.eml", mail % b"invoice.exe", MAIL) == "it holds invoice.exe"
    extended = b"Content-Disposition: attachment; filename*0*=utf-8''r%C3%A9%2Ejs\r\n\r\n"
    assert why("fwd.eml", extended, MAIL) == "it holds utf-8''ré.js"


def test_what_the_admin_lists_is_held_and_nothing_else() -> None:
    assert why("setup.exe", terms=Terms(held=frozenset())) == ""
    assert why("letter.docx", zipped("word/vbaProject.bin"), terms=Terms(held=frozenset({"exe"}))) == ""
    assert why("report.pdf", terms=Terms(held=frozenset({"application/pdf"}))) == "of the type application/pdf"


def test_a_file_that_is_too_large_is_held() -> None:
    terms = Terms(max_size=1000)
    assert why("a.pdf", b"x" * 1000, terms=terms) == ""
    assert why("a.pdf", b"x" * 1001, terms=terms) == "1,001 bytes large, and no more than 1,000 are passed on"


def test_the_files_beyond_the_limit_are_held_and_the_pictures_of_a_signature_do_not_count() -> None:
    logos = [file("logo.png", index, "image/png", inline=True) for index in range(5)]
    files = [*logos, *(file(f"{index}.pdf", index) for index in range(5, 9))]
    surplus = "one of 4 files, and no more than 3 are passed on"
    assert reasons(files, Terms(max_files=3)) == [""] * 8 + [surplus]


def test_pictures_without_end_are_no_signature() -> None:
    logos = [file("logo.png", index, "image/png", inline=True) for index in range(102)]
    assert [bool(reason) for reason in reasons(logos, Terms())] == [False] * 100 + [True] * 2


def test_an_infected_file_says_so_before_anything_else() -> None:
    scan = Scan({"sha-0": "infected: Eicar-Test-Signature"})
    assert why("eicar.com", scan=scan, terms=Terms(max_size=1)) == "infected: Eicar-Test-Signature"
    assert why("a.pdf", scan=Scan({"sha-0": ""})) == ""


def test_what_no_scanner_has_seen_is_held_where_there_is_one() -> None:
    asked = Terms(scanned=True)
    assert why("a.pdf", terms=asked) == "not scanned for viruses"
    assert why("a.pdf", terms=asked, scan=Scan({}, "nobody there")) == "not scanned for viruses: nobody there"
    assert why("a.exe", terms=asked, scan=Scan({}, "nobody there")) == "a .exe file"
    assert why("a.pdf", terms=Terms(scanned=False), scan=Scan({"other": ""})) == "not scanned for viruses"


def test_the_scanner_is_not_asked_about_files_that_are_held_for_their_size_or_number() -> None:
    files = [file("a.exe", 0), file("b.pdf", 1, size=2000), file("c.pdf", 2), file("d.pdf", 3)]
    assert [f.filename for f in worth_scanning(files, Terms(max_files=3, max_size=1000))] == ["a.exe", "c.pdf"]


def test_a_verdict_says_the_name_and_the_reason() -> None:
    [held] = judge([file("a.exe")], [b""], Terms(), None)
    [passed] = judge([file("a.pdf")], [b""], Terms(), None)
    assert (str(held), str(passed)) == ("a.exe (held: a .exe file)", "a.pdf")


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"PK\x03\x04", b"PK\x01\x02", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"MZ"]),
)
def test_any_bytes_can_be_looked_at(rest: bytes, start: bytes) -> None:
    for mime in (PDF, MAIL):
        names = names_inside(start + rest, mime)
        assert true_extension(start + rest, names) in ("", "exe", "docm", "xlsm", "pptm", "elf", "app", "lnk")
        assert why("x", start + rest, mime).isprintable()
