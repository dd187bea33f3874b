"""A real clamd, with a signature of our own, behind a Unix socket and behind TCP."""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from clamd import EICAR
from ingest.journal import until
from mailtix.evidence.clamd import Clamd, Unreachable

CLAMD = shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

pytestmark = pytest.mark.peers

CONFIG = """
DatabaseDirectory {home}/db
TemporaryDirectory {home}
LocalSocket {home}/s
TCPSocket {port}
TCPAddr 127.0.0.1
StreamMaxLength 1M
Foreground yes
"""
SIGNATURE = "Mailtix-Test:0:*:{}\n"  # name, any type of file, anywhere, bytes


@pytest.fixture(scope="module")
def addresses() -> Iterator[dict[str, str | tuple[str, int]]]:
    """Where a clamd that has just been started can be asked."""
    assert CLAMD is not None, "needs Debian's clamav-daemon: scripts/install-peers"
    with tempfile.TemporaryDirectory(prefix="clamd-") as folder, socket.create_server(("127.0.0.1", 0)) as probe:
        home, port = Path(folder), probe.getsockname()[1]
        probe.close()
        (home / "db").mkdir()
        (home / "db" / "test.ndb").write_text(SIGNATURE.format(EICAR.hex()))
        # clamd gives its rights away to the user that the settings name; without one it keeps ours.
        (home / "conf").write_text(CONFIG.format(home=home, port=port) + ("User root\n" if os.getuid() == 0 else ""))
        process = subprocess.Popen([CLAMD, "-c", str(home / "conf")], stdout=subprocess.DEVNULL)
        found: dict[str, str | tuple[str, int]] = {"unix": str(home / "s"), "tcp": ("127.0.0.1", port)}
        try:
            until(lambda: process.poll() is not None or all(is_up(address) for address in found.values()))
            yield found
        finally:
            process.terminate()
            process.wait(20)


def is_up(address: str | tuple[str, int]) -> bool:
    try:
        return Clamd(address, 2).ping().startswith("ClamAV")
    except Unreachable:
        return False


@pytest.mark.parametrize("door", ["unix", "tcp"])
def test_a_real_clamd_finds_what_is_there_and_nothing_else(
    addresses: dict[str, str | tuple[str, int]], door: str
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("letter.txt", EICAR)
    files = {"clean": b"hello", "empty": b"", "late": b"x" * 200_000 + EICAR, "packed": packed.getvalue()}

    scan = Clamd(addresses[door]).scan(files)

    assert (scan.answers["clean"], scan.answers["empty"]) == ("", "")
    assert scan.answers["late"].startswith("infected: Mailtix-Test")
    assert scan.answers["packed"].startswith("infected: Mailtix-Test")
    assert scan.scanner.startswith("ClamAV")


@pytest.mark.parametrize("door", ["unix", "tcp"])
@pytest.mark.parametrize("size", [1_100_000, 50_000_000])
def test_a_stream_beyond_its_limit_gets_an_answer_and_not_a_broken_pipe(
    addresses: dict[str, str | tuple[str, int]], door: str, size: int
) -> None:
    scan = Clamd(addresses[door]).scan({"large": bytes(size), "small": b"x"})

    assert scan.answers == {"large": "not scanned for viruses: too large for the scanner", "small": ""}
