"""Customers serve themselves by mail: every command, whose it is, and what nobody else is told."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from desk import Desk, Sent
from mailtix.commands.customers import WORDS
from mailtix.model.ticket import Status
from signing import Signer

ANN = "Ann Archer <ann@example.org>"


@pytest.fixture
def created(desk: Desk) -> Sent:
    """The mail that tells Ann the number of her ticket."""
    desk.receive(ANN, "It burns.", subject="Fire")
    return desk.notice_to("ann")


def stays_as_it_was(desk: Desk, messages: int = 1) -> bool:
    return len(desk.tickets()) == 1 and len(desk.messages(1)) == messages


# What she asks and does


def test_status_says_how_the_ticket_stands(desk: Desk, created: Sent) -> None:
    [answer] = desk.receive(ANN, "#status", reply_to=created)

    assert (answer.to, answer.subject) == ("ann@example.org", "Re: [TKT-2026-000001] Fire")
    assert "Ticket TKT-2026-000001 (Fire): open." in answer.words
    assert "You may expect our answer by 20 November 2026" in answer.words
    assert answer.message["Auto-Submitted"] == "auto-replied"
    assert stays_as_it_was(desk)
    assert "ann@example.org asked for #status" in desk.history(1)


def test_status_tells_nothing_of_what_goes_on_inside(desk: Desk, created: Sent) -> None:
    desk.receive("bob@desk.example", "#take\n#tag refund\n#note She is angry.", reply_to=desk.notice_to("bob"))

    [answer] = desk.receive(ANN, "#status", reply_to=created)

    for secret in ("angry", "Bob", "bob@", "refund", "medium"):
        assert secret not in answer.text + answer.html


def test_close_closes_it_and_tells_the_desk(desk: Desk, created: Sent) -> None:
    desk.receive("bob@desk.example", "#take", reply_to=desk.notice_to("bob"))

    mails = desk.receive(ANN, "#close", reply_to=created)

    assert desk.ticket(1).status is Status.CLOSED
    told = {mail.to: mail for mail in mails}
    assert set(told) == {"ann@example.org", "bob@desk.example"}
    assert "Ticket TKT-2026-000001 is closed now." in told["ann@example.org"].words
    assert "status: assigned → closed" in told["bob@desk.example"].words
    assert stays_as_it_was(desk)


def test_reopen_opens_it_again_and_tells_the_desk(desk: Desk, created: Sent) -> None:
    desk.receive(ANN, "#close", reply_to=created)

    mails = desk.receive(ANN, "#reopen", reply_to=created)

    assert desk.ticket(1).status is Status.REOPENED
    assert {mail.to for mail in mails} == {"ann@example.org", "bob@desk.example", "carla@desk.example"}


@pytest.mark.parametrize(
    ("before", "command", "said"), [("#close", "#close", "closed already"), ("", "#reopen", "still open (open)")]
)
def test_what_is_so_already_is_said_kindly(desk: Desk, created: Sent, before: str, command: str, said: str) -> None:
    if before:
        desk.receive(ANN, before, reply_to=created)
    [answer] = desk.receive(ANN, command, reply_to=created)

    assert said in answer.words


def test_what_the_ticket_does_not_allow_is_said_kindly(desk: Desk, created: Sent) -> None:
    desk.receive("bob@desk.example", "#status cancelled", reply_to=desk.notice_to("bob"))

    [answer] = desk.receive(ANN, "#close", reply_to=created)

    assert "cannot be done with ticket TKT-2026-000001 as it stands (cancelled)" in answer.words
    assert desk.ticket(1).status is Status.CANCELLED


def test_a_mark_with_words_counts_once_the_ticket_is_done(desk: Desk, created: Sent) -> None:
    [early] = desk.receive(ANN, "#rate 4 quick help", reply_to=created)
    assert "not done yet" in early.words
    assert desk.ticket(1).rating is None

    desk.receive(ANN, "#close", reply_to=created)
    mails = desk.receive(ANN, "#rate 4 quick help", reply_to=created)

    assert (desk.ticket(1).rating, desk.ticket(1).feedback) == (4, "quick help")
    assert "you gave 4 of 5" in next(mail for mail in mails if mail.to == "ann@example.org").words
    assert desk.ticket(1).status is Status.CLOSED


def test_a_mark_that_is_missing_is_asked_for(desk: Desk, created: Sent) -> None:
    [answer] = desk.receive(ANN, "#rate", reply_to=created)

    assert "#rate 4 quick help" in answer.words
    assert stays_as_it_was(desk)


def test_tickets_lists_her_own_and_nobody_elses(desk: Desk, created: Sent) -> None:
    desk.receive("joe@example.net", "No ink.", subject="Ink")
    desk.receive(ANN, "And a leak.", subject="Leak")

    [answer] = desk.receive(ANN, "#tickets", reply_to=created)

    assert "Your tickets: 2." in answer.words
    assert "TKT-2026-000001" in answer.text
    assert "TKT-2026-000003" in answer.text
    assert "Ink" not in answer.text
    assert "TKT-2026-000002" not in answer.text


def mail_of(link: str) -> tuple[str, str, str]:
    """To, subject and text of the mail that a client makes of a mailto: link (RFC 6068)."""
    parts = urlsplit(link)
    fields = parse_qs(parts.query)
    return unquote(parts.path), fields["subject"][0], fields["body"][0]


def test_a_line_of_the_list_can_be_tapped(desk: Desk, created: Sent) -> None:
    [answer] = desk.receive(ANN, "#tickets", reply_to=created)
    to, subject, text = mail_of(answer.link("Close"))

    desk.receive(ANN, text, to=to, subject=subject)

    assert desk.ticket(1).status is Status.CLOSED


def test_help_shows_every_command(desk: Desk, created: Sent) -> None:
    [answer] = desk.receive(ANN, "#help", reply_to=created)

    assert [word for word in WORDS if f"#{word}" not in answer.text] == []


# Commands and text


def test_text_below_a_command_joins_as_ever(desk: Desk, created: Sent) -> None:
    mails = desk.receive(ANN, "#close\n\nIt went out by itself.", reply_to=created)

    assert desk.messages(1)[1] == ("customer", "public", "It went out by itself.")
    assert desk.ticket(1).status is Status.CLOSED
    notice = next(mail for mail in mails if mail.to == "bob@desk.example")
    assert "It went out by itself." in notice.words


def test_her_name_below_a_command_is_no_text(desk: Desk, created: Sent) -> None:
    desk.receive(ANN, "#close\n\nAnn Archer", reply_to=created)

    assert desk.ticket(1).status is Status.CLOSED
    assert stays_as_it_was(desk)


@pytest.mark.parametrize(
    "text",
    [
        "#1 problem: it burns",
        "# Heading\n\nIt burns.",
        "#clsoe\n\nIt went out.",
        "#close the window, it is cold",
        "#resolve",
        "#stand-by mode is broken on my printer",
        "#note for my boss",
        "#me too, it burns here as well",
        "#rate the service, they said",
        "Hello,\n#close\nis what I want to know about.",
    ],
)
def test_a_line_that_is_no_command_is_text_for_the_desk(desk: Desk, created: Sent, text: str) -> None:
    mails = desk.receive(ANN, text, reply_to=created)

    assert desk.messages(1)[1] == ("customer", "public", text)
    assert desk.ticket(1).status is Status.OPEN
    assert {mail.to for mail in mails} == {"bob@desk.example", "carla@desk.example"}


def test_a_mail_that_is_nearly_a_command_is_asked_back(desk: Desk, created: Sent) -> None:
    [answer] = desk.receive(ANN, "#clsoe", reply_to=created)

    assert "There is no command #clsoe. Did you mean #close?" in answer.words
    assert "#tickets" in answer.words
    assert stays_as_it_was(desk)
    assert desk.ticket(1).status is Status.OPEN


def test_german_words_are_understood_and_answered_in_german(desk: Desk) -> None:
    desk.receive(ANN, "Es brennt.", subject="Feuer", Content_Language="de")
    answer = desk.receive(ANN, "#schließen", reply_to=desk.notice_to("ann"))[-1]

    assert desk.ticket(1).status is Status.CLOSED
    assert "ist jetzt geschlossen" in next(m for m in desk.courier.sent[::-1] if m.to == "ann@example.org").words
    assert answer


# Without a ticket


def test_a_mail_of_commands_opens_no_ticket(desk: Desk) -> None:
    [answer] = desk.receive(ANN, "#help", subject="")

    assert desk.tickets() == []
    assert answer.to == "ann@example.org"


def test_a_command_alone_in_the_subject_is_one(desk: Desk) -> None:
    [answer] = desk.receive(ANN, "", subject="#help")

    assert desk.tickets() == []
    assert "#tickets" in answer.text


def test_text_with_a_command_opens_a_ticket(desk: Desk, created: Sent) -> None:
    mails = desk.receive(ANN, "#help\nIt burns here, too.", subject="Second fire")

    assert desk.messages(2) == [("customer", "public", "It burns here, too.")]
    assert sum(mail.to == "ann@example.org" for mail in mails) == 2


def test_what_is_asked_without_a_ticket_waits_for_her_yes(desk: Desk, created: Sent) -> None:
    [question] = desk.receive(ANN, "#tickets")
    assert (question.to, question.subject) == ("ann@example.org", "Was this you?")
    assert "TKT-" not in question.text

    [answer] = desk.receive(ANN, "yes", reply_to=question)

    assert (answer.to, "TKT-2026-000001" in answer.text) == ("ann@example.org", True)
    assert len(desk.tickets()) == 1


def test_her_domain_vouches_for_what_it_has_signed(desk: Desk, created: Sent) -> None:
    [answer] = signed(desk, "#tickets", subject="mine")

    assert "TKT-2026-000001" in answer.text


def test_the_answer_to_an_answer_needs_nothing_more(desk: Desk, created: Sent) -> None:
    [question] = desk.receive(ANN, "#tickets")
    [answer] = desk.receive(ANN, "yes", reply_to=question)

    [again] = desk.receive(ANN, "#tickets", reply_to=answer)

    assert "TKT-2026-000001" in again.text


def test_which_ticket_is_meant_is_asked_with_a_list(desk: Desk, created: Sent) -> None:
    [question] = desk.receive(ANN, "#close", subject="please")
    [answer] = desk.receive(ANN, "yes", reply_to=question)

    assert "Which ticket is meant?" in answer.words
    assert "TKT-2026-000001" in answer.text
    assert desk.ticket(1).status is Status.OPEN


def test_a_sender_whom_we_do_not_know_is_told_the_same(desk: Desk, created: Sent) -> None:
    [known] = desk.receive(ANN, "#tickets")
    [unknown] = desk.receive("zoe@example.com", "#tickets")

    assert known.text.replace("Hello Ann Archer,", "Hello,") == unknown.text


# Who it is not


def test_a_number_alone_closes_nothing(desk: Desk, created: Sent) -> None:
    [question] = desk.receive("ann@example.org", "#close", subject="Re: [TKT-2026-000001] Fire")

    assert desk.ticket(1).status is Status.OPEN
    assert question.to == "ann@example.org"
    assert "- #close" in question.text
    assert desk.outcome(2)[0] == "held"

    desk.receive(ANN, "yes", reply_to=question)
    assert desk.ticket(1).status is Status.CLOSED


def test_our_message_id_alone_closes_nothing(desk: Desk, created: Sent) -> None:
    [question] = desk.receive(ANN, "#close", to="support@desk.example", reply_to=created, subject="Fire")

    assert desk.ticket(1).status is Status.OPEN
    assert "Was this you?" not in question.subject  # it keeps to the subject of the ticket
    assert "Was it you?" in question.words


def test_her_no_leaves_it_as_it_is(desk: Desk, created: Sent) -> None:
    [question] = desk.receive("ann@example.org", "#close", subject="[TKT-2026-000001]")

    assert desk.receive(ANN, "No, that was not me", reply_to=question) == []

    assert desk.ticket(1).status is Status.OPEN


def test_after_an_hour_her_yes_is_too_late_and_she_is_told(desk: Desk, created: Sent) -> None:
    [question] = desk.receive("ann@example.org", "#close", subject="[TKT-2026-000001]")
    desk.wait(minutes=61)

    [answer] = desk.receive(ANN, "yes", reply_to=question)

    assert "came too late" in answer.words
    assert desk.ticket(1).status is Status.OPEN


def test_a_yes_counts_once_and_she_is_told(desk: Desk, created: Sent) -> None:
    [question] = desk.receive("ann@example.org", "#close", subject="[TKT-2026-000001]")
    desk.receive(ANN, "yes", reply_to=question)
    desk.receive(ANN, "#reopen", reply_to=created)

    [answer] = desk.receive(ANN, "yes", reply_to=question)

    assert "answered that already" in answer.words
    assert desk.ticket(1).status is Status.REOPENED


def test_somebody_elses_yes_does_nothing(desk: Desk, created: Sent) -> None:
    [question] = desk.receive("ann@example.org", "#close", subject="[TKT-2026-000001]")

    assert desk.receive("eve@example.net", "yes", reply_to=question) == []

    assert desk.ticket(1).status is Status.OPEN


def test_text_that_came_with_a_doubtful_command_is_posted_once(desk: Desk, created: Sent) -> None:
    mails = desk.receive("ann@example.org", "#close\nIt is out.", subject="[TKT-2026-000001]")
    question = next(mail for mail in mails if mail.to == "ann@example.org")
    assert desk.ticket(1).status is Status.OPEN

    desk.receive(ANN, "yes", reply_to=question)

    assert desk.ticket(1).status is Status.CLOSED
    assert [text for _, _, text in desk.messages(1)] == ["It burns.", "It is out."]


def test_the_question_repeats_no_words_of_a_forger(desk: Desk, created: Sent) -> None:
    [question] = desk.receive("ann@example.org", "#rate 4 cheap pills at pills.example", subject="[TKT-2026-000001]")

    assert "pills" not in question.text + question.html
    assert "#rate 4" in question.text


def test_a_forger_cannot_fill_her_mailbox_with_questions(desk: Desk, created: Sent) -> None:
    sent = [len(desk.receive("ann@example.org", "#close", subject="[TKT-2026-000001]")) for _ in range(5)]

    assert sent == [1, 1, 1, 0, 0]
    assert any("was not asked" in line for line in desk.history(1))


def test_a_strangers_command_is_no_command(desk: Desk, created: Sent) -> None:
    desk.receive("eve@example.net", "#close", reply_to=created)

    assert desk.ticket(1).status is Status.OPEN
    assert ("customer", "held", "#close") in desk.messages(1)


def test_a_program_gives_no_commands(desk: Desk, created: Sent) -> None:
    assert desk.receive(ANN, "#close", reply_to=created, Auto_Submitted="auto-replied") == []

    assert desk.ticket(1).status is Status.OPEN


# What comes by itself


def test_stop_keeps_automatic_mail_away_but_no_answers(desk: Desk, created: Sent) -> None:
    [answer] = desk.receive(ANN, "#stop", reply_to=created)
    assert "#start" in answer.words

    mails = desk.receive(ANN, "No ink.", subject="Ink")
    assert [mail.to for mail in mails if mail.to == "ann@example.org"] == []

    [reply] = desk.receive("bob@desk.example", "Here is some.", reply_to=desk.notice_to("bob"))
    assert (reply.to, "Here is some." in reply.text) == ("ann@example.org", True)
    desk.receive("bob@desk.example", "#close", reply_to=desk.notice_to("bob"))
    assert [mail for mail in desk.wait(days=3) if mail.to == "ann@example.org"] == []


def test_start_brings_it_back(desk: Desk, created: Sent) -> None:
    desk.receive(ANN, "#stop", reply_to=created)
    desk.receive(ANN, "#start", reply_to=created)

    assert any(mail.to == "ann@example.org" for mail in desk.receive(ANN, "No ink.", subject="Ink"))


def test_nobody_elses_mail_is_stopped_with_it(desk: Desk, created: Sent) -> None:
    desk.receive(ANN, "#stop", reply_to=created)

    assert any(mail.to == "joe@example.net" for mail in desk.receive("joe@example.net", "No ink."))


def test_a_mail_program_can_unsubscribe_from_surveys(desk: Desk, created: Sent) -> None:
    desk.receive(ANN, "#close", reply_to=created)
    survey = next(mail for mail in desk.wait(days=2) if mail.to == "ann@example.org")
    link = str(survey.message["List-Unsubscribe"]).strip("<>")
    to, subject, _ = mail_of(link)

    desk.receive(ANN, "This message was generated by a mail program.", to=to, subject=subject)

    assert desk.ticket(1).status is Status.CLOSED
    desk.receive(ANN, "No ink.", subject="Ink")
    desk.receive(ANN, "#close", reply_to=desk.notice_to("ann"))
    assert [mail for mail in desk.wait(days=30) if mail.message["List-Unsubscribe"]] == []


# More than one address


def signed(desk: Desk, text: str, **how: object) -> list[Sent]:
    """A mail of Ann's that her provider has signed."""
    signer = Signer("example.org")
    desk.names.publish(signer.name, signer.record)
    raw, mail_from, recipients = desk.compose(ANN, text, **how)  # type: ignore[arg-type]
    return desk.accept(signer.sign(raw), mail_from, recipients)


