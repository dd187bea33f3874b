"""Customers are asked how it went, and answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from desk import CONFIG, Desk, Sent
from mailtix.model.ticket import Status

HOUSE = "teams: [{name: billing, lead: carla@desk.example}]\n" + CONFIG


def surveyed(desk: Desk, customer: str = "ann@example.org") -> Sent:
    """The survey about a new ticket of that customer's, which Bob has closed."""
    desk.receive(customer, "It burns.")
    desk.receive("bob@desk.example", "#assign billing\n#take\n#close\nDone.", reply_to=desk.notice_to("bob"))
    [survey] = desk.wait(hours=24)
    assert survey.to == customer
    return survey


def tapped(desk: Desk, survey: Sent, label: str, customer: str = "ann@example.org") -> list[Sent]:
    """What leaves when the customer taps that link: his client writes a mail of its own, without any thread."""
    link = urlsplit(survey.link(label))
    query = parse_qs(link.query)
    return desk.receive(customer, query["body"][0], to=unquote(link.path), subject=query["subject"][0])


@pytest.fixture
def desk(new_desk: Callable[..., Desk]) -> Desk:
    """A desk whose billing team has a lead."""
    return new_desk(HOUSE)


def test_a_low_mark_alerts_the_assignee_and_the_lead_once(desk: Desk) -> None:
    survey = surveyed(desk)
    told = desk.receive("ann@example.org", "2 - nobody called me", reply_to=survey)

    assert sorted(mail.to for mail in told) == ["bob@desk.example", "carla@desk.example"]
    assert "ann@example.org has rated this ticket 2 of 5" in told[0].words
    assert "nobody called me" in told[0].text
    assert desk.receive("ann@example.org", "1", reply_to=survey) == [], "they know"
    assert (desk.ticket().rating, desk.ticket().status) == (1, Status.CLOSED)


def test_history_keeps_both_marks(desk: Desk) -> None:
    survey = surveyed(desk)
    for mark in ("4", "5"):
        assert tapped(desk, survey, mark) == []

    assert desk.ticket().rating == 5
    assert [line for line in desk.history() if line.startswith("rated")] == ["rated 4 of 5.", "rated 5 of 5."]


def test_a_low_mark_opens_the_ticket_again_where_that_is_wanted(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk("survey: {low: 3, reopen: true}\n" + HOUSE)
    tapped(desk, surveyed(desk), "3")

    assert (desk.ticket().status, desk.ticket().rating) == (Status.REOPENED, 3)


def test_thanks_are_said_once_where_they_are_wanted(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk("survey: {thanks: true}\n" + HOUSE)
    survey = surveyed(desk)

    [thanks] = tapped(desk, survey, "4")
    assert (thanks.to, "thank you for your answer" in thanks.words) == ("ann@example.org", True)
    assert thanks.message["Auto-Submitted"] != "no"
    assert tapped(desk, survey, "5") == []


def test_one_customer_is_asked_once_in_two_weeks(desk: Desk) -> None:
    surveyed(desk)
    desk.receive("ann@example.org", "And again.", subject="Other")
    desk.receive("bob@desk.example", "#close\nDone.", reply_to=desk.notice_to("bob"))
    assert desk.wait(hours=24) == []
    assert any("the customer was asked on" in line for line in desk.history(2))
    assert desk.ticket(2).rating is None

    desk.wait(days=14)
    surveyed(desk)


def test_two_tickets_that_are_closed_at_once_ask_once(desk: Desk) -> None:
    for subject in ("One", "Two"):
        desk.receive("ann@example.org", "It burns.", subject=subject)
        desk.receive("bob@desk.example", "#close\nDone.", reply_to=desk.notice_to("bob"))

    assert [mail.to for mail in desk.wait(hours=24)] == ["ann@example.org"]


def test_one_tap_and_nobody_asks_again(desk: Desk) -> None:
    survey = surveyed(desk)
    [told] = tapped(desk, survey, "Do not ask me again")
    assert (told.to, "we will not ask you again" in told.words) == ("ann@example.org", True)
    assert (desk.ticket().rating, desk.ticket().status) == (None, Status.CLOSED)

    desk.wait(days=20)
    desk.receive("ann@example.org", "And again.")
    desk.receive("bob@desk.example", "#close\nDone.", reply_to=desk.notice_to("bob"))
    assert desk.wait(days=3) == []


@pytest.mark.parametrize("by_tap", [True, False])
def test_a_mark_after_its_time_counts_for_nothing_and_opens_nothing(desk: Desk, by_tap: bool) -> None:
    survey = surveyed(desk)
    desk.now += timedelta(days=32)
    if by_tap:
        assert tapped(desk, survey, "1") == []
    else:
        assert desk.receive("ann@example.org", "1", reply_to=survey) == []

    assert (desk.ticket().rating, desk.ticket().status) == (None, Status.CLOSED)
    assert "came too late" in desk.outcome(3)[1]


def test_words_after_its_time_are_a_mail_like_any_other(desk: Desk) -> None:
    survey = surveyed(desk)
    desk.now += timedelta(days=32)
    desk.receive("ann@example.org", "It burns again.", reply_to=survey)

    assert desk.ticket().status is Status.REOPENED


def test_what_was_spam_merged_or_opened_by_a_machine_is_not_asked_about(desk: Desk) -> None:
    desk.receive("spam@example.org", "Buy!")
    desk.receive("bob@desk.example", "#spam", reply_to=desk.notice_to("bob"))
    desk.receive("robot@example.org", "Disk full.", Auto_Submitted="auto-generated")
    desk.receive("bob@desk.example", "#close", reply_to=desk.notice_to("bob"))
    desk.receive("ann@example.org", "One.", subject="One")
    into = desk.notice_to("bob").number
    desk.receive("ann@example.org", "Two.", subject="Two")
    desk.receive("bob@desk.example", f"#merge {into}", reply_to=desk.notice_to("bob"))

    assert [mail for mail in desk.wait(hours=30) if mail.message["Precedence"] == "bulk"] == []
