"""Two nodes on one PostgreSQL that give tickets away at the same time."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from io import StringIO
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import text

from desk import Courier, Desk
from mailtix import pipeline
from mailtix.app import App, open_app
from mailtix.config import load
from mailtix.log import open_log

AGENTS = ["ann", "bob", "cy"]
PATIENCE = 30.0
NUMBERS = count(1)


def config(folder: Path, strategy: str, maximum: str) -> str:
    (folder / "rules.yaml").write_text("- name: Everything\n  then: {team: first}\n")
    people = "".join(
        f"  - {{name: {name}, email: {name}@desk.example, teams: [first], max: {maximum}}}\n" for name in AGENTS
    )
    return (
        f"rules: [{folder}/rules.yaml]\n"
        "companies: [{name: Example, mailboxes: [{address: support@desk.example}]}]\n"
        f"agents:\n{people}teams: [{{name: first, strategy: {strategy}, sticky: false}}]\n"
    )


@pytest.fixture
def two_nodes(postgres: Callable[[], str], tmp_path: Path) -> Iterator[Callable[..., tuple[Desk, App]]]:
    """Opens a desk, and a second node on its database."""
    opened: list[Desk | App] = []

    def make(strategy: str, maximum: str = "null") -> tuple[Desk, App]:
        desk = Desk(tmp_path, postgres(), config(tmp_path, strategy, maximum))
        opened.append(desk)
        settings = load(tmp_path / "mailtix.yaml", {})
        other = open_app(settings, open_log("json", "debug", StringIO()), now=lambda: desk.now, courier=Courier())
        opened.append(other)
        return desk, other

    yield make
    for node in opened:
        node.close()


def send(desk: Desk, mails: int) -> None:
    """So many mails are accepted, each of another customer."""
    for _ in range(mails):
        number = next(NUMBERS)
        desk.put(*desk.compose(f"c{number}@example.org", "Hello", subject=f"Question {number}"))


def work_at_once(desk: Desk, other: App) -> None:
    """Both nodes process what there is."""
    threads = [threading.Thread(target=app.work.mails) for app in (desk.app, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    desk.work()  # what lost a race comes again with the sweep


def shares(desk: Desk) -> Counter[str]:
    return Counter(ticket.assignee.partition("@")[0] for ticket in desk.tickets())


def until_somebody_waits_for_a_lock(app: App) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    pause = threading.Event()
    for _ in range(int(PATIENCE / 0.01)):
        with app.engine.connect() as connection:
            if connection.execute(waiting).scalar_one():
                return
        pause.wait(0.01)
    raise AssertionError("nobody waits")


@pytest.mark.parametrize("strategy", ["round_robin", "least_busy"])
def test_who_picks_while_another_pick_is_not_committed_waits_and_sees_it(
    two_nodes: Callable[..., tuple[Desk, App]], strategy: str
) -> None:
    desk, other = two_nodes(strategy)
    send(desk, 1)
    desk.work()  # what is written the first time only would keep the two apart as well
    send(desk, 2)

    def pick() -> None:
        with other.sessions.begin() as session:
            pipeline.process_mails(session, other.house, 1, desk.now)

    thread = threading.Thread(target=pick)
    with desk.app.sessions.begin() as session:
        pipeline.process_mails(session, desk.app.house, 1, desk.now)
        thread.start()
        until_somebody_waits_for_a_lock(desk.app)
    thread.join(PATIENCE)

    assert shares(desk) == {"ann": 1, "bob": 1, "cy": 1}


@pytest.mark.parametrize("strategy", ["round_robin", "least_busy"])
def test_two_nodes_share_out_fairly_and_nobody_gets_more_than_his_maximum(
    two_nodes: Callable[..., tuple[Desk, App]], strategy: str
) -> None:
    desk, other = two_nodes(strategy, "7")
    send(desk, 20)
    work_at_once(desk, other)
    assert sorted(shares(desk).values()) == [6, 7, 7]

    send(desk, 5)
    work_at_once(desk, other)
    assert shares(desk) == {"ann": 7, "bob": 7, "cy": 7, "": 4}
