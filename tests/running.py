"""The daemon as its users run it: a process with a config of its own, mail over real SMTP, a smarthost that remembers.

Everything waits for a condition with a deadline; nothing sleeps for a time.
"""

from __future__ import annotations

import email.policy
import json
import signal
import smtplib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from email.message import EmailMessage
from io import StringIO
from pathlib import Path
from typing import Any

from desk import Sent
from mailtix.cli import main
from smarthost import PATIENCE, Memory

Line = dict[str, Any]


def until(true: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What `true` says as soon as it says something; for what cannot tell us by itself, such as a database."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        threading.Event().wait(0.05)
    return found


def settings(folder: Path, database: str, **more: Any) -> Path:
    """Writes a config (JSON is YAML) for a desk with two agents, and returns its path."""
    values: dict[str, Any] = {
        "database": database,
        "listen": {"smtp": "127.0.0.1:0", "hostname": "mx.desk.example"},
        "companies": [
            {"name": "Example", "mailboxes": [{"address": "support@desk.example", "name": "Example Support"}]}
        ],
        "agents": [{"name": "Bob Miller", "email": "bob@desk.example", "teams": ["billing"]}],
        "outbound": {"maildir": "sent"},
        "rules": [],
        "log": {"format": "json", "level": "info"},
    }
    path = folder / "mailtix.yaml"
    path.write_text(json.dumps(values | more), encoding="utf-8")
    return path


def command(config: Path | None, *arguments: str) -> list[str]:
    """The command line of mailtix."""
    return [sys.executable, "-m", "mailtix", *(["--config", str(config)] if config else []), *arguments]


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str


def run(config: Path | None, *arguments: str, stdin: bytes = b"", cwd: Path | None = None) -> Said:
    """One command to its end, as a process."""
    done = subprocess.run(command(config, *arguments), input=stdin, capture_output=True, timeout=PATIENCE, cwd=cwd)
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


def called(config: Path | None, *arguments: str) -> Said:
    """As `run`, but in this process: a new one costs a second of imports."""
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        try:
            code = main(command(config, *arguments)[3:])
        except SystemExit as end:  # what argparse refuses
            code = int(end.code or 0)
    return Said(code, out.getvalue(), err.getvalue())


def asked(config: Path, *arguments: str) -> Any:
    """What a command says with --json; it must succeed."""
    said = called(config, *arguments, "--json")
    assert said.code == 0, said.err
    return json.loads(said.out)


class Daemon:
    """`mailtix serve` (or worker) as a process; it is up when it has said "ready"."""

    def __init__(self, config: Path, verb: str = "serve") -> None:
        self.config = config
        self._log = Memory()
        self._process = subprocess.Popen(
            command(config, verb), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stderr is not None
        for raw in self._process.stderr:
            self._log.add(raw.decode("utf-8", "backslashreplace").rstrip("\n"))
        self._log.add("")  # the process has ended: whoever waits may look up

    @property
    def said(self) -> str:
        """All it wrote to standard error."""
        return "\n".join(self._log.all())

    def lines(self, event: str) -> list[Line]:
        """Those lines of its log that tell of that event."""
        return _of(self._log.all(), event)

    def wait(self, event: str, count: int = 1, seconds: float = PATIENCE) -> list[Line]:
        """The lines of that event, as soon as there are `count`."""
        self._log.wait(lambda lines: len(_of(lines, event)) >= count or lines[-1:] == [""], seconds)
        found = self.lines(event)
        assert len(found) >= count, f"{len(found)} of {count} {event!r} in:\n{self.said[-6000:]}"
        return found

    def port(self, door: str = "smtp") -> int:
        """Where it listens."""
        return next(int(line["port"]) for line in self.lines("listening") if line["door"] == door)

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def ended(self, seconds: float = PATIENCE) -> int:
        """Its exit code, when it has ended."""
        code = self._process.wait(seconds)
        self._reader.join(seconds)
        return code

    def kill(self) -> None:
        """The machine's plug is pulled."""
        self.signal(signal.SIGKILL)
        self.ended()

    def stop(self, seconds: float = PATIENCE) -> int:
        """Asks it to end; returns its exit code."""
        self.signal(signal.SIGTERM)
        return self.ended(seconds)

    def close(self) -> None:
        """Whatever has become of it, it runs no more."""
        if self._process.poll() is None:
            self._process.kill()
        self.ended()
        assert self._process.stderr is not None
        self._process.stderr.close()
        print(f"--- {self._process.args!r}\n{self.said[-8000:]}")  # pytest shows it when the test has failed


def _of(lines: Sequence[str], event: str) -> list[Line]:
    parsed = [json.loads(line) for line in lines if line.startswith("{")]
    return [line for line in parsed if line.get("event") == event]


def letter(sender: str, subject: str, text: str = "Please help.\n", *, answers: Sent | None = None) -> bytes:
    """A mail as its sender's client writes it. The subject makes its Message-ID."""
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = sender
    message["To"] = answers.reply_to if answers else "support@desk.example"
    message["Subject"] = subject
    message["Date"] = "Fri, 20 Nov 2026 09:00:00 +0000"
    message["Message-ID"] = f"<{subject.replace(' ', '.')}.{sender}>"
    if answers is not None:
        message["In-Reply-To"] = message["References"] = f"<{answers.id}>"
    message.set_content(text)
    return message.as_bytes()


def answer(sender: str, to: Sent, text: str) -> bytes:
    """A mail that answers one of ours."""
    return letter(sender, f"Re: {to.subject}", text, answers=to)


@contextmanager
def client(port: int) -> Iterator[smtplib.SMTP]:
    """A connection to the daemon's SMTP door; cutting it is no error."""
    connection = smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE)
    try:
        yield connection
    finally:
        connection.close()


def send(port: int, raw: bytes, sender: str = "ann@example.org", to: str = "support@desk.example") -> tuple[int, str]:
    """Sends one mail; returns the reply to its final dot (or to the command that was refused)."""
    with client(port) as connection:
        return send_over(connection, raw, sender, to)


def send_over(
    connection: smtplib.SMTP, raw: bytes, sender: str = "ann@example.org", to: str = "support@desk.example"
) -> tuple[int, str]:
    """As `send`, over a connection that is open."""
    connection.ehlo_or_helo_if_needed()
    code, reply = connection.mail(sender)
    if code == 250:
        code, reply = connection.rcpt(to)
    if code == 250:
        code, reply = connection.data(raw)
    return code, reply.decode()


class Senders:
    """Mails sent by several connections at once. `taken` are the names of those that got their 250."""

    def __init__(self, port: int, mails: Sequence[tuple[str, bytes, str, str]], connections: int = 4) -> None:
        """`mails`: name, bytes, sender, recipient."""
        self.taken = Memory()
        self._port = port
        self._threads = [
            threading.Thread(target=self._send, args=(mails[index::connections],)) for index in range(connections)
        ]
        for thread in self._threads:
            thread.start()

    def _send(self, mails: Sequence[tuple[str, bytes, str, str]]) -> None:
        try:
            with client(self._port) as connection:
                for name, raw, sender, to in mails:
                    code, _ = send_over(connection, raw, sender, to)
                    if code != 250:
                        return
                    self.taken.add(name)
        except (OSError, smtplib.SMTPException):
            return  # the daemon is gone; the sender keeps what was not taken

    def wait_for(self, count: int) -> None:
        """Returns when so many were taken."""
        assert self.taken.wait(lambda names: len(names) >= count), f"only {len(self.taken.all())} of {count} were taken"

    def finish(self, seconds: float = PATIENCE) -> set[str]:
        """The names of all that were taken, when every sender is done or the time is over."""
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return set(self.taken.all())
