"""pymap, a real IMAP server, in memory on a free loopback port; and a wire to a server that can be cut."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from argparse import Namespace
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

import imapclient
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, DictBackend, Login
from pymap.imap import IMAPServer
from pysasl import SASLAuth
from pysasl.hashing import BuiltinHash
from pysasl.mechanism.plain import PlainMechanism

from ingest.bearer import PATTERNS, Bearer

USER = "support"
PASSWORD = "secret"
QUICK = BuiltinHash(rounds=1)  # half a million rounds for each login are for real servers


class FewerCapabilities(Config):
    """Announces less than pymap can do, to see a client manage without."""

    without: frozenset[bytes] = frozenset()
    accepts: Callable[[str], bool] | None = None

    @property
    def tls_auth(self) -> SASLAuth:
        """With `accepts`, tokens beside passwords."""
        if self.accepts is None:
            return super().tls_auth
        bearers = [Bearer(name, self.accepts, (USER, PASSWORD)) for name in PATTERNS]
        return SASLAuth([PlainMechanism(), *bearers])

    @property
    def login_capability(self) -> Sequence[bytes]:
        return [one for one in super().login_capability if one not in self.without]


class ImapServer:
    """One user with an INBOX, in an event loop of its own thread. `accepts` says which access tokens are good."""

    def __init__(
        self,
        without: frozenset[bytes] = frozenset(),
        tls: ssl.SSLContext | None = None,
        accepts: Callable[[str], bool] | None = None,
    ) -> None:
        self._accepts = accepts
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda loop, context: None)  # connections that tests cut are no news
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._server = self._call(self._start(without, tls))
        self.port: int = self._server.sockets[0].getsockname()[1]

    def _call(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _start(self, without: frozenset[bytes], tls: ssl.SSLContext | None) -> asyncio.Server:
        settings: dict[str, Any] = {"host": "127.0.0.1", "port": 0, "debug": False}
        settings |= {"demo_data": False, "demo_user": USER, "demo_password": PASSWORD}
        args = Namespace(passlib_cfg=None, proxy_protocol=None, **settings)
        self._config = FewerCapabilities(
            args, tls_enabled=tls is not None, ssl_context=tls, hash_context=QUICK, **settings
        )
        self._config.without = without
        self._config.accepts = self._accepts
        self._config.apply_context()
        login = Login(self._config)
        await DictBackend._add_demo_user(self._config, login)
        callback = ProxyProtocolReader(self._config.proxy_protocol).get_callback(IMAPServer(login, self._config))
        return await asyncio.start_server(callback, "127.0.0.1", 0)

    @contextlib.contextmanager
    def client(self, folder: str = "INBOX") -> Iterator[imapclient.IMAPClient]:
        """Another client of the same mailbox, with the folder selected."""
        with imapclient.IMAPClient("127.0.0.1", self.port, ssl=False, timeout=10) as client:
            client.login(USER, PASSWORD)
            client.select_folder(folder)
            yield client

    def append(self, *mails: bytes, flags: Sequence[str] = ()) -> None:
        with self.client() as client:
            for mail in mails:
                client.append("INBOX", mail, flags)

    def mails(self, folder: str = "INBOX") -> list[bytes]:
        """What is in the folder and not deleted; nothing, when it is not there yet."""
        with self.client() as client:
            if not client.folder_exists(folder):
                return []
            client.select_folder(folder)
            found = client.fetch(client.search("UNDELETED"), ["BODY.PEEK[]"])
            return [found[uid][b"BODY[]"] for uid in sorted(found)]

    def folders(self) -> set[str]:
        with self.client() as client:
            return {name for _, _, name in client.list_folders()}

    def stop(self) -> None:
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Relay:
    """Hands bytes on to a server, until its connections are cut."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.connections = 0
        self._open: list[socket.socket] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near = self._listening.accept()[0]
                far = socket.create_connection(("127.0.0.1", self._target))
                self._open += [near, far]
                self.connections += 1
                for here, there in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(here, there), daemon=True).start()

    def _carry(self, here: socket.socket, there: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := here.recv(65536):
                there.sendall(data)
        for end in (here, there):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        for end in self._open:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._open.clear()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.cut()