@pytest.fixture
def asked(desk: Desk, created: Sent) -> Sent:
    """What her other address is asked."""
    signed(desk, "#me also ann@home.example", reply_to=created)
    return desk.notice_to("ann@home")


def test_the_other_address_is_asked_and_told_nothing(desk: Desk, asked: Sent) -> None:
    assert asked.to == "ann@home.example"
    assert "ann@example.org says that ann@home.example is an address of the same person" in asked.words
    for secret in ("TKT-", "Fire"):
        assert secret not in asked.message.as_string()
    assert asked.message["In-Reply-To"] is None


def test_nothing_is_joined_before_its_answer(desk: Desk, asked: Sent) -> None:
    desk.receive("ann@home.example", "It burns again.", reply_to=desk.notice_to("ann@example"))

    assert ("customer", "held", "It burns again.") in desk.messages(1)


def test_its_answer_joins_them(desk: Desk, asked: Sent) -> None:
    mails = desk.receive("ann@home.example", "yes", reply_to=asked)
    assert {mail.to for mail in mails} == {"ann@example.org", "ann@home.example"}
    assert all("are both taken for yours now" in mail.words for mail in mails)

    created = next(mail for mail in desk.courier.sent if "burns" not in mail.text and mail.number)
    desk.receive("ann@home.example", "It burns again.", reply_to=created)
    assert ("customer", "public", "It burns again.") in desk.messages(1)

    [list_] = desk.receive("ann@home.example", "#tickets", reply_to=desk.notice_to("ann@home"))
    assert "TKT-2026-000001" in list_.text
    [mine] = desk.receive("ann@home.example", "#me", reply_to=desk.notice_to("ann@home"))
    assert "ann@home.example, ann@example.org" in mine.words


