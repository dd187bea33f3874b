"""What the desk is reminded of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from desk import CONFIG, Desk, Sent

QUIET = "sla: {targets: {medium: {first_response: 300d, resolution: 400d}}}\nescalation: {on_breach: false}\n"
LEAD = "teams: [{name: billing, lead: carla@desk.example}]\n"


@pytest.fixture
def desk(new_desk: Callable[..., Desk]) -> Desk:
    """A desk without targets that could be near."""
    return new_desk(QUIET + CONFIG)


def subjects(mails: list[Sent]) -> list[tuple[str, str]]:
    """(reader, what the subject begins with) of each mail."""
    return sorted((mail.to.partition("@")[0], mail.subject.partition(":")[0]) for mail in mails)


def test_a_ticket_that_nobody_has_is_reminded_of_once_after_half_an_hour(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")

    assert desk.wait(minutes=29, seconds=59) == []
    assert subjects(desk.wait(seconds=1)) == [("bob", "Nobody has it"), ("carla", "Nobody has it")]
    assert desk.wait(hours=23) == []


def test_whoever_takes_it_stops_that_and_putting_it_back_begins_anew(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    notice = desk.notice_to("bob")
    desk.receive("bob@desk.example", "#take", reply_to=notice)
    assert desk.wait(hours=1) == []

    desk.receive("bob@desk.example", "#unassign", reply_to=notice)
    assert desk.wait(minutes=29) == []
    assert subjects(desk.wait(minutes=1)) == [("bob", "Nobody has it"), ("carla", "Nobody has it")]


def test_a_team_hears_of_its_tickets_and_so_does_its_lead(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(QUIET + LEAD + CONFIG)
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#assign billing", reply_to=desk.notice_to("bob"))

    assert subjects(desk.wait(minutes=30)) == [("bob", "Nobody has it"), ("carla", "Nobody has it")]


def test_the_time_is_working_time(new_desk: Callable[..., Desk]) -> None:
    office = "calendars: [{name: office, hours: {mon-fri: '09:00-17:00'}}]\n"
    desk = new_desk(office + QUIET.replace("sla: {", "sla: {calendar: office, ") + CONFIG)
    desk.now += timedelta(hours=7, minutes=50)  # Friday, ten minutes before the end
    desk.receive("ann@example.org", "It burns.")

    assert desk.wait(days=2, hours=16, minutes=29) == []  # until Monday, 09:19
    assert len(desk.wait(minutes=1)) == 2


def test_a_customer_who_waits_for_a_day_is_reminded_of(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#take", reply_to=desk.notice_to("bob"))
    assert desk.wait(hours=23, minutes=59) == []
    [reminder] = desk.wait(minutes=1)

    assert subjects([reminder]) == [("bob", "The customer waits")]
    assert "ann@example.org waits for an answer" in reminder.words
    answered = desk.receive("bob@desk.example", "#status in_progress\nUse water.", reply_to=reminder)
    assert desk.wait(days=3) == []
    desk.receive("ann@example.org", "It burns on.", reply_to=answered[0])
    assert subjects(desk.wait(days=1)) == [("bob", "The customer waits")]


def test_a_sleeper_wakes_to_the_second_and_whoever_has_it_is_told(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#take\n#snooze 3h", reply_to=desk.notice_to("bob"))

    assert desk.wait(hours=2, minutes=59, seconds=59) == []
    assert desk.ticket().snoozed_until is not None
    [told] = desk.wait(seconds=1)

    assert subjects([told]) == [("bob", "Awake again")]
    assert desk.ticket().snoozed_until is None
    assert any(line == "awake" for line in desk.history())


def test_nobody_is_reminded_of_what_sleeps(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#snooze 30d", reply_to=desk.notice_to("bob"))

    assert desk.wait(days=29) == []


def test_a_promise_is_reminded_of_an_hour_before_and_when_it_is_due(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#take\n#due 5h", reply_to=desk.notice_to("bob"))

    assert desk.wait(hours=3, minutes=59, seconds=59) == []
    [soon] = desk.wait(seconds=1)
    assert "What was promised for this ticket is due in 1 hour" in soon.words
    assert desk.wait(minutes=59, seconds=59) == []
    [due] = desk.wait(seconds=1)
    assert (subjects([due]), "is due now" in due.words) == ([("bob", "Promised")], True)
    assert desk.wait(hours=18) == []


def test_of_a_promise_for_the_next_minutes_there_is_one_reminder(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#take\n#due 30m", reply_to=desk.notice_to("bob"))

    assert len(desk.wait(minutes=30)) == 1


def test_what_is_done_is_reminded_of_no_more(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#due 5h\n#resolve\nDone.", reply_to=desk.notice_to("bob"))

    assert desk.wait(hours=47) == []


def test_each_reminder_can_be_switched_off(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk("remind: {unassigned: null, pending: null, due: null}\n" + QUIET + CONFIG)
    desk.receive("ann@example.org", "It burns.")
    assert desk.wait(days=5) == []

    desk.receive("bob@desk.example", "#due 5h", reply_to=desk.notice_to("bob"))
    assert desk.wait(hours=4, minutes=59) == []
    assert len(desk.wait(minutes=1)) == 2


def test_one_tap_in_a_reminder_works(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    [reminder, _] = desk.wait(minutes=30)

    assert "body=%23take" in reminder.link("Take")
