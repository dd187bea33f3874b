"""One IMAP mailbox while it is connected: what is new, its bytes, and putting away what is durable (RFC 3501)."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from imapclient import IMAPClient  # type: ignore[import-untyped]

KEYWORD = "$Mailtix"
BATCH = (
    100  # mails whose sizes are asked for at once; a command line with thousands of UIDs is too long for some servers
)
IDLE_SECONDS = 29 * 60  # RFC 2177: at least every 29 minutes, or the server may think that nobody is there
SLICE = 0.5  # seconds after which a waiting thread looks whether it should stop


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """One mailbox to collect mail from. `poll` and `timeout` are seconds, `size_limit` bytes.

    With `done`, everything in `folder` that is not deleted is taken and then moved to `done`, which is made when
    missing. Without, what was taken is marked: by the keyword $Mailtix where the server allows keywords, else as seen.
    """

    host: str
    username: str
    password: str
    address: str
    port: int = 993
    tls: Literal["none", "starttls", "ssl"] = "ssl"
    folder: str = "INBOX"
    done: str | None = None
    poll: float = 60.0
    timeout: float = 30.0
    size_limit: int = 64 * 1024 * 1024


class MailboxError(Exception):
    """The mailbox cannot be used as it is; the text says why."""


class _Client(IMAPClient):  # type: ignore[misc]
    """IMAPClient, with idle_check(timeout=0) also reading lines that are in imaplib's buffer already.

    A server tells of mail that came just before IDLE together with its answer to IDLE; such lines are no longer in the
    socket that idle_check polls, and would be seen only when the next mail comes.
    """

    def _poll_socket(self, sock: socket.socket, timeout: float | None = None) -> Any:
        return True if timeout == 0 else super()._poll_socket(sock, timeout)


class Mailbox:
    """A connected mailbox. Each method raises imapclient's errors or OSError when the connection is lost."""

    def __init__(self, settings: ImapSettings, tls: ssl.SSLContext | None) -> None:
        self._settings = settings
        self._client: Any = _Client(
            settings.host,
            settings.port,
            ssl=settings.tls == "ssl",
            ssl_context=tls,
            timeout=settings.timeout,
        )
        self._client.normalise_times = False
        try:
            self._enter(tls)
        except BaseException:
            self.close()
            raise

    def _enter(self, tls: ssl.SSLContext | None) -> None:
        settings, client = self._settings, self._client
        if settings.tls == "starttls":
            client.starttls(tls)
        client.login(settings.username, settings.password)
        # RFC 3501 section 6.1.1: they may change with the login; imapclient keeps those that STARTTLS was found in.
        client._cached_capabilities = None
        self._can_idle = client.has_capability("IDLE")
        self._can_move = client.has_capability("MOVE")
        self._can_expunge_one = client.has_capability("UIDPLUS")
        if settings.done and not client.folder_exists(settings.done):
            client.create_folder(settings.done)
            client.subscribe_folder(settings.done)  # or mail clients would not show it
        state = client.select_folder(settings.folder)
        if b"READ-ONLY" in state:
            raise MailboxError(f"{settings.folder} can only be read, so what was taken cannot be marked")
        self.uidvalidity = int(state.get(b"UIDVALIDITY", 0))
        permanent = {flag.lower() for flag in state.get(b"PERMANENTFLAGS", ())}
        self._can_keyword = bool(permanent & {b"\\*", KEYWORD.lower().encode()})

    def new_mails(self, *, skip: Collection[int], last: Collection[int]) -> list[tuple[int, int]]:
        """Up to a batch of new mails as (UID, size in bytes), in their order, those in `last` after the others."""
        found = [uid for uid in self._client.search(self._criteria()) if uid not in skip]
        batch = sorted(found, key=lambda uid: (uid in last, uid))[:BATCH]
        sizes = self._client.fetch(batch, ["RFC822.SIZE"]) if batch else {}
        return [(uid, sizes[uid][b"RFC822.SIZE"]) for uid in batch if uid in sizes]

    def _criteria(self) -> list[str]:
        if self._settings.done:
            return ["UNDELETED"]
        return ["UNDELETED", "UNKEYWORD", KEYWORD] if self._can_keyword else ["UNDELETED", "UNSEEN"]

    def fetch(self, uid: int) -> bytes | None:
        """The mail's bytes, leaving its flags as they are; None when it has gone."""
        mail = self._client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {}).get(b"BODY[]")
        return None if mail is None else bytes(mail)

    def put_away(self, uid: int) -> None:
        """Moves or marks the mail so that it is new no more. To be called when it is durable."""
        done = self._settings.done
        if done is None:
            self._client.add_flags([uid], ["\\Seen", KEYWORD] if self._can_keyword else ["\\Seen"])
        elif self._can_move:
            self._client.move([uid], done)
        else:
            self._client.copy([uid], done)
            self._client.delete_messages([uid])
            # A plain EXPUNGE would also remove what other clients have marked (RFC 4315 section 2.1).
            if self._can_expunge_one:
                self._client.uid_expunge([uid])

    def wait(self, seconds: float, stopping: threading.Event) -> None:
        """Returns when there may be new mail: told by IDLE (RFC 2177), or after that many seconds, or when stopping.

        Some servers do not tell of mail that came between the last search and IDLE: hence `seconds` with IDLE, too.
        """
        if self._can_idle:
            self._idle(min(seconds, IDLE_SECONDS), stopping)
        elif not stopping.wait(seconds):
            self._client.noop()  # the server tells of new mail in its answer (RFC 3501 section 6.1.2)

    def _idle(self, seconds: float, stopping: threading.Event) -> None:
        self._client.idle()
        end = time.monotonic() + seconds
        told = self._client.idle_check(timeout=0)
        while not _is_news(told) and not stopping.is_set() and (now := time.monotonic()) < end:
            told = self._client.idle_check(timeout=SLICE)
            if not told and time.monotonic() - now < SLICE / 2:  # imapclient says nothing of a closed connection
                break
        self._client.idle_done()

    def cut(self) -> None:
        """Ends the connection from another thread, so that whoever reads from it wakes up."""
        with contextlib.suppress(OSError):
            self._client.socket().shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with contextlib.suppress(Exception):  # it is closed in any case; mostly because it was lost
            self._client.shutdown()


def _is_news(told: list[tuple[Any, ...]]) -> bool:
    return any(b"EXISTS" in line or b"BYE" in line for line in told)
