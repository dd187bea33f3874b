"""Mail that no person wrote: robots, lists, bounces, our own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk import Desk
from mailtix.model.ticket import Status


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated"},
        {"Precedence": "bulk"},
        {"List_Id": "<news.example.net>", "List_Unsubscribe": "<mailto:off@example.net>"},
        {"X_Auto_Response_Suppress": "All"},
    ],
)
def test_a_machines_mail_is_kept_but_never_answered(desk: Desk, headers: dict[str, str]) -> None:
    mails = desk.receive("robot@example.net", "Beep.", subject="Status", **headers)

    assert "robot@example.net" not in {mail.to for mail in mails}
    assert len(desk.tickets()) == 1
    desk.receive("bob@desk.example", "#close", reply_to=desk.notice_to("bob"))
    desk.wait(days=2)
    assert "robot@example.net" not in {mail.to for mail in desk.courier.sent}


def test_mail_without_a_return_path_is_not_answered(desk: Desk) -> None:
    raw, _, to = desk.compose("ann@example.org", "Hello.")
    mails = desk.accept(raw, "", to)

    assert "ann@example.org" not in {mail.to for mail in mails}


def test_an_out_of_office_reply_reopens_nothing(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    [answer] = desk.receive("bob@desk.example", "#resolve\nFixed.", reply_to=desk.notice_to("bob"))

    mails = desk.receive("ann@example.org", "Out until 1 May.", reply_to=answer, Auto_Submitted="auto-replied")

    assert mails == []
    assert desk.ticket(1).status is Status.RESOLVED
    assert len(desk.messages(1)) == 3


def test_our_own_mail_coming_back_is_ignored(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    receipt = desk.notice_to("ann").message.as_bytes()

    assert desk.accept(receipt, "", ["support@desk.example"]) == []
    assert desk.outcome(2)[0] == "ignored"
    assert len(desk.tickets()) == 1


def bounce_of(original: bytes, message_id: str, rcpt: str, *, action: str = "failed", status: str = "5.1.1") -> bytes:
    return (
        b"From: MAILER-DAEMON@mx.example.org\r\nTo: support@desk.example\r\nSubject: Undelivered Mail\r\n"
        b"Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        b"Message-ID: <bounce-" + action.encode() + b"@mx.example.org>\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        b"Reporting-MTA: dns; mx.example.org\r\n\r\n"
        b"Final-Recipient: rfc822; " + rcpt.encode() + b"\r\nAction: " + action.encode() + b"\r\n"
        b"Status: " + status.encode() + b"\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n"
        b"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <" + message_id.encode() + b">\r\n\r\n--b--\r\n"
    )


def test_a_bounced_answer_is_told_to_the_agent_and_opens_no_ticket(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    [answer] = desk.receive("bob@desk.example", "Use water.", reply_to=desk.notice_to("bob"))

    [notice] = desk.accept(bounce_of(b"", answer.id, "ann@example.org"), "")

    assert notice.to == "bob@desk.example"
    assert "did not arrive" in notice.text
    assert "no such user" in notice.text
    assert len(desk.tickets()) == 1
    assert any("was not delivered: 5.1.1" in line for line in desk.history(1))


def test_a_bounce_is_tied_by_the_envelopes_address_when_its_text_holds_nothing(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    [answer] = desk.receive("bob@desk.example", "Use water.", reply_to=desk.notice_to("bob"))
    raw = bounce_of(b"", "unknown@nowhere.example", "ann@example.org")

    [notice] = desk.accept(raw, "", [answer.envelope_from])

    assert (notice.to, desk.outcome(3)[0]) == ("bob@desk.example", "bounced")


def test_a_delay_is_noted_but_not_told(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    [answer] = desk.receive("bob@desk.example", "Use water.", reply_to=desk.notice_to("bob"))

    assert desk.accept(bounce_of(b"", answer.id, "ann@example.org", action="delayed", status="4.4.1"), "") == []
    assert any("is delayed" in line for line in desk.history(1))


def test_the_bounce_of_a_notice_brings_forth_no_notice(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    notice = desk.notice_to("bob")

    assert desk.accept(bounce_of(b"", notice.id, "bob@desk.example"), "") == []


def test_a_bounce_of_nothing_we_know_is_kept_and_ignored(desk: Desk) -> None:
    assert desk.accept(bounce_of(b"", "x@y.example", "who@example.org"), "") == []
    assert desk.outcome(1)[0] == "ignored"
    assert desk.tickets() == []


def test_an_answer_that_bounced_is_no_answer(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    [answer] = desk.receive("bob@desk.example", "Use water.", reply_to=desk.notice_to("bob"))
    assert desk.ticket(1).first_response_at == desk.now

    desk.now += timedelta(minutes=1)
    [notice] = desk.accept(bounce_of(b"", answer.id, "ann@example.org"), "")

    assert "20 November 2026, 09:00" in notice.text
    assert desk.ticket(1).first_response_at is None
    assert desk.ticket(1).status is Status.WAITING_SUPPORT
    told = [mail.subject.split(":")[0] for hours in (3, 1) for mail in desk.wait(hours=hours)]
    assert told == ["Due soon", "Overdue"]


def test_an_address_that_failed_gets_nothing_automatic_until_it_writes_again(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    [answer] = desk.receive("bob@desk.example", "Use water.", reply_to=desk.notice_to("bob"))
    desk.accept(bounce_of(b"", answer.id, "ann@example.org"), "")
    assert "no such user" in desk.ticket(1).requester.undeliverable
    assert desk.receive("bob@desk.example", "#resolve", reply_to=desk.notice_to("bob")) == []

    desk.receive("ann@example.org", "I am here again.", reply_to=answer)

    assert desk.ticket(1).requester.undeliverable == ""
    [told] = desk.receive("bob@desk.example", "#resolve", reply_to=desk.notice_to("bob"))
    assert told.to == "ann@example.org"


def test_a_full_mailbox_marks_no_address(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    [answer] = desk.receive("bob@desk.example", "Use water.", reply_to=desk.notice_to("bob"))
    raw = bounce_of(b"", answer.id, "ann@example.org", status="4.2.2").replace(
        b"550 5.1.1 no such user", b"452 4.2.2 full"
    )
    desk.accept(raw, "")

    assert desk.ticket(1).requester.undeliverable == ""


def test_mail_that_claims_to_be_from_our_own_mailbox_is_not_answered(desk: Desk) -> None:
    mails = desk.receive("support@desk.example", "Hello, me.")

    assert {mail.to for mail in mails} == {"bob@desk.example", "carla@desk.example"}
