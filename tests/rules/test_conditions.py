"""When a condition holds, and the words it says it in."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtix.model.mail import Address
from mailtix.rules import Known, MailView, load, run
from rules.desk import attachment, because, fits, mail, outcome


@pytest.mark.parametrize("subject", ["Refund", "my REFUND please", "refunds", "Re: refund"])
def test_a_bare_text_is_contained_without_regard_to_case(subject: str) -> None:
    assert fits("{subject: refund}", subject=subject)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("straße", "Hauptstrasse 1"),
        ("café", "Cafe\u0301 du Nord"),  # the accent as a character of its own, as macOS writes it
        ("charged twice", "I was charged\r\n twice."),
        ("ÄRGER", "Viel Ärger"),
        ("请求", "您好,请求退款"),
    ],
)
def test_a_bare_text_is_found_however_its_letters_and_blanks_are_written(pattern: str, text: str) -> None:
    assert fits(f"{{body: {pattern}}}", reply=text)


def test_a_list_is_any_of_its_patterns() -> None:
    assert fits("{subject: [invoice, refund]}", subject="A refund")
    assert not fits("{subject: [invoice, refund]}", subject="A question")


@pytest.mark.parametrize(
    ("address", "holds"),
    [
        ("KIM@DESK.EXAMPLE", True),
        ("kim@desk.example", True),
        ("\u212aim@desk.example", True),  # KELVIN SIGN is another capital of k
        ("akim@desk.example", False),
        ("kim@desk.example.org", False),
        ("kim@deskxexample", False),
        ("", False),
    ],
)
def test_a_whole_address_is_that_address_in_any_case(address: str, holds: bool) -> None:
    assert fits("{from: Kim@desk.example}", from_=Address(address)) is holds


def test_several_keys_are_all_of_them() -> None:
    assert fits("{subject: refund, body: burns}", subject="refund")
    assert not fits("{subject: refund, body: freezes}", subject="refund")


def test_a_regex_looks_at_case_unless_it_is_told_not_to() -> None:
    assert fits(r"{subject: '/^re-?fund\b/i'}", subject="Re-Fund now")
    assert not fits(r"{subject: '/^re-?fund\b/'}", subject="Re-Fund now")
    assert fits(r"{subject: '/a\/b/'}", subject="a/b")
    assert fits("{subject: /GRÜN/i}", subject="grün")


def test_the_body_is_the_visible_reply_and_not_what_it_quotes() -> None:
    assert not fits("{body: refund}", reply="No, thanks.", text="No, thanks.\n> Do you want a refund?")


@pytest.mark.parametrize(
    ("pattern", "address", "holds"),
    [
        ("'*@bigcorp.example'", "Ann@BIGCORP.example", True),
        ("'*@bigcorp.example'", "ann@notbigcorp.example", False),
        ("'*@bigcorp.example'", "ann@bigcorp.example.org", False),
        ("'*@*.bigcorp.example'", "ann@mail.bigcorp.example", True),
        ("ann@example.org", "ANN@example.org", True),
        ("ann@example.org", "joann@example.org", False),
        ("ann@example.org", "ann@exampleXorg", False),
        ("'a?n@example.org'", "ann@example.org", True),
        ("/^(ann|bob)@/i", "Bob@example.org", True),
        ("[x@example.org, '*@example.net']", "y@example.net", True),
        ("'*@bücher.example'", "a@Bücher.example", True),
    ],
)
def test_an_address_is_whole_or_has_wildcards(pattern: str, address: str, holds: bool) -> None:
    assert fits(f"{{from: {pattern}}}", sender=address) is holds


def test_to_looks_at_every_address_in_to_and_cc() -> None:
    many = {"to": (Address("a@example.com"), Address("b@example.com")), "cc": (Address("c@example.com"),)}
    assert fits("{to: b@example.com}", **many)
    assert fits("{to: c@example.com}", **many)
    assert not fits("{to: d@example.com}", **many)
    assert not fits("{to: d@example.com}", to=())


def test_a_header_is_looked_at_in_each_of_its_fields() -> None:
    fields = (("Received", "from a.example"), ("received", "from b.example"))
    assert fits("{header: {RECEIVED: from b}}", headers=fields)
    assert not fits("{header: {RECEIVED: from c}}", headers=fields)


def test_a_header_is_read_with_its_encoded_words() -> None:
    assert fits("{header: {X-Topic: grün}}", headers=(("X-Topic", "=?utf-8?q?Gr=C3=BCn?="),))


def test_a_header_can_be_asked_for_by_its_presence() -> None:
    assert fits("{header: {List-Id: true}}", headers=(("List-ID", ""),))
    assert not fits("{header: {List-Id: true}}")
    assert fits("{header: {List-Id: false}}")
    assert fits("{header: {X-Level: [false, low]}}", headers=(("X-Level", "low"),))
    assert not fits("{header: {X-Level: [false, low]}}", headers=(("X-Level", "high"),))


@pytest.mark.parametrize("value", ["=?no-such-charset?q?x?=", "=?utf-8?b?=?=", "=?utf-8?q?=ff=fe?=", "=?"])
def test_a_header_with_broken_encoded_words_is_taken_as_it_stands_or_read_as_far_as_it_goes(value: str) -> None:
    assert fits("{header: {X-A: true}}", headers=(("X-A", value),))
    assert not fits("{header: {X-A: refund}}", headers=(("X-A", value),))


def test_the_company_is_named_exactly() -> None:
    rule = "[{name: A, when: {company: Example}, then: {stop: true}}]"
    assert outcome(rule).hits
    assert not outcome(rule, company="Other").hits


def test_the_mailbox_is_the_one_the_mail_came_to() -> None:
    assert fits("{mailbox: Support@example.com}")
    assert not fits("{mailbox: sales@example.com}")


def test_pictures_inside_the_text_are_no_attachments() -> None:
    assert fits("{has_attachment: true}", attachments=(attachment("a.pdf"),))
    assert not fits("{has_attachment: true}", attachments=(attachment("logo.png", inline=True),))
    assert fits("{has_attachment: false}")


def test_any_all_and_not_can_be_nested() -> None:
    when = "{any: [{all: [{subject: a}, {not: {subject: b}}]}, {body: z}]}"
    assert fits(when, subject="a")
    assert not fits(when, subject="ab")
    assert fits(when, subject="ab", reply="z")


def test_no_condition_is_every_mail() -> None:
    assert outcome("[{name: A, then: {stop: true}}]").hits[0].because == "every mail"


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("{subject: [x, invoice]}", "subject contains 'invoice'"),
        ("{subject: '/inv\\w+/i'}", "subject matches /inv\\w+/i ('Invoice')"),
        ("{from: '*@example.org', body: burns}", "from is ann@example.org (*@example.org) and body contains 'burns'"),
        ("{from: ann@example.org}", "from is ann@example.org"),
        ("{not: {body: refund}}", "body does not contain 'refund'"),
        ("{any: [{body: x}, {subject: invoice}]}", "subject contains 'invoice'"),
        ("{header: {X-Spam: false}}", "header X-Spam is not there"),
        ("{company: Example, has_attachment: false}", "company is Example and it has no attachment"),
        ("{not: {any: [{body: x}, {from: '/^x/'}]}}", "body does not contain 'x' and from does not match /^x/"),
    ],
)
def test_a_hit_says_why(when: str, words: str) -> None:
    assert because(when, subject="Your Invoice") == words


def test_a_long_match_is_cut_in_the_reason() -> None:
    assert because("{body: /.+/}", reply="x" * 500) == f"body matches /.+/ ('{'x' * 60}…')"


def test_an_attachment_is_named_in_the_reason() -> None:
    assert because("{has_attachment: true}", attachments=(attachment("a.pdf"),)) == "it has an attachment (a.pdf)"


def test_a_regex_that_hangs_others_takes_linear_time_here() -> None:
    started = time.perf_counter()
    assert not fits("{body: '/^(a+)+$/'}", reply="a" * 200_000 + "!")
    assert not fits("{body: '/(x+x+)+y/'}", reply="x" * 200_000)
    assert time.perf_counter() - started < 2


def test_a_thousand_rules_on_a_megabyte_of_text_take_seconds_at_most() -> None:
    text = "\n".join(f"- {{name: R{n}, when: {{body: word{n}}}, then: {{tag: t}}}}" for n in range(1000))
    rules = load([("r", text)], Known())
    view = MailView(mail(reply="lorem ipsum " * 90_000), "Example", "")
    started = time.perf_counter()
    assert run(rules, view, "new").hits == ()
    assert time.perf_counter() - started < 10


@given(st.text(), st.text(), st.text())
@settings(max_examples=200, deadline=None)
def test_no_text_of_a_mail_can_break_the_rules(subject: str, body: str, header: str) -> None:
    when = "{any: [{subject: [x, /y+/i]}, {body: '/.$/'}, {from: ['*@x', /z/]}, {header: {X-A: [q, /r/]}}]}"
    fields = {"subject": subject, "reply": body, "sender": header, "headers": (("X-A", header),)}
    outcome(f"[{{name: It, when: {when}, then: {{tag: x}}}}]", **fields)


def test_half_a_surrogate_pair_in_a_mail_does_no_harm() -> None:
    assert fits("{subject: /^x.y$/}", subject="x\ud800y")
    assert fits("{subject: x}", subject="x\ud800y")
