"""Tokens for visits by mail: issued, given to a colleague, listed, closed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desk import CONFIG, Desk, Sent
from mailtix.model.token import Token
from mailtix.store import directory, tokens

ADDRESS = "support+desk@desk.example"


def to_desk(desk: Desk, text: str, who: str = "bob") -> list[Sent]:
    """An agent writes to the desk address with his key; what leaves."""
    own = (mail for mail in reversed(desk.courier.sent) if mail.to == f"{who}@desk.example" and not mail.number)
    key = next(own, None)
    if key is None:
        desk.receive(f"{who}@desk.example", "#help", to=ADDRESS)
        desk.receive(f"{who}@desk.example", "yes", reply_to=desk.notice_to(who))
        key = desk.notice_to(who)
    return desk.receive(f"{who}@desk.example", text, reply_to=key)


def token(desk: Desk, number: str = "TK000001") -> Token:
    with desk.app.sessions.begin() as session:
        [company] = desk.app.house.companies
        found = tokens.by_number(session, company, number)
        assert found is not None
        return found


def log(desk: Desk, number: str = "TK000001") -> list[tuple[str, str]]:
    with desk.app.sessions.begin() as session:
        return [(line.actor, line.text) for line in tokens.log_of(session, token(desk, number))]


def test_the_customer_of_a_ticket_gets_a_number_by_mail_and_the_transcript_names_it(desk: Desk) -> None:
    desk.receive("Ann Archer <ann@example.org>", "It burns.", subject="Fire")
    desk.receive("bob@desk.example", "#take", reply_to=desk.notice_to("bob"))

    [mail] = desk.receive("bob@desk.example", "#token billing", reply_to=desk.notice_to("bob"))

    assert mail.to == "ann@example.org"
    assert "your number for your visit is TK000001 (billing)" in mail.words
    assert mail.subject == f"Re: [{desk.ticket().number}] Fire"
    assert "#token billing: the number is TK000001, for ann@example.org (billing)" in desk.transcript().words
    found = token(desk)
    assert (found.person.email, found.category, found.assignee, found.ticket_number) == (
        "ann@example.org", "billing", "bob@desk.example", desk.ticket().number,
    )  # fmt: skip
    assert any("TK000001 was issued to ann@example.org" in line for line in desk.history())


def test_an_answer_to_the_mail_with_the_number_joins_the_ticket(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    [mail] = desk.receive("bob@desk.example", "#token", reply_to=desk.notice_to("bob"))

    desk.receive("ann@example.org", "May I come at noon?", reply_to=mail)

    assert [text for _, _, text in desk.messages()] == ["It burns.", "May I come at noon?"]


def test_a_text_beside_the_command_goes_out_as_an_answer_of_its_own(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")

    mails = desk.receive("bob@desk.example", "#token\nPlease come to our shop.", reply_to=desk.notice_to("bob"))

    assert sorted("TK000001" in mail.text for mail in mails) == [False, True]
    assert {mail.to for mail in mails} == {"ann@example.org"}


def test_without_a_ticket_the_desk_address_issues_it_to_whom_is_named(desk: Desk) -> None:
    sent = to_desk(desk, "#token ann@example.org billing")

    mail = next(mail for mail in sent if mail.to == "ann@example.org")
    assert "TK000001 (billing)" in mail.words
    assert mail.subject == "Example Support: your number is TK000001"
    assert mail.message["In-Reply-To"] is None
    assert (token(desk).ticket, desk.tickets()) == (0, [])
    assert "the number is TK000001, for ann@example.org (billing)" in desk.notice_to("bob").words


def test_several_numbers_in_one_mail_are_different_and_each_gets_its_mail(desk: Desk) -> None:
    sent = to_desk(desk, "#token ann@example.org\n#token ann@example.org\n#token joe@example.net")

    told = [(mail.to, number) for mail in sent for number in ("TK000001", "TK000002", "TK000003") if number in mail.text
            and mail.to != "bob@desk.example"]  # fmt: skip
    assert told == [
        ("ann@example.org", "TK000001"),
        ("ann@example.org", "TK000002"),
        ("joe@example.net", "TK000003"),
    ]


def test_the_customer_is_told_in_his_language(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(CONFIG)
    desk.receive("ann@example.org", "Es brennt.", Content_Language="de")

    [mail] = desk.receive("bob@desk.example", "#token", reply_to=desk.notice_to("bob"))

    assert "Ihre Nummer für Ihren Besuch ist TK000001." in mail.words


def test_a_colleague_who_gets_it_is_told_and_closes_it_by_answering(desk: Desk) -> None:
    to_desk(desk, "#token ann@example.org")
    sent = to_desk(desk, "#token assign tk-1 carla")

    notice = next(mail for mail in sent if mail.to == "carla@desk.example")
    assert "ann@example.org comes with the number TK000001" in notice.words
    desk.wait(minutes=25)
    desk.receive("carla@desk.example", "#token close TK000001", reply_to=notice)

    found = token(desk)
    assert (found.is_open, found.closed_by, found.closed_at) == (False, "carla@desk.example", desk.now)
    assert log(desk) == [
        ("bob@desk.example", "the token TK000001 was issued to ann@example.org"),
        ("bob@desk.example", "TK000001 of ann@example.org is looked after by Carla Reyes"),
        ("carla@desk.example", "TK000001 of ann@example.org is closed"),
    ]


def test_a_visit_that_nobody_had_belongs_to_who_ends_it(desk: Desk) -> None:
    to_desk(desk, "#token ann@example.org")
    to_desk(desk, "#token close 1", who="carla")

    assert token(desk).assignee == "carla@desk.example"


def test_the_open_ones_are_listed_the_oldest_first_with_a_button_that_closes(desk: Desk) -> None:
    to_desk(desk, "#token ann@example.org billing\n#token joe@example.net\n#token eve@example.net")
    to_desk(desk, "#token close TK000002")

    to_desk(desk, "#token list")

    listed = desk.notice_to("bob")
    assert "2 tokens are open" in listed.words
    assert listed.text.index("TK000001") < listed.text.index("TK000003")
    assert "TK000002" not in listed.text
    assert "%23token%20close%20TK000001" in listed.link("Close")


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("#token", "needs an address here, such as #token ann@example.org"),
        ("#token ann@", "'ann@' is no address"),
        ("#token support@desk.example", "is one of our own mailboxes"),
        ("#token carla@desk.example", "Carla Reyes is a colleague"),
        ("#token ann@example.org bilge", "there is no category 'bilge'"),
        ("#token close", "needs a number, such as #token close TK000123"),
        ("#token close TK000009", "there is no token TK000009; #token list shows"),
        ("#token close soon", "'soon' is no number of a token; it looks like TK000123"),
        ("#token assign TK000001", "needs a number and a person"),
        ("#token assign TK000001 nobody", "nobody is called 'nobody'"),
        ("#token ann@example.org\n#token close TK000009", "there is no token TK000009"),
    ],
)
def test_a_mistake_does_nothing_and_says_what_would_be_right(desk: Desk, line: str, hint: str) -> None:
    sent = to_desk(desk, line)

    assert hint in " ".join(mail.words for mail in sent)
    assert "ann@example.org" not in {mail.to for mail in desk.courier.sent}


def test_numbers_of_mails_that_were_refused_are_not_used_up(desk: Desk) -> None:
    to_desk(desk, "#token ann@example.org\n#token close TK000009")

    sent = to_desk(desk, "#token joe@example.net")

    assert any("TK000001" in mail.text for mail in sent if mail.to == "joe@example.net")


def test_where_no_mail_arrives_the_agent_is_asked_to_tell_the_number(desk: Desk) -> None:
    to_desk(desk, "#token ann@example.org")
    with desk.app.sessions.begin() as session:
        directory.mark(session, next(iter(desk.app.house.companies)), "ann@example.org", "550")

    sent = to_desk(desk, "#token ann@example.org")

    assert [mail.to for mail in sent] == ["bob@desk.example"]
    assert "TK000002, for ann@example.org; tell it yourself, for mail to ann@example.org fails: 550" in sent[0].words


def test_a_machine_that_opened_the_ticket_gets_no_number(desk: Desk) -> None:
    desk.receive("robot@example.org", "The disk is full.", Auto_Submitted="auto-generated")

    assert desk.receive("bob@desk.example", "#token", reply_to=desk.notice_to("bob")) == []
    assert "tell it yourself, for a machine has opened the ticket" in desk.transcript().words


def test_what_is_closed_is_not_closed_again(desk: Desk) -> None:
    to_desk(desk, "#token ann@example.org")
    to_desk(desk, "#token close TK000001")

    to_desk(desk, "#token close TK000001")

    assert "TK000001 is closed since 2026-11-20 09:00 UTC; a new visit needs a new token" in desk.notice_to("bob").words
    assert len(log(desk)) == 2


def test_within_a_ticket_it_is_only_for_who_takes_part_in_it(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")

    desk.receive("bob@desk.example", "#token eve@example.net", reply_to=desk.notice_to("bob"))

    assert "eve@example.net takes no part in this ticket" in desk.notice_to("bob").words


def test_a_desk_may_keep_the_command_for_managers(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(f"{CONFIG}commands: {{permissions: {{token: manager}}}}\n")
    desk.receive("ann@example.org", "It burns.")

    desk.receive("bob@desk.example", "#token", reply_to=desk.notice_to("bob"))

    assert "#token: only managers and admins may do that" in desk.notice_to("bob").words


def test_agents_of_some_categories_see_and_end_only_visits_of_these(new_desk: Callable[..., Desk]) -> None:
    mine = "email: carla@desk.example, teams: [technical]"
    desk = new_desk(CONFIG.replace(mine, f"{mine}, categories: [technical]"))
    to_desk(desk, "#token ann@example.org billing\n#token joe@example.net technical")

    to_desk(desk, "#token list", who="carla")
    listed = desk.notice_to("carla")
    assert ("TK000001" in listed.text, "TK000002" in listed.text) == (False, True)
    to_desk(desk, "#token close TK000001", who="carla")
    assert "TK000001 is about billing, and yours are: technical" in desk.notice_to("carla").words


def test_customers_and_forgers_issue_nothing(desk: Desk) -> None:
    desk.receive("ann@example.org", "#token ann@example.org", to=ADDRESS)
    desk.receive("bob@desk.example", "#token eve@example.net", to=ADDRESS)  # somebody else in his name

    assert not any("TK0" in mail.text for mail in desk.courier.sent if mail.to.endswith(("example.org", "example.net")))
    with desk.app.sessions.begin() as session:
        assert tokens.count(session, tokens.Wanted(tuple(desk.app.house.companies))) == 0
