"""A commit outlasts a power cut when the database is set so, and who runs it otherwise is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from desk import Desk
from mailtix.store.engine import apart, durability, open_engine


def test_every_connection_of_a_running_desk_syncs_its_commits(desk: Desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    connections = [desk.app.engine.connect().execution_options(mailtix_reads=True) for _ in range(3)]
    try:
        assert [durability(connection) for connection in connections] == [[], [], []]
    finally:
        for connection in connections:
            connection.close()
    assert warnings(desk) == []


def test_only_what_a_later_commit_makes_durable_is_left_to_it(postgres: Callable[[], str]) -> None:
    engine = open_engine(postgres())
    found = []
    for each in (engine, apart(engine), engine):
        with each.connect() as connection:
            found.append(connection.exec_driver_sql("SHOW synchronous_commit").scalar_one())
    engine.dispose()

    assert found == ["on", "off", "on"]


def test_sqlite_runs_with_its_write_ahead_log_and_a_sync_at_every_commit(tmp_path: Path) -> None:
    desk = Desk(tmp_path, f"sqlite:///{tmp_path}/mailtix.db")
    with desk.app.engine.connect() as connection:
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("journal_mode", "synchronous")]
    desk.close()
    assert found == ["wal", 2]  # SQLite, "PRAGMA synchronous": 2 is FULL


def test_a_new_sqlite_file_is_for_its_owners_eyes_only(tmp_path: Path) -> None:
    desk = Desk(tmp_path, f"sqlite:///{tmp_path}/private.db")
    desk.receive("ann@example.org", "It burns.")
    modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.glob("private.db*")}
    desk.close()
    assert modes["private.db"] == 0o600
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize("pragma", ["synchronous=NORMAL", "journal_mode=MEMORY"])
def test_an_sqlite_that_does_not_sync_is_told_of(tmp_path: Path, pragma: str) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/careless.db")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        connection.exec_driver_sql("PRAGMA synchronous=FULL")
        assert durability(connection) == []
        connection.exec_driver_sql(f"PRAGMA {pragma}")
        [trouble] = durability(connection)
    engine.dispose()
    assert pragma.partition("=")[0] in trouble


def test_a_postgresql_that_does_not_wait_for_its_disk_is_warned_of_at_the_start(
    tmp_path: Path, postgres: Callable[[], str]
) -> None:
    database = postgres()
    engine = create_engine(database, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {engine.url.database} SET synchronous_commit = off"))
    engine.dispose()

    desk = Desk(tmp_path, database)
    try:
        [line] = warnings(desk)
    finally:
        desk.close()
    assert line["level"] == "warning"
    assert "synchronous_commit = off" in line["text"]
    assert "set synchronous_commit = on" in line["text"]


def warnings(desk: Desk) -> list[dict[str, str]]:
    """What the log says of commits that would not last."""
    lines = [json.loads(line) for line in desk.log.getvalue().splitlines()]
    return [line for line in lines if line["event"] == "not_durable"]
