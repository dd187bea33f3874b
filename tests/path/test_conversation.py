"""The way of a conversation, told as its people see it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.utils import parseaddr

from desk import CONFIG, Desk
from mailtix.model.ticket import Priority, Status


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


def test_an_answer_goes_out_under_the_agents_name_and_without_his_address(desk: Desk) -> None:
    desk.receive("Ann <ann@example.org>", "It burns.")

    [answer] = desk.receive("Bob Miller <bob@desk.example>", "Use water.", reply_to=desk.notice_to("bob"))

    assert parseaddr(str(answer.message["From"])) == ("Bob Miller", "support@desk.example")
    assert "Use water." in answer.text
    assert b"bob@desk.example" not in answer.message.as_bytes()
    assert answer.message["Auto-Submitted"] is None
    assert answer.message["X-Auto-Response-Suppress"] is None


def test_who_answers_first_has_the_ticket_and_hears_alone_of_what_follows(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    [answer] = desk.receive("bob@desk.example", "Use water.", reply_to=desk.notice_to("bob"))
    assert (desk.ticket(1).assignee, desk.ticket(1).status) == ("bob@desk.example", Status.WAITING_CUSTOMER)

    [notice] = desk.receive("ann@example.org", "It helped, but now it is wet.", reply_to=answer)

    assert (notice.to, desk.ticket(1).status) == ("bob@desk.example", Status.WAITING_SUPPORT)
    assert "now it is wet" in notice.text


def test_the_first_answer_is_the_first_response_and_only_that_one(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.now += timedelta(minutes=5)
    answered = desk.now
    desk.receive("bob@desk.example", "Use water.", reply_to=desk.notice_to("bob"))
    desk.now += timedelta(minutes=5)
    desk.receive("bob@desk.example", "Or sand.", reply_to=desk.notice_to("bob"))

    assert desk.ticket(1).first_response_at == answered


def test_a_reply_joins_by_the_signed_address_alone(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    receipt = desk.notice_to("ann")

    desk.receive("ann@example.org", "More smoke.", to=receipt.reply_to, subject="something else")

    assert [text for _, _, text in desk.messages(1)] == ["It burns.", "More smoke."]


def test_a_reply_joins_by_our_message_id_alone(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    receipt = desk.notice_to("ann")

    desk.receive("ann@example.org", "More smoke.", subject="x", In_Reply_To=f"<{receipt.id}>")

    assert len(desk.messages(1)) == 2
    assert "which we sent" in desk.outcome(2)[1]


def test_a_reply_joins_by_the_subjects_tag_in_the_clutter_of_any_language(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    clutter = [
        "Re: [TKT-2026-000001] Help",
        "AW: WG: [tkt-2026-000001] Help",
        "Antw: Betr: Help [TKT-2026-000001]",
        "回复: [TKT-2026-000001] Help",
        "=?utf-8?q?Odp:_=5BTKT-2026-000001=5D_pomoc?=",
        "=?utf-8?b?UmU6IFtUS1QtMjAyNi0wMDAwMDFdIFBvxb7DoXI=?=",
    ]
    news = ["More smoke.", "The lamp is out.", "It smells.", "I called the porter.", "Nobody came.", "It is cold now."]
    for subject, text in zip(clutter, news, strict=True):
        desk.receive("ann@example.org", text, subject=subject)

    assert len(desk.tickets()) == 1
    assert len(desk.messages(1)) == 1 + len(clutter)


def test_a_number_that_is_not_ours_opens_a_new_ticket(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.", subject="Re: [TKT-2026-000777] Fire")

    assert desk.ticket(1).number == "TKT-2026-000001"


def test_people_in_cc_take_part_and_get_the_answers(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.", Cc="Cy <cy@example.org>, carla@desk.example")

    answers = desk.receive("bob@desk.example", "Use water.", reply_to=desk.notice_to("bob"))
    assert {mail.to for mail in answers} == {"ann@example.org", "cy@example.org"}
    assert len({mail.reply_to for mail in answers}) == 2

    desk.receive("cy@example.org", "I see it too.", reply_to=desk.notice_to("cy"))
    assert ("customer", "public", "I see it too.") in desk.messages(1)


def test_a_guessed_number_brings_nobody_in(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")

    desk.receive("ann@example.org", "And him.", subject="Re: [TKT-2026-000001]", Cc="mallory@evil.example")

    assert desk.ticket(1).participants == ("ann@example.org",)


def test_attachments_go_both_ways(desk: Desk) -> None:
    desk.receive("ann@example.org", "See.", attach=[("fire.bin", b"\x00flames\xff")])
    [part] = desk.notice_to("bob").message.iter_attachments()
    assert (part.get_filename(), part.get_content()) == ("fire.bin", b"\x00flames\xff")

    [answer] = desk.receive("bob@desk.example", "Do this.", reply_to=desk.notice_to("bob"), attach=[("how.bin", b"to")])
    [part] = answer.message.iter_attachments()
    assert (part.get_filename(), part.get_content()) == ("how.bin", b"to")


def test_the_mails_of_a_ticket_thread_in_every_client(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.", Message_ID="<first@example.org>")
    receipt, first_notice = desk.notice_to("ann"), desk.notice_to("bob")
    [answer] = desk.receive("bob@desk.example", "Use water.", reply_to=first_notice)
    [notice] = desk.receive("ann@example.org", "It helped.", reply_to=answer, Message_ID="<second@example.org>")
    [last] = desk.receive("bob@desk.example", "Good.", reply_to=notice)

    assert receipt.message["In-Reply-To"] == "<first@example.org>"
    assert receipt.message["References"] == "<first@example.org>"
    assert str(answer.message["References"]).split() == ["<first@example.org>", f"<{receipt.id}>"]
    assert last.message["In-Reply-To"] == "<second@example.org>"
    assert str(last.message["References"]).split()[0] == "<first@example.org>"
    assert first_notice.message["References"] is None
    assert str(notice.message["References"]).split()[0] == f"<{first_notice.id}>"
    assert len({mail.id for mail in desk.courier.sent}) == len(desk.courier.sent)


def test_automatic_mail_says_that_it_is_and_surveys_are_bulk(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    receipt, notice = desk.notice_to("ann"), desk.notice_to("bob")

    assert receipt.message["Auto-Submitted"] == "auto-replied"
    assert receipt.message["X-Auto-Response-Suppress"] == "All"
    assert receipt.message["Precedence"] is None
    assert receipt.message["List-Id"] is None
    assert notice.message["Auto-Submitted"] == "auto-generated"
    assert notice.message["List-Id"] == "<support.desk.example>"


def test_the_customer_is_answered_in_the_language_of_his_client(desk: Desk) -> None:
    desk.receive("ann@example.org", "Es brennt.", subject="Feuer", Content_Language="de-AT")

    assert "Guten Tag" in desk.notice_to("ann").text
    [answer] = desk.receive("bob@desk.example", "#resolve", reply_to=desk.notice_to("bob"))
    assert "gelöst" in answer.text


def test_the_tag_and_text_of_a_hostile_subject_do_no_harm(desk: Desk) -> None:
    raw = (
        b"From: Ann <ann@example.org>\r\nTo: support@desk.example\r\nMessage-ID: <h@example.org>\r\n"
        b"Subject: =?utf-8?q?hi=0D=0ABcc:_mallory@evil.example=0D=0A=0D=0Abody?=\r\n\r\nx\r\n"
    )
    mails = desk.accept(raw, "ann@example.org")

    assert mails
    assert all(mail.message["Bcc"] is None and "\n" not in mail.subject for mail in mails)
    assert "mallory" not in {mail.to for mail in mails}


def test_two_companies_never_see_each_other(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk("""
companies:
  - name: One
    mailboxes: [{address: help@one.example}]
  - name: Two
    mailboxes: [{address: help@two.example}]
