"""Servers to deliver to: a real one (aiosmtpd) that remembers, and one that does exactly what a script says."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import warnings
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class RealServer:
    """aiosmtpd on a free port of loopback, in a thread of its own. `mails` are the envelopes that it took."""

    def __init__(self, implicit_tls: ssl.SSLContext | None = None, **options: Any) -> None:
        self.mails: list[Envelope] = []
        self.connections = 0
        self._options = {"hostname": "server.test"} | options
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(
            self._loop.create_server(self._protocol, "127.0.0.1", 0, ssl=implicit_tls)
        )
        self.port: int = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def _protocol(self) -> SMTP:
        self.connections += 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # aiosmtpd warns of AUTH without TLS
            return SMTP(self, loop=self._loop, **self._options)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user here"
        if address.startswith("full@"):
            return "452 4.2.2 mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.mails.append(envelope)
        return f"250 2.0.0 taken as number {len(self.mails)}"

    def close(self) -> None:
        async def end() -> None:
            self._server.close()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


def only(name: str, password: str) -> Any:
    """An authenticator that lets one person in."""

    def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and data == LoginPassword(name.encode(), password.encode())
        return AuthResult(success=right, handled=False)

    return authenticate


HANG_UP = b"\0hang up"
SILENCE = b"\0silence"
GOOD: Mapping[str, bytes] = {
    "greeting": b"220 ready\r\n",
    "EHLO": b"250-server.test\r\n250 SIZE 100000000\r\n",
    "MAIL": b"250 OK\r\n",
    "RCPT": b"250 OK\r\n",
    "DATA": b"354 go on\r\n",
    "dot": b"250 taken\r\n",
    "RSET": b"250 OK\r\n",
    "QUIT": b"221 bye\r\n",
}


class ScriptedServer:
    """Answers as its scripts say: the first for the first connection, the last for all that follow.

    A script holds what differs from GOOD. "body" is an action taken when the first bytes of the mail have come.
    """

    def __init__(self, *scripts: Mapping[str, bytes]) -> None:
        self._scripts: Sequence[Mapping[str, bytes]] = scripts
        self.commands: list[str] = []
        self.bodies: list[bytes] = []
        self.connections = 0
        self._running: list[dict[str, bytes]] = []
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            script = {**GOOD, **self._scripts[min(self.connections, len(self._scripts) - 1)]}
            self.connections += 1
            self._running.append(script)
            self._open.append(connection)
            thread = threading.Thread(target=self._talk, args=(connection, script))
            self._threads.append(thread)
            thread.start()

    def _talk(self, connection: socket.socket, script: Mapping[str, bytes]) -> None:
        with connection, connection.makefile("rb") as lines:
            try:
                if self._say(connection, script["greeting"]):
                    self._answer(connection, lines, script)
            except OSError:
                return

    def _answer(self, connection: socket.socket, lines: Any, script: Mapping[str, bytes]) -> None:
        for line in lines:
            command = line.decode("latin-1").strip()
            self.commands.append(command)
            verb = command.split(" ")[0].upper()
            reply = script.get(verb, b"502 what?\r\n")
            if not self._say(connection, reply):
                return
            if verb == "DATA" and reply.startswith(b"354") and not self._take_mail(connection, lines, script):
                return

    def _take_mail(self, connection: socket.socket, lines: Any, script: Mapping[str, bytes]) -> bool:
        body: list[bytes] = []
        for line in lines:
            body.append(line)
            if "body" in script:
                return self._say(connection, script["body"])
            if line == b".\r\n":
                self.bodies.append(b"".join(body))
                return self._say(connection, script["dot"])
        return False

    def _say(self, connection: socket.socket, reply: bytes) -> bool:
        if reply == HANG_UP:
            connection.shutdown(socket.SHUT_RDWR)
            return False
        if reply != SILENCE:
            connection.sendall(reply)
        return True

    def change_open_connections(self, script: Mapping[str, bytes]) -> None:
        """From now on, the connections that are open answer like this."""
        for running in self._running:
            running.update(script)

    def drop_all(self) -> None:
        """Ends every connection, as a server does that restarts."""
        for connection in self._open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it has gone already

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop_all()
        for thread in self._threads:
            thread.join(10)


def make_certificate(folder: Path, host: str = "127.0.0.1") -> tuple[ssl.SSLContext, Path]:
    """A server's TLS context with a certificate of its own making, and the file that makes a client trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "server.test")])
    names: list[x509.GeneralName] = [x509.IPAddress(ip_address(host))] if host[0].isdigit() else [x509.DNSName(host)]
    now = datetime.fromtimestamp(0, UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=365 * 200))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    cafile, keyfile = folder / "ca.pem", folder / "key.pem"
    cafile.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    keyfile.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cafile, keyfile)
    return context, cafile
