"""MIME as it is sent: parts, bodies, files, and what is hidden inside of them."""

from __future__ import annotations

import email.message
import hashlib

import mailparser
import pytest

from mailtix.parsing import attachment
from parsing.reading import HEADER, defect_codes, read, read_text


def multipart(*parts: str, kind: str = "mixed") -> bytes:
    body = "".join(f"--b\r\n{part}\r\n" for part in parts)
    return HEADER + f"Content-Type: multipart/{kind}; boundary=b\r\n\r\n{body}--b--\r\n".encode()


TEXT = "Content-Type: text/plain\r\n\r\nHello"
HTML = "Content-Type: text/html\r\n\r\n<p>Hello</p>"


def test_an_alternative_shows_its_plain_text_and_keeps_its_html() -> None:
    mail = read(multipart(TEXT, HTML, kind="alternative"))
    assert (mail.text, mail.html, mail.attachments) == ("Hello", "<p>Hello</p>", ())


@pytest.mark.parametrize("plain", ["", "   ", "This is an HTML mail.", "Please see https://example.org/v/1"])
def test_an_alternative_whose_plain_text_says_nothing_shows_its_html(plain: str) -> None:
    rich = "Content-Type: text/html\r\n\r\n<p>" + "A whole story about a lamp. " * 5 + "</p>"
    assert "story" in read(multipart(f"Content-Type: text/plain\r\n\r\n{plain}", rich, kind="alternative")).text


def test_a_short_plain_text_is_still_the_text() -> None:
    assert read(multipart("Content-Type: text/plain\r\n\r\nYes.", HTML, kind="alternative")).text == "Yes."


def test_texts_of_a_mixed_mail_follow_each_other_and_files_are_files() -> None:
    file = 'Content-Type: text/plain; name="log.txt"\r\n\r\nline'
    mail = read(multipart(TEXT, file, "Content-Type: text/plain\r\n\r\nBye"))
    assert mail.text == "Hello\n\nBye"
    assert [(a.filename, a.text) for a in mail.attachments] == [("log.txt", "line")]


def test_the_only_text_is_read_even_if_it_has_a_name() -> None:
    mail = read(multipart('Content-Type: text/plain; name="body.txt"\r\n\r\nHello', "Content-Type: image/png\r\n\r\nx"))
    assert (mail.text, len(mail.attachments)) == ("Hello", 2)


def test_the_root_of_related_parts_is_found_by_its_id() -> None:
    image = "Content-Type: image/png\r\nContent-ID: <i@x>\r\n\r\nx"
    html = "Content-Type: text/html\r\nContent-ID: <root@x>\r\n\r\n<p>Hello</p>"
    raw = multipart(image, html, kind='related; start="<root@x>"')
    assert (read(raw).text, [a.content_id for a in read(raw).attachments]) == ("Hello", ["i@x"])


def test_a_signed_mail_is_read_and_its_signature_is_a_file() -> None:
    signature = "Content-Type: application/pgp-signature\r\n\r\n-----BEGIN PGP SIGNATURE-----"
    mail = read(multipart(TEXT, signature, kind="signed"))
    assert (mail.text, [a.filename for a in mail.attachments]) == ("Hello", ["signature.asc"])


def test_an_armoured_text_is_read_without_its_armour() -> None:
    signed = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello\n- - dash\n"
    armoured = f"{signed}-----BEGIN PGP SIGNATURE-----\nabc\n-----END PGP SIGNATURE-----"
    assert read_text(armoured).text == "Hello\n- dash"


def test_an_armoured_encrypted_text_is_named_as_such() -> None:
    assert "encrypted" in defect_codes(read_text("-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----"))


def test_an_enveloped_smime_mail_is_named_as_such() -> None:
    raw = HEADER + b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n\r\nx"
    assert "S/MIME" in read(raw).text
    assert "encrypted" in defect_codes(read(raw))


def test_a_partial_message_keeps_its_text() -> None:
    raw = HEADER + b'Content-Type: message/partial; id="p@x"; number=1; total=2\r\n\r\nSubject: inner\r\n\r\nfirst half'
    assert b"first half" in attachment(raw, 0)


def test_attachments_are_found_again_by_their_number() -> None:
    files = [
        f'Content-Type: application/pdf; name="{n}.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0{n}'
        for n in range(3)
    ]
    raw = multipart(TEXT, *files)
    for described in read(raw).attachments:
        content = attachment(raw, described.index)
        assert (described.size, described.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    with pytest.raises(IndexError):
        attachment(raw, 3)


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\\\Users\\\\ann\\\\file.doc", "file.doc"),
        ("a/b/c.txt", "c.txt"),
        ("tab\tin.txt", "tab_in.txt"),
        (".htaccess", "htaccess"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
        ("  spaces   inside .txt ", "spaces inside .txt"),
        ("...", "attachment.bin"),
        ("con<|>.txt", "con_.txt"),
    ],
)
def test_names_of_files_are_safe(given: str, safe: str) -> None:
    [file] = read(multipart(f'Content-Type: application/octet-stream; name="{given}"\r\n\r\nx')).attachments
    assert file.filename == safe


