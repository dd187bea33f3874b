"""Backups: written while mailtix runs, checked, and put back on either database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from desk import CONFIG, Desk
from mailtix.cli import main
from mailtix.store import backup
from mailtix.store.engine import open_engine


def busy(desk: Desk) -> Desk:
    """A desk with a conversation, a file, a held mail and a second ticket."""
    [receipt] = [
        m for m in desk.receive("ann@example.org", "It burns.", attach=[("log.txt", b"smoke")]) if "ann" in m.to
    ]
    desk.receive("bob@desk.example", "#priority high\nSwitch it off.", reply_to=desk.notice_to("bob"))
    desk.receive("ann@example.org", "It still burns.", reply_to=receipt)
    desk.receive("eve@example.net", "Let me in.", subject=f"Re: [{receipt.number}]")
    desk.receive("dan@example.net", "Where is my refund?", subject="Refund")
    return desk


def state(desk: Desk) -> list[object]:
    return [(ticket, desk.messages(n), desk.history(n)) for n, ticket in enumerate(desk.tickets(), 1)]


@pytest.fixture
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    def make(kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path}/other.db"
        made: str = request.getfixturevalue("postgres")()
        return made

    return make


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backup_put_back_is_the_same_desk_and_goes_on(
    desk: Desk, tmp_path: Path, other: Callable[[str], str], kind: str
) -> None:
    before = state(busy(desk))
    notice = desk.notice_to("bob")
    counts = backup.write(desk.app.engine, tmp_path / "mailtix.backup")
    assert counts["tickets"] == 2

    desk.database = other(kind)
    engine = open_engine(desk.database)
    assert backup.restore(tmp_path / "mailtix.backup", engine) == counts
    engine.dispose()
    desk.configure(CONFIG)

    assert state(desk) == before
    desk.receive("bob@desk.example", "#resolve", reply_to=notice)  # his key is still good
    desk.receive("fay@example.net", "A new one", subject="New")
    assert desk.ticket(2).status == "resolved"
    assert desk.ticket(3).number.endswith("3")


def test_a_backup_is_a_database_to_start_on(desk: Desk, tmp_path: Path) -> None:
    before = state(busy(desk))
    backup.write(desk.app.engine, tmp_path / "mailtix.backup")
    desk.database = f"sqlite:///{tmp_path}/mailtix.backup"
    desk.configure(CONFIG)
    assert state(desk) == before


def test_mail_that_comes_meanwhile_is_not_in_it_and_is_not_hindered(desk: Desk, tmp_path: Path) -> None:
    busy(desk)
    came = []

    def progress(table: str, done: int, total: int) -> None:
        if not came:
            came.append(desk.receive("gus@example.net", "Meanwhile", subject="Meanwhile"))

    counts = backup.write(desk.app.engine, tmp_path / "mailtix.backup", progress)
    assert (counts["tickets"], len(desk.tickets())) == (2, 3)


def test_a_file_that_is_there_is_never_written_over(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.write_text("mine")
    with pytest.raises(backup.BadBackup, match="is there already"):
        backup.write(desk.app.engine, path)
    assert path.read_text() == "mine"


def test_a_backup_goes_into_an_empty_database_only(desk: Desk, tmp_path: Path) -> None:
    backup.write(busy(desk).app.engine, tmp_path / "mailtix.backup")
    with pytest.raises(backup.BadBackup, match="not empty"):
        backup.restore(tmp_path / "mailtix.backup", desk.app.engine)


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A backup of a busy desk."""
    desk = busy(Desk(tmp_path, f"sqlite:///{tmp_path}/mailtix.db"))
    backup.write(desk.app.engine, tmp_path / "mailtix.backup")
    desk.close()
    return tmp_path / "mailtix.backup"


def test_a_changed_mail_is_found(whole: Path) -> None:
    with sqlite3.connect(whole) as file:
        file.execute("UPDATE raw_mails SET data = CAST(data || 'x' AS BLOB) WHERE id = 2")
    file.close()
    with pytest.raises(backup.BadBackup, match="raw mail 2 has not the bytes"):
        backup.check(whole)


def test_a_missing_row_is_found(whole: Path) -> None:
    with sqlite3.connect(whole) as file:
        file.execute("DELETE FROM raw_mails WHERE id = 1")
    file.close()
    with pytest.raises(backup.BadBackup, match="refers to one of raw_mails"):
        backup.check(whole)


def test_a_torn_file_is_found(whole: Path) -> None:
    data = whole.read_bytes()
    whole.write_bytes(data[: len(data) // 2])
    with pytest.raises(backup.BadBackup, match="damaged"):
        backup.check(whole)


def test_another_file_is_no_backup(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Ann, " * 1000)
    with pytest.raises(backup.BadBackup, match="no backup of mailtix"):
        backup.check(path)


def test_the_verbs_say_what_they_did(whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / "mailtix.yaml"
    second = tmp_path / "second"
    assert main(["--config", str(settings), "backup", str(second)]) == 0
    assert "2 tickets" in capsys.readouterr().out
    assert main(["--config", str(settings), "backup", str(second)]) == 1
    assert "is there already" in capsys.readouterr().err
    assert main(["--config", str(settings), "backup", "--check", str(second), "--json"]) == 0
    assert '"tickets": 2' in capsys.readouterr().out
    settings.write_text(settings.read_text().replace("mailtix.db", "new.db"))
    assert main(["--config", str(settings), "restore", str(second)]) == 0
    assert "is now in sqlite:///" in capsys.readouterr().out
    assert main(["--config", str(settings), "restore", str(second)]) == 1
    assert "not empty" in capsys.readouterr().err
