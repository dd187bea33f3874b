"""The main job, end to end: real SMTP in, real SMTP out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from running import Daemon, answer, asked, letter, send, settings
from smarthost import Smarthost

Start = Callable[..., Daemon]


def test_a_mail_becomes_a_ticket_and_its_answer_reaches_the_customer_without_the_agents_address(
    tmp_path: Path, database: str, smarthost: Smarthost, start: Start
) -> None:
    config = settings(tmp_path, database, outbound=smarthost.settings)
    daemon = start(config)

    code, reply = send(daemon.port(), letter("Ann <ann@example.org>", "It burns"))
    assert (code, reply) == (250, "2.0.0 Ok: queued as J1")
    [receipt] = smarthost.to("ann@example.org")
    [notice] = smarthost.to("bob@desk.example")
    assert receipt.number == notice.number
    assert f"[{receipt.number}]" in receipt.subject

    code, _ = send(
        daemon.port(),
        answer("Bob Miller <bob@desk.example>", notice, "#resolve\nUse water.\n"),
        "bob@desk.example",
        notice.reply_to,
    )
    assert code == 250
    [_, solved] = smarthost.to("ann@example.org", 2)
    assert "Use water." in solved.text
    assert "#resolve" not in solved.text
    assert str(solved.message["From"]).startswith("Bob Miller")
    assert "bob@desk.example" not in solved.envelope_from + solved.message.as_string()

    [ticket] = asked(config, "tickets", "list")
    assert (ticket["number"], ticket["status"], ticket["subject"]) == (receipt.number, "resolved", "It burns")
    shown = asked(config, "tickets", "show", receipt.number)
    assert [(m["author"], m["text"].strip()) for m in shown["messages"]] == [
        ("customer", "Please help."),
        ("agent", "Use water."),
    ]
    causes = [line["cause"] for line in asked(config, "tickets", "history", receipt.number)]
    assert set(causes) == {"J1", "J2"}
    assert daemon.stop() == 0


def test_a_customers_answer_joins_its_ticket_and_tells_the_agent(
    tmp_path: Path, database: str, smarthost: Smarthost, start: Start
) -> None:
    config = settings(tmp_path, database, outbound=smarthost.settings)
    daemon = start(config)
    send(daemon.port(), letter("ann@example.org", "It burns"))
    [receipt] = smarthost.to("ann@example.org")

    code, _ = send(daemon.port(), answer("ann@example.org", receipt, "It still burns.\n"), to=receipt.reply_to)

    assert code == 250
    [_, notice] = smarthost.to("bob@desk.example", 2)
    assert "It still burns." in notice.text
    [ticket] = asked(config, "tickets", "list")
    assert len(asked(config, "tickets", "show", ticket["number"])["messages"]) == 2
