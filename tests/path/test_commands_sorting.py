"""Commands that sort a ticket, put it aside or bring it up, from the agent's mail to its transcript."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from desk import CONFIG, Desk, Sent
from mailtix.model.ticket import Priority, Status

FIELDS = """
fields:
  - {name: order, type: number}
  - {name: product, type: choice, choices: [desk lamp, desk, Chair], categories: billing}
  - {name: bought, type: date}
  - {name: remark}
commands:
  aliases: {done: resolve, p: priority}
"""
BERLIN = CONFIG.replace("teams: [billing]}", "teams: [billing], shift: {zone: Europe/Berlin, hours: 08:00-16:30}}")


@pytest.fixture
def desk(new_desk: Callable[..., Desk]) -> Desk:
    return new_desk(BERLIN + FIELDS)


@pytest.fixture
def notice(desk: Desk) -> Sent:
    """Bob's notice of Ann's ticket."""
    desk.receive("Ann <ann@example.org>", "It burns.", subject="Fire")
    return desk.notice_to("bob")


def refused(desk: Desk, text: str, notice: Sent) -> str:
    """What the agent is told of that text, of which nothing was done."""
    before = desk.ticket()
    [refusal] = desk.receive("bob@desk.example", text, reply_to=notice)
    assert refusal.to == "bob@desk.example"
    after = desk.ticket()
    assert (after.status, after.tags, after.fields, after.snoozed_until) == (
        before.status, before.tags, before.fields, before.snoozed_until,
    )  # fmt: skip
    return refusal.words


def test_commands_at_the_bottom_count_like_those_at_the_top(desk: Desk, notice: Sent) -> None:
    [answer] = desk.receive("bob@desk.example", "#p up\nUse water.\n\n#tag fire\n#done\n", reply_to=notice)

    ticket = desk.ticket()
    assert (ticket.priority, ticket.status, ticket.tags) == (Priority.HIGH, Status.RESOLVED, {"fire"})
    assert "Use water." in answer.text
    assert "#" not in answer.text


def test_tags_come_in_lists_and_go_again(desk: Desk, notice: Sent) -> None:
    desk.receive("bob@desk.example", '#tag Refund, vip, "big customer"', reply_to=notice)
    assert desk.ticket().tags == {"refund", "vip", "big customer"}

    desk.receive("bob@desk.example", '#untag refund "big customer"', reply_to=notice)
    assert desk.ticket().tags == {"vip"}
    assert "it has no tag 'vpi', did you mean 'vip'?" in refused(desk, "#untag vpi", notice)


def test_priority_goes_up_and_down_until_it_ends(desk: Desk, notice: Sent) -> None:
    desk.receive("bob@desk.example", "#priority up\n#priority up\n#priority down", reply_to=notice)
    assert desk.ticket().priority is Priority.HIGH

    desk.receive("bob@desk.example", "#priority crit", reply_to=notice)
    assert "it is critical already" in refused(desk, "#priority up", notice)


def test_categories_go_by_a_part_of_their_name_when_only_one_has_it(desk: Desk, notice: Sent) -> None:
    desk.receive("bob@desk.example", "#category chnic", reply_to=notice)
    assert desk.ticket().category == "technical"
    assert "'i' may be billing or technical" in refused(desk, "#category i", notice)


def test_custom_fields_hold_what_their_type_wants_and_are_shown(desk: Desk, notice: Sent) -> None:
    text = "#category billing\n#field Order 4711,5\n#field prod lamp\n#field bought 2026-01-31\n"
    text += '#field remark "He is off" today'
    refusal = refused(desk, text, notice)
    assert "'lamp'" in refusal
    assert "there are: desk lamp, desk, Chair" in refusal

    desk.receive("bob@desk.example", text.replace("prod lamp", 'prod "desk l"'), reply_to=notice)
    values = {"order": "4711.5", "product": "desk lamp", "bought": "2026-01-31", "remark": "He is off today"}
    assert desk.ticket().fields == values
    assert "order: 4711.5" in desk.transcript().text
    assert "product: desk lamp" in desk.transcript().text
    assert "desk lamp" in desk.transcript().html

    desk.receive("bob@desk.example", "#field order off", reply_to=notice)
    assert "order" not in desk.ticket().fields


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("#field", "#field needs a word: order, bought, remark"),
        ("#field ordr 3", "there is no field 'ordr', did you mean 'order'?"),
        ("#field order", "#field order needs a number, or off"),
        ("#field order many", "'many' does not fit: order is a number"),
        ("#field bought sometime", "bought is a day, such as 2026-12-01 or friday"),
        ("#field product desk", "there is no field 'product'"),
        ("#field remark " + "x" * 501, "at most 500 characters"),
    ],
)
def test_a_field_that_does_not_fit_is_told(desk: Desk, notice: Sent, line: str, says: str) -> None:
    assert says in refused(desk, line, notice)


def test_a_desk_without_fields_says_where_they_are_made(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk()
    desk.receive("ann@example.org", "It burns.")

    assert "they stand under `fields` in the settings" in refused(desk, "#field a b", desk.notice_to("bob"))


def test_snoozing_counts_on_the_agents_own_clock(desk: Desk, notice: Sent) -> None:
    desk.receive("bob@desk.example", "#snooze monday", reply_to=notice)
    assert desk.ticket().snoozed_until == datetime(2026, 11, 23, 7, 0, tzinfo=UTC)  # his shift begins at 8 in Berlin
    assert "Sleeps until: 23 November 2026, 07:00 UTC" in desk.transcript().text

    desk.receive("bob@desk.example", "#snooze 2h", reply_to=notice)
    assert desk.ticket().snoozed_until == datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
    desk.receive("bob@desk.example", "#snooze off", reply_to=notice)
    assert desk.ticket().snoozed_until is None


def test_a_promise_ends_with_the_agents_day(desk: Desk, notice: Sent) -> None:
    desk.receive("bob@desk.example", "#due 2026-12-01", reply_to=notice)
    assert desk.ticket().due_at == datetime(2026, 12, 1, 15, 30, tzinfo=UTC)
    desk.receive("bob@desk.example", "#due off", reply_to=notice)
    assert desk.ticket().due_at is None


@pytest.mark.parametrize(
    "line", ["#snooze", "#snooze soon", "#due yesterday", "#due 2026-11-01", "#snooze 2026-11-20 9:59"]
)
def test_a_moment_that_is_none_is_told(desk: Desk, notice: Sent, line: str) -> None:
    says = refused(desk, line, notice)
    assert "say when" in says or "is no moment" in says or "is over already" in says


def test_what_is_done_needs_no_sleep(desk: Desk, notice: Sent) -> None:
    desk.receive("bob@desk.example", "#resolve", reply_to=notice)
    assert "#reopen it first" in refused(desk, "#snooze 1d", notice)


def test_spam_ends_a_ticket_and_its_sender_hears_nothing(desk: Desk, notice: Sent) -> None:
    assert desk.receive("bob@desk.example", "#spam", reply_to=notice) == []

    assert (desk.ticket().status, desk.ticket().tags) == (Status.CANCELLED, {"spam"})
    assert "nobody is told" in desk.transcript().words
    assert desk.wait(days=30) == []


def test_a_signature_does_not_come_between_an_agent_and_his_commands(desk: Desk, notice: Sent) -> None:
    assert desk.receive("bob@desk.example", "#take\n\nBob Miller", reply_to=notice) == []

    text = "Use water.\n\n#priority high\n#done\n\nRegards,\nBob Miller\n\n-- \nBob Miller\nExample Ltd"
    [answer] = desk.receive("bob@desk.example", text, reply_to=notice)
    assert (desk.ticket().priority, desk.ticket().status) == (Priority.HIGH, Status.RESOLVED)
    assert "#" not in answer.text


def test_spam_with_an_answer_to_it_is_refused(desk: Desk, notice: Sent) -> None:
    assert "send #spam without text" in refused(desk, "#spam\nStop that!", notice)


def test_what_stood_so_already_is_said(desk: Desk, notice: Sent) -> None:
    desk.wait(minutes=5)
    before = desk.history()
    desk.receive("bob@desk.example", "#priority medium", reply_to=notice)
    assert "as it was already" in desk.transcript().words
    assert desk.history() == before

    desk.receive("bob@desk.example", "#tag fire\n#tag fire", reply_to=notice)
    assert desk.transcript().words.count("as it was already") == 1
