"""Delivery reports with a message/delivery-status part (RFC 3464), well and badly made."""

from __future__ import annotations

import pytest

from mailtix.model.kind import Bounce, FailedRecipient

HEADER = """\
Message-ID: <17.ab@example.org>
From: support@example.org
To: ann@customer.example
Subject: Re: Printer
"""


def report(kind_of, status: str, notice: str = "It failed.", returned: str = HEADER, **fields: str) -> Bounce:
    body = (
        f"--b\nContent-Type: text/plain\n\n{notice}\n"
        f"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n{status}\n"
        f"--b\nContent-Type: text/rfc822-headers\n\n{returned}\n--b--\n"
    )
    given = {
        "From": "MAILER-DAEMON@mx.example.net",
        "Subject": "Undelivered Mail Returned to Sender",
        "MIME_Version": "1.0",
        "Content_Type": "multipart/report; report-type=delivery-status; boundary=b",
    }
    kind = kind_of(body, **given | fields)
    assert isinstance(kind, Bounce)
    return kind


def only(kind: Bounce) -> FailedRecipient:
    [recipient] = kind.recipients
    return recipient


FAILED = """\
Final-Recipient: rfc822; ann@customer.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown
"""


def test_recipient_status_action_and_the_mta_s_words_are_read(kind_of):
    kind = report(kind_of, FAILED)

    assert only(kind) == FailedRecipient(
        "ann@customer.example", "5.1.1", "failed", True, "550 5.1.1 User unknown", dead=True
    )
    assert kind.original_id == "17.ab@example.org"
    assert kind.permanent


def test_a_delay_is_neither_failed_nor_permanent(kind_of):
    status = "Final-Recipient: rfc822; ann@customer.example\nAction: delayed\nStatus: 4.4.1\n"
    recipient = only(report(kind_of, status))

    assert (recipient.action, recipient.permanent, recipient.dead) == ("delayed", False, False)


def test_whom_we_wrote_to_counts_and_where_it_went_is_told(kind_of):
    status = "Original-Recipient: rfc822;ann@customer.example\n" + FAILED.replace("ann@", "box17@store.")
    recipient = only(report(kind_of, status))

    assert (recipient.addr, recipient.final) == ("ann@customer.example", "box17@store.customer.example")


def test_a_failed_and_a_delivered_recipient_make_one_failure(kind_of):
    status = FAILED + "\nFinal-Recipient: rfc822; bob@customer.example\nAction: delivered\nStatus: 2.1.5\n"

    assert only(report(kind_of, status)).addr == "ann@customer.example"


@pytest.mark.parametrize(
    "field",
    [
        "rfc822; <ann@customer.example>",
        "RFC822;ann@customer.example",
        "ann@customer.example",
        "rfc822; ann@customer.example (Ann)",
        "LOCAL; ann@customer.example",
    ],
)
def test_the_address_is_read_however_it_is_dressed(kind_of, field):
    assert only(report(kind_of, FAILED.replace("rfc822; ann@customer.example", field))).addr == "ann@customer.example"


def test_xtext_is_undone(kind_of):  # RFC 3461 section 4
    status = FAILED.replace("ann@", "ann+2Bbills@")

    assert only(report(kind_of, status)).addr == "ann+bills@customer.example"


def test_an_internationalised_address_is_undone(kind_of):  # RFC 6533 section 3
    status = FAILED.replace("rfc822; ann@", "utf-8; \\x{E4}nn@")

    assert only(report(kind_of, status)).addr == "änn@customer.example"


def test_a_missing_blank_line_between_recipients_is_forgiven(kind_of):
    kind = report(kind_of, FAILED + FAILED.replace("ann@", "bob@"))

    assert [r.addr for r in kind.recipients] == ["ann@customer.example", "bob@customer.example"]


def test_without_an_action_the_status_tells(kind_of):
    kind = report(kind_of, FAILED.replace("Action: failed\n", ""))

    assert only(kind).action == "failed"


def test_without_a_status_the_diagnostic_tells(kind_of):
    recipient = only(
        report(kind_of, FAILED.replace("Status: 5.1.1\n", "").replace("550 5.1.1 User unknown", "552 mailbox full"))
    )

    assert recipient.status == "5.2.2"
    assert not recipient.dead


def test_the_receiving_server_s_own_code_counts_more_than_its_translation(kind_of):
    recipient = only(report(kind_of, FAILED.replace("550 5.1.1 User unknown", "550 5.7.1 blocked by policy")))

    assert (recipient.status, recipient.dead) == ("5.7.1", False)


def test_a_vague_status_with_clear_words_still_marks_a_dead_address(kind_of):
    status = FAILED.replace("Status: 5.1.1", "Status: 5.0.0").replace("550 5.1.1 User unknown", "550 no such user here")
    recipient = only(report(kind_of, status))

    assert (recipient.status, recipient.dead) == ("5.0.0", True)


@pytest.mark.parametrize(
    ("code", "words"),
    [("5.1.1", "mailbox is full"), ("5.2.1", "The user is receiving mail at a rate that prevents delivery")],
)
def test_words_milder_than_the_code_spare_the_address(kind_of, code, words):
    recipient = only(report(kind_of, FAILED.replace("5.1.1", code).replace("User unknown", words)))

    assert (recipient.status, recipient.dead) == (code, False)


def test_without_a_diagnostic_the_words_of_the_notice_are_the_reason(kind_of):
    status = FAILED.split("Diagnostic")[0]
    kind = report(kind_of, status, notice="<ann@customer.example>: host mx said: 550 5.1.1 no such user")

    assert "no such user" in only(kind).reason


def test_a_file_in_place_of_the_address_gives_way_to_whom_the_mail_was_for(kind_of):
    recipient = only(report(kind_of, FAILED.replace("ann@customer.example", "/var/mail/ann")))

    assert (recipient.addr, recipient.final) == ("ann@customer.example", "/var/mail/ann")


def test_the_mail_that_failed_is_found_by_what_the_report_answers_if_it_holds_no_header(kind_of):
    kind = report(kind_of, FAILED, returned="", In_Reply_To="<17.ab@example.org>")

    assert kind.original_id == "17.ab@example.org"


def test_a_returned_report_is_read_by_its_own_status_not_by_the_one_inside(kind_of):
    inner = f"Content-Type: message/delivery-status\n\n{FAILED.replace('ann@', 'inner@')}"

    assert only(report(kind_of, FAILED, returned=f"{HEADER}{inner}")).addr == "ann@customer.example"


def test_a_report_declared_but_not_made_is_a_bounce_without_recipients(kind_of):
    kind = report(kind_of, "nothing", notice="Something happened.", returned="")

    assert kind.recipients == ()


def test_amazon_ses_tells_of_a_bounce_in_json(kind_of):
    message = (
        '{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bouncedRecipients":[{"emailAddress":'
        '"ann@customer.example","action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}]},'
        '"mail":{"headers":[{"name":"Message-ID","value":"<17.ab@example.org>"}]}}'
    )
    kind = kind_of(f"{message}\n\n--\nUnsubscribe: …", From="no-reply@sns.example.net", Subject="Notification Message")

    assert isinstance(kind, Bounce)
    assert (only(kind).addr, only(kind).dead, kind.original_id) == ("ann@customer.example", True, "17.ab@example.org")
