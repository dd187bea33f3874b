"""Agents who work on the same tickets at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from io import StringIO

import pytest

from desk import Courier, Desk
from mailtix import pipeline
from mailtix.app import App, open_app
from mailtix.config import load
from mailtix.log import open_log

FIRST, SECOND = "TKT-2026-000001", "TKT-2026-000002"
PATIENCE = 30.0


@pytest.fixture
def two_nodes(desk: Desk) -> Iterator[tuple[Desk, App]]:
    """A desk with a ticket of Ann's and one of Cy's, and a second node on its database."""
    desk.receive("ann@example.org", "It burns.", subject="Fire")
    desk.receive("cy@example.org", "Smoke.", subject="Smoke")
    settings = load(desk.folder / "mailtix.yaml", {})
    log = open_log("json", "debug", StringIO())
    other = open_app(settings, log, now=lambda: desk.now, courier=Courier(), resolver=desk.names)
    yield desk, other
    other.close()


def at_once(desk: Desk, other: App, first: tuple[str, str, str], second: tuple[str, str, str]) -> None:
    """Both mails (sender, text, number of the ticket) are decided at the same time: the second node takes up the second
    one while the first's transaction is still open."""
    for sender, text, number in (first, second):
        [newest] = [mail for mail in desk.courier.sent if mail.number == number and mail.to == sender][-1:]
        desk.put(*desk.compose(sender, text, reply_to=newest))

    def work() -> None:
        other.work.mails()

    thread = threading.Thread(target=work)
    with desk.app.sessions.begin() as session:
        pipeline.process_mails(session, desk.app.house, 1, desk.now)
        thread.start()
        thread.join(0.5)  # it waits for a lock, or has left the mail for later
    thread.join(PATIENCE)
    desk.work()


def test_two_agents_who_answer_at_once_are_both_heard(two_nodes: tuple[Desk, App]) -> None:
    desk, other = two_nodes

    at_once(desk, other, ("bob@desk.example", "Use water.", FIRST), ("carla@desk.example", "Use sand.", FIRST))

    assert {text for _, _, text in desk.messages(1)} == {"It burns.", "Use water.", "Use sand."}
    assert desk.ticket(1).assignee == "bob@desk.example"


def test_an_answer_that_comes_while_its_ticket_is_merged_goes_to_the_other_one(two_nodes: tuple[Desk, App]) -> None:
    desk, other = two_nodes

    at_once(desk, other, ("bob@desk.example", f"#merge {FIRST}", SECOND), ("cy@example.org", "More smoke.", SECOND))

    assert [text for _, _, text in desk.messages(1)] == ["It burns.", "Smoke.", "More smoke."]
    assert desk.messages(2) == []


def test_a_merging_that_comes_while_a_customer_writes_takes_his_mail_along(two_nodes: tuple[Desk, App]) -> None:
    desk, other = two_nodes

    at_once(desk, other, ("cy@example.org", "More smoke.", SECOND), ("bob@desk.example", f"#merge {FIRST}", SECOND))

    assert [text for _, _, text in desk.messages(1)] == ["It burns.", "Smoke.", "More smoke."]
    assert desk.messages(2) == []


def test_of_two_mergings_against_each_other_one_is_done(two_nodes: tuple[Desk, App]) -> None:
    desk, other = two_nodes

    at_once(
        desk, other, ("bob@desk.example", f"#merge {FIRST}", SECOND), ("carla@desk.example", f"#merge {SECOND}", FIRST)
    )

    assert (desk.ticket(1).merged_into, desk.ticket(2).merged_into) == (0, desk.ticket(1).id)
    assert len(desk.messages(1)) == 2
    assert f"{FIRST} is this ticket" in desk.notice_to("carla").words
