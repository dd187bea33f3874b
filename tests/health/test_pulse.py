"""The sign of life that each process gives in the database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailtix.pulse import Pulse
from mailtix.store import backup, migrations, nodes
from mailtix.store.engine import Engine, Sessions, open_engine, sessions

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    engine = open_engine(database)
    migrations.upgrade(engine)
    yield engine
    engine.dispose()


def seen(opened: Sessions) -> dict[str, datetime]:
    with opened() as session:
        return {node.name: node.seen_at for node in nodes.alive_or_lost(session)}


def test_a_process_gives_a_sign_each_minute_until_it_leaves(engine: Engine) -> None:
    opened, clock = sessions(engine), Clock()
    pulse = Pulse(opened, "1@one.example", True, clock)
    pulse.begin(alone=False)

    clock.now = NOW + timedelta(seconds=30)
    pulse.beat()
    assert seen(opened) == {"1@one.example": NOW}
    clock.now = NOW + timedelta(seconds=70)
    pulse.beat()
    assert seen(opened) == {"1@one.example": clock.now}

    pulse.end()
    assert seen(opened) == {}


def test_a_clock_that_is_put_back_does_not_silence_it(engine: Engine) -> None:
    opened, clock = sessions(engine), Clock()
    pulse = Pulse(opened, "1@one.example", True, clock)
    pulse.begin(alone=False)

    clock.now = NOW - timedelta(hours=1)
    pulse.beat()

    assert seen(opened) == {"1@one.example": clock.now}


def test_who_works_alone_forgets_who_was_killed_and_others_wait_a_day(engine: Engine) -> None:
    opened, clock = sessions(engine), Clock()
    with opened.begin() as session:
        nodes.beat(session, "7@dead.example", True, NOW - timedelta(hours=2))

    Pulse(opened, "1@one.example", True, clock).begin(alone=False)
    assert set(seen(opened)) == {"1@one.example", "7@dead.example"}
    clock.now = NOW + timedelta(days=1)
    Pulse(opened, "2@two.example", False, clock).begin(alone=False)
    assert set(seen(opened)) == {"1@one.example", "2@two.example"}
    Pulse(opened, "3@three.example", True, clock).begin(alone=True)
    assert set(seen(opened)) == {"3@three.example"}


def test_a_restored_installation_does_not_look_for_the_processes_of_the_old_place(
    engine: Engine, tmp_path: Path
) -> None:
    with sessions(engine).begin() as session:
        nodes.beat(session, "7@old.example", True, NOW)
    backup.write(engine, tmp_path / "moved.db")
    new = open_engine(f"sqlite:///{tmp_path}/new.db")

    backup.restore(tmp_path / "moved.db", new)

    assert seen(sessions(new)) == {}
    new.dispose()