def test_what_was_joined_can_be_parted(desk: Desk, created: Sent, asked: Sent) -> None:
    desk.receive("ann@home.example", "yes", reply_to=asked)

    desk.receive(ANN, "#me not ann@home.example", reply_to=created)

    desk.receive("ann@home.example", "It burns again.", subject="[TKT-2026-000001]")
    assert ("customer", "held", "It burns again.") in desk.messages(1)


def test_only_the_other_address_can_say_yes(desk: Desk, asked: Sent) -> None:
    assert desk.receive(ANN, "yes", reply_to=asked) == []
    assert desk.receive("eve@example.net", "yes", reply_to=asked) == []

    desk.receive("ann@home.example", "It burns again.", subject="[TKT-2026-000001]")
    assert ("customer", "held", "It burns again.") in desk.messages(1)


@pytest.mark.parametrize("other", ["bob@desk.example", "support@desk.example", "joe@example.net", "zoe@example.com"])
def test_she_is_told_the_same_whoever_owns_the_address(desk: Desk, created: Sent, other: str) -> None:
    desk.receive("joe@example.net", "No ink.", subject="Ink")
    before = len(desk.courier.sent)

    signed(desk, f"#me also {other}", reply_to=created)

    new = desk.courier.sent[before:]
    [told] = [mail for mail in new if mail.to == "ann@example.org"]
    assert f"We have asked at {other}." in told.words
    outside = other.endswith(("example.net", "example.com"))
    assert [mail.to for mail in new if mail is not told] == ([other] if outside else [])


