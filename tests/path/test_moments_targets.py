"""Targets that are near or missed: who is told, and how a ticket goes up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from desk import CONFIG, Desk, Sent
from mailtix.store.tables import sla_log

QUIET = "remind: {unassigned: null, pending: null}\n"
ABOVE = """
teams: [{name: billing, lead: lea@desk.example}]
accounts:
  - {name: Big Corp, match: ["*@bigcorp.example"], vip: true, account_manager: max@sales.example}
"""
HOUSE = CONFIG + (
    "  - {name: Lea Lead, email: lea@desk.example}\n  - {name: Mia Boss, email: mia@desk.example, role: manager}\n"
)


def began(mails: list[Sent]) -> list[tuple[str, str]]:
    """(reader, what the subject begins with) of each mail."""
    return sorted((mail.to.partition("@")[0], mail.subject.partition(":")[0]) for mail in mails)


def billed(desk: Desk, customer: str = "ann@example.org", line: str = "") -> None:
    """A ticket of Bob's team, which he has."""
    desk.receive(customer, "It burns.")
    desk.receive("bob@desk.example", f"#assign billing\n#take\n{line}", reply_to=desk.notice_to("bob"))


def log(desk: Desk) -> list[tuple[str, bool, bool]]:
    """(target, met, missed) of each row of the log."""
    with desk.app.sessions.begin() as session:
        rows = session.execute(select(sla_log).order_by(sla_log.c.id))
        return [(row.target, row.met_at is not None, row.missed) for row in rows]


def test_each_configured_share_warns_and_the_breach_is_told_to_assignee_and_lead(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk("escalation: {on_breach: false}\nsla: {warn_at: [50%, 30m]}\n" + QUIET + ABOVE + HOUSE)
    billed(desk)

    assert desk.wait(hours=1, minutes=59, seconds=59) == []
    assert began(desk.wait(seconds=1)) == [("bob", "Due soon")]
    assert desk.wait(hours=1, minutes=29, seconds=59) == []
    assert began(desk.wait(seconds=1)) == [("bob", "Due soon")]
    assert desk.wait(minutes=29, seconds=59) == []
    assert began(desk.wait(seconds=1)) == [("bob", "Overdue"), ("lea", "Overdue")]
    assert log(desk) == [("first_response", False, True)]

    desk.now += timedelta(minutes=1)
    desk.receive("bob@desk.example", "Use water.", reply_to=desk.notice_to("bob"))
    assert log(desk) == [("first_response", True, True)]


def test_a_missed_target_goes_up_one_step_each_hour_until_it_is_reached(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(QUIET + ABOVE + HOUSE)
    billed(desk, "eve@bigcorp.example")
    desk.wait(hours=3, minutes=59, seconds=59)

    assert began(desk.wait(seconds=1)) == [("bob", "Overdue"), ("lea", "Overdue"), ("lea", "[TKT-2026-000001] Help")]
    assert desk.ticket().escalation == 1
    assert desk.wait(minutes=59, seconds=59) == []
    [told] = desk.wait(seconds=1)
    assert (told.to, desk.ticket().escalation) == ("mia@desk.example", 2)
    assert "This ticket was brought to you: the first response was due" in told.words
    [outside] = desk.wait(hours=1)
    assert (outside.to, desk.ticket().escalation) == ("max@sales.example", 3)
    assert "It burns" not in outside.text, "he is told of the ticket, not what is said in it"
    assert any("escalated to level 3, max@sales.example" in line for line in desk.history())
    assert began(desk.wait(hours=10)) == [], "there is no higher step"


def test_an_answer_stops_the_way_up(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(QUIET + ABOVE + HOUSE)
    billed(desk)
    desk.wait(hours=4)
    desk.receive("bob@desk.example", "#status in_progress\nUse water.", reply_to=desk.notice_to("bob"))

    assert desk.wait(hours=10) == []
    assert desk.ticket().escalation == 1


def test_what_was_escalated_by_hand_goes_on_from_there(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(QUIET + ABOVE + HOUSE)
    billed(desk, line="#escalate")
    assert desk.ticket().escalation == 1

    desk.wait(hours=4)
    assert desk.ticket().escalation == 1, "the first step was taken by hand"
    assert [mail.to for mail in desk.wait(hours=1)] == ["mia@desk.example"]


def test_the_chain_is_what_the_settings_say_for_escalate_too(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk("escalation: {chain: [manager, account_manager]}\n" + QUIET + ABOVE + HOUSE)
    billed(desk, "eve@bigcorp.example")
    notice = desk.notice_to("bob")

    assert [mail.to for mail in desk.receive("bob@desk.example", "#escalate", reply_to=notice)] == ["mia@desk.example"]
    [outside] = desk.receive("bob@desk.example", "#escalate", reply_to=notice)
    assert outside.to == "max@sales.example"


def test_an_answer_of_somebody_outside_waits_for_a_word(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk("escalation: {chain: [account_manager]}\n" + QUIET + ABOVE + HOUSE)
    billed(desk, "eve@bigcorp.example")
    outside = next(mail for mail in desk.wait(hours=4) if mail.to == "max@sales.example")

    assert [mail.to for mail in desk.receive("max@sales.example", "#close\nI call her.", reply_to=outside)] == [
        "bob@desk.example"
    ]
    assert desk.messages()[-1][1:] == ("held", "#close\nI call her.")


def test_notices_name_the_account_of_a_customer_who_matters(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(ABOVE + HOUSE)
    desk.receive("eve@bigcorp.example", "It burns.")

    assert "Account: Big Corp (VIP)" in desk.notice_to("bob").words
    desk.receive("ann@example.org", "It burns.")
    assert "Account:" not in desk.notice_to("bob").words


def test_a_customer_hears_that_we_are_late_only_where_that_is_wanted(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk("escalation: {tell_customer: true}\n" + QUIET + CONFIG)
    billed(desk)
    [late] = [mail for mail in desk.wait(hours=4) if mail.to == "ann@example.org"]
    assert "we are late with the first answer" in late.words

    desk.configure(QUIET + CONFIG)
    billed(desk, "joe@example.org")
    assert [mail for mail in desk.wait(hours=4) if mail.to == "joe@example.org"] == []


def test_a_ticket_that_is_opened_again_begins_below(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk("survey: {enabled: false}\n" + QUIET + ABOVE + HOUSE)
    billed(desk)
    desk.wait(hours=4)
    desk.receive("bob@desk.example", "#resolve\nDone.", reply_to=desk.notice_to("bob"))
    assert desk.ticket().escalation == 1
    desk.now += timedelta(hours=1)
    desk.receive("ann@example.org", "It burns on.", reply_to=desk.notice_to("ann"))

    assert desk.ticket().escalation == 0
    assert [mail.to for mail in desk.wait(hours=24) if "brought to you" in mail.words] == ["lea@desk.example"]


def test_a_policy_may_be_for_those_who_matter(new_desk: Callable[..., Desk]) -> None:
    promised = "sla: {policies: [{name: gold, when: {vip: true}, preset: strict}]}\n"
    desk = new_desk(promised + QUIET + ABOVE + HOUSE)
    for customer in ("eve@bigcorp.example", "ann@example.org"):
        desk.receive(customer, "It burns.")

    assert [desk.ticket(n).sla_policy for n in (1, 2)] == ["gold", "default"]