agents:
  - {name: Olga, email: olga@one.example, company: One}
  - {name: Tim, email: tim@two.example, company: Two}
""")
    [receipt, notice] = desk.receive("ann@example.org", "To one.", to="help@one.example")
    assert notice.to == "olga@one.example"

    # the same number, key and message ids mean nothing at the other company
    token = receipt.reply_to.partition("+")[2].partition("@")[0]
    desk.receive("ann@example.org", "a", to="help@two.example", subject="Re: [TKT-2026-000001]")
    desk.receive("ann@example.org", "b", to=f"help+{token}@two.example", In_Reply_To=f"<{receipt.id}>")

    assert [(t.company, t.number) for t in desk.tickets()] == [
        ("One", "TKT-2026-000001"),
        ("Two", "TKT-2026-000001"),
        ("Two", "TKT-2026-000002"),
    ]
    assert len(desk.messages(1)) == 1


def test_a_mail_to_two_companies_is_a_ticket_in_each(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk("""
companies:
  - {name: One, mailboxes: [{address: help@one.example}]}
  - {name: Two, mailboxes: [{address: help@two.example}]}
""")
    desk.receive("ann@example.org", "To both.", to="help@one.example, help@two.example")

    assert [t.company for t in desk.tickets()] == ["One", "Two"]


def test_mail_to_two_mailboxes_of_one_company_is_one_message(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk("""
companies:
  - {name: One, mailboxes: [{address: help@one.example}, {address: sales@one.example}]}
