"""Two tickets that are one, one that is two, and those that have to do with each other."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from desk import CONFIG, Desk, Sent
from mailtix.cli import main
from mailtix.model.ticket import Status
from mailtix.store import kinship, tickets, timers

FIRST, SECOND, THIRD = "TKT-2026-000001", "TKT-2026-000002", "TKT-2026-000003"


def two_tickets(desk: Desk, second: str = "Cy <cy@example.org>") -> Sent:
    """Ann's about a fire, and another one's about smoke; returns Bob's notice of the second."""
    desk.receive("Ann <ann@example.org>", "It burns.", subject="Fire")
    desk.receive(second, "I see smoke.", subject="Smoke")
    return desk.notice_to("bob")


def tap(desk: Desk, sender: str, mail: Sent, label: str) -> list[Sent]:
    """The mail that a client makes of a button is sent."""
    url = urlsplit(mail.link(label))
    query = parse_qs(url.query)
    return desk.receive(sender, query["body"][0], to=unquote(url.path), subject=query["subject"][0])


def test_a_merged_ticket_brings_everything_along_and_is_closed(desk: Desk) -> None:
    notice = two_tickets(desk)
    desk.receive("bob@desk.example", "#tag smoke\n#watch carla", reply_to=notice)

    desk.receive("bob@desk.example", f"#merge {FIRST}", reply_to=notice)

    first, second = desk.ticket(1), desk.ticket(2)
    assert (second.status, second.merged_into) == (Status.CLOSED, first.id)
    assert first.participants == ("ann@example.org", "cy@example.org")
    assert (first.tags, first.watchers) == ({"smoke"}, ("carla@desk.example",))
    assert [text for _, _, text in desk.messages(1)] == ["It burns.", "I see smoke."]
    assert desk.messages(2) == []
    assert f"{SECOND} was merged into this one" in desk.history(1)
    assert f"merged into {FIRST}" in desk.history(2)
    assert f"{SECOND} is a part of {FIRST} (Fire) now, and closed" in desk.transcript().words


def test_the_other_customer_is_told_once_and_gets_the_answers_from_then_on(desk: Desk) -> None:
    notice = two_tickets(desk)

    [told] = desk.receive("bob@desk.example", f"#merge {FIRST}", reply_to=notice)
    answers = desk.receive("bob@desk.example", "Use water.", reply_to=desk.transcript())

    assert told.to == "cy@example.org"
    assert SECOND in told.text
    assert FIRST in told.subject
    assert {mail.to for mail in answers} == {"ann@example.org", "cy@example.org"}


def test_a_customer_whose_own_tickets_are_merged_hears_nothing_of_it(desk: Desk) -> None:
    notice = two_tickets(desk, "Ann <ann@example.org>")

    assert desk.receive("bob@desk.example", f"#merge {FIRST}", reply_to=notice) == []


def test_a_text_beside_the_merging_goes_to_the_ticket_that_stays(desk: Desk) -> None:
    notice = two_tickets(desk)

    desk.receive("bob@desk.example", f"#merge {FIRST}\n#resolve\nUse water.", reply_to=notice)

    assert desk.messages(1)[-1] == ("agent", "public", "Use water.")
    assert desk.ticket(1).status is Status.RESOLVED
    assert {mail.to for mail in desk.courier.sent if "Use water." in mail.text} == {"ann@example.org", "cy@example.org"}


@pytest.mark.parametrize("way", ["key", "number", "our id", "own id"])
def test_the_old_ticket_leads_to_the_new_one_by_every_way(desk: Desk, way: str) -> None:
    desk.receive("Ann <ann@example.org>", "It burns.", subject="Fire")
    desk.receive("cy@example.org", "Smoke!", Message_ID="<c@x.example>")
    receipt = desk.notice_to("cy")
    desk.receive("bob@desk.example", f"#merge {FIRST}", reply_to=desk.notice_to("bob"))
    hints: dict[str, dict[str, str]] = {
        "key": {"to": receipt.reply_to, "subject": "x"},
        "number": {"subject": f"AW: [{SECOND.lower()}] Smoke"},
        "our id": {"In_Reply_To": f"<{receipt.id}>", "subject": "x"},
        "own id": {"References": "<c@x.example>", "subject": "x"},
    }

    desk.receive("cy@example.org", "More smoke.", **hints[way])

    assert len(desk.tickets()) == 2
    assert desk.messages(1)[-1] == ("customer", "public", "More smoke.")


