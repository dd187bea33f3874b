"""Agents pass on what reached them elsewhere."""

from __future__ import annotations

import email.policy
from email.message import EmailMessage

from desk import Desk

FORWARDED = """{comment}

---------- Forwarded message ---------
From: Ann Archer <ann@example.org>
Date: Thu, 19 Nov 2026 at 10:00
Subject: Fire
To: <bob@desk.example>

It burns.
"""


def test_a_customers_mail_that_an_agent_forwards_is_the_customers_ticket(desk: Desk) -> None:
    text = FORWARDED.format(comment="He is not insured.")
    mails = desk.receive("Bob Miller <bob@desk.example>", text, subject="Fwd: Fire")

    ticket = desk.ticket(1)
    assert (ticket.requester.email, ticket.requester.name, ticket.subject) == ("ann@example.org", "Ann Archer", "Fire")
    assert desk.messages(1) == [("customer", "public", "It burns."), ("agent", "internal", "He is not insured.")]
    assert {mail.to for mail in mails} == {"bob@desk.example", "carla@desk.example"}
    [answer] = desk.receive("bob@desk.example", "Use water.", reply_to=desk.notice_to("bob"))
    assert answer.to == "ann@example.org"
    assert "insured" not in answer.text


def test_what_is_forwarded_as_a_file_keeps_its_message_id_so_that_the_next_reply_joins(desk: Desk) -> None:
    inner = EmailMessage()
    inner["From"] = "Ann Archer <ann@example.org>"
    inner["To"] = "bob@desk.example"
    inner["Subject"] = "Fire"
    inner["Message-ID"] = "<inner@example.org>"
    inner.set_content("It burns.")
    outer = EmailMessage(policy=email.policy.SMTP)
    outer["From"] = "bob@desk.example"
    outer["To"] = "support@desk.example"
    outer["Subject"] = "Fwd: Fire"
    outer["Message-ID"] = "<outer@desk.example>"
    outer.set_content("See below.")
    outer.add_attachment(inner)
    desk.accept(outer.as_bytes(), "bob@desk.example")
    assert desk.ticket(1).requester.email == "ann@example.org"

    desk.receive("ann@example.org", "And smoke.", subject="Re: Fire", In_Reply_To="<inner@example.org>")

    assert ("customer", "public", "And smoke.") in desk.messages(1)


def test_a_forged_forward_writes_to_nobody_outside(desk: Desk) -> None:
    text = FORWARDED.format(comment="Quick!").replace("ann@example.org", "victim@example.net")
    mails = desk.receive("bob@desk.example", text, subject="Fwd: Fire")

    assert "victim@example.net" not in {mail.to for mail in mails}


def test_in_doubt_the_agent_is_asked_and_his_answer_settles_it(desk: Desk) -> None:
    text = "Please see to this.\n\n---------- Forwarded message ---------\n\nIt burns, says Ann.\n"
    mails = desk.receive("bob@desk.example", text, subject="Fwd: Fire")
    assert desk.ticket(1).requester.email == "bob@desk.example"
    [question] = [mail for mail in mails if "Whose is it?" in mail.subject]
    assert question.to == "bob@desk.example"

    [] = desk.receive("bob@desk.example", "#requester Ann <ann@example.org>", reply_to=question)

    ticket = desk.ticket(1)
    assert (ticket.requester.email, ticket.requester.name) == ("ann@example.org", "Ann")
    [answer] = desk.receive("bob@desk.example", "Use water.", reply_to=question)
    assert answer.to == "ann@example.org"


def test_a_customer_who_forwards_something_stays_its_requester(desk: Desk) -> None:
    desk.receive("eve@example.net", FORWARDED.format(comment="Look."), subject="Fwd: Fire")

    assert desk.ticket(1).requester.email == "eve@example.net"
