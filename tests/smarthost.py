"""A real SMTP server that plays the smarthost and remembers what it was given; and how to wait for what others tell."""

from __future__ import annotations

import asyncio
import email
import email.policy
import threading
import warnings
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from desk import Sent

# Two cores may be shared by several test runs; when all is well no wait comes near to it.
PATIENCE = 60.0


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