def test_an_agents_key_of_the_old_ticket_works_on_the_new_one(desk: Desk) -> None:
    notice = two_tickets(desk)
    desk.receive("bob@desk.example", f"#merge {FIRST}", reply_to=notice)

    answers = desk.receive("bob@desk.example", "Use sand.", reply_to=notice)

    assert {mail.to for mail in answers} == {"ann@example.org", "cy@example.org"}
    assert desk.messages(1)[-1] == ("agent", "public", "Use sand.")


def test_a_chain_of_merged_tickets_is_followed_to_its_end(desk: Desk) -> None:
    notice = two_tickets(desk)
    desk.receive("dan@example.org", "Heat!", subject="Heat")
    desk.receive("bob@desk.example", f"#merge {SECOND}", reply_to=desk.notice_to("bob"))
    desk.receive("bob@desk.example", f"#merge {FIRST}", reply_to=notice)

    desk.receive("dan@example.org", "Still hot.", subject=f"[{THIRD}] Heat")

    assert [text for _, _, text in desk.messages(1)] == ["It burns.", "I see smoke.", "Heat!", "Still hot."]
    with desk.app.sessions.begin() as session:
        assert kinship.goes_on_as(session, desk.ticket(3)) == FIRST


def test_a_bounce_of_the_old_tickets_mail_is_told_in_the_new_one(desk: Desk) -> None:
    notice = two_tickets(desk)
    receipt = next(mail for mail in desk.courier.sent if mail.to == "cy@example.org")
    desk.receive("bob@desk.example", f"#merge {FIRST}\n#take", reply_to=notice)

    report = (
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n"
        f"To: {receipt.envelope_from}\r\nFrom: MAILER-DAEMON@x.example\r\nSubject: Undeliverable\r\n\r\n"
        "--b\r\n\r\nNo.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x.example\r\n\r\n"
        "Final-Recipient: rfc822; cy@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <{receipt.id}>\r\n\r\n--b--\r\n"
    )
    [told] = desk.accept(report.encode(), "", (receipt.envelope_from,))

    assert told.number == FIRST
    assert any("was not delivered" in line for line in desk.history(1))


