"""The IMAP door against a Dovecot of its own."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import imapclient
import pytest

from ingest.books import Books
from ingest.certificate import make_certificate
from ingest.journal import NOON, Heard, Journal, until
from ingest.wire import client_tls
from mailtix.ingest.accept import Acceptor
from mailtix.ingest.imap import ImapDoor
from mailtix.ingest.settings import ImapSettings

pytestmark = pytest.mark.peers

DOVECOT = "/usr/sbin/dovecot"
ONE = b"Delivered-To: sales@helpdesk.example\r\nSubject: one\r\n\r\nIt burns.\r\n"
TWO = b"Subject: two\r\n\r\n\xff 8-bit\r\n"
CONFIG = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
mail_location = maildir:{home}/mail
disable_plaintext_auth = no
first_valid_uid = 1
ssl = yes
ssl_cert = <{home}/cert.pem
ssl_key = <{home}/key.pem
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={home}/mail
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class Dovecot:
    """Listens for IMAP on `port`, with STARTTLS, and with TLS on `tls_port`; any user, password "secret"."""

    def __init__(self, home: Path) -> None:
        self.port, self.tls_port = free_port(), free_port()
        self._home = home
        (home / "mail").mkdir()
        shutil.chown(home / "mail", "mail", "mail")
        make_certificate(home)
        config = home / "dovecot.conf"
        config.write_text(CONFIG.format(home=home, port=self.port, tls_port=self.tls_port))
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen([DOVECOT, "-F", "-c", str(self._home / "dovecot.conf")])
        until(self._is_up)

    def _is_up(self) -> bool:
        assert self._process.poll() is None, (self._home / "log").read_text()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1) as probe:
            return probe.recv(4) == b"* OK"
        return False

    @contextlib.contextmanager
    def client(self, folder: str = "INBOX") -> Iterator[imapclient.IMAPClient]:
        with imapclient.IMAPClient("127.0.0.1", self.port, ssl=False, timeout=10) as client:
            client.login("support", "secret")
            client.select_folder(folder)
            yield client

    def append(self, *mails: bytes) -> None:
        with self.client() as client:
            for mail in mails:
                client.append("INBOX", mail)

    def mails(self, folder: str = "INBOX") -> list[bytes]:
        with self.client(folder) as client:
            found = client.fetch(client.search("UNDELETED"), ["BODY.PEEK[]"])
            return [found[uid][b"BODY[]"] for uid in sorted(found)]

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(20)


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    with tempfile.TemporaryDirectory(prefix="dovecot-") as home:  # pytest's own folders are closed to Dovecot's users
        Path(home).chmod(0o755)
        server = Dovecot(Path(home))
        yield server
        server.stop()


@pytest.fixture
def collect(dovecot: Dovecot) -> Iterator[Callable[..., tuple[Journal, Heard]]]:
    """Starts a door to the mailbox; keyword arguments are ImapSettings'. Returns what it brings and tells."""
    journal, heard = Journal(), Heard()
    books = Books(journal)
    acceptor = Acceptor(journal.commit, journal.rung.append, heard)
    acceptor.start()
    doors: list[ImapDoor] = []

    def start(**given: Any) -> tuple[Journal, Heard]:
        settings: dict[str, Any] = {"host": "127.0.0.1", "port": dovecot.port, "tls": "none", "poll": 600}
        settings |= {"username": "support", "password": "secret", "address": "support@helpdesk.example"}
        door = ImapDoor(
            ImapSettings(**(settings | given)),
            acceptor,
            books,
            books,
            ours=lambda address: address.endswith("@helpdesk.example"),
            clock=lambda: NOON,
            events=heard,
            tls=client_tls(),
            first_pause=0.05,
        )
        door.start()
        doors.append(door)
        return journal, heard

    yield start
    for door in doors:
        door.stop()
    acceptor.close()


@pytest.mark.parametrize("tls", ["none", "starttls", "ssl"])
def test_mail_is_taken_and_moved_and_new_mail_is_heard_by_idle(dovecot, collect, tls):
    dovecot.append(ONE, TWO)
    journal, heard = collect(tls=tls, port=dovecot.tls_port if tls == "ssl" else dovecot.port, done="Done/Mailtix")
    until(lambda: len(heard.all("accepted")) == 2)
    dovecot.append(ONE)
    until(lambda: len(heard.all("accepted")) == 3)
    assert journal.mails == [ONE, TWO, ONE]
    assert [parcel.envelope.rcpt_tos[0].partition("@")[0] for parcel in journal.parcels] == [
        "sales",
        "support",
        "sales",
    ]
    until(lambda: (dovecot.mails(), dovecot.mails("Done/Mailtix")) == ([], [ONE, TWO, ONE]))
    assert heard.all("imap_trouble") == []


def test_without_a_folder_the_mail_is_marked_by_keyword_even_when_a_person_has_read_it(dovecot, collect):
    dovecot.append(ONE)
    with dovecot.client() as client:
        client.add_flags(client.search(), ["\\Seen"])
    journal, heard = collect()
    until(lambda: heard.all("accepted"))
    dovecot.append(TWO)
    until(lambda: len(heard.all("accepted")) == 2)
    assert journal.mails == [ONE, TWO]
    with dovecot.client() as client:
        until(lambda: len(client.search(["KEYWORD", "$Mailtix"])) == 2)


def test_a_wrong_password_is_refused_once(dovecot, collect):
    _, heard = collect(password="wrong")
    until(lambda: heard.all("imap_trouble"))
    assert "check username and password" in str(heard.all("imap_trouble")[0]["text"])


def test_a_server_that_goes_away_and_comes_back_loses_nothing(dovecot, collect):
    journal, heard = collect(done="Done")
    until(lambda: heard.all("imap_opened"))
    dovecot.stop()
    until(lambda: heard.all("imap_trouble"), seconds=30)  # Dovecot's processes live ten seconds longer
    dovecot.start()
    dovecot.append(ONE)
    until(lambda: journal.mails == [ONE])
    until(lambda: dovecot.mails("Done") == [ONE])
