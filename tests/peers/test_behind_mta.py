"""mailtix behind a real Postfix and a real Exim, set up as deploy/postfix.md and deploy/exim.md say."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from desk import Sent
from peers.mta import Exim, Mta, Postfix, PostfixWithOthers, block, free_port
from running import Daemon, asked, letter, settings, until
from smarthost import Smarthost

pytestmark = [pytest.mark.peers, pytest.mark.skipif(os.geteuid() != 0, reason="Postfix and Exim are started by root")]

LIMIT = 1_000_000
MAILBOXES = ("support", "sales")


@dataclass
class Behind:
    """A mail server, mailtix behind it, and the world outside."""

    mta: Mta
    daemon: Daemon
    world: Smarthost
    config: Path

    def tickets(self, subject: str) -> list[dict[str, Any]]:
        listed = asked(self.config, "tickets", "list", "--limit", "0")
        return [ticket for ticket in listed if ticket["subject"] == subject]

    def messages(self, subject: str) -> list[dict[str, Any]]:
        [ticket] = until(lambda: self.tickets(subject))
        shown = asked(self.config, "tickets", "show", ticket["number"])
        return list(shown["messages"])

    def notice(self, subject: str) -> Sent:
        """The notice of that ticket to the agent."""

        def found() -> list[Sent]:
            return [mail for mail in self.world.all() if mail.to == "bob@example.net" and subject in mail.subject]

        return until(found)[0]

    def to(self, address: str, count: int = 1) -> list[Sent]:
        return self.world.to(address, count)

    @property
    def accepted(self) -> int:
        with closing(sqlite3.connect(self.config.parent / "mailtix.db")) as database:
            return int(database.execute("SELECT count(*) FROM journal").fetchone()[0])

    def broken(self) -> Broken:
        return Broken(self.config.parent / "mailtix.db")


class Broken:
    """While this lasts, mailtix cannot write down what it is given, and says 451."""

    def __init__(self, database: Path) -> None:
        self._database = database

    def _run(self, statement: str) -> None:
        with closing(sqlite3.connect(self._database, timeout=30)) as database:
            database.execute(statement)
            database.commit()

    def __enter__(self) -> None:
        self._run("CREATE TRIGGER broken BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'broken'); END")

    def __exit__(self, *_: object) -> None:
        self._run("DROP TRIGGER broken")


KINDS = {
    "postfix-lmtp": (Postfix, "lmtp", "postfix.md"),
    "postfix-smtp": (Postfix, "smtp", "postfix.md"),
    "postfix-others": (PostfixWithOthers, "lmtp", "postfix.md"),
    "exim-lmtp": (Exim, "lmtp", "exim.md"),
    "exim-smtp": (Exim, "smtp", "exim.md"),
}


@pytest.fixture(scope="module", params=list(KINDS))
def behind(request: pytest.FixtureRequest) -> Iterator[Behind]:
    """Everything set up and running. The tests share it, so each has a subject and addresses of its own."""
    kind, door, document = KINDS[request.param]
    doors = {"smtp": free_port(), "lmtp": free_port()}
    with tempfile.TemporaryDirectory(prefix="mta-") as name, ExitStack() as stack:
        folder = Path(name)
        world = stack.enter_context(closing(Smarthost()))
        mta = stack.enter_context(closing(kind(folder / "mta", world.port, doors, door)))
        documented = yaml.safe_load(block(document, "mailtix.yaml"))
        documented["outbound"]["smtp"]["port"] = mta.port
        config = settings(
            folder,
            f"sqlite:///{folder}/mailtix.db",
            companies=[{"name": "Example", "mailboxes": [{"address": f"{name}@desk.example"} for name in MAILBOXES]}],
            agents=[{"name": "Bob Miller", "email": "bob@example.net"}],
            listen={"smtp": None, "size_limit": LIMIT} | {door: f"127.0.0.1:{doors[door]}"},
            outbound=documented["outbound"],
            security={"verify": "never"},
        )
        behind = Behind(mta, Daemon(config), world, config)
        stack.callback(lambda: behind.daemon.close())  # whichever runs then
        behind.daemon.wait("ready")
        yield behind


def test_mail_flows_in_and_answers_flow_out(behind: Behind) -> None:
    raw = letter("ann@example.org", "It burns")

    assert behind.mta.take(raw, "ann@example.org", "support@desk.example")[0] == 250
    notice = behind.notice("It burns")
    assert "+" in notice.reply_to
    reply = letter("bob@example.net", "Re: It burns", "#priority high\nUse water.\n", answers=notice)
    assert behind.mta.take(reply, "bob@example.net", notice.reply_to)[0] == 250

    receipt, answer = behind.to("ann@example.org", 2)
    assert "It burns" in receipt.subject
    assert "Use water." in answer.text
    [ticket] = behind.tickets("It burns")
    assert ticket["priority"] == "high"


def test_what_stands_after_the_plus_comes_through(behind: Behind) -> None:
    raw = letter("eve@example.org", "A word of my own")

    assert behind.mta.take(raw, "eve@example.org", "support+some.thing@desk.example")[0] == 250

    until(lambda: behind.tickets("A word of my own"))
    with closing(sqlite3.connect(behind.config.parent / "mailtix.db")) as database:
        asked_for = database.execute("SELECT rcpt_tos FROM journal WHERE mail_from = 'eve@example.org'").fetchone()
    assert "support+some.thing@desk.example" in asked_for[0]


def test_an_unknown_address_is_refused_before_anything_is_taken(behind: Behind) -> None:
    before = behind.accepted

    code, _ = behind.mta.take(letter("mallory@example.org", "Spam"), "mallory@example.org", "nobody@desk.example")

    assert code == 550
    assert behind.accepted == before
    assert not [mail for mail in behind.world.all() if mail.to == "mallory@example.org"]


def test_what_mailtix_cannot_take_now_arrives_later_and_once(behind: Behind) -> None:
    with behind.broken():
        raw = letter("late@example.org", "Later")
        assert behind.mta.take(raw, "late@example.org", "support@desk.example")[0] == 250
        until(lambda: "451" in behind.mta.log)

    assert len(behind.messages("Later")) == 1
    [_] = behind.to("late@example.org")


def test_a_mail_to_two_mailboxes_is_one_message(behind: Behind) -> None:
    raw = letter("both@example.org", "To both of you")

    assert behind.mta.take(raw, "both@example.org", "support@desk.example", "sales@desk.example")[0] == 250

    assert len(behind.messages("To both of you")) == 1


def test_letters_beyond_ascii_come_through_with_smtputf8(behind: Behind) -> None:
    raw = (
        "From: Jürgen <jürgen@example.org>\r\nTo: support@desk.example\r\nSubject: Grüße aus Köln\r\n"
        "Message-ID: <1@köln.example>\r\nDate: Fri, 20 Nov 2026 09:00:00 +0000\r\n\r\nHallo!\r\n"
    ).encode()
    options = ("SMTPUTF8", "BODY=8BITMIME")

    code, said = behind.mta.take(raw, "jürgen@example.org", "support@desk.example", options=options)

    assert code == 250, said
    until(lambda: behind.tickets("Grüße aus Köln"))
    with closing(sqlite3.connect(behind.config.parent / "mailtix.db")) as database:
        senders = [row[0] for row in database.execute("SELECT mail_from FROM journal")]
    assert "jürgen@example.org" in senders


def test_what_is_too_big_for_mailtix_goes_back_to_its_sender_by_the_mail_server(behind: Behind) -> None:
    before = behind.accepted
    raw = letter("big@example.org", "Too big", "x" * 70 + "\n") + (b"y" * 76 + b"\r\n") * (LIMIT // 70)

    assert behind.mta.take(raw, "big@example.org", "support@desk.example")[0] == 250

    [bounce] = behind.to("big@example.org")
    assert bounce.envelope_from in ("", "<>")  # aiosmtpd calls the null reverse-path by what stands in the command
    assert behind.accepted == before


def test_a_bounce_is_told_in_its_ticket_and_answered_by_nobody(behind: Behind) -> None:
    behind.world.refused["gone@example.org"] = "550 5.1.1 no such person"
    raw = letter("gone@example.org", "I am gone")

    assert behind.mta.take(raw, "gone@example.org", "support@desk.example")[0] == 250

    [ticket] = until(lambda: behind.tickets("I am gone"))
    until(lambda: "no such person" in str(asked(behind.config, "tickets", "history", ticket["number"])))
    assert not [mail for mail in behind.world.all() if mail.to == "gone@example.org"]
    with closing(sqlite3.connect(behind.config.parent / "mailtix.db")) as database:
        rows = database.execute("SELECT rcpt_tos FROM journal WHERE mail_from = ''").fetchall()
    assert rows, "the bounce did not come in"


def test_mailtix_stopped_and_started_again_gets_what_came_meanwhile(behind: Behind) -> None:
    assert behind.daemon.stop() == 0
    behind.daemon.close()
    before = behind.mta.log
    raw = letter("patient@example.org", "While you slept")
    assert behind.mta.take(raw, "patient@example.org", "support@desk.example")[0] == 250
    until(lambda: "refused" in behind.mta.log[len(before) :])

    behind.daemon = Daemon(behind.config)
    behind.daemon.wait("ready")
    assert len(behind.messages("While you slept")) == 1
    [_] = behind.to("patient@example.org")


def test_whoever_was_refused_heard_it_from_the_mail_server_and_nothing_from_mailtix(behind: Behind) -> None:
    for sender, address in (("a@refused.example", "nobody@desk.example"), ("", "nobody@desk.example")):
        assert behind.mta.take(letter("a@refused.example", "Unwanted"), sender, address)[0] == 550
    assert behind.mta.take(letter("b@refused.example", "Wanted"), "b@refused.example", "support@desk.example")[0] == 250
    behind.to("b@refused.example")

    with closing(sqlite3.connect(behind.config.parent / "mailtix.db")) as database:
        ours = database.execute("SELECT template FROM outbox WHERE rcpt_to LIKE '%@refused.example'").fetchall()
    assert ours == [("created",)]  # the receipt
    assert [mail.to for mail in behind.world.all() if mail.to.endswith("@refused.example")] == ["b@refused.example"]
