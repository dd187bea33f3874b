"""Mail that only claims to be from an agent: what it would do is done when he says that it is his."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desk import CONFIG, Desk, Sent
from mailtix.model.ticket import Priority, Status

TAG = "Re: [TKT-2026-000001] Fire"
TWO = """
companies:
  - {name: Example, mailboxes: [{address: support@desk.example}]}
  - {name: Other, mailboxes: [{address: help@other.example}]}
agents:
  - {name: Bob Miller, email: bob@desk.example}
"""


@pytest.fixture
def question(desk: Desk) -> Sent:
    """What Bob is asked about a mail that came without his key."""
    desk.receive("Ann <ann@example.org>", "It burns.", subject="Fire")
    desk.receive("bob@desk.example", "#priority urgent\n#close\nUse water.", subject=TAG)
    return desk.notice_to("bob")


def stands(desk: Desk) -> tuple[Status, Priority]:
    return desk.ticket(1).status, desk.ticket(1).priority


def test_he_is_asked_at_his_own_address_and_told_what_would_be_done(desk: Desk, question: Sent) -> None:
    assert (question.to, question.subject) == ("bob@desk.example", "Was this you? [TKT-2026-000001] Fire")
    assert "priority: medium → urgent" in question.words
    assert "status: open → closed" in question.words
    assert "your text goes to ann@example.org" in question.words
    assert "Use water." in question.words
    assert question.message["Auto-Submitted"] == "auto-replied"
    assert stands(desk) == (Status.OPEN, Priority.MEDIUM)
    assert desk.outcome(2)[0] == "held"


@pytest.mark.parametrize("text", ["yes", "", "#yes", "Note that I am abroad.", "ok, thanks\n"])
def test_any_answer_of_his_does_it(desk: Desk, question: Sent, text: str) -> None:
    mails = desk.receive("bob@desk.example", text, reply_to=question)

    assert stands(desk) == (Status.CLOSED, Priority.URGENT)
    [answer] = [mail for mail in mails if mail.to == "ann@example.org"]
    assert "Use water." in answer.text
    assert "abroad" not in answer.text
    assert desk.messages(1)[1:] == [
        ("agent", "discarded", "#priority urgent\n#close\nUse water."),
        ("agent", "public", "Use water."),
    ]
    assert any("was confirmed" in line for line in desk.history(1))


def test_it_is_done_once(desk: Desk, question: Sent) -> None:
    desk.receive("bob@desk.example", "yes", reply_to=question)
    desk.receive("ann@example.org", "It burns again.", reply_to=desk.notice_to("ann"))
    before = len(desk.messages(1))

    [refusal] = desk.receive("bob@desk.example", "yes", reply_to=question)

    assert (refusal.to, "you have answered that already" in refusal.words) == ("bob@desk.example", True)
    assert (desk.ticket(1).status, len(desk.messages(1))) == (Status.REOPENED, before)


def test_after_an_hour_it_is_too_late(desk: Desk, question: Sent) -> None:
    desk.wait(minutes=61)
    [refusal] = desk.receive("bob@desk.example", "yes", reply_to=question)

    assert "too late; send the mail again" in refusal.words
    assert stands(desk) == (Status.OPEN, Priority.MEDIUM)


def test_within_the_hour_it_is_not(desk: Desk, question: Sent) -> None:
    desk.wait(minutes=59)
    desk.receive("bob@desk.example", "yes", reply_to=question)

    assert desk.ticket(1).status is Status.CLOSED


@pytest.mark.parametrize("text", ["#no", "No, that was not me!", "Nein.", "never\n", "not mine"])
def test_his_no_throws_it_away(desk: Desk, question: Sent, text: str) -> None:
    assert desk.receive("bob@desk.example", text, reply_to=question) == []

    assert stands(desk) == (Status.OPEN, Priority.MEDIUM)
    assert ("agent", "discarded", "#priority urgent\n#close\nUse water.") in desk.messages(1)
    assert any("bob@desk.example says that he did not write J2" in line for line in desk.history(1))
    [refusal] = desk.receive("bob@desk.example", "yes", reply_to=question)
    assert "answered that already (denied)" in refusal.words


@pytest.mark.parametrize("sender", ["carla@desk.example", "ann@example.org", "mallory@evil.example"])
def test_nobody_elses_answer_does_anything(desk: Desk, question: Sent, sender: str) -> None:
    assert desk.receive(sender, "yes", reply_to=question) == []

    assert stands(desk) == (Status.OPEN, Priority.MEDIUM)
    assert desk.outcome(3)[1] == f"the key of bob@desk.example was used by {sender}; J2 is not done"
    desk.receive("bob@desk.example", "yes", reply_to=question)
    assert desk.ticket(1).status is Status.CLOSED


def test_a_machines_answer_does_nothing(desk: Desk, question: Sent) -> None:
    assert desk.receive("bob@desk.example", "I am away.", reply_to=question, Auto_Submitted="auto-replied") == []

    assert desk.ticket(1).status is Status.OPEN
    assert desk.outcome(3)[0] == "ignored"


def test_an_answer_to_another_company_does_nothing(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(TWO)
    desk.receive("Ann <ann@example.org>", "It burns.", subject="Fire")
    desk.receive("bob@desk.example", "#close", subject=TAG)
    key = desk.notice_to("bob").reply_to.partition("@")[0].removeprefix("support")

    desk.receive("bob@desk.example", "yes", to=f"help{key}@other.example", subject="Yes")

    assert desk.tickets()[0].status is Status.OPEN
    assert "not signed by us" in desk.outcome(3)[1]


def test_what_could_not_be_done_is_said_at_once_and_needs_no_answer(desk: Desk) -> None:
    desk.receive("Ann <ann@example.org>", "It burns.", subject="Fire")
    [refusal] = desk.receive("bob@desk.example", "#priority nonsense\nHello.", subject=TAG)

    assert "there is no priority 'nonsense'" in refusal.words
    assert refusal.subject.startswith("Not carried out")
    assert stands(desk) == (Status.OPEN, Priority.MEDIUM)


def test_a_forger_cannot_fill_his_mailbox(desk: Desk) -> None:
    desk.receive("Ann <ann@example.org>", "It burns.", subject="Fire")
    asked = [desk.receive("bob@desk.example", f"#close {n}", subject=TAG) for n in range(5)]

    assert [len(mails) for mails in asked] == [1, 1, 1, 0, 0]
    assert sum("he was asked 3 times within an hour" in line for line in desk.history(1)) == 2
    desk.wait(minutes=61)
    assert len(desk.receive("bob@desk.example", "#close", subject=TAG)) == 1


def test_what_has_changed_meanwhile_counts(desk: Desk) -> None:
    desk.receive("Ann <ann@example.org>", "It burns.", subject="Fire")
    carla = desk.notice_to("carla")
    desk.receive("bob@desk.example", "#reopen", subject=TAG)
    refusal = desk.notice_to("bob")
    assert "cannot become reopened" in refusal.words

    desk.receive("bob@desk.example", "#resolve\nDone.", subject=TAG)
    question = desk.notice_to("bob")
    desk.receive("carla@desk.example", "#resolve", reply_to=carla)
    desk.receive("bob@desk.example", "yes", reply_to=question)

    assert desk.ticket(1).status is Status.RESOLVED
    assert ("agent", "public", "Done.") in desk.messages(1)


def test_files_of_the_mail_that_was_confirmed_go_out(desk: Desk) -> None:
    desk.receive("Ann <ann@example.org>", "It burns.", subject="Fire")
    desk.receive("bob@desk.example", "See the file.", subject=TAG, attach=[("plan.txt", b"Use water.")])

    [answer] = desk.receive("bob@desk.example", "yes", reply_to=desk.notice_to("bob"))

    assert (answer.to, answer.files) == ("ann@example.org", {"plan.txt": b"Use water."})


def test_the_answer_must_be_proven_as_the_settings_ask(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk("security: {agents: token_and_dmarc}\n" + CONFIG)
    desk.receive("Ann <ann@example.org>", "It burns.", subject="Fire")
    desk.receive("bob@desk.example", "#close", reply_to=desk.notice_to("bob"))
    question = desk.notice_to("bob")

    [refusal] = desk.receive("bob@desk.example", "yes", reply_to=question)

    assert "nothing proves it" in refusal.words
    assert desk.ticket(1).status is Status.OPEN
