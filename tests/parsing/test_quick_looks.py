"""The quick looks at a line say what the slow ones say."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.model.mail import Envelope
from mailtix.parsing import attachments, fields, parse, parse_with_files, subject
from mailtix.parsing.data import load
from mailtix.parsing.phrases import AFTER_CLOSING, as_it_looks, phrases
from mailtix.parsing.quoting import attribution_ending_at, field_kinds, is_quoted, look_at, ruler
from parsing.reading import read_text

bounded = settings(derandomize=True, database=None, deadline=None, max_examples=500)
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\xad]+")
QUOTE_MARK = re.compile(r"\s{0,3}>|(?!PS>)[A-Z]{1,2}>(?=\s|$)")
NOTICES = [phrase for language in load("disclaimers.toml")["language"] for phrase in language["begins"]]
PROGRAMS = [begin for begin, _ in sorted(phrases().sent_from)]
MAILS = sorted(Path(__file__).parent.parent.glob("mails/*/mail.eml"))
ENVELOPE = Envelope("ann@example.org", ("support@desk.example",), datetime(2026, 11, 20, tzinfo=UTC))
INTRODUCTIONS = [
    *("On 20 November 2026 at 10:00 Ann <ann@example.org> wrote", "2026-11-20 10:00 GMT+01:00 Ann <ann@example.org>"),
    *(
        "Ann schrieb am 20.11.2026 10:00",
        "Original Message",
        "-----Original Message",
        "Forwarded message",
        "From",
        "Von",
    ),
    *("写道", "ann@example.org", "Hello", "_____", "---- Ann wrote ----", "Sent: today", "差出人：", ""),
]
CHARACTERS = st.sampled_from(
    [
        *"aePS>:：—=_*- \t\n\u2003é王",
        "\u200b",
        "\u2028",
        "\u2066",
        "\ufeff",
        "\xad",
        "\u206a",
        "\u200a",
        "\0",
        "\x1f",
        "\x0c",
    ]
)
LINES = st.sampled_from(
    [
        *(
            "A: b\r\n",
            "A: b\n",
            "a:\r\n",
            " c\r\n",
            "\t\r\n",
            "\r\n",
            "\n",
            " \n",
            "A : b\n",
            "A:\t b \t\r\n",
            "A: b\r\r\n",
        ),
        *(
            "From x y\n",
            ">From x\n",
            "--b\n",
            "--b: c\n",
            "no field\n",
            "To: d\n",
            "A: b",
            "é: x\n",
            "A: é\n",
            ": x\n",
            "\r",
        ),
        *("A: \r b\n", f"L: {'x' * 1000}\n", f"{'n' * 200}: x\n", f"{'n' * 201}: x\n", "A:b:c\n", "\0: x\n"),
    ]
)
SUBJECTS = st.sampled_from(
    [*("Re", "Fwd", "AW", ":", "：", " ", "[2]", "[list]", "(fwd)", "[fwd: ", "]", "x", "\n", "^3", "(")]
)
TEXTS = st.lists(CHARACTERS, max_size=12).map("".join)
CHANGES = st.sampled_from(
    [str, str.upper, str.title, lambda s: s[:7], lambda s: s.replace("s", "\u017f"), lambda s: f" {s}"]
)


@given(st.sampled_from(NOTICES), CHANGES, TEXTS)
@bounded
def test_a_legal_notice_is_known_as_its_expression_knows_it(notice, change, more) -> None:
    line = (change(notice) + more).lower()
    assert phrases().is_disclaimer(line) == (phrases().disclaimer.match(line) is not None)


def test_every_legal_notice_is_known() -> None:
    assert all(phrases().is_disclaimer(f"{notice.lower()} and more") for notice in NOTICES)


@given(st.sampled_from(PROGRAMS), CHANGES, TEXTS)
@bounded
def test_what_a_program_appends_is_known_by_its_begin(begin, change, more) -> None:
    line = (change(begin) + more).lower()
    begins = tuple(begin for begin in PROGRAMS if begin)
    ends = phrases().sent_from_ends
    assert phrases().may_be_sent_from(line) == (line.startswith(begins) or (len(line) <= 40 and line.endswith(ends)))


@given(st.sampled_from([*NOTICES, *PROGRAMS, *sorted(phrases().closing)]), CHANGES, TEXTS)
@bounded
def test_a_line_that_may_not_end_mails_does_not(words, change, more) -> None:
    line = (change(words) + more).lstrip("*_ ").lower()
    closes = line.rstrip(AFTER_CLOSING) in phrases().closing
    ends = closes or phrases().may_be_sent_from(line) or phrases().disclaimer.match(line) is not None
    assert phrases().may_end_mails(line) or not ends


@given(TEXTS)
@bounded
def test_what_nobody_sees_is_taken_out(text) -> None:
    assert as_it_looks(text) == INVISIBLE.sub("", text)


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.parent.name)
def test_files_are_the_same_whether_they_are_read_with_the_mail_or_alone(path) -> None:
    raw = path.read_bytes()
    mail, files = parse_with_files(raw, ENVELOPE)
    assert mail == parse(raw, ENVELOPE)
    assert files == attachments(raw)
    assert [len(file) for file in files] == [attachment.size for attachment in mail.attachments]


@given(TEXTS)
@bounded
def test_what_no_text_may_hold_is_taken_out(text) -> None:
    shown = read_text(f"a{text}b").text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f]", shown)


@given(st.sampled_from(INTRODUCTIONS), st.sampled_from(INTRODUCTIONS), TEXTS)
@bounded
def test_a_line_without_a_sign_introduces_and_quotes_nothing(above, line, more) -> None:
    line = f"{line}{more}".replace("\n", " ")
    means = ruler(line) or field_kinds(line) or attribution_ending_at([above, line], 1) or is_quoted(line)
    assert 1 in look_at([above, line]).signed or not means


@given(st.lists(TEXTS.map(lambda text: text.replace("\n", " ")), max_size=6))
@bounded
def test_signs_are_found_in_every_line(lines) -> None:
    look = look_at(lines)
    assert look.lines == [INVISIBLE.sub("", line) for line in lines]
    assert look.signed == [place for place, line in enumerate(lines) if re.search("[-_=*:：—>]", line)]


@given(st.lists(LINES, max_size=8).map("".join))
@bounded
def test_a_header_is_the_same_where_each_field_is_looked_at_closely(text) -> None:
    raw = text.encode()
    with patch.object(fields, "_PLAIN_FIELD", re.compile(rb"(?!)")):
        closely = fields.read_header(raw, 0, len(raw))
    assert fields.read_header(raw, 0, len(raw)) == closely


@given(st.lists(SUBJECTS, max_size=6).map("".join))
@bounded
def test_a_subject_without_a_sign_of_a_prefix_has_none(text) -> None:
    with patch.object(subject, "_is_bare", lambda _: False):
        closely = subject.thread_subject(text), subject.is_forward_subject(text), subject.is_reply_subject(text)
    quickly = subject.thread_subject(text), subject.is_forward_subject(text), subject.is_reply_subject(text)
    assert quickly == closely


@given(TEXTS)
@bounded
def test_a_quote_mark_is_seen_wherever_it_may_stand(line) -> None:
    assert is_quoted(line) == (QUOTE_MARK.match(line) is not None)
