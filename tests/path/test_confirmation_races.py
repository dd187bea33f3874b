"""Two answers to one question, on two nodes of one PostgreSQL at the same time: the mail is done once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest

from desk import CONFIG, Courier, Desk
from mailtix import pipeline
from mailtix.app import App, open_app
from mailtix.config import load
from mailtix.log import open_log

PATIENCE = 30.0


@pytest.fixture
def two_nodes(postgres: Callable[[], str], tmp_path: Path) -> Iterator[tuple[Desk, App]]:
    """A desk, and a second node on its database."""
    desk = Desk(tmp_path, postgres(), CONFIG)
    settings = load(tmp_path / "mailtix.yaml", {})
    other = open_app(settings, open_log("json", "debug", StringIO()), now=lambda: desk.now, courier=Courier())
    yield desk, other
    other.close()
    desk.close()


def test_a_question_that_is_answered_twice_at_once_is_done_once(two_nodes: tuple[Desk, App]) -> None:
    desk, other = two_nodes
    desk.receive("ann@example.org", "It burns.", subject="Fire")
    desk.receive("bob@desk.example", "Use water.", subject="Re: [TKT-2026-000001] Fire")
    question = desk.notice_to("bob")
    for text in ("yes", "Yes!"):
        desk.put(*desk.compose("bob@desk.example", text, reply_to=question))
    both = threading.Barrier(2)

    def work(app: App) -> None:
        with app.sessions.begin() as session:
            both.wait(PATIENCE)
            pipeline.process_mails(session, app.house, 1, desk.now)

    threads = [threading.Thread(target=work, args=(app,)) for app in (desk.app, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    desk.work()

    assert [message for message in desk.messages(1) if message[2] == "Use water."] == [
        ("agent", "discarded", "Use water."),
        ("agent", "public", "Use water."),
    ]
    assert sorted(desk.outcome(number)[0] for number in (3, 4)) == ["joined", "refused"]
