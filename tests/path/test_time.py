"""What happens because time goes by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

from desk import CONFIG, Desk
from mailtix.model.outgoing import Deferred, Rejected
from mailtix.store import timers


def templates(desk: Desk, since: int = 0) -> list[tuple[str, str]]:
    """(first word of the subject, receiver) of what was sent."""
    return [(mail.subject.split(":")[0], mail.to) for mail in desk.courier.sent[since:]]


def test_an_unanswered_ticket_is_warned_of_and_then_alerted_once_each(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#take", reply_to=desk.notice_to("bob"))

    assert desk.wait(hours=2, minutes=59, seconds=59) == []
    [warning] = desk.wait(seconds=1)  # 75 % of 4 hours
    assert (warning.to, warning.subject.split(":")[0]) == ("bob@desk.example", "Due soon")
    assert desk.wait(minutes=59, seconds=59) == []
    [alert] = desk.wait(seconds=1)
    assert (alert.to, alert.subject.split(":")[0]) == ("bob@desk.example", "Overdue")
    assert desk.wait(hours=13, minutes=59) == []


def test_an_answer_in_time_ends_the_wait_for_the_first_response(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "Use water.", reply_to=desk.notice_to("bob"))

    assert desk.wait(hours=50) == []  # nobody can solve it while the customer is asked
    desk.receive("ann@example.org", "It still burns.", reply_to=desk.notice_to("ann"))
    assert desk.wait(hours=17, minutes=59) == []
    [warning] = desk.wait(minutes=1)  # the resolution's: 75 % of 24 hours
    assert "Due soon" in warning.subject


def test_a_higher_priority_plans_anew(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#take\n#priority critical", reply_to=desk.notice_to("bob"))

    assert desk.ticket(1).first_response_due == desk.ticket(1).created_at + timedelta(minutes=15)
    [mail] = desk.wait(minutes=12)
    assert "Due soon" in mail.subject


def test_a_cancelled_ticket_waits_for_nothing(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#status cancelled", reply_to=desk.notice_to("bob"))

    with desk.app.sessions.begin() as session:
        assert timers.upcoming(session, 10) == []
    assert desk.wait(days=10) == []


def test_the_customer_is_asked_once_after_closing_and_the_mark_is_kept(desk: Desk) -> None:
    desk.receive("Ann <ann@example.org>", "It burns.")
    desk.receive("bob@desk.example", "#close\nDone.", reply_to=desk.notice_to("bob"))
    assert desk.wait(hours=23) == []

    [survey] = desk.wait(hours=1)

    assert survey.to == "ann@example.org"
    assert survey.message["Precedence"] == "bulk"
    assert desk.receive("ann@example.org", "4 thanks\nbut it was late", reply_to=survey) == []
    ticket = desk.ticket(1)
    assert (ticket.rating, ticket.feedback, ticket.status) == (4, "thanks\nbut it was late", "closed")
    assert desk.wait(days=30) == []


def test_a_later_mark_replaces_the_first_and_one_tap_is_enough(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#close\nDone.", reply_to=desk.notice_to("bob"))
    [survey] = desk.wait(hours=24)
    desk.receive("ann@example.org", "1", reply_to=survey)

    link = urlsplit(survey.link("5"))
    query = parse_qs(link.query)
    desk.receive("ann@example.org", query["body"][0], to=unquote(link.path), subject=query["subject"][0])

    assert desk.ticket(1).rating == 5


def test_nobody_else_can_rate(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#close\nDone.", reply_to=desk.notice_to("bob"))
    [survey] = desk.wait(hours=24)
    desk.receive("mallory@evil.example", "1", reply_to=survey)

    assert desk.ticket(1).rating is None


def test_an_answer_to_the_survey_without_a_mark_reopens_the_ticket(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#close\nDone.", reply_to=desk.notice_to("bob"))
    [survey] = desk.wait(hours=24)
    [notice] = desk.receive("ann@example.org", "It burns again!", reply_to=survey)

    assert (notice.to, desk.ticket(1).status, desk.ticket(1).rating) == ("bob@desk.example", "reopened", None)


def test_surveys_can_be_switched_off(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk("survey: {enabled: false}\n" + CONFIG)
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#close\nDone.", reply_to=desk.notice_to("bob"))

    assert desk.wait(days=3) == []


def test_after_a_long_stop_each_timer_fires_once(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#take", reply_to=desk.notice_to("bob"))
    before = len(desk.courier.sent)
    desk.wait(days=3)
    desk.wait(days=3)

    assert sorted(templates(desk, before)) == [("Due soon", "bob@desk.example")] * 2 + [
        ("Overdue", "bob@desk.example")
    ] * 2 + [("The customer waits", "bob@desk.example")]


def test_a_deferred_mail_is_tried_again_and_arrives_as_the_same_mail(desk: Desk) -> None:
    desk.courier.outcomes = [Deferred("451 later")] * 3
    desk.receive("ann@example.org", "It burns.")
    assert desk.courier.sent == []

    mails = desk.wait(minutes=2)

    assert {mail.to for mail in mails} == {"ann@example.org", "bob@desk.example", "carla@desk.example"}
    assert desk.wait(minutes=27) == []


def test_a_rejected_answer_is_told_to_the_agent_and_kept_in_the_history(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.courier.outcomes = [Rejected("550 5.1.1 unknown")]
    [notice] = desk.receive("bob@desk.example", "Use water.", reply_to=desk.notice_to("bob"))

    assert notice.to == "bob@desk.example"
    assert "550 5.1.1 unknown" in notice.text
    assert any("refused: 550 5.1.1 unknown" in line for line in desk.history(1))


def test_a_mail_is_given_up_after_days_and_that_is_told(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    desk.receive("bob@desk.example", "#take", reply_to=desk.notice_to("bob"))
    desk.courier.outcomes = [Deferred("451 later")] * 1000
    desk.receive("bob@desk.example", "#resolve\nUse water.", reply_to=desk.notice_to("bob"))
    for _ in range(40):
        desk.wait(hours=8)
    desk.courier.outcomes = []
    desk.wait(hours=8)

    assert any("was refused: 451 later" in line for line in desk.history(1))
    assert "did not arrive" in desk.notice_to("bob").text
