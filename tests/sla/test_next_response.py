"""Who writes again waits for an answer again, and the desk is told in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from desk import CONFIG, Desk, Sent

PROMISED = "sla: {targets: {medium: {next_response: 2h}}}\n"


def test_the_desk_is_warned_of_the_next_response_with_its_own_time(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(PROMISED + CONFIG)
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "Use water.", reply_to=desk.notice_to("bob"))
    assert desk.wait(days=3) == []
    desk.receive("ann@example.org", "It still burns.", reply_to=desk.notice_to("ann"))

    assert desk.wait(minutes=89) == []
    [warning] = desk.wait(minutes=1)
    assert warning.to == "bob@desk.example"
    assert "The next answer is due in 30 minutes" in warning.words
    [alert] = desk.wait(minutes=30)
    assert "The next answer is overdue" in alert.words
    assert "next response missed, due 2026-11-23 11:00:00 UTC" in desk.history(1)


def test_an_answer_in_time_ends_the_wait(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(PROMISED + CONFIG)
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "Use water.", reply_to=desk.notice_to("bob"))
    desk.receive("ann@example.org", "It still burns.", reply_to=desk.notice_to("ann"))
    desk.now += timedelta(minutes=80)
    desk.receive("bob@desk.example", "Use more.", reply_to=desk.notice_to("bob"))

    assert desk.wait(days=3) == []


def bounced(desk: Desk, answer: Sent) -> None:
    """The report that Ann never got that answer."""
    report = b"""From: Mailer <mailer-daemon@mx.example.org>\r
To: <%s>\r
Subject: Undelivered\r
Message-ID: <b@mx.example.org>\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary=x\r
\r
--x\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mx.example.org\r
\r
Final-Recipient: rfc822; ann@example.org\r
Action: failed\r
Status: 5.1.1\r
\r
--x\r
Content-Type: text/rfc822-headers\r
\r
Message-ID: <%s>\r
\r
--x--\r
"""
    desk.accept(report % (answer.envelope_from.encode(), answer.id.encode()), "", (answer.envelope_from,))


def answered_again(desk: Desk) -> Sent:
    """Ann has written again and has waited for 80 minutes; Bob's answer to that."""
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "Use water.", reply_to=desk.notice_to("bob"))
    desk.receive("ann@example.org", "It still burns.", reply_to=desk.notice_to("ann"))
    desk.now += timedelta(minutes=80)
    [answer] = desk.receive("bob@desk.example", "Use more.", reply_to=desk.notice_to("bob"))
    return answer


def test_after_a_bounced_answer_the_customer_has_waited_as_if_there_had_been_none(
    new_desk: Callable[..., Desk],
) -> None:
    desk = new_desk(PROMISED + CONFIG)
    began = desk.now
    answer = answered_again(desk)
    assert desk.ticket().waiting_since is None
    desk.now += timedelta(minutes=5)

    bounced(desk, answer)

    assert desk.ticket().waiting_since == began
    # the five minutes in which all the desk could know was that the customer had his answer stay a pause
    assert desk.ticket().next_response_due == began + timedelta(hours=2, minutes=5)
    [alert] = [mail for mail in desk.wait(minutes=40) if mail.subject.startswith("Overdue")]
    assert "The next answer is overdue" in alert.words


def test_who_has_written_meanwhile_has_waited_since_before_that(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(PROMISED + CONFIG)
    began = desk.now
    answer = answered_again(desk)
    desk.now += timedelta(minutes=5)
    desk.receive("ann@example.org", "Hello?", reply_to=answer)

    bounced(desk, answer)

    assert desk.ticket().waiting_since == began


def test_a_bounce_of_an_answer_that_another_one_has_followed_changes_nothing(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(PROMISED + CONFIG)
    answer = answered_again(desk)
    desk.now += timedelta(minutes=5)
    desk.receive("bob@desk.example", "Or sand.", reply_to=desk.notice_to("bob"))

    bounced(desk, answer)

    assert desk.ticket().waiting_since is None