def test_a_key_alone_adds_no_address_before_her_own_yes(desk: Desk, created: Sent) -> None:
    [question] = desk.receive(ANN, "#me also ann@home.example", reply_to=created)
    assert (question.to, "- #me also ann@home.example" in question.text) == ("ann@example.org", True)

    mails = desk.receive(ANN, "yes", reply_to=question)
    assert {mail.to for mail in mails} == {"ann@example.org", "ann@home.example"}

    desk.receive("ann@home.example", "yes", reply_to=desk.notice_to("ann@home"))
    [mine] = desk.receive("ann@home.example", "#me", reply_to=desk.notice_to("ann@home"))
    assert "ann@home.example, ann@example.org" in mine.words


def test_who_has_her_key_from_a_copy_cannot_make_himself_her(desk: Desk, created: Sent) -> None:
    [question] = desk.receive("Ann <ann@example.org>", "#me also eve@evil.example", reply_to=created)
    assert question.to == "ann@example.org"

    for answered in (question, created):
        desk.receive("eve@evil.example", "yes", reply_to=answered)

    assert not any(mail.to == "eve@evil.example" for mail in desk.courier.sent)
    desk.receive("eve@evil.example", "Tell me.", subject="[TKT-2026-000001]")
    assert ("customer", "held", "Tell me.") in desk.messages(1)


def test_nobody_is_asked_more_than_three_times_an_hour(desk: Desk, created: Sent) -> None:
    for _ in range(5):
        signed(desk, "#me also zoe@example.com", reply_to=created)

    assert sum(mail.to == "zoe@example.com" for mail in desk.courier.sent) == 3


def test_addresses_are_joined_in_one_company_only(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(
        "companies:\n"
        "  - {name: Example, mailboxes: [{address: support@desk.example}]}\n"
        "  - {name: Other, mailboxes: [{address: help@other.example}]}\n"
        "agents: [{name: Bob Miller, email: bob@desk.example}]\n"
    )
    desk.receive(ANN, "It burns.", subject="Fire")
    signed(desk, "#me also ann@home.example", reply_to=desk.notice_to("ann"))
    desk.receive("ann@home.example", "yes", reply_to=desk.notice_to("ann@home"))
    desk.receive(ANN, "It leaks.", subject="Leak", to="help@other.example")

    desk.receive("ann@home.example", "It leaks more.", to="help@other.example", subject="[TKT-2026-000001]")

    assert ("customer", "held", "It leaks more.") in desk.messages(2)
