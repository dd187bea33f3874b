"""Header fields in their legal forms and in those that are sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from mailtix.model.mail import Address
from mailtix.parsing.subject import thread_subject
from parsing.reading import defect_codes, read


def with_field(field: str | bytes) -> bytes:
    return (field.encode() if isinstance(field, str) else field) + b"\r\n\r\nbody"


@pytest.mark.parametrize(
    ("field", "addresses"),
    [
        ("ann@example.org", [("", "ann@example.org")]),
        ("Ann Smith <ann@EXAMPLE.org>", [("Ann Smith", "ann@example.org")]),
        ('"Smith, Ann" <ann@example.org>', [("Smith, Ann", "ann@example.org")]),
        ("ann@example.org (Ann Smith)", [("Ann Smith", "ann@example.org")]),
        ("team: a@example.org, Bob <b@example.org>;", [("", "a@example.org"), ("Bob", "b@example.org")]),
        ("undisclosed-recipients:;", []),
        ("=?utf-8?q?M=C3=BCller?= <m@example.org>", [("Müller", "m@example.org")]),
        ("=?utf-8?q?M=C3=BCller=2C_A?= <m@example.org>", [("Müller, A", "m@example.org")]),
        ("Müller <m@example.org>", [("Müller", "m@example.org")]),
        ("<müller@exämple.org>", [("", "müller@exämple.org")]),
        ("Ann [Sales] <a@example.org>", [("Ann [Sales]", "a@example.org")]),
        ("Ann Smith a@example.org", [("Ann Smith", "a@example.org")]),
        ("a@example.org; b@example.org", [("", "a@example.org"), ("", "b@example.org")]),
        ('"a@example.org" <a@example.org>', [("", "a@example.org")]),
        ("'Ann' <a@example.org>", [("Ann", "a@example.org")]),
        ("Ann <a@example.org", [("Ann", "a@example.org")]),
        ('"Ann <a@example.org>', [("Ann", "a@example.org")]),
        ('"quoted local"@example.org', [("", '"quoted local"@example.org')]),
        ("a+b=c@example.org", [("", "a+b=c@example.org")]),
    ],
)
def test_addresses_are_read(field: str, addresses: list[tuple[str, str]]) -> None:
    assert [(a.name, a.addr) for a in read(with_field(f"To: {field}")).to] == addresses


def test_several_fields_of_one_name_are_read_together() -> None:
    assert [a.addr for a in read(with_field("To: a@example.org\r\nTo: b@example.org")).to] == [
        "a@example.org",
        "b@example.org",
    ]


def test_the_author_is_the_first_of_from_else_whom_an_answer_reaches() -> None:
    assert read(with_field("From: a@example.org, b@example.org")).from_ == Address("a@example.org")
    assert read(with_field("From: Ann\r\nReply-To: r@example.org")).from_ == Address("r@example.org", "Ann")
    assert read(with_field("Sender: s@example.org")).from_ == Address("s@example.org")
    assert "no-from" in defect_codes(read(with_field("Sender: s@example.org")))


def test_a_name_cannot_hide_direction_marks_or_line_ends() -> None:
    name = read(with_field("From: =?utf-8?b?QW5uDQpCY2M6IHhA4oCueQ==?= <a@example.org>")).from_.name
    assert not set(name) & set("\r\n\u202e")


@pytest.mark.parametrize(
    ("field", "subject"),
    [
        ("=?utf-8?Q?caf=C3=A9?=", "café"),
        ("=?UTF-8?b?Y2Fmw6k=?=", "café"),
        ("=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"),
        ("=?utf-8?Q?a?=\r\n =?utf-8?Q?b?=", "ab"),
        ("=?utf-8?Q?a?= b =?utf-8?Q?c?=", "a b c"),
        ("=?utf-8?Q?with blanks inside?=", "with blanks inside"),
        ("=?utf-8?Q?a=3F?=", "a?"),
        ("=?utf-8?Q?why??=", "why?"),
        ("=?utf-8?B?Y2Fmw6k?=", "café"),
        ("=?utf-8*de?Q?caf=C3=A9?=", "café"),
        ("=?x-unknown?Q?abc?=", "abc"),
        ("=?gb2312?B?1tDOxA==?=", "中文"),
        ("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"),
        ("=?ks_c_5601-1987?B?sMewrQ==?=", "건강"),
        ("=?big5?B?pKSk5Q==?=", "中文"),
        ("=?windows-1251?B?z/Do4uXy?=", "Привет"),
        ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
        ("=?utf-8?Q?unfinished", "=?utf-8?Q?unfinished"),
        ("a\r\n\tfolded  line", "a folded line"),
        ("Größe", "Größe"),
    ],
)
def test_subjects_are_decoded(field: str, subject: str) -> None:
    assert read(with_field(f"Subject: {field}")).subject == subject


def test_an_undeclared_subject_is_read_in_the_charset_of_the_body() -> None:
    raw = b"Subject: \xd0\xd2\xc9\xd7\xc5\xd4\r\nContent-Type: text/plain; charset=koi8-r\r\n\r\nx"
    assert read(raw).subject == "привет"


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("Re: Printer", "Printer"),
        ("RE: AW: Antw: SV: Printer", "Printer"),
        ("Re[2]: Printer", "Printer"),
        ("Re(3): Printer", "Printer"),
        ("[desk] Re: [desk] Printer", "Printer"),
        ("AW: [TKT-2026-000123] Printer", "Printer"),
        ("Re: [TKT-2026-000123]", "[TKT-2026-000123]"),
        ("Printer (fwd)", "Printer"),
        ("[Fwd: Printer]", "Printer"),
        ("Odp: Printer", "Printer"),
        ("Отв: Принтер", "Принтер"),
        ("回复：打印机", "打印机"),
        ("答复: 转发: 打印机", "打印机"),
        ("Réf: Printer", "Printer"),
        ("Response: no prefix", "Response: no prefix"),
        ("Reprint", "Reprint"),
        ("", ""),
        ("Re:", ""),
    ],
)
def test_the_base_subject_has_no_prefixes_in_any_language(subject: str, base: str) -> None:
    assert thread_subject(subject) == base


@pytest.mark.parametrize(
    ("field", "moment"),
    [
        ("Fri, 20 Nov 2026 10:00:00 +0100", datetime(2026, 11, 20, 10, 0, tzinfo=timezone(timedelta(hours=1)))),
        ("20 Nov 2026 10:00 GMT", datetime(2026, 11, 20, 10, 0, tzinfo=UTC)),
        ("Fri, 20 Nov 2026 10:00:00 +0100 (CET)", datetime(2026, 11, 20, 10, 0, tzinfo=timezone(timedelta(hours=1)))),
        ("2026-11-20T10:00:00Z", datetime(2026, 11, 20, 10, 0, tzinfo=UTC)),
        ("Fri Nov 20 10:00:00 2026", datetime(2026, 11, 20, 10, 0, tzinfo=UTC)),
        ("yesterday", None),
        ("99 Nov 2026 99:00", None),
    ],
)
def test_dates_are_read_in_their_own_zone(field: str, moment: datetime | None) -> None:
    found = read(with_field(f"Date: {field}")).date
    assert (found, found and found.utcoffset()) == (moment, moment and moment.utcoffset())


def test_message_ids_stand_without_brackets_each_once() -> None:
    mail = read(with_field("Message-ID: <1@x>\r\nIn-Reply-To: <2@x> (a comment)\r\nReferences: <3@x>\r\n <2@x> <3@x>"))
    assert (mail.message_id, mail.in_reply_to, mail.references) == ("1@x", ("2@x",), ("3@x", "2@x"))


def test_message_ids_without_brackets_are_read_too() -> None:
    assert read(with_field("Message-ID: 1@x")).message_id == "1@x"


def test_fields_are_handed_on_in_order_with_their_encoded_words_untouched() -> None:
    mail = read(with_field("X-A: =?utf-8?q?a?=\r\nx-b: one\r\n two\r\nX-A: again"))
    assert mail.headers == (("X-A", "=?utf-8?q?a?="), ("x-b", "one two"), ("X-A", "again"))
    assert (mail.header("x-a"), mail.header_all("X-a")) == ("=?utf-8?q?a?=", ("=?utf-8?q?a?=", "again"))


def test_a_body_without_a_blank_line_above_it_is_not_lost() -> None:
    mail = read(b"From: a@example.org\r\nSubject: x\r\nHello Bob,\r\nnote: this is text\r\n")
    assert mail.text == "Hello Bob,\nnote: this is text"
    assert "no-blank-line" in defect_codes(mail)


def test_an_mbox_line_and_blank_lines_above_the_header_are_passed_over() -> None:
    assert read(b"\r\n\r\nFrom ann@example.org Fri Nov 20 10:00:00 2026\r\nSubject: x\r\n\r\nbody").subject == "x"
