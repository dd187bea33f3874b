"""Text as HTML, text in columns, times in words."""

from __future__ import annotations

import re
import sys
import textwrap
import time
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from bleach.linkifier import Linker
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from mailtix.render import words as wording
from mailtix.render.context import many_lines, one_line
from mailtix.render.filters import _ADDRESS, _URL, _indented, as_html, quote, wrap

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BUILTIN = Path(__file__).parents[2] / "templates"


def words(language: str) -> wording.Words:
    found, wrong = wording.merge([wording.read((BUILTIN / language / "words.toml").read_text("utf-8"))])
    assert wrong == []
    assert found is not None
    return found


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(str(html))  # Markup would escape what the parser adds to it
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_markup_in_text_is_shown_and_not_obeyed() -> None:
    html = as_html("<b onclick=x>5 < 6 && 7 > 6</b> &amp; <script>")
    assert Tags(html).seen == []
    assert Tags(html).text == "<b onclick=x>5 < 6 && 7 > 6</b> &amp; <script>"


def test_text_is_escaped_although_markup_of_the_same_letters_was_not() -> None:
    text = "<b>bold</b>"

    assert [as_html(Markup(text)), as_html(text)] == [Markup(text), escape(text)]
    assert [as_html(text), as_html(Markup(text))] == [escape(text), Markup(text)]


def test_links_and_addresses_can_be_tapped() -> None:
    html = as_html("See https://a.example/x?a=1&b=2, (www.example.com) or ann@example.org.")
    assert [attributes["href"] for _, attributes in Tags(html).seen] == [
        "https://a.example/x?a=1&b=2",
        "http://www.example.com",
        "mailto:ann@example.org",
    ]
    assert Tags(html).text == "See https://a.example/x?a=1&b=2, (www.example.com) or ann@example.org."


@pytest.mark.parametrize("around", ["<{}>", '"{}"', "({})", "{},", "{}.", "&lt;{} &gt;"])
def test_a_link_ends_where_the_address_ends(around: str) -> None:
    html = as_html(f"{around.format('https://a.example/x')} {around.format('ann@example.org')}")
    assert [attributes["href"] for _, attributes in Tags(html).seen] == [
        "https://a.example/x",
        "mailto:ann@example.org",
    ]
    assert Tags(html).text == f"{around.format('https://a.example/x')} {around.format('ann@example.org')}"


@given(
    st.lists(st.sampled_from([*"ab.@,()&;=/\n \t'é", "http://", "www.", "ann@example.org", "&amp;", "&lt;", "&#39;"]))
)
def test_links_are_those_that_bleach_finds_in_html(parts: list[str]) -> None:
    text = "".join(parts)
    linker = Linker(url_re=_URL, email_re=_ADDRESS, parse_email=True)
    lines = (linker.linkify(str(escape(_indented(line)))) for line in text.split("\n"))
    assert as_html(text) == "<br>\n".join(lines)


@pytest.mark.parametrize("text", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "JaVaScRiPt://x"])
def test_only_web_and_mail_become_links(text: str) -> None:
    assert Tags(as_html(text)).seen == []


def test_line_ends_indentation_and_quotation_are_kept() -> None:
    html = as_html("a\n  b  c\n> d\n>> e\nf")
    assert html.startswith("a<br>\n\xa0\xa0b\xa0 c\n<blockquote class=")
    assert html.count("<blockquote") == html.count("</blockquote>") == 2
    assert html.endswith("</blockquote>\nf")


def test_an_arrow_of_a_thousand_quotations_stays_readable() -> None:
    assert as_html(">" * 1000 + " deep").count("<blockquote") == 4


@pytest.mark.parametrize(
    "text",
    [
        "a." * 200_000,
        "@" * 400_000,
        "a@a." * 99_000,
        "http://" * 60_000,
        "(" * 99_000 + ")" * 99_000,
        "> " * 200_000,
    ],
    ids=["dots", "ats", "addresses", "urls", "parentheses", "quotes"],
)
def test_no_text_keeps_the_filter_busy_for_long(text: str) -> None:
    started = time.process_time()
    as_html(text)
    assert time.process_time() - started < 2  # a quadratic pattern takes minutes


def test_what_is_too_long_for_links_is_still_shown_whole() -> None:
    text = "word\n" * 10_000 + "<end> https://a.example/"
    assert Tags(as_html(text)).text.replace("\n", "") == text.replace("\n", "")


