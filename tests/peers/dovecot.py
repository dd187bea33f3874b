"""Debian's Dovecot on free loopback ports, with a mailbox of its own."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import imapclient

from ingest.certificate import make_certificate
from ingest.journal import until

DOVECOT = "/usr/sbin/dovecot"
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
auth_mechanisms = plain login xoauth2 oauthbearer
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
  mechanisms = plain login
  args = password=secret
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {home}/oauth2.conf
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


OAUTH = """
tokeninfo_url = {url}?access_token=
username_attribute = email
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class Dovecot:
    """Listens for IMAP on `port`, with STARTTLS, and with TLS on `tls_port`; any user, password "secret". Access tokens
    are good when the server at `tokens` says so."""

    def __init__(self, home: Path, tokens: str = "http://127.0.0.1:1/") -> None:
        self.port, self.tls_port = free_port(), free_port()
        self._home = home
        (home / "mail").mkdir()
        shutil.chown(home / "mail", "mail", "mail")
        make_certificate(home)
        (home / "oauth2.conf").write_text(OAUTH.format(url=tokens))
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
