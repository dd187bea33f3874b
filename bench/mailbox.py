"""python -m bench.mailbox: the first visit to a large mailbox of a Dovecot: time, processor, memory. Needs root."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import mails
from bench.usage import resident, usage

DOVECOT = "/usr/sbin/dovecot"
_CONFIG = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
mail_location = maildir:{home}/mail
disable_plaintext_auth = no
first_valid_uid = 1
ssl = no
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
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
_SETTINGS = {"address": "support@helpdesk.example", "name": "Support"}
_WAIT = 3600.0
_BODY = 2000  # bytes that are kept of a mail: it is the number of mails that is measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mails", type=int, nargs="?", default=100_000)
    parser.add_argument("--mark", action="store_true", help="mark what was taken instead of moving it")
    parser.add_argument("--folder", help="where to put mailbox and database (default: as other temporary files)")
    parser.add_argument("--visit", nargs=3, metavar=("PORT", "FOLDER", "MAILS"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.visit:
        port, folder, count = arguments.visit
        _visit(int(port), Path(folder), int(count), mark=arguments.mark)
        return
    with TemporaryDirectory(prefix="bench-mailbox-", dir=arguments.folder) as name:
        home = Path(name)
        home.chmod(0o755)
        _fill(home, arguments.mails)
        with _dovecot(home) as port:
            command = [sys.executable, "-m", "bench.mailbox", "--visit", str(port), name, str(arguments.mails)]
            subprocess.run([*command, *(["--mark"] if arguments.mark else [])], check=True)


def _fill(home: Path, count: int) -> None:
    """A Maildir with that many mails, as if they had come by and by."""
    folder = home / "mail" / "cur"
    for kind in ("cur", "new", "tmp"):
        (home / "mail" / kind).mkdir(parents=True)
    written = mails.mails(min(count, 1000), seed=1)
    for number in range(count):
        raw = b"X-Number: %d\r\n" % number + written[number % len(written)].raw[:_BODY]
        unique = hashlib.sha256(raw).hexdigest()[:16]  # of names that only count, Dovecot's table of them is a list
        path = folder / f"{1_700_000_000 + number}.M{unique}.host,S={len(raw)}:2,"
        path.write_bytes(raw)
        shutil.chown(path, "mail", "mail")
    for path in (home / "mail", *(home / "mail").iterdir()):
        shutil.chown(path, "mail", "mail")


@contextmanager
def _dovecot(home: Path) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    config = home / "dovecot.conf"
    config.write_text(_CONFIG.format(home=home, port=port))
    process = subprocess.Popen([DOVECOT, "-F", "-c", str(config)])
    try:
        end = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if time.monotonic() > end or process.poll() is not None:
                    raise
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _visit(port: int, home: Path, count: int, *, mark: bool) -> None:
    """A process with a door, a journal and nothing else: what is collected is not processed here."""
    from mailtix.app import open_app
    from mailtix.collecting import imap_doors
    from mailtix.ingest.accept import Acceptor, Parcel
    from mailtix.log import open_log
    from mailtix.terms import read_config

    imap = {"host": "127.0.0.1", "port": port, "tls": "none", "username": "support", "password": "secret"}
    mailbox = {**_SETTINGS, "imap": imap | ({} if mark else {"done": "Done"})}
    path = home / "mailtix.yaml"
    values = {"database": f"sqlite:///{home}/mailtix.db", "companies": [{"name": "Example", "mailboxes": [mailbox]}]}
    path.write_text(json.dumps(values | {"outbound": {"maildir": "sent"}, "rules": []}))
    config = read_config(path, {})
    app = open_app(config, open_log("json", "error"))
    taken, done = [0], threading.Event()

    def commit(parcels: Sequence[Parcel]) -> Sequence[tuple[int, ...]]:
        numbers = app.commit(parcels)
        taken[0] += len(parcels)
        if taken[0] >= count:
            done.set()
        return numbers

    acceptor = Acceptor(commit, lambda number: None, app.log)
    acceptor.start()
    before, begin, cpu = resident(os.getpid()), time.monotonic(), time.process_time()
    [door] = imap_doors(app, acceptor)
    door.start()
    finished = done.wait(_WAIT)
    seconds, used, peak = time.monotonic() - begin, time.process_time() - cpu, usage(os.getpid()).memory
    door.stop()
    acceptor.close()
    app.close()
    print(
        f"{taken[0]:,} of {count:,} mails {'marked' if mark else 'moved'}{'' if finished else ', then time was up'}: "
        f"{seconds:.0f} s, {used:.0f} s processor ({used / max(taken[0], 1) * 1000:.2f} ms a mail), "
        f"memory {before / 1e6:.0f} MB before, {peak / 1e6:.0f} MB at the peak"
    )


if __name__ == "__main__":
    main()
