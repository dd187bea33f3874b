"""Texts: charsets that are wrong or missing, flowed lines, HTML that must be readable, forwarded mails."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.parsing.charset import decode, with_line_feeds
from mailtix.parsing.data import load
from mailtix.parsing.render import render
from parsing.reading import HEADER, defect_codes, read, read_text

LANGUAGES = load("quoting.toml")["language"]

SAMPLES = {
    "koi8-r": "Здравствуйте! У меня не включается компьютер, помогите пожалуйста разобраться.",
    "windows-1251": "Здравствуйте! У меня не включается компьютер, помогите пожалуйста разобраться.",
    "big5": "您好，我的印表機無法列印，請問應該怎麼辦？謝謝您的幫忙。",
    "gbk": "您好，我的打印机无法打印，请问应该怎么办？谢谢您的帮助。",
    "shift_jis": "こんにちは。プリンターが動きません。どうすればよいでしょうか。",
    "euc-jp": "こんにちは。プリンターが動きません。どうすればよいでしょうか。",
    "iso-2022-jp": "こんにちは。プリンターが動きません。どうすればよいでしょうか。",
    "euc-kr": "안녕하세요. 프린터가 작동하지 않습니다. 어떻게 해야 합니까?",
    "windows-1252": "Grüße aus Köln – das Gerät kostet 5 €, “sagt” man.",
    "utf-8": "Grüße – ありがとう – Спасибо",
}


@pytest.mark.parametrize("charset", SAMPLES)
@pytest.mark.parametrize("declared", ["", "us-ascii", "x-unknown", "utf-8"])
def test_a_text_in_an_undeclared_or_wrong_charset_is_guessed(charset: str, declared: str) -> None:
    assert decode(SAMPLES[charset].encode(charset), declared).text == SAMPLES[charset]


@pytest.mark.parametrize(
    ("declared", "really", "text"),
    [
        ("gb2312", "gbk", "朱镕基"),
        ("iso-8859-1", "windows-1252", "5 € – “so”"),
        ("iso-8859-1", "utf-8", "Köln"),
        ("ISO-8859-9", "windows-1254", "İstanbul’da"),
        ("ks_c_5601-1987", "cp949", "똠방각하"),
        ("shift_jis", "cp932", "①髙"),
        ("iso-8859-8-i", "iso-8859-8", "שלום"),
        ("'utf-8'", "utf-8", "Köln"),
        ("utf8", "utf-8", "Köln"),
        ("cp-850", "cp850", "Köln"),
        ("unicode-1-1-utf-7", "utf-7", "Köln"),
        ("hz-gb-2312", "hz", "中文"),
        ("utf-16", "utf-16", "Köln"),
        ("macintosh", "mac-roman", "Köln"),
    ],
)
def test_labels_are_read_as_they_are_meant(declared: str, really: str, text: str) -> None:
    assert decode(text.encode(really), declared).text == text


def test_a_text_cut_in_the_middle_of_a_character_keeps_its_charset() -> None:
    assert decode("Grüße ありがとう".encode()[:-1], "utf-8").text.startswith("Grüße ありがと")


def test_a_mended_charset_is_told() -> None:
    assert "charset" in defect_codes(read(HEADER + b"Content-Type: text/plain; charset=utf-8\r\n\r\nGr\xfc\xdfe"))


def test_flowed_lines_become_paragraphs_and_quotes_keep_their_depth() -> None:
    text = "One long \nline.\n>> deep \n>> quote\n> less\n from-stuffed\n-- \nAnn"
    assert read_text(text, "text/plain; charset=utf-8; format=flowed").text == (
        "One long line.\n>> deep quote\n> less\nfrom-stuffed\n-- \nAnn"
    )


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a<br>b<br><br>c", "a\nb\n\nc"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("<div><div><div>a</div></div></div>b", "a\nb"),
        ("a  b\n c", "a b c"),
        ("<pre>a  b\n c</pre>", "a  b\n c"),
        ("<ul><li>a<li>b</ul>", "* a\n* b"),
        ("<ol><li>a</li><li>b<ul><li>c</li></ul></li></ol>", "1. a\n2. b\n  * c"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a | b\nc"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>c", "> a\n>\n> > b\n\nc"),
        ('<a href="http://x.example/">here</a>', "here <http://x.example/>"),
        ('<a href="http://x.example/">x.example</a>', "x.example"),
        ('<a href="mailto:a@x.example">a@x.example</a>', "a@x.example"),
        ('<a href="javascript:x()">here</a>', "here"),
        ('<img src="cid:1" alt="logo">', "[logo]"),
        ("a<script>x<b</script>b<style>p{}</style>c", "abc"),
        ("<head><title>t</title></head><body>b", "b"),
        ("<p style='display: none'>pre</p>shown", "shown"),
        ("<html><head><meta charset=utf-8><p>never closed", "never closed"),
        ("<xml><o:PixelsPerInch>96</o:PixelsPerInch></xml>text", "text"),
        ("<a href=http://x.example/>here</a> and on", "here <http://x.example/> and on"),
        ("a<!-- b -->c<![if x]>d", "acd"),
        ("1 < 2 &amp; 3 &gt; 2 &euro; &#8364; &nbsp;x", "1 < 2 & 3 > 2 € € x"),
        ("<p title='a > b'>c", "c"),
        ("<b>a</b> <i>b</i>", "a b"),
        ("a<hr>b", "a\n--------------------\nb"),
        ("", ""),
    ],
)
def test_html_is_readable_as_text(html: str, text: str) -> None:
    assert "\n".join(line.text for line in render(html)) == text


FORWARDED = [(lang["code"], phrase) for lang in LANGUAGES for phrase in lang["forwarded"][:1]]


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language["code"])
def test_a_forwarded_mail_is_recognised_in_every_language(language: dict[str, list[str]]) -> None:
    labels = {kind: language[kind][0].capitalize() for kind in ("from", "to", "date", "subject")}
    text = (
        f"For you.\n\n---------- {language['forwarded'][0].capitalize()} ----------\n"
        f"{labels['from']}: Carl Jones <carl@example.com>\n{labels['date']}: Fri, 20 Nov 2026 10:00:00 +0000\n"
        f"{labels['subject']}: Lamp\n{labels['to']}: bob@desk.example\n\nIt is broken.\n"
    )
    mail = read_text(text, subject="Lamp")

    assert mail.forward is not None
    assert (mail.forward.sender.addr, mail.forward.sender.name) == ("carl@example.com", "Carl Jones")
    assert (mail.forward.to, mail.forward.subject, mail.forward.text) == ("bob@desk.example", "Lamp", "It is broken.")
    assert mail.forward.date is not None
    assert mail.forward.confidence > 0.9
    assert mail.reply == "For you."


FIELDS = "From: Carl <carl@example.com>\nSent: Friday, 20 November 2026 10:00\nTo: bob@desk.example\nSubject: Lamp"
BLOCK = FIELDS + "\n\nIt is broken."


def test_a_block_in_an_answer_is_a_quote_not_a_forward() -> None:
    assert read_text(f"Done.\n\n{BLOCK}", subject="Re: Lamp").forward is None


def test_a_block_under_a_forward_subject_is_a_forward() -> None:
    forward = read_text(f"See below.\n\n{BLOCK}", subject="WG: Lamp").forward
    assert forward is not None
    assert (forward.sender.addr, forward.confidence) == ("carl@example.com", 0.9)


def test_a_block_without_any_word_for_it_is_doubtful() -> None:
    forward = read_text(f"See below.\n\n{BLOCK}", subject="Lamp").forward
    assert forward is not None
    assert forward.confidence <= 0.5


def test_what_an_answered_mail_forwarded_is_not_forwarded_to_us() -> None:
    quote = (
        "On 20 Nov 2026, at 10:00, Bob <bob@desk.example> wrote:\n> ---- Forwarded message ----\n> "
        + BLOCK.replace("\n", "\n> ")
    )
    assert read_text(f"Thanks.\n\n{quote}", subject="Re: Lamp").forward is None


def test_a_quoted_forward_ends_with_its_quote() -> None:
    quoted = "> " + BLOCK.replace("\n", "\n> ")
    forward = read_text(f"Begin forwarded message:\n\n{quoted}\n\nBob", subject="Fwd: Lamp").forward
    assert forward is not None
    assert forward.text == "It is broken."


def test_a_forward_that_only_passes_on_a_forward_leads_to_the_first_writer() -> None:
    ruler = "---------- Forwarded message ---------"
    inner = f"{ruler}\nFrom: Dora <dora@example.net>\nDate: today\nSubject: Lamp\nTo: carl@example.com\n\nHelp!"
    outer = f"{ruler}\n{FIELDS}\n\n{inner}"
    forward = read_text(outer, subject="Fwd: Fwd: Lamp").forward
    assert forward is not None
    assert (forward.sender.addr, forward.text) == ("dora@example.net", "Help!")


def test_talking_about_a_forwarded_message_forwards_nothing() -> None:
    assert read_text("The forwarded message was empty.\n\nFrom: me").forward is None


def test_a_link_broken_over_lines_stays_on_one() -> None:
    assert [line.text for line in render('<a href="http://x.example/\n a">here</a>')] == ["here <http://x.example/a>"]


def test_damaged_japanese_is_still_text() -> None:
    assert decode(b"\x1b$B\x30\xff\x80!", "iso-2022-jp").text


@given(st.lists(st.sampled_from(["\r", "\n", "\r\n", "a", "é"]), max_size=8).map("".join))
@settings(derandomize=True, database=None, deadline=None, max_examples=500)
def test_every_line_end_becomes_a_line_feed(text: str) -> None:
    assert with_line_feeds(text) == text.replace("\r\n", "\n").replace("\r", "\n")