""")
    raw, sender, _ = desk.compose("ann@example.org", "To both.", to="help@one.example, sales@one.example")
    desk.accept(raw, sender, ["help@one.example"])
    desk.accept(b"Received: from elsewhere\r\n" + raw, sender, ["sales@one.example"])

    assert len(desk.tickets()) == 1
    assert len(desk.messages(1)) == 1
    assert desk.outcome(2)[0] == "duplicate"


def test_the_same_bytes_twice_are_one_message(desk: Desk) -> None:
    raw, sender, to = desk.compose("ann@example.org", "Once.")
    desk.accept(raw, sender, to)

    assert desk.accept(raw, sender, to) == []
    assert len(desk.messages(1)) == 1


def test_the_same_message_id_with_other_words_is_another_message(desk: Desk) -> None:
    desk.receive("ann@example.org", "One.", Message_ID="<same@example.org>")
    desk.receive("ann@example.org", "Two.", Message_ID="<same@example.org>")
    desk.receive("mallory@evil.example", "One.", Message_ID="<same@example.org>")

    assert {text for index in range(len(desk.tickets())) for _, _, text in desk.messages(index + 1)} >= {"One.", "Two."}
    assert [desk.outcome(n)[0] for n in (1, 2, 3)].count("duplicate") == 0


def test_numbers_follow_their_format_and_start_anew_with_its_period(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk('ticket_number: "TKT-{date}-{seq:04}"\n' + CONFIG)
    desk.receive("ann@example.org", "One.")
    desk.receive("ann@example.org", "Two.")
    desk.now += timedelta(days=1)
    desk.receive("ann@example.org", "Three.")

    assert [t.number for t in desk.tickets()] == ["TKT-20261120-0001", "TKT-20261120-0002", "TKT-20261121-0001"]
    desk.receive("ann@example.org", "More.", subject="Re: [TKT-20261120-0002] x")
    assert len(desk.messages(2)) == 2


def test_every_change_in_the_history_says_why(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#priority high\n#tag fire\nComing.", reply_to=desk.notice_to("bob"))

    from mailtix.store import tickets

    with desk.app.sessions.begin() as session:
        lines = tickets.history_of(session, desk.ticket(1).id)
    assert all(line.because and line.actor and line.cause for line in lines)
    [priority] = [line for line in lines if line.field == "priority"]
    assert (priority.actor, priority.old, priority.new, priority.cause) == ("bob@desk.example", "medium", "high", "J2")
    assert priority.because.startswith("#priority high (the signed reply address of bob")
    assert desk.ticket(1).priority is Priority.HIGH
