"""Loops, complaints, receipts, lists; and whether an automatic answer may go out."""

from __future__ import annotations

import pytest

from mailtix.classify import classify, facts, may_answer
from mailtix.model.kind import Automatic, Bounce, Bulk, Complaint, Human, Loop, OwnAddresses, Receipt

RETURNED = "Message-ID: <17.ab@example.org>\nFrom: support@example.org\nTo: ann@customer.example\n"
ARF = (
    "--b\nContent-Type: text/plain\n\nAn abuse report.\n"
    "--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: Loop/1\nVersion: 1\n"
    f"--b\nContent-Type: message/rfc822\n\n{RETURNED}\nHello\n--b--\n"
)
MDN = (
    "--b\nContent-Type: text/plain\n\nYour mail was read.\n"
    "--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;ann@customer.example\n"
    "Original-Message-ID: <17.ab@example.org>\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--\n"
)


def multipart(report_type: str) -> dict[str, str]:
    return {"MIME_Version": "1.0", "Content_Type": f"multipart/report; report-type={report_type}; boundary=b"}


def test_only_the_mark_of_this_installation_is_a_loop(kind_of):
    assert isinstance(kind_of("Hi", X_Mailtix_Loop="desk.example.org"), Loop)
    assert isinstance(kind_of("Hi", X_Mailtix_Loop="desk.customer.example"), Human)


def test_an_automatic_mail_from_our_own_mailbox_is_a_loop_and_a_person_s_is_not(kind_of):
    assert isinstance(kind_of("Hi", From="support@example.org", Auto_Submitted="auto-replied"), Loop)
    assert isinstance(kind_of("Hi", From="support@example.org", Auto_Submitted="no"), Human)
    assert isinstance(kind_of("Hi", From="support@example.org"), Human)


def test_an_abuse_report_names_its_type_and_the_mail(kind_of):
    kind = kind_of(ARF, From="fbl@example.net", Subject="Fw: Printer", **multipart("feedback-report"))

    assert isinstance(kind, Complaint)
    assert (kind.feedback_type, kind.original_id) == ("abuse", "17.ab@example.org")


def test_a_complaint_need_not_be_declared_but_must_not_be_attached(kind_of):
    mixed = {"MIME_Version": "1.0", "Content_Type": "multipart/mixed; boundary=b"}
    inner = f"MIME-Version: 1.0\nContent-Type: multipart/report; boundary=c\n\n{ARF.replace('--b', '--c')}"
    attached = f"--b\n\nWhat is this?\n--b\nContent-Type: message/rfc822\n\n{inner}\n--b--\n"

    assert isinstance(kind_of(ARF, **mixed), Complaint)
    assert isinstance(kind_of(attached, **mixed), Human)


def test_the_junk_reports_of_outlook_com_are_complaints(kind_of):
    enclosed = f"X-HmXmrOriginalRecipient: ann@customer.example\n{RETURNED}\nHello\n"
    body = f"--b\nContent-Type: message/rfc822\n\n{enclosed}--b--\n"
    kind = kind_of(
        body,
        From="staff@hotmail.example",
        Subject="complaint about message from 192.0.2.1",
        MIME_Version="1.0",
        Content_Type="multipart/mixed; boundary=b",
    )

    assert isinstance(kind, Complaint)
    assert kind.original_id == "17.ab@example.org"


@pytest.mark.parametrize(
    "fields",
    [
        {"Subject": "Report Domain: example.org Submitter: mx.example.net Report-ID: <1>"},  # DMARC, RFC 7489
        {"Subject": "Report", "Content_Type": "multipart/report; report-type=tlsrpt; boundary=b"},  # RFC 8460
    ],
)
def test_reports_for_machines_are_automatic(kind_of, fields):
    assert isinstance(kind_of("--b\n\nSee the attachment.\n--b--\n", **fields), Automatic)


def test_a_read_receipt_names_the_mail_that_was_read(kind_of):
    kind = kind_of(MDN, Subject="Read: Printer", **multipart("disposition-notification"))

    assert isinstance(kind, Receipt)
    assert kind.original_id == "17.ab@example.org"
    assert "displayed" in kind.because[0]


