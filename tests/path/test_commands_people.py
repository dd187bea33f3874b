"""Commands about who has to do with a ticket."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desk import Desk, Sent
from mailtix.model.ticket import Status

CONFIG = """
companies:
  - name: Example
    mailboxes: [{address: support@desk.example, name: Example Support}]
    categories: [billing, technical]
agents:
  - {name: Ann Archer, email: ann.archer@desk.example, teams: [billing]}
  - {name: Ann Miller, email: ann.miller@desk.example, teams: [billing]}
  - {name: Bob Miller, email: bob@desk.example, teams: [billing]}
  - {name: Carla Reyes, email: carla@desk.example, teams: [technical], role: manager}
  - {name: Dora Weiss, email: dora@desk.example, teams: [technical], role: admin}
teams:
  - {name: billing, lead: ann.archer@desk.example}
"""


@pytest.fixture
def desk(new_desk: Callable[..., Desk]) -> Desk:
    return new_desk(CONFIG)


@pytest.fixture
def notice(desk: Desk) -> Sent:
    """Bob's notice of Joe's ticket."""
    desk.receive("Joe <joe@example.org>", "It burns.", subject="Fire")
    return desk.notice_to("bob")


@pytest.mark.parametrize(
    ("who", "owner"),
    [
        ("carla", "carla@desk.example"),
        ("car", "carla@desk.example"),
        ("reyes", "carla@desk.example"),
        ("arla", "carla@desk.example"),
        ('"Ann Archer"', "ann.archer@desk.example"),
        ("ann miller", "ann.miller@desk.example"),
        ("@bob", "bob@desk.example"),
        ("BOB@desk.example", "bob@desk.example"),
        ("me", "bob@desk.example"),
    ],
)
def test_a_part_of_a_name_is_enough_when_only_one_has_it(desk: Desk, notice: Sent, who: str, owner: str) -> None:
    desk.receive("bob@desk.example", f"#assign {who}", reply_to=notice)
    assert desk.ticket().assignee == owner


@pytest.mark.parametrize(
    ("who", "says"),
    [
        ("ann", "'ann' may be ann.archer@desk.example or ann.miller@desk.example; give the whole address"),
        ("miller", "'miller' may be ann.miller@desk.example or bob@desk.example"),
        ("billi", ""),
        ("carlla", "nobody is called 'carlla', did you mean 'carla'?"),
        ("", "#assign needs a person or a team"),
    ],
)
def test_who_may_be_several_or_nobody_is_asked_for(desk: Desk, notice: Sent, who: str, says: str) -> None:
    mails = desk.receive("bob@desk.example", f"#assign {who}", reply_to=notice)
    if says:
        assert says in mails[0].words
        assert (desk.ticket().assignee, desk.ticket().team) == ("", "")
    else:
        assert desk.ticket().team == "billing"


def test_a_ticket_may_be_given_back(desk: Desk, notice: Sent) -> None:
    desk.receive("bob@desk.example", "#take", reply_to=notice)
    desk.receive("bob@desk.example", "#unassign", reply_to=notice)
    assert desk.ticket().assignee == ""


def test_who_is_in_cc_hears_answers_until_he_is_taken_out(desk: Desk, notice: Sent) -> None:
    mails = desk.receive("bob@desk.example", "#cc <Eve@example.net>, max@example.com\nUse water.", reply_to=notice)
    assert {mail.to for mail in mails} == {"joe@example.org", "eve@example.net", "max@example.com"}

    mails = desk.receive("bob@desk.example", "#uncc max@example.com\nOr sand.", reply_to=notice)
    assert {mail.to for mail in mails} == {"joe@example.org", "eve@example.net"}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("#cc", "#cc needs an address"),
        ("#cc joe", "'joe' is no address"),
        ("#cc support+x@desk.example", "is one of our own mailboxes"),
        ("#cc carla@desk.example", "Carla Reyes is a colleague; write #watch carla@desk.example"),
        ("#uncc", "there take part: nobody else"),
        ("#uncc eve@example.net", "eve@example.net takes no part in it"),
        ("#uncc joe@example.org", "#requester gives it to somebody else"),
        ("#watch billing", "nobody is called 'billing'"),
        ("#unwatch", "Bob Miller does not watch this ticket"),
        ("#requester nobody", "#requester needs an address"),
    ],
)
def test_what_cannot_be_is_told(desk: Desk, notice: Sent, line: str, says: str) -> None:
    [refusal] = desk.receive("bob@desk.example", line, reply_to=notice)
    assert says in refusal.words
    assert desk.ticket().participants == ("joe@example.org",)


def test_who_watches_hears_of_customers_colleagues_and_moves(desk: Desk, notice: Sent) -> None:
    desk.receive("bob@desk.example", "#take\n#watch car", reply_to=notice)
    assert desk.ticket().watchers == ("carla@desk.example",)

    mails = {mail.to: mail for mail in desk.receive("bob@desk.example", "Use water.", reply_to=notice)}
    assert set(mails) == {"joe@example.org", "carla@desk.example"}
    assert "Bob Miller has answered a ticket that you watch" in mails["carla@desk.example"].words
    assert "Use water." in mails["carla@desk.example"].text

    told = desk.receive("joe@example.org", "It burns on.", reply_to=mails["joe@example.org"])
    assert {mail.to for mail in told} == {"bob@desk.example", "carla@desk.example"}

    told = desk.receive("bob@desk.example", "#status waiting_internal", reply_to=notice)
    assert [mail.to for mail in told] == ["carla@desk.example"]
    assert "worked on a ticket that you watch" in told[0].words

    told = desk.receive("bob@desk.example", "#note He is not insured.", reply_to=notice)
    assert [mail.to for mail in told] == ["carla@desk.example"]

    desk.receive("carla@desk.example", "#unwatch", reply_to=told[0])
    assert desk.receive("bob@desk.example", "#status in_progress\n#tag x", reply_to=notice)[0].to == "joe@example.org"


def test_an_assignee_who_watches_is_told_once(desk: Desk, notice: Sent) -> None:
    desk.receive("bob@desk.example", "#take\n#watch", reply_to=notice)
    [answer] = desk.receive("bob@desk.example", "Use water.", reply_to=notice)
    assert [mail.to for mail in desk.receive("joe@example.org", "Thanks.", reply_to=answer)] == ["bob@desk.example"]


def test_a_ticket_goes_up_step_by_step(desk: Desk, notice: Sent) -> None:
    desk.receive("bob@desk.example", "#assign billing", reply_to=notice)
    [told] = desk.receive("bob@desk.example", "#escalate the house burns", reply_to=notice)

    assert told.to == "ann.archer@desk.example"
    assert "Bob Miller has brought this ticket to you" in told.words
    assert "the house burns" in told.text
    ticket = desk.ticket()
    assert (ticket.status, ticket.escalation, ticket.assignee) == (Status.ESCALATED, 1, "")
    assert "level 1, brought to Ann Archer" in desk.transcript().words

    [told] = desk.receive("ann.archer@desk.example", "#escalate", reply_to=told)
    assert told.to == "carla@desk.example"
    for _ in range(2):
        [highest] = desk.receive("carla@desk.example", "#escalate", reply_to=told)
        assert highest.to == "dora@desk.example"
    assert desk.ticket().escalation == 4


def test_what_is_done_is_not_escalated(desk: Desk, notice: Sent) -> None:
    desk.receive("bob@desk.example", "#resolve", reply_to=notice)
    [refusal] = desk.receive("bob@desk.example", "#escalate", reply_to=notice)
    assert "the ticket is resolved; #reopen it first" in refusal.words


def test_no_more_people_are_brought_in_than_the_settings_allow(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(f"participants: {{most: 3}}\n{CONFIG}")
    desk.receive("ann@example.org", "It burns.")
    notice = desk.notice_to("bob")
    desk.receive("bob@desk.example", "#cc eve@example.net joe@example.net", reply_to=notice)
    assert len(desk.ticket().participants) == 3

    [refused] = desk.receive("bob@desk.example", "#cc max@example.net", reply_to=notice)

    assert "at most 3 people take part in a ticket" in refused.words
    assert len(desk.ticket().participants) == 3
