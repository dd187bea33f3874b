"""The power goes: what SQLite had not synced is forgotten, and everything that was answered with 250 is there.

In WAL mode a commit is written to the end of the log, and with synchronous=FULL it is synced before the commit returns
(tests/store/test_durability.py looks at that setting). So a power cut keeps at least as much of the log as there was at
the last 250, and of what came after it any part.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from random import Random

import pytest

from desk import Desk

CUTS = 25


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, f"sqlite:///{tmp_path}/mailtix.db")


def after_a_cut(folder: Path, kept: int, to: Path) -> tuple[str, int]:
    """The database as it comes up when so many bytes of the log were kept: whether it is whole, and its mails."""
    to.mkdir()
    shutil.copy(folder / "mailtix.db", to)
    (to / "mailtix.db-wal").write_bytes((folder / "mailtix.db-wal").read_bytes()[:kept])
    connection = sqlite3.connect(to / "mailtix.db")
    [whole] = connection.execute("PRAGMA integrity_check").fetchone()
    [mails] = connection.execute("SELECT count(*) FROM journal").fetchone()
    connection.close()
    return whole, mails


def test_every_mail_that_heard_250_is_there_however_little_more_was_written(tmp_path: Path, desk: Desk) -> None:
    with desk.app.sessions.begin() as session:
        session.connection().exec_driver_sql("PRAGMA wal_autocheckpoint=0")  # the log keeps all of it, for us to cut
    log = tmp_path / "mailtix.db-wal"
    synced = []
    for index in range(8):
        desk.put(*desk.compose(f"ann{index}@example.org", "It burns."))
        synced.append(log.stat().st_size)
        desk.work()
    dice = Random("power")
    cuts = [*synced, *(dice.randrange(synced[0], log.stat().st_size) for _ in range(CUTS))]

    for number, kept in enumerate(cuts):
        whole, found = after_a_cut(tmp_path, kept, tmp_path / f"cut{number}")
        assert whole == "ok"
        assert found >= sum(1 for size in synced if size <= kept)
    assert sorted(synced) == synced
    desk.close()


def test_a_desk_goes_on_after_a_power_cut_where_the_log_ends(tmp_path: Path, desk: Desk) -> None:
    desk.put(*desk.compose("ann@example.org", "It burns."))
    kept = (tmp_path / "mailtix.db-wal").stat().st_size
    desk.work()  # all of it is forgotten
    to = tmp_path / "after"
    assert after_a_cut(tmp_path, kept, to) == ("ok", 1)
    desk.close()

    again = Desk(to, f"sqlite:///{to}/mailtix.db")
    again.work()
    assert again.messages() == [("customer", "public", "It burns.")]
    again.close()
