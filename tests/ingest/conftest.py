"""Real servers on free loopback ports around a journal that remembers."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ingest.certificate import make_certificate
from ingest.journal import NOON, Heard, Journal
from mailtix.ingest.accept import Acceptor
from mailtix.ingest.smtp import MailServer


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def acceptor(journal: Journal, heard: Heard) -> Iterator[Acceptor]:
    acceptor = Acceptor(journal.commit, journal.rung.append, heard)
    acceptor.start()
    yield acceptor
    acceptor.close()


@dataclass
class Running:
    """A server in an event loop of its own thread."""

    server: MailServer
    loop: asyncio.AbstractEventLoop
    stopped: bool = False

    @property
    def port(self) -> int:
        return self.server.address[1]

    def stop(self, grace: float = 2.0) -> None:
        self.stopped = True
        asyncio.run_coroutine_threadsafe(self.server.stop(grace), self.loop).result(20)


@pytest.fixture
def serve(acceptor: Acceptor, heard: Heard) -> Iterator[Callable[..., Running]]:
    """Starts servers; keyword arguments are MailServer's."""
    loop = asyncio.new_event_loop()
    troubles: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: troubles.append(context))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    started: list[Running] = []

    def start(**given: Any) -> Running:
        settings: dict[str, Any] = {
            "lmtp": False,
            "ours": lambda address: address.partition("@")[2] == "helpdesk.example",
            "acceptor": acceptor,
            "tls": None,
            "size_limit": 1_000_000,
            "hostname": "mx.helpdesk.example",
            "clock": lambda: NOON,
            "events": heard,
        }
        running = Running(MailServer("127.0.0.1", 0, **(settings | given)), loop)
        asyncio.run_coroutine_threadsafe(running.server.start(), loop).result(5)
        started.append(running)
        return running

    yield start
    for running in started:
        if not running.stopped:
            running.stop(grace=0.2)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
    assert troubles == []


@pytest.fixture
def server_tls(tmp_path: Path) -> ssl.SSLContext:
    """TLS with a certificate that nobody vouches for."""
    return make_certificate(tmp_path).context()
