"""Who has no part in a ticket waits beside it: let in for good or once, given a ticket of his own, or called spam."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from desk import CONFIG, Desk, Sent
from mailtix.model.ticket import Status

TAG = "Re: [TKT-2026-000001] Fire"
EVE = "Eve <eve@example.net>"


@pytest.fixture
def held(desk: Desk) -> Sent:
    """Bob's notice of what Eve wrote to Ann's ticket, which is his."""
    desk.receive("Ann <ann@example.org>", "It burns.", subject="Fire")
    desk.receive("bob@desk.example", "#take", reply_to=desk.notice_to("bob"))
    [notice] = desk.receive(EVE, "I know more.", subject=TAG)
    return notice


def tap(desk: Desk, notice: Sent, label: str) -> list[Sent]:
    """What a mail client sends when the button is tapped."""
    link = urlsplit(notice.link(label))
    query = parse_qs(link.query)
    return desk.receive("bob@desk.example", query["body"][0], to=unquote(link.path), subject=query["subject"][0])


def test_one_tap_lets_the_message_and_its_sender_in(desk: Desk, held: Sent) -> None:
    tap(desk, held, "Allow")

    assert ("customer", "public", "I know more.") in desk.messages(1)
    assert desk.ticket(1).participants == ("ann@example.org", "eve@example.net")
    desk.receive(EVE, "Really.", subject=TAG)
    assert ("customer", "public", "Really.") in desk.messages(1)


def test_one_tap_lets_the_message_in_and_its_sender_not(desk: Desk, held: Sent) -> None:
    tap(desk, held, "Allow once")

    assert ("customer", "public", "I know more.") in desk.messages(1)
    assert desk.ticket(1).participants == ("ann@example.org",)
    [notice] = desk.receive(EVE, "Really.", subject=TAG)
    assert (notice.to, notice.subject) == ("bob@desk.example", "Held: [TKT-2026-000001] Fire")
    assert ("customer", "held", "Really.") in desk.messages(1)


def test_one_tap_makes_a_ticket_of_its_own(desk: Desk, held: Sent) -> None:
    mails = tap(desk, held, "New ticket")

    assert [ticket.requester.email for ticket in desk.tickets()] == ["ann@example.org", "eve@example.net"]
    assert desk.messages(2) == [("customer", "public", "I know more.")]
    assert "I know more." not in [text for _, _, text in desk.messages(1)]
    [created] = [mail for mail in mails if mail.to == "eve@example.net"]
    assert (created.number, created.message["Auto-Submitted"]) == ("TKT-2026-000002", "auto-replied")
    told = [mail for mail in mails if mail.to == "carla@desk.example"]
    assert [mail.number for mail in told] == ["TKT-2026-000002"]
    assert "I know more." in told[0].text
    assert "split: TKT-2026-000002" in desk.history(1)


def test_the_conversation_of_the_new_ticket_goes_on_there(desk: Desk, held: Sent) -> None:
    desk.receive("bob@desk.example", "#new", reply_to=held)
    created = desk.notice_to("eve")

    desk.receive(EVE, "Where is it?", reply_to=created)
    [answer] = desk.receive("carla@desk.example", "Here.", reply_to=desk.notice_to("carla"))

    assert (answer.to, answer.number) == ("eve@example.net", "TKT-2026-000002")
    assert [text for _, _, text in desk.messages(2)] == ["I know more.", "Where is it?", "Here."]


def test_the_new_ticket_meets_the_rules_for_new_ones(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(CONFIG)
    (desk.folder / "rules").mkdir()
    (desk.folder / "rules" / "a.yaml").write_text(
        "rules: [{name: Money, on: new, when: {body: refund}, then: {category: billing, tag: money}}]", encoding="utf-8"
    )
    desk.configure(CONFIG)
    desk.receive("Ann <ann@example.org>", "It burns.", subject="Fire")
    desk.receive(EVE, "A refund, please.", subject=TAG)

    desk.receive("bob@desk.example", "#new eve@example.net", reply_to=desk.notice_to("bob"))

    assert (desk.ticket(2).category, desk.ticket(2).tags) == ("billing", {"money"})
    assert desk.ticket(1).category == ""


def test_one_tap_throws_it_away_and_what_follows_waits_unseen(desk: Desk, held: Sent) -> None:
    tap(desk, held, "Spam")

    assert ("customer", "discarded", "I know more.") in desk.messages(1)
    assert desk.ticket(1).status is Status.ASSIGNED
    assert desk.receive(EVE, "Buy this.", subject="Offer") == []
    assert desk.receive(EVE, "And this.", subject=TAG) == []
    assert len(desk.tickets()) == 1


def test_what_waits_of_a_sender_of_spam_is_processed_when_he_sends_none_after_all(desk: Desk, held: Sent) -> None:
    desk.receive("bob@desk.example", "#spam", reply_to=held)
    desk.receive(EVE, "My own problem.", subject="Other")

    mails = desk.receive("bob@desk.example", "#ham eve@example.net", reply_to=held)

    assert desk.ticket(2).requester.email == "eve@example.net"
    assert {"eve@example.net", "carla@desk.example"} < {mail.to for mail in mails}
    desk.receive(EVE, "One more.", subject="Third")
    assert len(desk.tickets()) == 3


def test_a_sender_of_spam_who_has_a_part_elsewhere_is_heard_there(desk: Desk, held: Sent) -> None:
    desk.receive(EVE, "My own problem.", subject="Other")
    created = desk.notice_to("eve")
    desk.receive("bob@desk.example", "#spam", reply_to=held)

    desk.receive(EVE, "It is urgent.", reply_to=created)

    assert ("customer", "public", "It is urgent.") in desk.messages(2)


def test_spam_in_answer_to_another_notice_is_the_whole_ticket(desk: Desk, held: Sent) -> None:
    desk.receive("ann@example.org", "Hello?", reply_to=desk.notice_to("ann"))

    desk.receive("bob@desk.example", "#spam", reply_to=desk.notice_to("bob"))

    assert desk.ticket(1).status is Status.CANCELLED
    assert ("customer", "held", "I know more.") in desk.messages(1)


def test_the_desk_hears_of_each_sender_once(desk: Desk, held: Sent) -> None:
    assert desk.receive(EVE, "Listen!", subject=TAG) == []
    assert [mail.to for mail in desk.receive("joe@example.net", "Me too.", subject=TAG)] == ["bob@desk.example"]

    desk.receive("bob@desk.example", "#allow eve@example.net", reply_to=held)

    assert [message for message in desk.messages(1) if message[1] == "held"] == [("customer", "held", "Me too.")]


def test_many_forged_senders_do_not_fill_the_mailbox_of_the_desk(desk: Desk, held: Sent) -> None:
    told = [desk.receive(f"x{n}@evil.example", "Ha.", subject=TAG) for n in range(12)]

    assert [len(mails) for mails in told] == [1] * 9 + [0] * 3


@pytest.mark.parametrize("command", ["allow", "allow-once", "new"])
def test_where_nothing_waits_there_is_nothing_to_let_in(desk: Desk, held: Sent, command: str) -> None:
    desk.receive("bob@desk.example", "#allow", reply_to=held)

    [refusal] = desk.receive("bob@desk.example", f"#{command} eve@example.net", reply_to=held)

    assert f"nothing waits beside this ticket, so there is nothing to {command}" in refusal.words


def test_ham_needs_an_address(desk: Desk, held: Sent) -> None:
    [refusal] = desk.receive("bob@desk.example", "#ham", reply_to=held)

    assert "#ham needs the address" in refusal.words


def test_the_answer_to_a_note_stays_among_colleagues(desk: Desk, held: Sent) -> None:
    desk.receive("carla@desk.example", "#note He is not insured.", reply_to=desk.notice_to("carla"))
    note = desk.notice_to("bob")
    assert "your text is a note again" in note.words

    assert desk.receive("bob@desk.example", "I see.", reply_to=note) == []

    assert ("agent", "internal", "I see.") in desk.messages(1)
    desk.receive("bob@desk.example", "#resolve", reply_to=note)
    assert desk.ticket(1).status is Status.RESOLVED


@pytest.mark.parametrize("sender", ["ann@example.org", "outsider@example.net"])
def test_who_got_a_note_passed_on_answers_among_colleagues_too(desk: Desk, held: Sent, sender: str) -> None:
    desk.receive("carla@desk.example", "#note He is not insured.", reply_to=desk.notice_to("carla"))
    note = desk.notice_to("bob")

    [notice] = desk.receive(sender, "But I am.", subject="Fwd", In_Reply_To=f"<{note.id}>")

    assert ("customer", "internal", "But I am.") in desk.messages(1)
    assert (notice.to, "But I am." in notice.text) == ("bob@desk.example", True)


def test_people_in_copy_join_unless_the_settings_say_no(new_desk: Callable[..., Desk]) -> None:
    copies = ", ".join(f"p{n}@example.org" for n in range(5))
    desk = new_desk("participants: {most: 3}\n" + CONFIG)
    desk.receive("ann@example.org", "It burns.", Cc=copies)
    assert desk.ticket(1).participants == ("ann@example.org", "p0@example.org", "p1@example.org")

    desk.configure("participants: {join_by_cc: false}\n" + CONFIG)
    desk.receive("ann@example.org", "It burns.", Cc=copies)
    assert desk.ticket(2).participants == ("ann@example.org",)
