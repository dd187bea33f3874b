"""What a user does wrong before the daemon runs: exit code 2, one text that says what to do, never a traceback."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from running import Said, called, run, settings


def refusal(config: Path | None, *arguments: str, how: Callable[..., Said] = called) -> str:
    """What mailtix says when it will not do that."""
    said = how(config, *arguments)
    assert said.code == 2, said.err
    assert "Traceback" not in said.err
    assert "something went wrong" not in said.err
    return said.err


def database(folder: Path) -> str:
    return f"sqlite:///{folder}/mailtix.db"


@pytest.mark.parametrize("door", ["smtp", "lmtp"])
def test_a_port_in_use_is_named_with_the_key_that_changes_it(tmp_path: Path, door: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        listen = {"smtp": None, "lmtp": None} | {door: f"127.0.0.1:{port}"}
        said = refusal(settings(tmp_path, database(tmp_path), listen=listen), "serve", how=run)

    assert f"127.0.0.1:{port}" in said
    assert f"listen: {{{door}:" in said


def test_a_config_that_is_not_there_is_asked_for(tmp_path: Path) -> None:
    said = refusal(tmp_path / "mailtix.yaml", "serve")

    assert "mailtix.yaml" in said
    assert "init" in said


def test_a_config_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "mailtix.yaml").mkdir()

    assert "mailtix.yaml" in refusal(tmp_path / "mailtix.yaml", "serve")


def test_all_mistakes_of_a_config_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    config = tmp_path / "mailtix.yaml"
    config.write_text(
        "databse: sqlite:///mailtix.db\n"
        "listen: {smtp: 127.0.0.1}\n"
        "companies:\n"
        "  - {name: Example, mailboxes: [{address: nobody}]}\n"
    )
    said = refusal(config, "serve", how=run)

    assert "mailtix.yaml:1" in said
    assert "did you mean" in said.lower()
    assert "mailtix.yaml:2" in said
    assert "mailtix.yaml:4" in said


def test_a_certificate_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("no certificate")
    (tmp_path / "key.pem").write_text("no key")
    listen = {"smtp": "127.0.0.1:0", "tls": {"certificate": "cert.pem", "key": "key.pem"}}
    said = refusal(settings(tmp_path, database(tmp_path), listen=listen), "serve")

    assert str(tmp_path / "cert.pem") in said


def test_a_database_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    said = refusal(settings(tmp_path, f"sqlite:///{tmp_path}/file/mailtix.db"), "serve")

    assert str(tmp_path / "file") in said


def test_a_database_that_does_not_answer_is_said_without_its_password(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    config = settings(tmp_path, f"postgresql+psycopg://mailtix:sesame@127.0.0.1:{port}/mailtix")

    said = refusal(config, "serve")

    assert "the database does not answer" in said
    assert "sesame" not in said


def test_a_worker_without_redis_is_told_what_it_needs(tmp_path: Path) -> None:
    assert "`redis`" in refusal(settings(tmp_path, database(tmp_path)), "worker")


def test_an_unknown_verb_is_answered_with_those_that_there_are() -> None:
    said = refusal(None, "srve", how=run)

    assert "srve" in said
    assert "serve" in said.replace("srve", "")


def test_init_writes_a_config_that_is_right_and_never_touches_one_that_is_there(tmp_path: Path) -> None:
    config = tmp_path / "mailtix.yaml"
    assert called(config, "init").code == 0
    written = config.read_bytes()
    assert called(config, "check").code == 0

    again = called(config, "init")
    assert again.code == 1
    assert "is there already" in again.err
    assert config.read_bytes() == written

    assert called(config, "init", "--if-missing").code == 0
    assert config.read_bytes() == written
