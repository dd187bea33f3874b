"""Mails made to cost: each is read within a second or so of one core, and says which limit it met."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from parsing.reading import HEADER, defect_codes, read

SECONDS = 4.0  # what a loaded test machine may take for what takes half a second alone
MEGABYTE = 1_000_000
HEAP = 300_000  # bytes: what is quadratic takes minutes with them already


def body(text: bytes, content_type: bytes = b"text/plain; charset=utf-8") -> bytes:
    return HEADER + b"Content-Type: " + content_type + b"\r\n\r\n" + text


def nested_multiparts(depth: int) -> bytes:
    levels = (b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (i, i) for i in range(depth))
    return HEADER + b"".join(levels) + b"Content-Type: text/plain\r\n\r\ninnermost\r\n"


def many_parts(count: int, mime: bytes) -> bytes:
    parts = (b"--b\r\nContent-Type: %s\r\n\r\npart %d\r\n" % (mime, i) for i in range(count))
    return HEADER + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"".join(parts) + b"--b--\r\n"


COSTLY = {
    "2,000 nested multiparts": (nested_multiparts(2_000), "depth-limit"),
    "2,000 nested messages": (HEADER + b"Content-Type: message/rfc822\r\n\r\n" * 2_000 + b"\r\nx", "depth-limit"),
    "20,000 text parts": (many_parts(20_000, b"text/plain"), "part-limit"),
    "20,000 files": (many_parts(20_000, b"application/pdf"), "part-limit"),
    "20,000 HTML parts": (many_parts(20_000, b"text/html"), "part-limit"),
    "100,000 header lines": (b"".join(b"X-%d: v\r\n" % i for i in range(100_000)) + HEADER + b"\r\nx", "header-limit"),
    "a header line of 30 MB": (b"X: " + b"x" * 30 * MEGABYTE + b"\r\n" + HEADER + b"\r\nx", "field-limit"),
    "a body line of 30 MB": (body(b"x" * 30 * MEGABYTE), "text-limit"),
    "a subject of 1 MB": (b"Subject: " + b"x " * 500_000 + b"\r\n" + HEADER + b"\r\nx", "field-limit"),
    "a broken encoded subject": (b"Subject: " + b"=?utf-8?q?a" * 90_000 + b"\r\n\r\nx", "field-limit"),
    "HTML of 5 MB": (body(b"<p>text</p>" * 500_000, b"text/html"), "text-limit"),
    "a boundary in every line that never comes": (
        HEADER + b"Content-Type: multipart/mixed; boundary=zz\r\n\r\n" + b"--b\r\n" * 200_000,
        "boundary-missing",
    ),
}


@pytest.mark.parametrize("name", COSTLY)
def test_a_costly_mail_is_read_in_time_and_names_its_limit(name: str) -> None:
    raw, limit = COSTLY[name]
    begin = time.process_time()
    mail = read(raw)

    assert time.process_time() - begin < SECONDS
    assert limit in defect_codes(mail)
    assert mail.size == len(raw)


REPEATED = [
    "> x\r\n",
    "> ",
    ">",
    " ",
    "\r\n",
    "a\r\n \r\n",
    "On ",
    "On\r\n",
    "On 1 Jan 2026 10:00, a@b.example wrote:\r\n",
    "wrote:\r\n",
    "On 1 Jan 2026 10:00, a@b.example\r\nwrote:\r\n\r\n",
    "From: a@b.example\r\n",
    "x\r\nFrom: a@b.example\r\nTo: x\r\n",
    "-- \r\n",
    "________\r\n",
    "Sent from my x\r\n",
    "> a\r\nb\r\n",
    "> a\r\n-- \r\nBob\r\n",
    ":",
    "-",
    "a@",
    "<",
    "1 1 1 1 :\r\n",
    "2026 10 wrote:\r\n",
    "begin 644 x\r\nM\r\n",
    "-----BEGIN PGP SIGNED MESSAGE-----\r\n",
    "---- Forwarded message ----\r\n",
    "Regards\r\n",
    "。",
    "写道：",
    "\u200f>\r\n",
]


@pytest.mark.parametrize("piece", ["> x\r\n", " ", "On ", "\r\n"])
def test_a_megabyte_of_the_commonest_constructs_is_read_in_time(piece: str) -> None:
    begin = time.process_time()
    read(body(piece.encode() * (MEGABYTE // len(piece))))

    assert time.process_time() - begin < SECONDS


@pytest.mark.parametrize("piece", REPEATED)
def test_a_heap_of_one_construct_in_a_text_stays_linear(piece: str) -> None:
    data = piece.encode()
    begin = time.process_time()
    mail = read(body(data * (HEAP // len(data))))

    assert time.process_time() - begin < SECONDS
    assert mail.reply.strip() in mail.text


REPEATED_HTML = [
    "<",
    "<a ",
    "<div>",
    "</div>",
    "<blockquote>x",
    "<title>",
    "<script>",
    "<!--",
    "<a b='",
    "<a b=\"'>",
    "&amp",
    "<td>x",
    "<ul><li>x",
    "<a href='http://example.org/'>x",
    "<span>a</span> ",
    "<td><img alt='x'>",
    "<div><span></b>",
    "<p style='display:none'>",
    "<pre>\n",
    "< ",
]


@pytest.mark.parametrize("piece", REPEATED_HTML)
def test_a_heap_of_one_construct_in_html_stays_linear(piece: str) -> None:
    begin = time.process_time()
    read(body(piece.encode() * (HEAP // len(piece)), b"text/html"))

    assert time.process_time() - begin < SECONDS


REPEATED_FIELDS = [
    "Content-Type: text/plain" + '; a="b\\"' * 9_000,
    "Content-Type: text/plain" + "; a*0*=b" * 9_000,
    "Content-Type: text/plain" + ";" * 60_000,
    "To: " + "a@example.org, " * 9_000,
    "To: " + '<<<((""@,' * 9_000,
    "References: " + "<" * 60_000,
    "Subject: " + "Re: [x] " * 9_000,
    "Subject: " + "(fwd) " * 9_000,
    "Date: " + "(" * 60_000,
]


@pytest.mark.parametrize("field", REPEATED_FIELDS, ids=lambda field: field[:40])
def test_a_field_of_one_construct_stays_linear(field: str) -> None:
    begin = time.process_time()
    read(field.encode() + b"\r\n\r\nx")

    assert time.process_time() - begin < SECONDS


def test_memory_stays_a_small_multiple_of_the_mail() -> None:
    raw = body(b"QUJD" * (2 * MEGABYTE), b"application/octet-stream\r\nContent-Transfer-Encoding: base64")
    tracemalloc.start()
    try:
        read(raw)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 4 * len(raw)
