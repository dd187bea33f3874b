"""Real servers on free loopback ports around a journal that remembers."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

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
def server_tls(tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mx.helpdesk.example")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(NOON - timedelta(days=3650))
        .not_valid_after(NOON + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    return context
