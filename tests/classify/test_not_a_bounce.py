"""Mails about delivery that people write, and reports of other kinds."""

from __future__ import annotations

import pytest

from mailtix.model.kind import Automatic, Bounce, Human

PASTED = """\
Hello,

I get this since yesterday:

<bob@example.net>: host mx.example.net[192.0.2.20] said: 550 5.1.1 User unknown
    (in reply to RCPT TO command)

What shall I do?
"""


@pytest.mark.parametrize(
    ("subject", "body", "fields"),
    [
        ("Delivery failed again", "My parcel has not been delivered. Where is it?", {}),
        ("Undeliverable: my parcel", "The courier says that it could not be delivered to ann@customer.example", {}),
        ("Returned mail", "You sent me a letter, and it was returned to you. My new address is below.", {}),
        ("Mail delivery problem", PASTED, {}),
        ("Failure notice on the printer", "It says: failure notice 550.", {}),
        ("Fwd: Undelivered Mail Returned to Sender", f"Begin forwarded message:\n\n{PASTED}", {}),
        ("WG: Unzustellbar: Angebot", "Bitte prüfen.\n\nDie Nachricht konnte nicht zugestellt werden.", {}),
        ("Re: Undeliverable: offer", "Thank you, it works now.\n\n> Your message could not be delivered", {}),
        (
            "Re: failure notice",
            f"> Hi. This is the qmail-send program.\n\n{PASTED}",
            {"From": "Root <root@customer.example>"},
        ),
        ("Delivery Status Notification (Failure)", "It came again.", {"In_Reply_To": "<1@example.org>"}),
        (
            "Mail delivery failed?",
            "Mail to you could not be delivered yesterday.",
            {"From": "Admin <administrator@customer.example>"},
        ),
    ],
)
def test_a_person_who_writes_about_a_report_is_not_one(kind_of, subject, body, fields):
    kind = kind_of(body, Subject=subject, **fields)

    assert isinstance(kind, Human), kind.because


def test_an_out_of_office_with_a_null_sender_is_no_bounce_even_if_it_speaks_of_delivery(kind_of):
    kind = kind_of(
        "Ich bin im Urlaub. Ihre E-Mail konnte nicht zugestellt werden an meinen Vertreter.",
        Subject="Abwesenheitsnotiz: Drucker",
        Return_Path="<>",
        Auto_Submitted="auto-replied",
    )

    assert isinstance(kind, Automatic)
    assert kind.out_of_office


def test_a_report_attached_by_a_person_leaves_his_mail_human(read, kind_of):
    body = """\
--b
Content-Type: text/plain

Why does this come back?
--b
Content-Type: message/rfc822

From: MAILER-DAEMON@mx.example.net
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=c

--c
Content-Type: text/plain

Your message could not be delivered.
--c
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; bob@example.net
Action: failed
Status: 5.1.1
--c--
--b--
"""
    kind = kind_of(body, Subject="Please help", Content_Type="multipart/mixed; boundary=b", MIME_Version="1.0")

    assert isinstance(kind, Human), kind.because


def test_a_report_that_all_went_well_is_merely_automatic(kind_of):
    body = """\
--b
Content-Type: text/plain

Your message has been delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; ann@customer.example
Action: delivered
Status: 2.0.0
--b--
"""
    kind = kind_of(
        body,
        From="MAILER-DAEMON@mx.example.net",
        Return_Path="<>",
        Subject="Successful Mail Delivery Report",
        Content_Type="multipart/report; report-type=delivery-status; boundary=b",
        MIME_Version="1.0",
    )

    assert not isinstance(kind, Bounce)
    assert isinstance(kind, Automatic)
