"""The parts of a mail, as the email package reads and writes them."""

from __future__ import annotations

import base64
import binascii
import email
import email.policy
from email.message import EmailMessage, Message

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.notify import mime


def read(part: bytes) -> EmailMessage:
    message = email.message_from_bytes(part, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not [defect for each in message.walk() for defect in each.defects]
    return message


def fields(content_type: str) -> Message:
    message = Message()
    message["Content-Type"] = content_type
    message["Content-Transfer-Encoding"] = "base64"
    return message


@settings(derandomize=True, database=None, max_examples=100, deadline=None)
@given(data=st.binary(max_size=500))
def test_a_file_comes_through_in_lines_of_76(data: bytes) -> None:
    part = mime.file(fields("application/pdf"), data)

    assert read(part).get_payload(decode=True) == data
    assert max(map(len, part.split(b"\r\n"))) <= 76
    assert part.endswith(b"\r\n")


@pytest.mark.parametrize("size", [0, 1, 56, 57, 58, 5_699, 5_700, 5_701, 11_400, 20_000])
def test_the_lines_of_a_file_are_those_of_the_standard_library(size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    content = mime.file(fields("application/pdf"), data[:size]).partition(b"\r\n\r\n")[2]

    assert content == base64.encodebytes(data[:size]).replace(b"\n", b"\r\n")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_text_has_line_ends_of_mail_whatever_it_had_before(end: str) -> None:
    part = mime.words(f"Grüße,{end}{end}It burns.{end}", "plain")

    assert part.partition(b"\r\n\r\n")[2] == b"Gr=C3=BC=C3=9Fe,\r\n\r\nIt burns.\r\n"


def test_parts_come_through_in_their_order_and_as_they_are() -> None:
    inner = mime.multipart("multipart/alternative;", "=_in", (mime.words("a", "plain"), mime.words("<b>", "html")))
    outer = read(mime.multipart("multipart/mixed;", "=_out", (inner, mime.file(fields("image/png"), b"c"))))

    both, picture = outer.iter_parts()
    assert [part.get_content() for part in both.iter_parts()] == ["a", "<b>"]
    assert (outer.get_content_type(), both.get_content_type()) == ("multipart/mixed", "multipart/alternative")
    assert (picture.get_content_type(), picture.get_content()) == ("image/png", b"c")


def test_a_mail_within_a_mail_is_not_touched() -> None:
    message = Message()
    message["Content-Type"] = "message/rfc822"
    mail = b"Subject: x\r\n\r\n--=_b\r\nFrom here on.\r\n.\r\n"

    assert mime.whole(message, mail) == b"Content-Type: message/rfc822\r\n\r\n" + mail


def test_a_long_name_of_a_file_is_folded_within_a_line() -> None:
    message = fields("application/pdf")
    message.add_header("Content-Disposition", "attachment", filename="a b " * 40 + ".pdf")
    part = mime.file(message, b"x")

    assert max(map(len, part.split(b"\r\n"))) <= 78
    assert str(read(part).get_filename()).startswith("a b a b ")


PIECES = st.sampled_from(
    [
        "<title>é</title>\n",
        "<style>\n",
        "a { b: c; }\n",
        "</head>\n",
        "\n",
        "<h1>",
        "<p>",
        "<pre>",
        " ",
        ".\n",
        "=",
        "\r\n",
        "x" * 80,
    ]
)


@settings(derandomize=True, database=None, max_examples=500, deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_a_page_is_encoded_as_one_text_though_its_frame_is_kept(page: str) -> None:
    encoded = binascii.b2a_qp(page.encode(), quotetabs=False, istext=True, header=False)
    lines = encoded.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")

    assert mime.words(page, "html").partition(b"\r\n\r\n")[2] == lines


def test_the_frames_that_are_kept_are_short() -> None:
    before = mime._kept.cache_info().currsize
    mime.words(f"<title></title>\n{'x' * 10_000}\n<h1>", "html")

    assert mime._kept.cache_info().currsize <= before + 1  # at most the empty one
