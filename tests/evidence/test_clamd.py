"""How a clamd is asked, and what is made of its answers."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from clamd import EICAR, VERSION, FakeClamd
from mailtix.evidence.clamd import Clamd, Unreachable


@pytest.fixture(params=["tcp", "unix"])
def fake(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeClamd]:
    path = tmp_path_factory.mktemp("c") / "s" if request.param == "unix" else None
    with FakeClamd(path) as clamd:
        yield clamd


def asking(fake: FakeClamd, timeout: float = 10) -> Clamd:
    return Clamd(str(fake.path) if fake.path else ("127.0.0.1", fake.port), timeout)


def test_each_file_gets_an_answer_of_its_own(fake: FakeClamd) -> None:
    scan = asking(fake).scan({"a": b"harmless", "b": b"x" * 100 + EICAR, "c": b""})

    assert scan.answers == {"a": "", "b": "infected: Eicar-Test-Signature", "c": ""}
    assert (scan.scanner, scan.failed) == (VERSION, "")


def test_a_large_file_arrives_whole_in_chunks(fake: FakeClamd) -> None:
    data = bytes(range(256)) * 4000
    asking(fake).scan({"a": data})

    assert fake.streams == [data]


def test_a_file_beyond_the_daemons_limit_is_held_and_the_others_are_scanned(fake: FakeClamd) -> None:
    fake.stream_max_length = 1_000_000
    scan = asking(fake).scan({"large": b"x" * 20_000_000, "small": b"x"})

    assert scan.answers == {"large": "not scanned for viruses: too large for the scanner", "small": ""}
    assert scan.why_held("large")
    assert scan.why_held("small") == ""


def test_nothing_is_asked_about_nothing(fake: FakeClamd) -> None:
    assert asking(fake).scan({}).answers == {}
    assert fake.commands == []


def test_a_working_daemon_answers_a_ping_with_its_version(fake: FakeClamd) -> None:
    assert asking(fake).ping() == VERSION
    assert fake.commands == ["zPING", "zVERSION"]


@pytest.mark.parametrize(
    ("mood", "says"),
    [
        ("silent", "takes too long"),
        ("hangs up", "hung up without an answer"),
        ("babbles", "220 mail.example.org ESMTP"),
        ("endless", "does not end"),
    ],
)
def test_a_daemon_that_makes_no_sense_counts_as_unreachable(fake: FakeClamd, mood: str, says: str) -> None:
    fake.mood = mood
    with pytest.raises(Unreachable, match=says):
        asking(fake, 0.5 if mood == "silent" else 10).scan({"a": b"x" * 1_000_000})
    with pytest.raises(Unreachable):
        asking(fake, 0.5 if mood == "silent" else 10).ping()


def test_a_daemon_that_is_not_there_counts_as_unreachable(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable, match=f"127.0.0.1:{port}: Connection refused"):
        Clamd(("127.0.0.1", port)).scan({"a": b""})
    with pytest.raises(Unreachable, match="No such file"):
        Clamd(str(tmp_path / "nothing")).scan({"a": b""})


def test_the_time_is_for_all_files_of_a_mail_together(fake: FakeClamd) -> None:
    with pytest.raises(Unreachable, match="takes too long"):
        asking(fake, 0.0).scan({"a": b"x"})
