"""The daemon as its users run it: a process with a config of its own, mail over real SMTP, a smarthost that remembers.

Everything waits for a condition with a deadline; nothing sleeps for a time.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import signal
import smtplib
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from email.message import EmailMessage
from io import StringIO
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from desk import Sent
from mailtix.cli import main

# Two cores may be shared by several test runs; when all is well no wait comes near to it.
PATIENCE = 60.0
Line = dict[str, Any]


class Memory:
    """What others have told so far; who wants to can wait until it is enough."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._items: list[Any] = []

    def add(self, item: Any) -> None:
        with self._changed:
            self._items.append(item)
            self._changed.notify_all()

    def all(self) -> list[Any]:
        with self._changed:
            return list(self._items)

    def wait(self, enough: Callable[[list[Any]], Any], seconds: float = PATIENCE) -> bool:
        """Whether there was enough before the time was over."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(enough(self._items)), seconds)


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


class Smarthost:
    """A real SMTP server on loopback that remembers what it took, and can be down, slow or unwilling."""

    def __init__(self) -> None:
        self.password: str | None = None
        """Who does not know it may not send."""
        self.answer = ""
        """What it says to the final dot instead of 250."""
        self.refused: dict[str, str] = {}
        """What it says to RCPT of these addresses."""
        self.mails = Memory()
        self.hanging = Memory()
        self._silent = False
        self._gate = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._server: asyncio.Server | None = None
        self.port = 0
        self.start()

    def start(self) -> None:
        """Listens, on the same port as before."""
        self._server = self._call(self._loop_server())
        self.port = self._server.sockets[0].getsockname()[1]

    async def _loop_server(self) -> asyncio.Server:
        return await self._loop.create_server(self._session, "127.0.0.1", self.port)

    def _session(self) -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # aiosmtpd warns of AUTH without TLS
            return SMTP(
                self,
                loop=self._loop,
                hostname="smarthost.test",
                authenticator=self._authenticate,
                auth_required=self.password is not None,
                auth_require_tls=False,
                enable_SMTPUTF8=True,
            )

    def _authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and (self.password is None or data.password == self.password.encode())
        return AuthResult(success=right, handled=False)

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self._silent:
            self.hanging.add(envelope)
            await self._gate.wait()
        if self.answer:
            return self.answer
        message = email.message_from_bytes(envelope.content or b"", policy=email.policy.default)  # type: ignore[arg-type]
        assert isinstance(message, EmailMessage)
        for recipient in envelope.rcpt_tos:
            self.mails.add(Sent(envelope.mail_from or "", recipient, message))
        return "250 2.0.0 taken"

    def hang(self, silent: bool = True) -> None:
        """From now on it takes mail and does not answer; or it answers again, also those who have waited."""
        self._silent = silent
        self._loop.call_soon_threadsafe(self._gate.clear if silent else self._gate.set)

    def all(self) -> list[Sent]:
        return self.mails.all()

    def to(self, address: str, count: int = 1, seconds: float = PATIENCE) -> list[Sent]:
        """The mails to that address, as soon as there are `count`."""

        def found(mails: list[Sent]) -> list[Sent]:
            return [mail for mail in mails if mail.to == address]

        self.mails.wait(lambda mails: len(found(mails)) >= count, seconds)
        mails = found(self.all())
        assert len(mails) >= count, f"{len(mails)} of {count} to {address}; all: {[m.to for m in self.all()]}"
        return mails

    def stop(self) -> None:
        """Is down: its port refuses."""
        self._call(self._end())

    async def _end(self) -> None:
        if self._server is not None:
            self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _call(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE)

    def close(self) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    @property
    def settings(self) -> dict[str, Any]:
        """`outbound` of a config that sends through it."""
        return {"smtp": {"host": "127.0.0.1", "port": self.port, "tls": "none"}}


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
