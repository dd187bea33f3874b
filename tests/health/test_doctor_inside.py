"""mailtix doctor and what is inside: settings, database, queues, disks and the sign of life."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from desk import Desk
from mailtix.config import load
from mailtix.health import Finding, State, examine
from mailtix.health.ask import ask
from mailtix.health.finding import bad, fine
from mailtix.health.machine import disks, maildir
from mailtix.health.secrets import others_can_read, without_secrets
from mailtix.model.outgoing import Deferred
from mailtix.store import mailbox_health, migrations, nodes
from mailtix.store.engine import open_engine
from running import called, settings

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CALM: dict[str, Any] = {"listen": {"smtp": None}, "security": {"verify": "never"}}


def write(folder: Path, database: str, **more: Any) -> Path:
    return settings(folder, database, **(CALM | more))


def by_name(path: Path, now: datetime = NOW, environ: dict[str, str] | None = None) -> dict[str, Finding]:
    return {finding.name: finding for finding in examine(path, environ or {}, now)}


@pytest.fixture
def migrated(tmp_path: Path) -> Path:
    """The settings of an installation with an empty database."""
    url = f"sqlite:///{tmp_path}/mailtix.db"
    engine = open_engine(url)
    migrations.upgrade(engine)
    engine.dispose()
    return write(tmp_path, url)


@pytest.fixture
def of_desk(desk: Desk, tmp_path: Path) -> Callable[..., dict[str, Finding]]:
    """What is found of the desk, so long after its clock."""

    def find(later: timedelta = timedelta(0)) -> dict[str, Finding]:
        return by_name(write(tmp_path, desk.database), desk.now + later)

    return find


# ---------------------------------------------------------------- settings


def test_settings_that_are_not_there_are_told_and_nothing_breaks(tmp_path: Path) -> None:
    [settings, _] = examine(tmp_path / "none.yaml", {}, NOW)

    assert (settings.name, settings.state) == ("settings", State.BAD)
    assert "No such file" in settings.text


def test_where_a_part_of_the_settings_is_wrong_the_rest_is_looked_at(migrated: Path) -> None:
    values = json.loads(migrated.read_text())
    values |= {"listen": {"smtp": "no port"}, "colour": "green"}
    migrated.write_text(json.dumps(values, indent=1))

    findings = examine(migrated, {}, NOW)

    told = [finding for finding in findings if finding.name == "settings"]
    assert [finding.state for finding in told] == [State.BAD, State.WARN]
    assert "2 mistakes" in told[0].text
    assert "`colour`, `listen`" in told[1].text
    assert "database" in {f.name: f for f in findings if f.state is State.OK}
    assert not {"smtp", "disk", "rules"} & {f.name for f in findings}


def test_a_wrong_variable_leaves_out_its_section(migrated: Path) -> None:
    findings = by_name(migrated, environ={"MAILTIX_DATABASE": "mysql://x"})

    assert findings["settings"].state is State.WARN
    assert "database" not in findings


def test_settings_without_companies_are_looked_at_as_far_as_that_goes(migrated: Path) -> None:
    values = json.loads(migrated.read_text())
    del values["companies"], values["agents"]
    migrated.write_text(json.dumps(values))

    assert by_name(migrated)["database"].state is State.OK


def test_wrong_rules_and_templates_are_told(migrated: Path) -> None:
    folder = migrated.parent
    (folder / "rules").mkdir()
    (folder / "rules" / "1.yaml").write_text("- name: one\n  whenn: {}\n")
    (folder / "templates" / "en").mkdir(parents=True)
    (folder / "templates" / "en" / "receipt.txt").write_text("{{ nobody.knows }}")
    values = json.loads(migrated.read_text()) | {"rules": ["rules/*.yaml"]}
    migrated.write_text(json.dumps(values))

    findings = by_name(migrated)

    assert (findings["rules"].state, findings["templates"].state) == (State.BAD, State.BAD)
    assert "mailtix rules check" in findings["rules"].advice
    assert "mailtix check" in findings["templates"].advice


def test_files_that_everybody_can_read_are_told() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        secret = folder / "password"
        secret.write_text("x")
        secret.chmod(0o644)
        folder.chmod(0o700)
        assert not others_can_read(secret)
        folder.chmod(0o755)
        assert others_can_read(secret)

        path = write(folder, f"sqlite:///{folder}/mailtix.db", redis="redis://:hunter22@127.0.0.1:1/0")
        path.chmod(0o644)
        told = [f for f in examine(path, {}, NOW) if f.name == "file modes"]
        path.chmod(0o600)
        after = [f for f in examine(path, {}, NOW) if f.name == "file modes"]

    assert [(f.state, f.advice) for f in told] == [(State.WARN, f"chmod o-rwx {path}")]
    assert [f.state for f in after] == [State.OK]


def test_no_secret_is_shown_whoever_quotes_it(tmp_path: Path) -> None:
    config = load(
        write(
            tmp_path,
            "postgresql://mailtix:pg%40secret@127.0.0.1:1/x?sslpassword=another1",
            redis="redis://:redis-secret@127.0.0.1/0",
            outbound={"smtp": {"host": "mx.example", "username": "u", "password": "smtp-secret"}},
            webhooks={"secret": "hook-secret-hook-secret"},
            security={"secrets": ["signing-secret-signing"]},
            companies=[
                {
                    "name": "Example",
                    "mailboxes": [
                        {
                            "address": "support@desk.example",
                            "imap": {"host": "imap.example", "username": "u", "password": "io"},
                        }
                    ],
                }
            ],
        ),
        {},
    )
    words = "pg%40secret pg@secret another1 redis-secret smtp-secret hook-secret-hook-secret signing-secret-signing io"
    finding = bad("x", f"it said: {words}, and a ratio", words)

    [told] = without_secrets([finding], config)

    assert told.text == f"it said: {' '.join(['***'] * 8)}, and a ratio"
    assert told.advice == " ".join(["***"] * 8)


# ---------------------------------------------------------------- database


def test_a_database_that_is_not_there_is_told_and_not_made(tmp_path: Path) -> None:
    findings = by_name(write(tmp_path, f"sqlite:///{tmp_path}/var/mailtix.db"))

    assert findings["database"].state is State.BAD
    assert "there is no database" in findings["database"].text
    assert not (tmp_path / "var").exists()


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    findings = by_name(write(tmp_path, "postgresql://mailtix:hunter22@127.0.0.1:1/mailtix"))

    assert findings["database"].state is State.BAD
    assert "does not answer" in findings["database"].text
    assert "451" in findings["database"].advice
    assert "hunter22" not in str(findings)


def test_a_database_that_may_only_be_read_is_told(migrated: Path) -> None:
    file = migrated.parent / "mailtix.db"
    with file.open("r+b") as pages:  # a write version above 2 makes it read-only (SQLite, "Database File Format")
        pages.seek(18)
        pages.write(b"\x03")

    finding = by_name(migrated)["database"]

    assert finding.state is State.BAD
    assert "cannot be written to" in finding.text
    assert "let mailtix's user write" in finding.advice


def test_a_database_that_somebody_keeps_locked_is_told(migrated: Path) -> None:
    with closing(sqlite3.connect(migrated.parent / "mailtix.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        finding = by_name(migrated)["database"]
        other.execute("ROLLBACK")

    assert finding.state is State.BAD
    assert "locked" in finding.text


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "mailtix.db").write_text("Dear Sir or Madam, " * 500)

    finding = by_name(write(tmp_path, f"sqlite:///{tmp_path}/mailtix.db"))["database"]

    assert finding.state is State.BAD
    assert "not a database" in finding.text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "of a newer mailtix"),
        ("DELETE FROM alembic_version", "no tables of ours"),
    ],
)
def test_a_database_of_another_version_is_told_and_left_alone(migrated: Path, change: str, said: str) -> None:
    file = migrated.parent / "mailtix.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute(change)

    finding = by_name(migrated)["database"]

    assert finding.state is State.BAD
    assert said in finding.text


def test_a_damaged_database_is_told(desk: Desk, of_desk) -> None:
    if desk.database.startswith("postgresql"):
        pytest.skip("PostgreSQL looks after its pages itself, and counts what it finds")
    desk.receive("ann@example.org", "It burns.")
    desk.app.close()
    file = Path(desk.database.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(file)) as database:
        [page] = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_outbox_ticket'").fetchone()
        [size] = database.execute("PRAGMA page_size").fetchone()
    with file.open("r+b") as pages:
        pages.seek((page - 1) * size)
        pages.write(b"\xff" * size)

    finding = of_desk()["integrity"]

    assert finding.state is State.BAD
    assert "restore the last backup" in finding.advice


def test_a_database_that_is_well_is_written_to_and_left_as_it_was(desk: Desk, of_desk) -> None:
    findings = of_desk()

    names = ("database", "durability", "integrity", "mail to process", "parked mail", "timers")
    assert {name: findings[name].state for name in names} == dict.fromkeys(names, State.OK)
    with desk.app.sessions() as session:
        assert session.execute(text("SELECT count(*) FROM settings WHERE key = 'doctor'")).scalar_one() == 0


# ---------------------------------------------------------------- queues and clocks


@pytest.mark.parametrize(("later", "state"), [(1, State.WARN), (30, State.BAD)])
def test_parked_mail_is_told_and_old_parked_mail_is_bad(desk: Desk, of_desk, later: int, state: State) -> None:
    desk.receive("ann@example.org", "It burns.")
    with desk.app.sessions.begin() as session:
        session.execute(text("UPDATE journal SET state = 'parked', error = 'it cannot be read'"))

    finding = of_desk(timedelta(hours=later))["parked mail"]

    assert finding.state is state
    assert "J1" in finding.text
    assert "it cannot be read" in finding.text
    assert "mailtix parked" in finding.advice


def test_mail_that_nobody_processes_is_told(desk: Desk, of_desk) -> None:
    desk.receive("ann@example.org", "It burns.")
    with desk.app.sessions.begin() as session:
        session.execute(text("UPDATE journal SET state = 'new'"))

    assert of_desk(timedelta(minutes=1))["mail to process"].state is State.OK
    assert of_desk(timedelta(minutes=20))["mail to process"].state is State.WARN
    assert of_desk(timedelta(hours=2))["mail to process"].state is State.BAD


def test_mail_that_the_smarthost_defers_is_told_with_what_it_said(desk: Desk, of_desk) -> None:
    desk.courier.outcomes = [Deferred("451 4.7.1 greylisted"), Deferred("451 4.7.1 greylisted")]
    desk.receive("ann@example.org", "It burns.")

    findings = of_desk(timedelta(hours=2))

    assert findings["deferred mail"].state is State.WARN
    assert "greylisted" in findings["deferred mail"].text
    assert findings["mail to send"].state is State.BAD  # it was due long ago, and nobody has tried


def test_timers_that_nobody_fires_are_told(desk: Desk, of_desk) -> None:
    desk.receive("ann@example.org", "It burns.")

    assert of_desk()["timers"].state is State.OK
    assert of_desk(timedelta(days=40))["timers"].state is State.BAD


def test_a_database_with_another_clock_is_told(desk: Desk, of_desk) -> None:
    finding = of_desk()["clock"]  # the desk's clock stands

    if desk.database.startswith("sqlite"):
        assert finding.state is State.OK
    else:
        assert (finding.state, "apart from this one" in finding.text) == (State.WARN, True)


def test_a_clock_that_was_put_back_is_told(desk: Desk, of_desk) -> None:
    desk.receive("ann@example.org", "It burns.")

    finding = of_desk(timedelta(hours=-2))["clock"]

    assert finding.state is State.BAD
    assert "2h" in finding.text
    assert "NTP" in finding.advice


# ---------------------------------------------------------------- disks


@pytest.mark.parametrize(
    ("free", "state"), [(10**9 * 50, State.OK), (10**9 * 4, State.WARN), (10**8, State.BAD), (0, State.BAD)]
)
def test_the_room_on_the_disk_is_judged_by_its_share_and_by_mails(tmp_path: Path, free: int, state: State) -> None:
    config = load(write(tmp_path, f"sqlite:///{tmp_path}/mailtix.db"), {})

    findings = list(disks(config, lambda _: (free, 10**11)))

    assert [finding.state for finding in findings] == [state, state]
    assert ("452" in findings[0].advice) is (state is not State.OK)


def test_a_mail_that_is_larger_than_the_disk_has_no_room(migrated: Path) -> None:
    values = json.loads(migrated.read_text()) | {"listen": {"smtp": None, "size_limit": "900000GB"}}
    migrated.write_text(json.dumps(values))

    assert by_name(migrated)["disk"].state is State.BAD


def test_a_maildir_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    config = load(write(tmp_path, f"sqlite:///{tmp_path}/mailtix.db", outbound={"maildir": "/proc/mailtix"}), {})

    [finding] = maildir(config)

    assert (finding.state, "/proc" in finding.text) == (State.BAD, True)


# ---------------------------------------------------------------- the daemon and its mailboxes


def test_a_daemon_that_gives_no_sign_is_told(desk: Desk, of_desk) -> None:
    assert "does not run" in of_desk()["daemon"].text
    with desk.app.sessions.begin() as session:
        nodes.beat(session, "7@one.example", True, desk.now)

    assert of_desk(timedelta(minutes=1))["daemon"].state is State.OK
    silent = of_desk(timedelta(minutes=10))["daemon"]
    assert silent.state is State.BAD
    assert "7@one.example gave its last sign 10m ago" in silent.text


def test_a_dead_worker_beside_a_living_daemon_is_only_to_be_looked_at(desk: Desk, of_desk) -> None:
    with desk.app.sessions.begin() as session:
        nodes.beat(session, "7@one.example", True, desk.now)
        nodes.beat(session, "8@two.example", False, desk.now - timedelta(minutes=10))

    finding = of_desk()["daemon"]  # the last of them

    assert (finding.state, "8@two.example" in finding.text) == (State.WARN, True)


def test_mailboxes_are_told_that_nobody_looks_into_or_that_refuse(desk: Desk, tmp_path: Path) -> None:
    imap = {"host": "imap.example", "username": "u", "password": "hunter22"}
    boxes = [{"address": f"{name}@desk.example", "imap": imap} for name in ("well", "never", "late", "ill")]
    path = write(tmp_path, desk.database, companies=[{"name": "Example", "mailboxes": boxes}])
    with desk.app.sessions.begin() as session:
        mailbox_health.note_visit(session, "well@desk.example", "INBOX", 1, desk.now)
        mailbox_health.note_visit(session, "late@desk.example", "INBOX", 1, desk.now - timedelta(days=1))
        mailbox_health.note_visit(session, "ill@desk.example", "INBOX", 1, desk.now - timedelta(hours=1))
        mailbox_health.note_trouble(session, "ill@desk.example", "INBOX", "wrong password; check it", desk.now)

    findings = by_name(path, desk.now + timedelta(minutes=1))

    states = {name: findings[f"mailbox {name}@desk.example"].state.value for name in ("well", "never", "late", "ill")}
    assert states == {"well": "ok", "never": "bad", "late": "bad", "ill": "bad"}
    assert "wrong password" in findings["mailbox ill@desk.example"].text


# ---------------------------------------------------------------- asking


def test_a_check_that_breaks_is_a_finding_and_stops_no_other() -> None:
    def broken() -> list[Finding]:
        raise ZeroDivisionError("by nothing\nand more")

    found = ask({"one": broken, "two": lambda: [fine("two", "it works")]}, 5)

    assert [(f.name, f.state) for f in found] == [("one", State.BAD), ("two", State.OK)]
    assert "ZeroDivisionError: by nothing" in found[0].text
    assert "and more" not in found[0].text


def test_the_exit_code_is_1_when_something_is_bad_and_2_for_wrong_use(migrated: Path) -> None:
    assert called(migrated, "doctor").code == 1  # no daemon runs
    assert called(migrated, "doctor", "--nonsense").code == 2


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_what_is_shown_says_what_to_do_under_each_trouble(migrated: Path) -> None:
    lines = called(migrated, "doctor").out.splitlines()

    [number] = [n for n, line in enumerate(lines) if line.startswith("bad  daemon")]
    assert lines[number + 1].strip().startswith("→ start it: `mailtix serve`")


def test_a_mistake_beside_a_secret_shows_none_of_it(tmp_path: Path) -> None:
    path = tmp_path / "mailtix.yaml"
    path.write_text(
        "companies: [{name: Example, mailboxes: [{address: support@desk.example}]}]\n"
        "webhooks: {secret: hunter2-hunter2-hunter2, hosts: [':'], timeout: soon}\n"
        "security: {secrets: [short]}\n"
    )

    said = called(path, "check").err + called(path, "doctor").out + called(path, "doctor", "--json").out

    assert "mailtix.yaml:2" in said
    assert "hunter2" not in said
