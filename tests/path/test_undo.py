"""Second thoughts: #undo, answers that wait before they leave, and answers that come after a colleague's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from sqlalchemy import select

from desk import CONFIG, Desk, Sent
from mailtix import pipeline
from mailtix.model.ticket import Priority, Status
from mailtix.replay import as_before
from mailtix.store import outbox, tickets
from mailtix.store.engine import Session
from mailtix.store.tables import sla_log


@pytest.fixture
def holding(new_desk: Callable[..., Desk]) -> Desk:
    """A desk whose answers wait for a minute, with a ticket of Ann's."""
    desk = new_desk(CONFIG)
    with_outbound(desk, "hold: 60s")
    desk.receive("ann@example.org", "It burns.", subject="Fire")
    return desk


def with_outbound(desk: Desk, setting: str) -> None:
    """Starts the desk again with one more setting of the way out."""
    desk.configure(CONFIG, outbound=setting)


def tap(desk: Desk, mail: Sent, label: str) -> list[Sent]:
    """Bob sends the mail that his client makes of a button."""
    url = urlsplit(mail.link(label))
    query = parse_qs(url.query)
    return desk.receive("bob@desk.example", query["body"][0], to=unquote(url.path), subject=query["subject"][0])


def test_the_fields_go_back_to_what_they_were(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    before = desk.ticket(1)
    orders = (
        "#priority high\n#category billing\n#tag fire\n#take\n#snooze 1d\n#due 2d\n#watch carla\n#escalate\n#resolve"
    )
    desk.receive("bob@desk.example", orders, reply_to=desk.notice_to("bob"))
    assert desk.ticket(1).priority is Priority.HIGH

    tap(desk, desk.transcript(), "Undo")

    after = desk.ticket(1)
    for name in ("priority", "category", "tags", "assignee", "team", "status", "snoozed_until", "due_at", "watchers"):
        assert getattr(after, name) == getattr(before, name), name
    assert (after.escalation, after.resolved_at, after.closed_at) == (0, None, None)
    assert "priority: high → medium" in desk.transcript().words
    assert "the mail J2 was taken back" in desk.history(1)


def test_what_somebody_has_changed_since_stays_and_he_is_named(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    notice = desk.notice_to("bob")
    desk.receive("bob@desk.example", "#priority high\n#category billing", reply_to=notice)
    desk.receive("carla@desk.example", "#priority urgent", reply_to=desk.notice_to("carla"))

    desk.receive("bob@desk.example", "#undo", reply_to=notice)

    assert (desk.ticket(1).priority, desk.ticket(1).category) == (Priority.URGENT, "")
    assert "priority stays: carla@desk.example has changed it since" in desk.transcript().words


def test_reopening_is_taken_back_with_the_times_of_the_end(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    notice = desk.notice_to("bob")
    desk.receive("bob@desk.example", "#resolve", reply_to=notice)
    desk.now += timedelta(minutes=3)
    desk.receive("bob@desk.example", "#close", reply_to=notice)
    before = desk.ticket(1)
    desk.now += timedelta(minutes=3)
    desk.receive("bob@desk.example", "#reopen", reply_to=notice)

    desk.receive("bob@desk.example", "#undo", reply_to=notice)

    after = desk.ticket(1)
    assert (after.status, after.resolved_at, after.closed_at) == (before.status, before.resolved_at, before.closed_at)


def test_an_answer_leaves_when_its_time_is_over_and_everything_else_at_once(holding: Desk) -> None:
    assert holding.notice_to("ann").subject.endswith("Fire")  # the receipt did not wait
    assert holding.receive("bob@desk.example", "Use water.", reply_to=holding.notice_to("bob")) == []
    assert holding.wait(seconds=59) == []

    [answer] = holding.wait(seconds=1)

    assert (answer.to, "Use water." in answer.text) == ("ann@example.org", True)


def test_an_answer_that_waits_is_taken_back_and_nobody_gets_it(holding: Desk) -> None:
    before = holding.ticket(1)
    notice = holding.notice_to("bob")
    holding.receive("bob@desk.example", "Use petrol.", reply_to=notice)
    assert holding.ticket(1).first_response_at is not None

    assert holding.receive("bob@desk.example", "#undo", reply_to=notice) == []

    after = holding.ticket(1)
    assert holding.wait(minutes=10) == []
    assert holding.messages(1)[1] == ("agent", "discarded", "Use petrol.")
    assert (after.status, after.assignee) == (before.status, before.assignee)
    assert (after.first_response_at, after.waiting_since) == (None, before.waiting_since)
    assert "your answer is taken back, and nobody gets it" in holding.transcript().words


def test_the_next_answer_after_one_that_was_taken_back_arrives(holding: Desk) -> None:
    notice = holding.notice_to("bob")
    for text in ("Use petrol.", "#undo", "Use water."):
        holding.receive("bob@desk.example", text, reply_to=notice)

    [answer] = holding.wait(minutes=1)

    assert ("Use water." in answer.text, "petrol" in answer.text) == (True, False)


def test_orders_beside_an_answer_that_waits_go_back_with_it_and_the_customer_hears_nothing(holding: Desk) -> None:
    notice = holding.notice_to("bob")
    holding.receive("bob@desk.example", "#status in_progress\n#note started", reply_to=notice)
    holding.receive("bob@desk.example", "#resolve\nDone.", reply_to=notice)
    assert holding.ticket(1).status is Status.RESOLVED

    assert holding.receive("bob@desk.example", "#undo", reply_to=notice) == []

    assert holding.ticket(1).status is Status.IN_PROGRESS
    assert holding.wait(minutes=10) == []


def test_an_answer_that_has_left_stays_with_what_follows_from_it(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    notice = desk.notice_to("bob")
    desk.receive("bob@desk.example", "#priority high\nUse water.", reply_to=notice)

    desk.receive("bob@desk.example", "#undo", reply_to=notice)

    ticket = desk.ticket(1)
    assert (ticket.priority, ticket.status) == (Priority.MEDIUM, Status.WAITING_CUSTOMER)
    assert (ticket.assignee, ticket.first_response_at) == ("bob@desk.example", desk.now)
    assert desk.messages(1)[1] == ("agent", "public", "Use water.")
    assert "the answer to ann@example.org has left and cannot be taken back" in desk.transcript().words


def test_a_note_is_taken_out(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    notice = desk.notice_to("bob")
    desk.receive("bob@desk.example", "#note He is not insured.", reply_to=notice)

    desk.receive("bob@desk.example", "#undo", reply_to=notice)

    assert desk.messages(1)[1] == ("agent", "discarded", "He is not insured.")


@pytest.mark.parametrize(
    ("earlier", "mail", "reason"),
    [
        ([], "#undo", "nothing to take back"),
        (["Use water."], "#undo", "has left and cannot be taken back"),
        (["#take", "#undo"], "#undo", "took another one back"),
        (["#take"], "#undo\nUse water.", "#undo stands alone"),
        (["#take"], "#tag fire\n#undo", "#undo stands alone"),
        (["#take"], "#undo J1", "you have written again since"),
        (["#link TKT-2026-000002"], "#undo", "the link to TKT-2026-000002 stays"),
    ],
)
def test_what_cannot_be_taken_back_is_refused_with_the_reason(
    desk: Desk, earlier: list[str], mail: str, reason: str
) -> None:
    desk.receive("ann@example.org", "It burns.")
    notice = desk.notice_to("bob")
    desk.receive("cy@example.org", "Smoke.")
    for text in earlier:
        desk.receive("bob@desk.example", text, reply_to=notice)

    [refusal] = desk.receive("bob@desk.example", mail, reply_to=notice)

    assert reason in refusal.words


def test_only_his_own_last_mail_is_taken_back_and_only_for_an_hour(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    bob, carla = desk.notice_to("bob"), desk.notice_to("carla")
    desk.receive("bob@desk.example", "#priority high", reply_to=bob)
    [refusal] = desk.receive("carla@desk.example", "#undo", reply_to=carla)
    assert "no mail of yours" in refusal.words

    desk.wait(minutes=61)
    [refusal] = desk.receive("bob@desk.example", "#undo", reply_to=bob)

    assert "too long ago" in refusal.words
    assert desk.ticket(1).priority is Priority.HIGH


def test_the_button_of_an_older_transcript_takes_back_nothing_newer(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    notice = desk.notice_to("bob")
    desk.receive("bob@desk.example", "#priority high", reply_to=notice)
    older = desk.transcript()
    desk.receive("bob@desk.example", "#priority urgent", reply_to=notice)

    [refusal] = tap(desk, older, "Undo")

    assert "you have written again since" in refusal.words
    assert desk.ticket(1).priority is Priority.URGENT


def test_who_gets_a_ticket_back_by_an_undo_is_told(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    notice = desk.notice_to("bob")
    desk.receive("carla@desk.example", "#take", reply_to=desk.notice_to("carla"))
    desk.receive("bob@desk.example", "#take", reply_to=notice)

    [told] = desk.receive("bob@desk.example", "#undo", reply_to=notice)

    assert (told.to, desk.ticket(1).assignee) == ("carla@desk.example", "carla@desk.example")


def test_a_history_is_read_back_across_what_was_undone(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    notice = desk.notice_to("bob")
    desk.receive("bob@desk.example", "#priority high\n#tag fire\n#resolve", reply_to=notice)
    desk.now += timedelta(minutes=1)
    desk.receive("bob@desk.example", "#undo", reply_to=notice)

    ticket = desk.ticket(1)
    with desk.app.sessions.begin() as session:
        changes = tickets.changes_of(session, [ticket.id])[ticket.id]
    found = [as_before(ticket, changes, cause, desk.now) for cause in ("J2", "J3")]

    assert [(then.priority, then.status, then.tags) for then in found] == [
        (Priority.MEDIUM, Status.OPEN, frozenset()),
        (Priority.HIGH, Status.RESOLVED, {"fire"}),
    ]


def test_clocks_go_on_as_if_what_is_taken_back_had_never_been(holding: Desk) -> None:
    desk, notice = holding, holding.notice_to("bob")
    before = desk.ticket(1)
    desk.receive("bob@desk.example", "#resolve\nDone.", reply_to=notice)
    assert targets(desk) == [("first_response", True), ("resolution", True)]

    desk.receive("bob@desk.example", "#undo", reply_to=notice)

    after = desk.ticket(1)
    for name in ("resolution_from", "resolution_due", "first_response_due", "waiting_since"):
        assert getattr(after, name) == getattr(before, name), name
    assert targets(desk) == [("first_response", False), ("resolution", False)]


def targets(desk: Desk) -> list[tuple[str, bool]]:
    """Each target in the log, and whether it was met."""
    with desk.app.sessions.begin() as session:
        rows = session.execute(select(sla_log.c.target, sla_log.c.met_at).order_by(sla_log.c.target))
        return [(target, met_at is not None) for target, met_at in rows]


def waiting_answer(session: Session, desk: Desk) -> int:
    return next(mail.id for mail in outbox.written_for(session, desk.ticket(1).id) if mail.waits)


def test_an_undo_that_comes_while_the_answer_is_being_booked_sees_that_it_leaves(holding: Desk) -> None:
    """The courier books in one session while the mail with #undo is decided in another."""
    desk = holding
    notice = desk.notice_to("bob")
    desk.receive("bob@desk.example", "#priority high\nUse petrol.", reply_to=notice)
    desk.now += timedelta(minutes=1)
    desk.put(*desk.compose("bob@desk.example", "#undo", reply_to=notice))
    with desk.app.sessions.begin() as session:
        number = waiting_answer(session, desk)

    with desk.app.sessions.begin() as courier:
        booked = outbox.book(courier, desk.now, desk.now + timedelta(minutes=20))
        assert booked is not None
        assert booked.id == number
        thread = threading.Thread(target=desk.app.work.mails)
        thread.start()
        thread.join(0.5)  # it waits for the courier's commit, or has given up for now
    thread.join(30)
    desk.work()

    assert desk.messages(1)[1] == ("agent", "public", "Use petrol.")
    assert desk.ticket(1).priority is Priority.MEDIUM
    assert "has left and cannot be taken back" in desk.transcript().words


def test_a_courier_that_comes_while_an_answer_is_taken_back_finds_nothing_to_send(holding: Desk) -> None:
    desk = holding
    notice = desk.notice_to("bob")
    desk.receive("bob@desk.example", "Use petrol.", reply_to=notice)
    desk.now += timedelta(minutes=1)
    desk.put(*desk.compose("bob@desk.example", "#undo", reply_to=notice))
    with desk.app.sessions.begin() as session:
        number = waiting_answer(session, desk)

    with desk.app.sessions.begin() as undoing:
        pipeline.process_mails(undoing, desk.app.house, 10, desk.now)
        thread = threading.Thread(target=desk.app.work.deliver, args=(number,))
        thread.start()
        thread.join(0.5)
    thread.join(30)
    desk.work()

    assert not [mail for mail in desk.courier.sent if "petrol" in mail.text and mail.to == "ann@example.org"]
    assert desk.messages(1)[1] == ("agent", "discarded", "Use petrol.")


def both_answer(desk: Desk) -> tuple[Sent, list[Sent]]:
    """Carla answers Ann, then Bob does from the notice that he got before. Returns it, and what Bob's mail brings."""
    desk.receive("ann@example.org", "It burns.", subject="Fire")
    bob, carla = desk.notice_to("bob"), desk.notice_to("carla")
    desk.now += timedelta(minutes=1)
    desk.receive("carla@desk.example", "Use water.", reply_to=carla)
    desk.now += timedelta(minutes=1)
    return bob, desk.receive("bob@desk.example", "#priority high\nUse sand.", reply_to=bob, attach=[("s.txt", b"sand")])


def test_who_answers_after_a_colleague_is_told_what_that_one_has_said(desk: Desk) -> None:
    _, [answer] = both_answer(desk)

    assert "Use sand." in answer.text
    assert "Carla Reyes answered before you, at 2026-11-20 09:01 UTC: Use water." in desk.transcript().words


def test_an_answer_without_commands_is_warned_of_as_well(desk: Desk) -> None:
    bob, _ = both_answer(desk)
    desk.receive("carla@desk.example", "Or foam.", reply_to=desk.notice_to("carla"))
    desk.now += timedelta(minutes=1)

    desk.receive("bob@desk.example", "Or ice.", reply_to=bob)

    assert "Or foam." in desk.transcript().words


def test_nobody_is_warned_of_what_he_has_seen_nor_of_his_own_answers(desk: Desk) -> None:
    both_answer(desk)
    seen = desk.transcript()

    for text in ("Or ice.", "Or foam."):
        desk.now += timedelta(minutes=1)
        desk.receive("bob@desk.example", text, reply_to=seen)

    assert desk.transcript().id == seen.id


def test_a_desk_may_not_look(desk: Desk) -> None:
    with_outbound(desk, "overtaken: off")

    both_answer(desk)

    assert "before you" not in desk.transcript().words


def test_a_desk_may_hold_the_second_answer_until_its_agent_sends_it(desk: Desk) -> None:
    with_outbound(desk, "overtaken: hold")
    _, [asked] = both_answer(desk)
    assert (asked.to, "Use water." in asked.text, "Use sand." in asked.text) == ("bob@desk.example", True, True)
    assert (desk.ticket(1).priority, desk.messages(1)[2][1]) == (Priority.MEDIUM, "held")

    [answer] = tap(desk, asked, "Send")

    assert (answer.to, "Use sand." in answer.text, answer.files) == ("ann@example.org", True, {"s.txt": b"sand"})
    assert desk.ticket(1).priority is Priority.HIGH
    assert [visibility for _, visibility, _ in desk.messages(1)] == ["public", "public", "discarded", "public"]


def test_another_answer_may_be_sent_in_place_of_the_one_that_is_held(desk: Desk) -> None:
    with_outbound(desk, "overtaken: hold")
    _, [asked] = both_answer(desk)

    [answer] = desk.receive("bob@desk.example", "What Carla says.", reply_to=asked)

    assert (answer.to, "What Carla says." in answer.text) == ("ann@example.org", True)


def test_nothing_is_sent_that_does_not_wait(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")

    [refusal] = desk.receive("bob@desk.example", "#send", reply_to=desk.notice_to("bob"))

    assert "no answer of yours waits here" in refusal.words


def test_a_forged_mail_that_waits_for_its_proof_is_not_sent_by_send(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.", subject="Fire")
    notice = desk.notice_to("bob")
    desk.receive("bob@desk.example", "Pay to me.", subject="[TKT-2026-000001] Fire")
    assert ("agent", "held", "Pay to me.") in desk.messages(1)

    desk.receive("bob@desk.example", "#send", reply_to=notice)

    assert not [mail for mail in desk.courier.sent if mail.to == "ann@example.org" and "Pay" in mail.text]