def test_names_are_unique_inside_a_mail_without_regard_to_case() -> None:
    parts = [f'Content-Type: image/png; name="{name}"\r\n\r\nx' for name in ("a.png", "A.png", "a.png", "a-2.png")]
    names = [a.filename for a in read(multipart(*parts)).attachments]
    assert len({name.lower() for name in names}) == 4


def test_the_type_is_told_by_the_content() -> None:
    raw = multipart('Content-Type: image/png; name="a.png"\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQK')
    [file] = read(raw).attachments
    assert (file.mime, file.declared_mime) == ("application/pdf", "image/png")


def test_reports_are_handed_on_part_by_part() -> None:
    status = "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nAction: failed"
    returned = "Content-Type: message/rfc822\r\n\r\nSubject: lost\r\nMessage-ID: <1@x>\r\n\r\nbody"
    mail = read(multipart(TEXT, status, returned, kind="report; report-type=delivery-status"))

    assert [mime for mime, _ in mail.report_parts][:3] == ["text/plain", "message/delivery-status", "message/rfc822"]
    assert "Action: failed" in mail.report_parts[1][1]
    assert "Message-ID: <1@x>" in mail.report_parts[2][1]
    assert dict(mail.content_params)["report-type"] == "delivery-status"
    assert mail.forward is None


def test_a_plain_mail_has_no_report_parts() -> None:
    assert read_text("Hello").report_parts == ()


@pytest.mark.parametrize("encoding", ["BASE64 ", "base-64", "Base64; x=y"])
def test_a_transfer_encoding_is_known_however_it_is_spelt(encoding: str) -> None:
    assert read(HEADER + f"Content-Transfer-Encoding: {encoding}\r\n\r\nSGVsbG8=".encode()).text == "Hello"


def test_base64_with_broken_padding_is_read() -> None:
    for data in (b"SGVsbG8", b"SGVsbG8=====", b"SGVs!bG8=", b"SGVs\r\n\r\nbG8="):
        assert read(HEADER + b"Content-Transfer-Encoding: base64\r\n\r\n" + data).text == "Hello"


def test_doubled_carriage_returns_are_one_line_end() -> None:
    assert read(HEADER.replace(b"\r\n", b"\r\r\n") + b"\r\r\none\r\r\ntwo\r\r\n").text == "one\ntwo"


def test_a_well_made_mail_is_read_as_mail_parser_reads_it() -> None:
    made = email.message.EmailMessage()
    made["From"], made["To"], made["Subject"] = "Ann Smith <ann@example.org>", "b@example.org, c@example.org", "Grüße"
    made.set_content("Hello\nörld")
    made.add_alternative("<p>Hello</p>", subtype="html")
    made.add_attachment(b"%PDF-1.4 ...", maintype="application", subtype="pdf", filename="a b.pdf")
    raw = made.as_bytes()
    theirs, ours = mailparser.parse_from_bytes(raw), read(raw)

    assert [(a.name, a.addr) for a in (ours.from_,)] == theirs.from_
    assert [a.addr for a in ours.to] == [addr for _, addr in theirs.to]
    assert ours.subject == theirs.subject
    assert ours.text.split() == theirs.text_plain[0].split()
    assert ours.html.split() == theirs.text_html[0].split()
    assert [a.filename for a in ours.attachments] == [a["filename"] for a in theirs.attachments]


def test_html_that_is_called_plain_text_is_read_as_html() -> None:
    assert read_text("<!DOCTYPE html>\n<html><body><p>Hello</p></body></html>").text == "Hello"


def test_plain_text_that_is_called_html_keeps_its_lines() -> None:
    assert read_text("one\ntwo", "text/html; charset=utf-8").text == "one\ntwo"


def test_html_may_declare_its_charset_itself() -> None:
    meta = '<meta http-equiv="Content-Type" content="text/html; charset=windows-1250">'
    html = f"<html><head>{meta}</head>Příliš žluťoučký</html>"
    assert read(HEADER + b"Content-Type: text/html\r\n\r\n" + html.encode("cp1250")).text == "Příliš žluťoučký"


def test_a_name_without_an_address_is_nobody_to_write_to() -> None:
    assert read(b"To: Ann Smith\r\nCc: undisclosed-recipients:;\r\n\r\nx").to == ()
