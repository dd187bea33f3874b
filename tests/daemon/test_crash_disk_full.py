"""The disk is full: senders hear 452 before anything is lost, and with room again all goes on by itself."""

from __future__ import annotations

import json
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from daemon.load import every_customer_has_one_receipt, mails
from running import Daemon, command, letter, send, settings, until
from smarthost import Memory, Smarthost

SMALL = "mount -t tmpfs -o size=8m tmpfs"


def may_mount() -> bool:
    """Whether the kernel lets us have a file system of our own."""
    tried = subprocess.run(["unshare", "-rm", "sh", "-c", f"{SMALL} /mnt"], capture_output=True, check=False)
    return tried.returncode == 0


class OnSmallDisk(Daemon):
    """A daemon that sees a file system of 8 MB in `folder`, as nobody else does."""

    def __init__(self, config: Path, folder: Path) -> None:
        self.config, self._folder = config, folder
        self._log = Memory()
        self._process = subprocess.Popen(
            ["unshare", "-rm", "sh", "-c", f'{SMALL} {folder} && exec "$@"', "sh", *command(config, "serve")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def beside(self, *words: str) -> str:
        """What a program says that sees the same disk."""
        inside = ["nsenter", "--preserve-credentials", "-U", "-m", "-t", str(self._process.pid), *words]
        return subprocess.run(inside, check=True, capture_output=True, text=True).stdout

    def grow(self) -> None:
        """Somebody makes room."""
        self.beside("mount", "-o", "remount,size=200m", "tmpfs", str(self._folder))


@pytest.fixture
def small_disk(tmp_path: Path, smarthost: Smarthost) -> Iterator[OnSmallDisk]:
    if not may_mount():
        pytest.skip("the kernel allows no file system of our own (unshare -rm)")
    folder = tmp_path / "small"
    folder.mkdir()
    config = settings(tmp_path, f"sqlite:///{folder}/mailtix.db", outbound=smarthost.settings)
    with closing(OnSmallDisk(config, folder)) as daemon:
        daemon.wait("ready")
        yield daemon


def test_a_full_disk_makes_senders_wait_and_loses_nothing(small_disk: OnSmallDisk, smarthost: Smarthost) -> None:
    page = "All of it burns. " * 12_000  # some 200 kB each
    sent = [(n, letter(sender, n, page), sender, to) for n, _, sender, to in mails(40)]
    replies = {mail[0]: send(small_disk.port(), *mail[1:]) for mail in sent}
    refused = [mail for mail in sent if replies[mail[0]][0] != 250]

    assert 0 < len(refused) < len(sent), Counter(code for code, _ in replies.values())
    assert {replies[name] for name, *_ in refused} == {(452, "4.3.1 Not enough storage now, please try again later")}

    small_disk.grow()
    for _, raw, sender, to in refused:
        assert send(small_disk.port(), raw, sender, to)[0] == 250
    every_customer_has_one_receipt(smarthost, len(sent))
    listing = command(small_disk.config, "tickets", "list", "--limit", "1000", "--json")

    def subjects() -> Counter[str]:
        return Counter(ticket["subject"] for ticket in json.loads(small_disk.beside(*listing)))

    until(lambda: len(subjects()) == len(sent))
    assert subjects() == Counter(name for name, *_ in sent)
    twice = [id_ for id_, count in Counter(mail.id for mail in smarthost.all()).items() if count > 1]
    unknown = {line["number"] for line in small_disk.lines("outcome_unknown")}
    assert len(twice) <= len(unknown)
    assert small_disk.stop() == 0
    assert "Traceback" not in small_disk.said