@given(st.text())
def test_any_text_gives_only_harmless_tags_and_loses_no_letter(text: str) -> None:
    text = many_lines(text)
    parsed = Tags(as_html(text))
    assert {tag for tag, _ in parsed.seen} <= {"a", "br", "blockquote"}
    letters = "".join(character for character in text if character.isalnum())
    assert "".join(character for character in parsed.text if character.isalnum()) == letters


@given(st.text())
def test_one_line_is_one_short_line_that_can_be_sent(text: str) -> None:
    line = one_line(text)
    assert len(line) <= 250
    assert len(line.splitlines()) <= 1
    line.encode()


def test_no_character_is_fit_for_a_line_because_it_is_printable() -> None:
    """What is printable is not looked at any further."""
    unfit = re.compile("[\x00-\x1f\x7f-\x9f\\s\ud800-\udfff\u2028-\u202e\u2066-\u2069]")
    characters = map(chr, range(sys.maxunicode + 1))
    assert [c for c in characters if c.isprintable() and c != " " and unfit.match(c)] == []


def test_paragraphs_are_filled_and_urls_stay_whole() -> None:
    url = "https://a.example/" + "x" * 100
    assert wrap(f"one two\nthree\n\n\n\nsee {url}\n") == f"one two three\n\nsee\n{url}\n"
    assert max(map(len, wrap("some words " * 50).splitlines())) <= 72
    assert wrap("  \n") == ""


def test_filling_makes_no_line_that_begins_like_a_command() -> None:
    assert not [line for line in wrap("word " * 14 + "#close now > or then").splitlines() if line[0] in "#>"]


@given(st.lists(st.text(" ab\x0b\xa0é", max_size=100), max_size=8).map(" ".join))
def test_a_paragraph_is_filled_as_the_standard_library_fills_it(text: str) -> None:
    paragraph = " ".join(text.split())
    filled = textwrap.fill(paragraph, 72, break_long_words=False, break_on_hyphens=False)
    assert wrap(text).removesuffix("\n") == filled


@given(st.lists(st.text("ab &<>\t.:/w@", max_size=30).filter(lambda line: not line.startswith(">")), max_size=6))
def test_a_line_is_laid_out_in_the_same_way_alone_and_among_others(lines: list[str]) -> None:
    assert as_html("\n".join(lines)) == "<br>\n".join(as_html(line) for line in lines)


def test_a_quotation_of_a_quotation_has_two_signs() -> None:
    assert quote("a\n\n> b\n>> c") == "> a\n>\n>> b\n>>> c"


@pytest.mark.parametrize(
    ("minutes", "english", "german"),
    [
        (0, "now", "jetzt"),
        (15, "in 15 minutes", "in 15 Minuten"),
        (-25, "25 minutes ago", "vor 25 Minuten"),
        (60, "in 1 hour", "in 1 Stunde"),
        (90, "in 1 hour 30 minutes", "in 1 Stunde 30 Minuten"),
        (24 * 60, "in 1 day", "in 1 Tag"),
        (25 * 60 + 10, "in 1 day 1 hour", "in 1 Tag 1 Stunde"),
        (4 * 24 * 60 + 300, "in 4 days", "in 4 Tagen"),
        (-2 * 24 * 60, "2 days ago", "vor 2 Tagen"),
    ],
)
def test_times_are_told_as_people_tell_them(minutes: int, english: str, german: str) -> None:
    when = NOW + timedelta(minutes=minutes, seconds=-3)
    assert (words("en").relative(when, NOW), words("de").relative(when, NOW)) == (english, german)


@pytest.mark.parametrize(
    ("minutes", "promise"),
    [
        (15, "within 15 minutes"),
        (121, "within 3 hours"),
        (240, "within 4 hours"),
        (24 * 60, "within 1 day"),
        (-1, "now"),
    ],
)
def test_a_promise_is_rounded_up(minutes: int, promise: str) -> None:
    assert words("en").within(NOW + timedelta(minutes=minutes, seconds=-3), NOW) == promise


def test_a_time_on_the_clock_says_its_zone() -> None:
    berlin = NOW.astimezone(tz=None)
    assert words("en").moment(berlin) == "20 November 2026, 12:00 UTC"
    assert words("de").moment(berlin) == "20. November 2026, 12:00 Uhr UTC"


def test_a_status_that_has_no_word_is_shown_as_it_is() -> None:
    assert words("en").label("waiting_for_parts") == "waiting for parts"


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_language_has_its_own_word_for_everything(language: str) -> None:
    assert set(words(language).labels) == set(wording.LABELS)
