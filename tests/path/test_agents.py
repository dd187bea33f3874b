"""What agents do from their own mail client."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from desk import CONFIG, Desk, Sent
from mailtix.model.ticket import Priority, Status


@pytest.fixture
def notice(desk: Desk) -> Sent:
    """Bob's notice of Ann's ticket."""
    desk.receive("Ann <ann@example.org>", "It burns.", subject="Fire")
    return desk.notice_to("bob")


def test_commands_are_obeyed_and_cut_out(desk: Desk, notice: Sent) -> None:
    text = "#priority urgent\n#category tech\n#tag Fire\n#status in-progress\n\nWe are coming.\n"
    [answer] = desk.receive("bob@desk.example", text, reply_to=notice)

    ticket = desk.ticket(1)
    assert (ticket.priority, ticket.category, ticket.status) == (Priority.URGENT, "technical", Status.IN_PROGRESS)
    assert ticket.tags == {"fire"}
    assert "We are coming." in answer.text
    assert "#" not in answer.text


@pytest.mark.parametrize("quoting", ["top", "bottom"])
def test_nothing_of_a_notice_reaches_the_customer(desk: Desk, notice: Sent, quoting: str) -> None:
    quoted = "On Friday Support wrote:\n" + "\n".join(f"> {line}" for line in notice.text.splitlines())
    text = f"Use water.\n\n{quoted}" if quoting == "top" else f"{quoted}\n\nUse water."
    [answer] = desk.receive("bob@desk.example", text, reply_to=notice)

    assert answer.to == "ann@example.org"
    assert "Use water." in answer.text
    assert not [word for word in ("#resolve", "Priority", "hidden", "reply above", "wrote:") if word in answer.text]


def test_an_answer_without_new_words_is_not_sent(desk: Desk, notice: Sent) -> None:
    quoted = "On Friday Support wrote:\n" + "\n".join(f"> {line}" for line in notice.text.splitlines())
    [refusal] = desk.receive("bob@desk.example", quoted, reply_to=notice)

    assert refusal.to == "bob@desk.example"
    assert "nothing new" in refusal.text
    assert len(desk.messages(1)) == 1


def test_what_stands_below_our_marker_is_never_sent(desk: Desk, notice: Sent) -> None:
    [answer] = desk.receive("bob@desk.example", f"Use water.\n{notice.text}\nsecret", reply_to=notice)

    assert answer.to == "ann@example.org"
    assert "Use water." in answer.text
    assert "secret" not in answer.text
    assert "Priority" not in answer.text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("#assign bobb\nHello", "did you mean 'bob'"),
        ("#asign carla\nHello", "did you mean #assign?"),
        ("#status solved\nHello", "there is no status 'solved'"),
        ("#priority\nHello", "#priority needs a word"),
        ("#category plumbing\nHello", "there are: billing, technical"),
        ("#reopen\nHello", "cannot become reopened"),
        ("#priority high\n#assign nobody\nHello", "nobody is called 'nobody'"),
        ("#allow\nHello", "nothing waits beside this ticket"),
    ],
)
def test_one_mistake_and_nothing_is_done_and_nothing_is_sent(desk: Desk, notice: Sent, text: str, says: str) -> None:
    before = desk.ticket(1)
    [refusal] = desk.receive("bob@desk.example", text, reply_to=notice)

    assert refusal.to == "bob@desk.example"
    assert says in " ".join(refusal.text.split())
    after = desk.ticket(1)
    assert (after.status, after.priority, after.assignee) == (before.status, before.priority, before.assignee)
    assert len(desk.messages(1)) == 1
    assert desk.outcome(2)[0] == "refused"


def test_a_refused_mail_can_be_corrected_by_answering_the_refusal(desk: Desk, notice: Sent) -> None:
    [refusal] = desk.receive("bob@desk.example", "#asign carla\nHello", reply_to=notice)
    mails = desk.receive("bob@desk.example", "#assign carla\nHello", reply_to=refusal)

    assert {mail.to for mail in mails} == {"carla@desk.example", "ann@example.org"}
    assert desk.ticket(1).assignee == "carla@desk.example"


@pytest.mark.parametrize("line", ["# A heading", "#1 problem: the fire", "#hashtag", "C# is fine"])
def test_a_line_with_a_hash_that_is_no_command_stays_text(desk: Desk, notice: Sent, line: str) -> None:
    [answer] = desk.receive("bob@desk.example", f"{line}\nUse water.", reply_to=notice)

    assert answer.to == "ann@example.org"
    assert line in answer.text


def test_commands_below_text_are_text(desk: Desk, notice: Sent) -> None:
    desk.receive("bob@desk.example", "Please write\n#close\nto close it.", reply_to=notice)

    assert desk.ticket(1).status is Status.WAITING_CUSTOMER


def test_a_note_stays_among_colleagues(desk: Desk, notice: Sent) -> None:
    desk.receive("bob@desk.example", "#take", reply_to=notice)
    mails = desk.receive("carla@desk.example", "#note He is not insured.\nCareful.", reply_to=desk.notice_to("carla"))

    assert [mail.to for mail in mails] == ["bob@desk.example"]
    assert "not insured" in mails[0].text
    assert ("agent", "internal", "He is not insured.\n\nCareful.") in desk.messages(1)
    assert desk.ticket(1).first_response_at is None


def test_commands_alone_post_nothing_and_tell_the_customer_what_he_should_know(desk: Desk, notice: Sent) -> None:
    assert desk.receive("bob@desk.example", "#take\n#priority low", reply_to=notice) == []
    [told] = desk.receive("bob@desk.example", "#resolve", reply_to=notice)

    assert told.to == "ann@example.org"
    assert "solved" in told.text
    assert len(desk.messages(1)) == 1
    [closed] = desk.receive("bob@desk.example", "#close", reply_to=notice)
    assert "closed" in closed.text


def test_assigning_tells_the_new_owner_and_the_team(desk: Desk, notice: Sent) -> None:
    [told] = desk.receive("bob@desk.example", "#assign carla", reply_to=notice)
    assert (told.to, desk.ticket(1).assignee) == ("carla@desk.example", "carla@desk.example")
    assert "given to you by Bob Miller" in told.text

    [told] = desk.receive("carla@desk.example", "#assign billing", reply_to=told)
    assert (told.to, desk.ticket(1).team, desk.ticket(1).assignee) == ("bob@desk.example", "billing", "")


def test_one_tap_on_a_button_does_what_it_says(desk: Desk, notice: Sent) -> None:
    link = urlsplit(notice.link("Take"))
    query = parse_qs(link.query)
    desk.receive("bob@desk.example", query["body"][0], to=unquote(link.path), subject=query["subject"][0])

    assert desk.ticket(1).assignee == "bob@desk.example"


def test_an_agent_without_his_key_does_nothing_and_is_asked(desk: Desk, notice: Sent) -> None:
    [question] = desk.receive("bob@desk.example", "#close\nBye.", subject="Re: [TKT-2026-000001] Fire")

    assert question.to == "bob@desk.example"
    assert question.reply_to != question.message["From"]
    assert desk.ticket(1).status is Status.OPEN
    assert ("agent", "held", "#close\nBye.") in desk.messages(1)
    [answer] = desk.receive("bob@desk.example", "#close\nBye.", reply_to=question)
    assert (answer.to, desk.ticket(1).status) == ("ann@example.org", Status.CLOSED)


def test_the_key_of_one_agent_is_no_key_for_another(desk: Desk, notice: Sent) -> None:
    told = desk.receive("carla@desk.example", "#close", reply_to=notice)

    assert desk.ticket(1).status is Status.OPEN
    assert desk.outcome(2)[0] == "held"
    assert "the key of bob@desk.example was used by carla@desk.example" in desk.outcome(2)[1]
    assert {mail.to for mail in told} == {"bob@desk.example"}


def test_an_agents_key_in_a_strangers_hands_opens_nothing(desk: Desk, notice: Sent) -> None:
    told = desk.receive("mallory@evil.example", "#close\nHa.", reply_to=notice)

    assert desk.ticket(1).status is Status.OPEN
    assert not [mail for mail in told if mail.to in ("ann@example.org", "mallory@evil.example")]
    assert ("customer", "held", "#close\nHa.") in desk.messages(1)


def test_a_forged_or_damaged_key_opens_nothing(desk: Desk, notice: Sent) -> None:
    local, _, domain = notice.reply_to.partition("@")
    for number, forged in enumerate(
        (local[:-1] + ("a" if local[-1] != "a" else "b"), local[:-4], "support+t.", "support+t.!!")
    ):
        desk.receive("bob@desk.example", f"#close {number}", to=f"{forged}@{domain}", subject=f"x{number}")

    assert desk.ticket(1).status is Status.OPEN
    assert len(desk.messages(1)) == 1


def test_an_expired_key_opens_nothing_and_says_so(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk("security: {token_lifetime: 1d}\n" + CONFIG)
    desk.receive("ann@example.org", "It burns.")
    notice = desk.notice_to("bob")
    desk.wait(days=3)
    [question] = desk.receive("bob@desk.example", "#close", reply_to=notice)

    assert desk.ticket(1).status is Status.OPEN
    assert "expired on" in question.text


def test_the_out_of_office_of_an_agent_reaches_no_customer(desk: Desk, notice: Sent) -> None:
    assert desk.receive("bob@desk.example", "I am away.", reply_to=notice, Auto_Submitted="auto-replied") == []
    assert ("agent", "internal", "I am away.") in desk.messages(1)


def test_a_stranger_with_a_number_waits_beside_the_ticket_until_he_is_let_in(desk: Desk, notice: Sent) -> None:
    desk.receive("bob@desk.example", "#take", reply_to=notice)
    [question] = desk.receive("Eve <eve@example.net>", "I know more.", subject="Re: [TKT-2026-000001] Fire")
    assert question.to == "bob@desk.example"
    assert "I know more." in question.text
    assert ("customer", "held", "I know more.") in desk.messages(1)
    assert "eve@example.net" not in desk.ticket(1).participants

    desk.receive("bob@desk.example", "#allow", reply_to=question)

    assert ("customer", "public", "I know more.") in desk.messages(1)
    assert "eve@example.net" in desk.ticket(1).participants
    answers = desk.receive("bob@desk.example", "Tell us.", reply_to=question)
    assert {mail.to for mail in answers} == {"ann@example.org", "eve@example.net"}


def test_an_agent_who_opens_a_ticket_is_its_customer(desk: Desk) -> None:
    mails = desk.receive("Bob Miller <bob@desk.example>", "My chair is broken.")

    assert {mail.to for mail in mails} == {"bob@desk.example", "carla@desk.example"}
    assert desk.ticket(1).requester.email == "bob@desk.example"
    receipt = desk.notice_to("bob")
    desk.receive("bob@desk.example", "#resolve", reply_to=receipt)
    assert desk.ticket(1).status is Status.OPEN


def test_who_lets_one_stranger_in_lets_in_no_other(desk: Desk, notice: Sent) -> None:
    desk.receive("bob@desk.example", "#take", reply_to=notice)
    tag = "Re: [TKT-2026-000001] Fire"
    [about_eve] = desk.receive("Eve <eve@example.net>", "I know more.", subject=tag)
    desk.receive("mallory@evil.example", "So do I.", subject=tag)

    [refusal] = desk.receive("bob@desk.example", "#allow", reply_to=about_eve)
    assert "#allow eve@example.net or #allow mallory@evil.example" in " ".join(refusal.text.split())
    [refusal] = desk.receive("bob@desk.example", "#allow joe@example.net", reply_to=about_eve)
    assert "nothing of joe@example.net waits" in " ".join(refusal.text.split())

    link = urlsplit(about_eve.link("Allow"))
    query = parse_qs(link.query)
    desk.receive("bob@desk.example", query["body"][0], to=unquote(link.path), subject=query["subject"][0])

    assert desk.ticket(1).participants == ("ann@example.org", "eve@example.net")
    assert ("customer", "public", "I know more.") in desk.messages(1)
    assert ("customer", "held", "So do I.") in desk.messages(1)


def test_a_mail_that_only_claims_to_be_an_agents_is_never_let_in(desk: Desk, notice: Sent) -> None:
    desk.receive("carla@desk.example", "Refund him.", subject="Re: [TKT-2026-000001] Fire")

    [refusal] = desk.receive("bob@desk.example", "#allow", reply_to=notice)

    assert "nothing waits beside this ticket" in " ".join(refusal.text.split())
    assert ("agent", "held", "Refund him.") in desk.messages(1)
    assert desk.ticket(1).participants == ("ann@example.org",)