@pytest.mark.parametrize(
    "field",
    [
        {"List_Id": "Friends <friends.example.net>"},
        {"List_Unsubscribe": "<mailto:leave@example.net>"},
        {"Precedence": "bulk"},
        {"Precedence": "List"},
        {"X_Mailman_Version": "2.1.39"},
        {"Mailing_List": "contact friends-help@example.net; run by ezmlm"},
    ],
)
def test_a_mail_for_many_is_bulk_and_says_why(kind_of, field):
    kind = kind_of("News!", **field)

    assert isinstance(kind, Bulk)
    assert next(iter(field)).replace("_", "-") in kind.because[0]


def test_any_of_several_precedence_fields_counts(read):
    mail = read("From: ann@customer.example\nPrecedence: first-class\nPrecedence: junk\n\nHi\n")

    assert isinstance(classify(mail, OwnAddresses()), Bulk)


def test_a_list_of_our_own_address_is_people_writing_to_us(kind_of):
    ours = kind_of(
        "Help!", List_Id="<support.example.org>", Precedence="list", List_Post="<mailto:support@example.org>"
    )

    assert isinstance(ours, Human)
    assert "support@example.org" in ours.because[0]
    assert isinstance(kind_of("Hi", List_Post="<mailto:friends@example.org>"), Bulk)


def test_a_loop_comes_before_a_bounce_and_a_bounce_before_automatic_and_bulk(kind_of):
    bounce = {"X_Failed_Recipients": "ann@customer.example", "Auto_Submitted": "auto-replied", "Precedence": "bulk"}

    assert isinstance(kind_of("It failed.", **bounce), Bounce)
    assert isinstance(kind_of("It failed.", X_Mailtix_Loop="desk.example.org", **bounce), Loop)
    assert isinstance(kind_of("Hi", Auto_Submitted="auto-replied", Precedence="bulk"), Automatic)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"From": "noreply@customer.example"}, "nobody reads"),
        ({"From": "do-not-reply@customer.example"}, "nobody reads"),
        ({"From": "news-noreply@customer.example"}, "nobody reads"),
        ({"From": "postmaster@customer.example"}, "nobody reads"),
        ({"From": "friends-bounces@customer.example"}, "nobody reads"),
        ({"X_Auto_Response_Suppress": "DR, OOF, AutoReply"}, "X-Auto-Response-Suppress is DR, OOF, AutoReply"),
        ({"X_Loop": "bugs@customer.example"}, "X-Loop is bugs@customer.example"),
        ({"Auto_Submitted": "auto-forwarded"}, "Auto-Submitted is auto-forwarded"),
        ({"Return_Path": "<>"}, "the reverse-path is null"),
        ({"List_Id": "<friends.example.net>"}, "List-Id"),
        ({"From": "Ann"}, "no address"),
    ],
)
def test_no_automatic_answer_goes_where_it_is_not_wanted(read, kind_of, fields, reason):
    lines = {"From": "ann@customer.example"} | {name.replace("_", "-"): value for name, value in fields.items()}
    mail = read("".join(f"{name}: {value}\n" for name, value in lines.items()) + "\nHi\n")

    assert reason in may_answer(mail, classify(mail, OwnAddresses()))


@pytest.mark.parametrize(
    "fields",
    [
        "From: ann@customer.example\n",
        "From: noreply@shop.example\nReply-To: ann@customer.example\n",  # a contact form
        "From: ann@customer.example\nX-Auto-Response-Suppress: None\n",
        "From: ann@customer.example\nX-Loop: no\n",
        "From: nora.reply@customer.example\n",
    ],
)
def test_a_person_gets_an_answer(read, fields):
    mail = read(f"{fields}\nHi\n")

    assert may_answer(mail, classify(mail, OwnAddresses())) == ""


def test_the_facts_of_a_bounce_are_plain_values(read):
    mail = read("From: MAILER-DAEMON@example.net\nX-Failed-Recipients: ann@customer.example\n\n550 5.1.1 unknown\n")

    assert facts(mail, classify(mail, OwnAddresses())) == {
        "is_auto": False,
        "suppress_reply": True,
        "is_bounce": True,
        "bounce_rcpts": ["ann@customer.example"],
        "bounce_status": ["5.1.1"],
        "bounce_action": ["failed"],
        "bounce_permanent": True,
        "is_feedback": False,
    }
