"""What agents are warned of, where answers go, and that nothing from outside becomes a header of ours."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from desk import CONFIG, Desk
from mailtix import cli

SPOOFED = '"bob@desk.example" <eve@evil.example>'
WARNED = "the name shows bob@desk.example, but the mail is from eve@evil.example"


def test_the_notice_of_a_new_ticket_warns_of_its_sender(desk: Desk) -> None:
    mails = desk.receive(SPOOFED, "Pay this.", subject="Invoice")

    [notice] = [mail for mail in mails if mail.to == "bob@desk.example"]
    assert f"Beware: {WARNED}" in notice.words
    assert WARNED in notice.html.replace("\n", " ")


def test_a_stranger_beside_a_ticket_is_warned_of(desk: Desk) -> None:
    desk.receive("Ann <ann@example.org>", "It burns.", subject="Fire")
    desk.receive("Ann <ann@examp1e.org>", "Send it here.", subject="[TKT-2026-000001]")

    assert "the domain examp1e.org looks like example.org" in desk.notice_to("bob").words


def test_an_honest_sender_is_not_warned_of(desk: Desk) -> None:
    mails = desk.receive("Ann <ann@example.org>", "It burns.", subject="Fire")

    assert not any("Beware" in mail.text for mail in mails)


def test_customers_never_see_the_warning(desk: Desk) -> None:
    mails = desk.receive(SPOOFED, "Pay this.", subject="Invoice")

    [created] = [mail for mail in mails if mail.to == "eve@evil.example"]
    assert "the name shows" not in created.words


def test_the_warning_stays_with_the_message(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.receive(SPOOFED, "Pay this.", subject="Invoice")

    config = str(desk.folder / "mailtix.yaml")
    assert cli.main(["--config", config, "tickets", "show", "TKT-2026-000001", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["messages"][0]["warning"] == WARNED


# Where answers go


@pytest.fixture
def answer_to(new_desk: Callable[..., Desk]) -> Callable[..., str]:
    """To whom the confirmation goes of a mail from shop@shop.example with that Reply-To."""

    def ask(reply_to: str, config: str = CONFIG) -> str:
        desk = new_desk(config)
        mails = desk.receive("Shop <shop@shop.example>", "No ink.", subject="Ink", Reply_To=reply_to)
        return next(mail.to for mail in mails if not mail.to.endswith("@desk.example"))

    return ask


def test_answers_go_to_reply_to_in_the_same_domain(answer_to: Callable[..., str]) -> None:
    assert answer_to("Jane <jane@shop.example>") == "jane@shop.example"


@pytest.mark.parametrize(
    "reply_to",
    [
        "eve@evil.example",
        "jane@shop.example, joe@shop.example",
        "support@desk.example",
        "bob@desk.example",
    ],
)
def test_answers_go_to_from_in_all_other_cases(answer_to: Callable[..., str], reply_to: str) -> None:
    assert answer_to(reply_to) == "shop@shop.example"


def test_never_means_that_reply_to_is_not_looked_at(answer_to: Callable[..., str]) -> None:
    assert answer_to("jane@shop.example", f"{CONFIG}participants: {{reply_to: never}}\n") == "shop@shop.example"


def test_always_means_that_it_may_be_anywhere(answer_to: Callable[..., str]) -> None:
    assert answer_to("jane@example.net", f"{CONFIG}participants: {{reply_to: always}}\n") == "jane@example.net"


@pytest.mark.parametrize("reply_to", ["support@desk.example", "Support+t.abc@Desk.Example", "bob@desk.example"])
def test_always_never_means_ourselves(answer_to: Callable[..., str], reply_to: str) -> None:
    assert answer_to(reply_to, f"{CONFIG}participants: {{reply_to: always}}\n") == "shop@shop.example"


def test_who_wrote_takes_part_unless_nobody_reads_his_mail(desk: Desk) -> None:
    desk.receive("shop@shop.example", "No ink.", subject="Ink", Reply_To="jane@shop.example")
    desk.receive("no-reply@shop.example", "No ink.", subject="Paper", Reply_To="jane@shop.example")

    assert desk.ticket(1).participants == ("jane@shop.example", "shop@shop.example")
    assert desk.ticket(2).participants == ("jane@shop.example",)


def test_who_is_answered_takes_part(desk: Desk) -> None:
    desk.receive("Shop <shop@shop.example>", "No ink.", subject="Ink", Reply_To="Jane <jane@shop.example>")
    desk.receive("jane@shop.example", "It is the black one.", reply_to=desk.notice_to("jane"))

    assert desk.messages(1)[1] == ("customer", "public", "It is the black one.")
    assert desk.ticket(1).requester.email == "jane@shop.example"
    assert desk.ticket(1).requester.name == "Jane"
