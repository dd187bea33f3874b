"""Beyond the limits nobody is answered, nothing is lost, one person is told, and #resume goes on."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from desk import CONFIG, Desk, Sent
from mailtix.model.ticket import Status
from running import called

FEW = "limits: {new_tickets: {count: 3, per: 1h}, answers: [{count: 5, per: 10m}], alike: {count: 3, per: 1h}}\n"
ROLES = CONFIG.replace("teams: [technical]}", "teams: [technical], role: admin}")


@pytest.fixture
def strict(new_desk: Callable[..., Desk]) -> Desk:
    """A desk that takes three new tickets an hour, and whose admin is Carla."""
    return new_desk(FEW + ROLES)


def new(desk: Desk, number: int, sender: str = "ann@example.org") -> list[Sent]:
    return desk.receive(sender, f"Problem {number} of many.", subject=f"Problem {number}")


def states(desk: Desk) -> list[str]:
    """The states of what stands aside in the journal."""
    listed = json.loads(called(desk.folder / "mailtix.yaml", "parked", "list", "--json").out)
    return [f"J{row['id']} {row['state']}" for row in listed]


def test_too_many_new_tickets_wait_and_one_person_is_told_once(strict: Desk) -> None:
    for number in range(3):
        assert "ann@example.org" in {mail.to for mail in new(strict, number)}
    [told] = new(strict, 3)
    later = [new(strict, number) for number in range(4, 10)]

    assert (told.to, told.subject) == ("carla@desk.example", "Too much mail")
    assert "Mail of ann@example.org is not processed any more" in told.words
    assert "more than 3 in 60 minutes from one sender: new tickets" in told.words
    assert later == [[]] * 6
    assert len(strict.tickets()) == 3
    assert states(strict) == [f"J{number} held" for number in range(4, 11)]


def test_mail_that_is_put_in_by_hand_is_taken_however_much_it_is(strict: Desk) -> None:
    for number in range(8):
        (strict.folder / f"{number}.eml").write_bytes(
            strict.compose("ann@example.org", f"{number}", subject=f"{number}")[0]
        )
    files = [str(strict.folder / f"{number}.eml") for number in range(8)]

    assert called(strict.folder / "mailtix.yaml", "ingest", *files).code == 0

    assert len(strict.tickets()) == 8
    assert states(strict) == []


def test_resume_has_everything_processed_and_counts_anew(strict: Desk) -> None:
    for number in range(8):
        new(strict, number)
    told = strict.notice_to("carla")

    mails = strict.receive("carla@desk.example", "#resume", reply_to=told)

    assert [ticket.subject for ticket in strict.tickets()] == [f"Problem {number}" for number in range(8)]
    assert states(strict) == []
    assert sum(mail.to == "ann@example.org" for mail in mails) == 5
    assert next(mail.words for mail in mails if mail.subject.startswith("Done")).count("the limits count anew") == 1
    strict.wait(minutes=1)
    for number in range(8, 11):
        assert "ann@example.org" in {mail.to for mail in new(strict, number)}
    [told] = new(strict, 11)
    assert told.subject == "Too much mail"


def test_others_are_not_concerned(strict: Desk) -> None:
    for number in range(8):
        new(strict, number)

    assert "joe@example.org" in {mail.to for mail in new(strict, 9, "joe@example.org")}


def test_the_answer_to_a_ticket_waits_as_well_and_joins_when_it_is_let_in(strict: Desk) -> None:
    for number in range(4):
        new(strict, number)
    told = strict.notice_to("carla")
    receipt = next(mail for mail in strict.courier.sent if mail.to == "ann@example.org")

    assert strict.receive("ann@example.org", "One thing more.", reply_to=receipt) == []
    assert len(strict.messages(1)) == 1
    strict.receive("carla@desk.example", "#resume", reply_to=told)

    assert ("customer", "public", "One thing more.") in strict.messages(1)


def test_after_a_long_silence_new_mail_is_processed_again(strict: Desk) -> None:
    for number in range(4):
        new(strict, number)
    strict.wait(minutes=5)
    assert new(strict, 4) == []

    strict.wait(minutes=61)
    assert "ann@example.org" in {mail.to for mail in new(strict, 5)}
    assert states(strict) == ["J4 held", "J5 held"]


def test_only_who_was_told_may_say_resume(strict: Desk) -> None:
    for number in range(4):
        new(strict, number)
    told = strict.notice_to("carla")

    for sender in ("bob@desk.example", "ann@example.org", "mallory@evil.example"):
        assert strict.receive(sender, "#resume", reply_to=told) == []
    [refusal] = strict.receive("carla@desk.example", "Let it be.", reply_to=told)

    assert "write #resume to have it processed, or #spam" in refusal.words
    assert states(strict) == ["J4 held"]


def test_spam_leaves_it_where_it_is_and_all_that_follows(strict: Desk) -> None:
    for number in range(4):
        new(strict, number)
    strict.receive("carla@desk.example", "#spam", reply_to=strict.notice_to("carla"))

    strict.wait(hours=24)
    assert new(strict, 5) == []
    assert len(strict.tickets()) == 3


def test_one_held_mail_is_let_in_from_the_terminal(strict: Desk) -> None:
    for number in range(6):
        new(strict, number)
    config = strict.folder / "mailtix.yaml"

    assert "held" in called(config, "parked", "list").out
    assert "new tickets" in called(config, "parked", "show", "J4").out
    assert called(config, "parked", "retry", "J5").code == 0

    assert [ticket.subject for ticket in strict.tickets()][3:] == ["Problem 4"]
    assert states(strict) == ["J4 held", "J6 held"]
    called(config, "parked", "retry", "--all")
    assert states(strict) == ["J4 held", "J6 held"]


def test_agents_are_not_limited(strict: Desk) -> None:
    for number in range(6):
        new(strict, number, "bob@desk.example")

    assert len(strict.tickets()) == 6


def test_mails_that_say_nearly_the_same_wait_and_the_assignee_is_told_once(strict: Desk) -> None:
    strict.receive("ann@example.org", "It burns.")
    strict.receive("bob@desk.example", "#take\nUse water.", reply_to=strict.notice_to("bob"))
    robot = "Thank you for your mail no. {}. We will answer it as soon as we can, with kind regards, Example Ltd."
    loop = []
    for number in range(6):
        strict.wait(seconds=20)
        loop.append(strict.receive("ann@example.org", robot.format(number), reply_to=strict.notice_to("ann")))

    assert [[mail.to for mail in mails] for mails in loop] == [["bob@desk.example"]] * 3 + [[]] * 3
    told = strict.notice_to("bob")
    assert told.subject == "Too much mail: [TKT-2026-000001] Help"
    assert "3 in 60 minutes that say nearly the same" in told.words
    assert len([m for m in strict.messages(1) if m[0] == "customer"]) == 3
    assert any("mail of ann@example.org waits" in line for line in strict.history(1))

    strict.receive("bob@desk.example", "#resume", reply_to=told)

    assert len([m for m in strict.messages(1) if m[0] == "customer"]) == 7


def test_resume_by_one_tap(strict: Desk) -> None:
    strict.receive("ann@example.org", "The printer on the third floor burns.")
    for _ in range(3):
        strict.receive("ann@example.org", "The printer on the third floor burns.", reply_to=strict.notice_to("ann"))
    told = strict.notice_to("carla")
    assert "body=%23resume%20ann%40example.org" in told.link("Resume")
    assert len(strict.messages(1)) < 4

    strict.receive("carla@desk.example", "#resume ann@example.org", reply_to=told)

    assert len(strict.messages(1)) == 4


def test_resume_where_nothing_waits_says_so(strict: Desk) -> None:
    strict.receive("ann@example.org", "It burns.")

    [refusal] = strict.receive("bob@desk.example", "#resume", reply_to=strict.notice_to("bob"))

    assert "no mail of anybody who takes part in this ticket waits" in refusal.words


def test_a_person_who_says_different_things_is_never_held(strict: Desk) -> None:
    strict.receive("ann@example.org", "It burns.")
    for text in ("Hello?", "Is nobody there?", "The printer burns.", "I have water now.", "Thanks.", "Bye."):
        assert strict.receive("ann@example.org", text, reply_to=strict.notice_to("ann"))

    assert len(strict.messages(1)) == 7


def test_automatic_answers_to_one_address_end_at_the_limit(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(FEW.replace("count: 3, per: 1h", "count: 100, per: 1h") + ROLES)
    got = ["ann@example.org" in {mail.to for mail in new(desk, number)} for number in range(8)]

    assert got == [True] * 5 + [False] * 3
    assert "more than 5 in 10 minutes to one address: automatic answers" in desk.notice_to("carla").words


def test_two_help_desks_that_do_not_know_each_other_for_programs_come_to_an_end(desk: Desk) -> None:
    """The other side opens a ticket for each of our answers and confirms it, in a new thread and with no marks."""
    mails = desk.receive("help@other.example", "Ticket 1 was opened.", subject="[OTHER-1] Your request")
    rounds = 0
    for rounds in range(2, 100):
        if "help@other.example" not in {mail.to for mail in mails}:
            break
        desk.wait(seconds=5)
        mails = desk.receive("help@other.example", f"Ticket {rounds} was opened.", subject=f"[OTHER-{rounds}] Re")

    assert rounds == 12
    assert len(desk.tickets()) == 10


def test_the_agent_still_answers_whom_the_limits_hold(strict: Desk) -> None:
    for number in range(4):
        new(strict, number)
    notice = next(mail for mail in reversed(strict.courier.sent) if mail.to == "bob@desk.example")

    [answer] = [
        mail
        for mail in strict.receive("bob@desk.example", "#resolve\nAll done.", reply_to=notice)
        if mail.to == "ann@example.org"
    ]

    assert "All done." in answer.text
    assert strict.ticket(3).status is Status.RESOLVED
