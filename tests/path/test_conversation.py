"""The way of a conversation, told as its people see it."""

from datetime import timedelta

from desk import Desk
from mailtix.model.ticket import Status


def test_a_mail_becomes_a_ticket_and_gets_its_receipt(desk: Desk) -> None:
    mails = desk.receive("Ann <ann@example.org>", "It burns.", subject="Fire")

    [receipt] = [mail for mail in mails if mail.to == "ann@example.org"]
    ticket = desk.ticket(1)
    assert ticket.number == "TKT-2026-000001"
    assert (ticket.subject, ticket.status, ticket.requester.email) == ("Fire", Status.OPEN, "ann@example.org")
    assert "[TKT-2026-000001]" in receipt.subject
    assert {mail.to for mail in mails} == {"ann@example.org", "bob@desk.example", "carla@desk.example"}


def test_a_late_reply_reopens_the_ticket_and_tells_the_agent_once(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    [answer] = desk.receive("bob@desk.example", "#resolve\nFixed.", reply_to=desk.notice_to("bob"))
    assert (answer.to, desk.ticket(1).status) == ("ann@example.org", Status.RESOLVED)

    desk.now += timedelta(days=2)
    [notice] = desk.receive("ann@example.org", "It burns again.", reply_to=answer)

    assert (notice.to, desk.ticket(1).status) == ("bob@desk.example", Status.REOPENED)
    assert desk.receive("ann@example.org", "I am away.", reply_to=notice, Auto_Submitted="auto-replied") == []
