"""Tickets that nobody goes on with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from desk import CONFIG, Desk
from mailtix.model.ticket import Status
from mailtix.store import tickets

NO_SURVEY = "survey: {enabled: false}\n"


@pytest.fixture
def desk(new_desk: Callable[..., Desk]) -> Desk:
    """A desk that asks nobody how it went."""
    return new_desk(NO_SURVEY + CONFIG)


def asked(desk: Desk, category: str = "") -> None:
    """A ticket of Ann's that waits for her."""
    desk.receive("ann@example.org", "It burns.")
    line = f"#category {category}\n" if category else ""
    desk.receive("bob@desk.example", f"#take\n{line}#status waiting_customer\nWhere?", reply_to=desk.notice_to("bob"))
    assert desk.ticket().status is Status.WAITING_CUSTOMER


def to_ann(desk: Desk, **time: float) -> list[str]:
    """What she is told when time goes by."""
    return [mail.words for mail in desk.wait(**time) if mail.to == "ann@example.org"]


def closed_at(desk: Desk) -> list[timedelta]:
    """How long after the opening each closing was."""
    with desk.app.sessions.begin() as session:
        lines = tickets.history_of(session, desk.ticket().id)
    return [line.at - desk.ticket().created_at for line in lines if line.field == "status" and line.new == "closed"]


def test_a_silent_customer_is_warned_after_five_days_and_the_ticket_closed_after_seven(desk: Desk) -> None:
    asked(desk)
    assert to_ann(desk, days=4, hours=23, minutes=59, seconds=59) == []
    [warning] = to_ann(desk, seconds=1)
    assert "the ticket is closed in 2 days" in warning
    assert to_ann(desk, days=1, hours=23, minutes=59, seconds=59) == []
    assert desk.ticket().status is Status.WAITING_CUSTOMER

    [closed] = to_ann(desk, seconds=1)

    assert "is closed" in closed
    assert (desk.ticket().status, closed_at(desk)) == (Status.CLOSED, [timedelta(days=7)])
    assert desk.wait(days=30) == []


def test_the_answer_of_the_customer_stops_it(desk: Desk) -> None:
    asked(desk)
    desk.wait(days=6)
    desk.receive("ann@example.org", "In the cellar.", reply_to=desk.notice_to("ann"))

    assert desk.ticket().status is Status.WAITING_SUPPORT
    assert [words for words in to_ann(desk, days=20) if "closed" in words] == []
    assert desk.ticket().close_warned_at is None


def test_an_answer_to_the_closing_opens_it_again(desk: Desk) -> None:
    asked(desk)
    desk.wait(days=5)
    desk.wait(days=2)
    desk.receive("ann@example.org", "In the cellar.", reply_to=desk.notice_to("ann"))

    assert desk.ticket().status is Status.REOPENED


def test_what_an_agent_writes_meanwhile_begins_the_time_anew(desk: Desk) -> None:
    asked(desk)
    desk.wait(days=4)
    desk.receive("bob@desk.example", "Did you find it?", reply_to=desk.notice_to("bob"))

    assert to_ann(desk, days=4) == []
    assert len(to_ann(desk, days=1)) == 1
    assert desk.ticket().status is Status.WAITING_CUSTOMER


def test_after_a_standstill_the_warned_customer_still_has_his_two_days(desk: Desk) -> None:
    asked(desk)
    [warning] = to_ann(desk, days=9)

    assert "in 2 days" in warning
    assert desk.ticket().status is Status.WAITING_CUSTOMER
    assert to_ann(desk, days=1, hours=23, minutes=59) == []
    assert len(to_ann(desk, minutes=1)) == 1
    assert closed_at(desk) == [timedelta(days=11)]


def test_what_sleeps_is_not_closed(desk: Desk) -> None:
    asked(desk)
    desk.receive("bob@desk.example", "#snooze 10d", reply_to=desk.notice_to("bob"))
    assert to_ann(desk, days=9) == []

    desk.wait(days=1)

    assert to_ann(desk, days=4, hours=23) == []
    assert len(to_ann(desk, hours=1)) == 1


def test_what_is_resolved_is_closed_after_two_days_without_another_word(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#resolve\nDone.", reply_to=desk.notice_to("bob"))

    assert desk.wait(hours=47, minutes=59, seconds=59) == []
    assert desk.wait(seconds=1) == []
    assert (desk.ticket().status, closed_at(desk)) == (Status.CLOSED, [timedelta(hours=48)])
    assert "nobody has written for 2 days" in history(desk)


def history(desk: Desk) -> str:
    with desk.app.sessions.begin() as session:
        return "\n".join(line.because for line in tickets.history_of(session, desk.ticket().id))


def test_whoever_opened_it_by_machine_hears_nothing_and_it_is_closed_all_the_same(desk: Desk) -> None:
    desk.receive("robot@example.org", "Disk full.", Auto_Submitted="auto-generated")
    desk.receive("bob@desk.example", "#status waiting_customer", reply_to=desk.notice_to("bob"))

    assert [mail for _ in range(3) for mail in desk.wait(days=5) if mail.to == "robot@example.org"] == []
    assert desk.ticket().status is Status.CLOSED


def test_each_category_has_times_of_its_own_and_any_may_be_switched_off(new_desk: Callable[..., Desk]) -> None:
    categories = "categories: [{name: billing, after: 3d}, {name: technical, after: null}]"
    close = f"close: {{warn: null, resolved: null, {categories}}}\n"
    desk = new_desk(close + NO_SURVEY + CONFIG)
    asked(desk, "billing")
    assert to_ann(desk, days=2, hours=23) == []
    [closed] = to_ann(desk, hours=1)
    assert "is closed" in closed

    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#category technical\n#status waiting_customer", reply_to=desk.notice_to("bob"))
    desk.receive("joe@example.org", "It burns.")
    desk.receive("bob@desk.example", "#resolve", reply_to=desk.notice_to("bob"))
    desk.wait(days=60)
    assert [desk.ticket(n).status for n in (2, 3)] == [Status.WAITING_CUSTOMER, Status.RESOLVED]


def test_a_german_customer_is_warned_in_german(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk("accounts: [{name: Huber, match: '*@example.org', language: de}]\n" + NO_SURVEY + CONFIG)
    asked(desk)
    [warning] = to_ann(desk, days=5)
    assert "wird das Ticket in 2 Tagen geschlossen" in warning