def test_the_promises_to_both_customers_are_kept(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.", subject="Fire")
    desk.receive("bob@desk.example", "Use water.", reply_to=desk.notice_to("bob"))
    answered = desk.ticket(1).first_response_at
    desk.receive("ann@example.org", "It burns again!", reply_to=desk.notice_to("ann"))
    waiting = desk.ticket(1).waiting_since
    notice = desk.notice_to("bob")
    desk.now += timedelta(hours=1)
    desk.receive("ann@example.org", "Did you get my mail?", subject="Question")

    desk.receive("bob@desk.example", f"#merge {SECOND}", reply_to=notice)

    second = desk.ticket(2)
    assert (second.first_response_at, second.waiting_since) == (answered, waiting)
    assert second.resolution_from == desk.ticket(1).created_at
    assert second.resolution_due == desk.ticket(1).created_at + timedelta(hours=24)


def test_no_target_is_reached_by_merging_or_splitting(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.", subject="Fire")
    notice = desk.notice_to("bob")
    desk.receive("bob@desk.example", "Use water.", reply_to=notice)
    desk.receive("ann@example.org", "And my bill?", reply_to=desk.notice_to("ann"))
    desk.receive("cy@example.org", "Smoke.", subject="Smoke")
    lines = [line for line in desk.history(1) if "response at" in line]

    desk.receive("bob@desk.example", "#split", reply_to=notice)
    desk.receive("bob@desk.example", f"#merge {SECOND}", reply_to=notice)

    assert len(lines) == 1
    assert [line for index in (1, 2, 3) for line in desk.history(index) if "response at" in line] == lines


def test_a_merged_ticket_waits_for_nothing_and_asks_for_no_rating(desk: Desk) -> None:
    notice = two_tickets(desk)
    desk.receive("bob@desk.example", f"#merge {FIRST}", reply_to=notice)

    with desk.app.sessions.begin() as session:
        assert SECOND not in {row.ticket for row in timers.upcoming(session, 100)}
    assert not [mail for mail in desk.wait(days=3) if mail.to == "cy@example.org" and "survey" in mail.text.lower()]


def test_a_question_that_nobody_has_answered_does_not_vanish_in_a_solved_ticket(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.", subject="Fire")
    desk.receive("bob@desk.example", "#resolve\nDone.", reply_to=desk.notice_to("bob"))
    desk.receive("cy@example.org", "Smoke?", subject="Smoke")

    desk.receive("carla@desk.example", f"#merge {FIRST}", reply_to=desk.notice_to("carla"))

    assert desk.ticket(1).status is Status.REOPENED
    assert "is open again" in desk.transcript().words
    assert "Smoke" in desk.notice_to("bob").text


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("#merge", "needs the number of a ticket"),
        (f"#merge {SECOND}", "is this ticket"),
        ("#merge TKT-2026-000777", "there is no ticket TKT-2026-000777"),
        ("#merge 1", "did you mean TKT-2026-000001?"),
        ("#merge tkt-2026-000010", "did you mean TKT-2026-000001?"),
        ("#link", "needs the number of a ticket"),
        (f"#link {FIRST} enemy", "there is no link 'enemy'"),
        (f"#link {FIRST}\n#merge {FIRST}", "another line of this mail"),
        ("#split", "only one message"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_reason(desk: Desk, command: str, reason: str) -> None:
    notice = two_tickets(desk)

    [refusal] = desk.receive("bob@desk.example", command, reply_to=notice)

    assert reason in refusal.words
    assert refusal.number == SECOND
    assert {ticket.merged_into for ticket in desk.tickets()} == {0}


def test_tickets_are_not_merged_in_a_circle_nor_twice(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.", subject="Fire")
    first = desk.notice_to("bob")
    desk.receive("cy@example.org", "Smoke!", subject="Smoke")
    second = desk.notice_to("bob")
    desk.receive("bob@desk.example", f"#merge {FIRST}", reply_to=second)

    for notice, number in ((first, SECOND), (second, FIRST), (second, SECOND)):
        [refusal] = desk.receive("bob@desk.example", f"#merge {number}", reply_to=notice)
        assert f"{FIRST} is this ticket" in refusal.words


def test_one_mistake_and_nothing_is_merged(desk: Desk) -> None:
    notice = two_tickets(desk)

    [refusal] = desk.receive("bob@desk.example", f"#merge {FIRST}\n#priority huge\nHello", reply_to=notice)

    assert "huge" in refusal.text
    assert refusal.number == SECOND
    assert (len(desk.messages(1)), desk.ticket(2).merged_into) == (1, 0)


def test_a_ticket_of_another_company_is_neither_found_nor_hinted_at(new_desk: Callable[..., Desk]) -> None:
    other = CONFIG.replace(
        "agents:", "  - {name: Other, mailboxes: [{address: help@other.example}]}\nagents:", 1
    ).replace("teams: [billing]}", "teams: [billing], company: Example}")
    desk = new_desk(other)
    for _ in range(2):
        desk.receive("ann@example.org", "Mine.", to="help@other.example")
    desk.receive("cy@example.org", "Smoke!")

    [refusal] = desk.receive("bob@desk.example", "#merge TKT-2026-000002", reply_to=desk.notice_to("bob"))

    assert "there is no ticket TKT-2026-000002" in refusal.words
    assert "did you mean" not in refusal.words


def test_a_message_becomes_a_ticket_of_its_own(desk: Desk) -> None:
    desk.receive("Ann <ann@example.org>", "It burns.", subject="Fire")
    desk.receive("bob@desk.example", "#take\n#category billing", reply_to=desk.notice_to("bob"))
    desk.receive("ann@example.org", "And where is my bill?", reply_to=desk.notice_to("ann"), Message_ID="<b@x.example>")
    notice = desk.notice_to("bob")

    mails = desk.receive("bob@desk.example", "#split The bill", reply_to=notice)

    new = desk.ticket(2)
    assert (new.subject, new.requester.email, new.category, new.assignee) == (
        "The bill", "ann@example.org", "billing", "bob@desk.example",
    )  # fmt: skip
    assert [text for _, _, text in desk.messages(1)] == ["It burns."]
    assert [text for _, _, text in desk.messages(2)] == ["And where is my bill?"]
    assert {(mail.to, mail.number) for mail in mails} == {("ann@example.org", SECOND), ("bob@desk.example", SECOND)}
    assert "no rules are asked" in desk.transcript().words
    assert desk.ticket(1).waiting_since == desk.ticket(1).created_at
    assert new.waiting_since == desk.now
    with desk.app.sessions.begin() as session:
        assert kinship.links_of(session, desk.ticket(1).id) == [(SECOND, "The bill", "split")]
        assert kinship.links_of(session, new.id) == [(FIRST, "Fire", "split")]


def test_answers_to_the_message_that_was_split_off_reach_the_new_ticket(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.", subject="Fire")
    receipt = desk.notice_to("ann")
    desk.receive("ann@example.org", "And my bill?", reply_to=receipt, Message_ID="<b@x.example>")
    desk.receive("bob@desk.example", "#split", reply_to=desk.notice_to("bob"))

    desk.receive("ann@example.org", "Well?", subject="bill", References="<b@x.example>")
    desk.receive("ann@example.org", "It still burns.", reply_to=receipt)

    assert [text for _, _, text in desk.messages(2)] == ["And my bill?", "Well?"]
    assert [text for _, _, text in desk.messages(1)] == ["It burns.", "It still burns."]


def test_the_message_that_is_split_off_is_the_one_that_the_agent_was_told_of(desk: Desk) -> None:
    desk.receive("ann@example.org", "One.", subject="Fire")
    receipt = desk.notice_to("ann")
    for text in ("Two.", "Three.", "Four."):
        desk.now += timedelta(minutes=1)
        desk.receive("ann@example.org", text, reply_to=receipt)
    notices = [mail for mail in desk.courier.sent if mail.to.startswith("bob")]
    of_two = next(mail for mail in notices if "Two." in mail.text)

    desk.receive("bob@desk.example", "#split", reply_to=of_two)
    desk.receive("bob@desk.example", "#split 3 Last things", reply_to=of_two)

    assert [text for _, _, text in desk.messages(2)] == ["Two."]
    assert [(desk.ticket(3).subject, text) for _, _, text in desk.messages(3)] == [("Last things", "Four.")]


@pytest.mark.parametrize(("command", "reason"), [("#split 1", "began"), ("#split 9", "#show"), ("#split 3", "#show")])
def test_only_later_messages_of_the_customer_are_split_off(desk: Desk, command: str, reason: str) -> None:
    desk.receive("ann@example.org", "One.", subject="Fire")
    desk.receive("ann@example.org", "Two.", reply_to=desk.notice_to("ann"))
    desk.receive("bob@desk.example", "Three.", reply_to=desk.notice_to("bob"))

    [refusal] = desk.receive("bob@desk.example", command, reply_to=desk.notice_to("bob"))

    assert reason in refusal.words
    assert len(desk.tickets()) == 1


def test_an_answer_that_looks_like_a_new_question_is_split_off_with_one_tap(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.", subject="Fire")
    desk.receive("ann@example.org", "What do I owe?", to=desk.notice_to("ann").reply_to, subject="Invoice 4711")
    notice = desk.notice_to("bob")
    assert "it may be a new question: its subject is 'Invoice 4711'" in notice.words

    tap(desk, "bob@desk.example", notice, "Split")

    assert (desk.ticket(2).subject, desk.messages(2)) == ("Invoice 4711", [("customer", "public", "What do I owe?")])


def test_an_ordinary_answer_is_no_new_question(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.", subject="Fire")
    desk.receive("ann@example.org", "Still.", reply_to=desk.notice_to("ann"))

    assert "new question" not in desk.notice_to("bob").text
    assert ">Split<" not in desk.notice_to("bob").html


def test_linked_tickets_are_shown_with_each_other(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    notice = two_tickets(desk)
    desk.receive("bob@desk.example", f"#link [{FIRST}] dup", reply_to=notice)
    desk.receive("dan@example.org", "Heat!", subject="Heat")
    desk.receive("bob@desk.example", f"#merge {FIRST}", reply_to=desk.notice_to("bob"))

    def shown(number: str, *more: str) -> str:
        capsys.readouterr()
        main(["--config", str(desk.folder / "mailtix.yaml"), "tickets", "show", number, *more])
        return capsys.readouterr().out

    first, third = json.loads(shown(FIRST, "--json")), json.loads(shown(THIRD, "--json"))
    assert first["links"] == [{"number": SECOND, "subject": "Smoke", "kind": "duplicate"}]
    assert (first["merged"], third["merged_into"]) == ([THIRD], FIRST)
    assert f"merged into: {FIRST}" in shown(THIRD)
    assert f"duplicate: {FIRST} Fire" in shown(SECOND)
    assert f"duplicate: {FIRST}" in desk.history(2)
    assert f"duplicate: {SECOND}" in desk.history(1)


def test_the_mail_of_a_merging_is_indexed_with_the_ticket_that_stays(desk: Desk) -> None:
    notice = two_tickets(desk)
    desk.receive("bob@desk.example", f"#merge {FIRST}\nUse water.", reply_to=notice, Message_ID="<m@desk.example>")

    desk.receive("ann@example.org", "Thanks.", subject="x", References="<m@desk.example>")

    assert desk.messages(1)[-1] == ("customer", "public", "Thanks.")
    with desk.app.sessions.begin() as session:
        assert [row.text.strip() for row in tickets.messages_of(session, desk.ticket(2).id)] == []
