"""Whatever comes in, a mail comes out: parsing never raises, and the reply is made of lines of the text."""

from __future__ import annotations

import email.message
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.model.mail import InboundMail
from mailtix.parsing import attachment
from mailtix.parsing.calendar import describe_calendar
from mailtix.parsing.charset import decode
from mailtix.parsing.cms import signed_content
from mailtix.parsing.render import render
from mailtix.parsing.tnef import open_tnef
from mailtix.parsing.words import decode_words
from parsing.reading import HEADER, read, read_text

bounded = settings(derandomize=True, database=None, deadline=None, max_examples=150)
MAILS = [path.read_bytes() for path in sorted(Path(__file__).parent.parent.glob("mails/*/mail.eml"))]

LINES = st.sampled_from(
    [
        "Hello,",
        "",
        "> quoted",
        ">> deeper",
        "> ",
        "On Fri, 20 Nov 2026 at 10:00, Ann <ann@example.org> wrote:",
        "wrote:",
        "-- ",
        "Bob",
        "Am 20.11.2026 um 10:00 schrieb Ann:",
        "-----Original Message-----",
        "From: Ann <ann@example.org>",
        "Sent: Friday",
        "To: Bob",
        "Subject: x",
        "Kind regards,",
        "Sent from my iPhone",
        "## Reply above this line ##",
        "________________",
        "---------- Forwarded message ---------",
        "This e-mail is confidential.",
        "#resolve",
        "写道：",
        "  indented",
        "a:b",
        "\u200e\u202a",
        "<ann@example.org>",
        "Gesendet: heute",
        "Von: Ann",
        "Betreff: x",
    ]
)
PIECES = st.sampled_from(
    [
        b"\r\n",
        b"\n",
        b"\r",
        b"--b",
        b"--b--",
        b"Content-Type: ",
        b"multipart/mixed; boundary=b",
        b"text/html",
        b"text/plain; charset=",
        b"=?utf-8?q?a?=",
        b"message/rfc822",
        b"Content-Transfer-Encoding: base64",
        b"QUJD",
        b"=E4=F6",
        b"From: ",
        b"a@example.org",
        b"<",
        b">",
        b'"',
        b"\x00",
        b"\xff\xfe",
        b"<blockquote>",
        b"</div>",
        b"&#x110000;",
        b"filename*0*=",
        b"begin 644 x\nM\nend\n",
        b"application/ms-tnef",
        b"\x78\x9f\x3e\x22",
        b"Date: 99 Foo",
        b"text/calendar",
        b"BEGIN:VEVENT",
        b"multipart/alternative; boundary=b",
        b"application/pkcs7-mime",
        b" ",
        b"\x1b$B",
        b"utf-16",
        b"idna",
        b"Subject: ",
    ]
)


def assert_made_of_its_lines(mail: InboundMail) -> None:
    lines = iter(mail.text.split("\n"))
    assert all(line in lines for line in mail.reply.split("\n")), "lines of the text, in their order"


@bounded
@given(st.binary(max_size=2_000))
def test_any_bytes_are_a_mail(raw: bytes) -> None:
    assert_made_of_its_lines(read(raw))


@bounded
@given(st.lists(PIECES, max_size=60).map(b"".join))
def test_any_heap_of_mail_pieces_is_a_mail(raw: bytes) -> None:
    mail = read(HEADER + raw)
    assert_made_of_its_lines(mail)
    assert all(len(attachment(HEADER + raw, a.index)) == a.size for a in mail.attachments)


@bounded
@given(st.sampled_from(MAILS), st.integers(0, 3_000), st.integers(0, 40), st.binary(max_size=8))
def test_a_damaged_golden_mail_is_still_a_mail(raw: bytes, position: int, gap: int, put_in: bytes) -> None:
    assert_made_of_its_lines(read(raw[:position] + put_in + raw[position + gap :]))


@bounded
@given(st.lists(LINES, max_size=40).map("\n".join))
def test_a_reply_is_made_of_lines_of_the_text_and_never_empty_beside_it(text: str) -> None:
    mail = read_text(text)
    assert_made_of_its_lines(mail)
    assert bool(mail.reply.strip()) == bool(mail.text.strip())


@bounded
@given(st.binary(max_size=300), st.text(max_size=20))
def test_any_bytes_in_any_charset_are_text_that_can_be_stored(data: bytes, charset: str) -> None:
    decode(data, charset).text.encode("utf-8")


@bounded
@given(st.text(alphabet="<>/=\"'abdiv! -?&;#x\n", max_size=400))
def test_any_html_renders(html: str) -> None:
    assert all("\n" not in line.text for line in render(html))


HTML_PIECES = st.sampled_from(
    [
        "<div>",
        "</div>",
        "<p>",
        "<br>",
        "<blockquote type=cite>",
        "</blockquote>",
        "<pre>",
        "</pre>",
        "a\nb",
        " \r\n ",
        "text",
        "<a href='x\ny'>",
        "</a>",
        "<img alt='a\nb'>",
        "<li>",
        "<ul>",
        "</ul>",
        "<td>",
        "<div class=gmail_quote>",
        "<div id=appendonsend>",
        "<style>",
        "</style>",
        "&#10;",
        "<div style='display:none'>",
        "<!--",
        "-->",
        "<title>",
        "<x y='",
        "'>",
        "\x00",
        "\u2028",
        "&#x85;",
    ]
)


@bounded
@given(st.lists(HTML_PIECES, max_size=40).map("".join))
def test_any_heap_of_html_pieces_renders_line_by_line(html: str) -> None:
    assert all("\n" not in line.text for line in render(html))


@bounded
@given(st.text(alphabet="=?utf-8QqBb_ a\u00e4", max_size=200))
def test_any_encoded_words_decode(value: str) -> None:
    assert isinstance(decode_words(value), str)


@bounded
@given(st.binary(max_size=400))
def test_any_container_opens_or_does_not(data: bytes) -> None:
    open_tnef(b"\x78\x9f\x3e\x22\x00\x00" + data)
    signed_content(bytes.fromhex("06092a864886f70d010701") + data)
    describe_calendar("BEGIN:VEVENT\n" + data.decode("latin-1"))


@bounded
@given(
    st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=200),
    st.sampled_from(["base64", "quoted-printable", "8bit"]),
)
def test_a_well_made_mail_is_read_as_it_was_written(text: str, encoding: str) -> None:
    made = email.message.EmailMessage()
    made["From"], made["Subject"] = "ann@example.org", "x"
    made.set_content(text, cte=encoding)

    assert read(made.as_bytes()).text.split() == text.split()
