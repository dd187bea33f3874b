"""One IMAP folder while it is connected: what is new, its bytes, and putting away what is durable (RFC 3501)."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError  # type: ignore[import-untyped]

from mailtix.ingest.idle import Client, idle
from mailtix.ingest.settings import ImapSettings
from mailtix.ingest.signing_in import sign_in
from mailtix.model.origin import Folder
from mailtix.oauth import Tokens

KEYWORD = "$Mailtix"
# Mails that one SEARCH looks at. Its answer is one line, of which imaplib reads a million bytes: some 140,000 UIDs.
WINDOW = 10_000
# UIDs in one command; some servers do not read a line with thousands of them (RFC 7162 section 4: 8192 octets).
BATCH = 100

# A server that sees a folder of many thousand mails for the first time makes an index of it before it answers.
OPENING_SECONDS = 300.0

Window = tuple[int, int | None]
"""The first UID and the last one, None: whatever the last is."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail in the folder: its size in bytes, and when the server got it."""

    uid: int
    size: int
    arrived_at: datetime | None


class MailboxError(Exception):
    """The mailbox cannot be used as it is; the text says why."""


class Mailbox:
    """A connected mailbox. Each method raises imapclient's errors or OSError when the connection is lost."""

    def __init__(self, settings: ImapSettings, tls: ssl.SSLContext | None, tokens: Tokens | None = None) -> None:
        self._settings = settings
        self._client: Any = Client(
            settings.host,
            settings.port,
            ssl=settings.tls == "ssl",
            ssl_context=tls,
            timeout=settings.timeout,
        )
        self._client.normalise_times = False
        try:
            if settings.tls == "starttls":
                self._client.starttls(tls)
            sign_in(self._client, settings, tokens)
            # RFC 3501 section 6.1.1: they may change with the login; imapclient keeps those that STARTTLS was found in.
            self._client._cached_capabilities = None
        except BaseException:
            self.close()
            raise

    def enter(self) -> Folder:
        """Opens the folder for taking mail out of it."""
        settings, client = self._settings, self._client
        self._can_idle = client.has_capability("IDLE")
        self._can_move = client.has_capability("MOVE")
        self._can_expunge_one = client.has_capability("UIDPLUS")
        if settings.done and not client.folder_exists(settings.done):
            client.create_folder(settings.done)
            client.subscribe_folder(settings.done)  # or mail clients would not show it
        state = self._select(settings.folder)
        if b"READ-ONLY" in state:
            raise MailboxError(f"{settings.folder} can only be read, so what was taken cannot be marked")
        permanent = {flag.lower() for flag in state.get(b"PERMANENTFLAGS", ())}
        self._can_keyword = bool(permanent & {b"\\*", KEYWORD.lower().encode()})
        return self._folder(settings.folder, state)

    def look(self, folder: str) -> Folder:
        """Opens a folder without being able to change anything in it (EXAMINE, RFC 3501 section 6.3.2)."""
        state = self._select(folder, readonly=True)
        permanent = {flag.lower() for flag in state.get(b"FLAGS", ())}
        self._can_keyword = KEYWORD.lower().encode() in permanent
        return self._folder(folder, state)

    def has(self, folder: str) -> bool:
        return bool(self._client.folder_exists(folder))

    def _folder(self, name: str, state: dict[bytes, Any]) -> Folder:
        return Folder(self._settings.address, name, int(state.get(b"UIDVALIDITY", 0)))

    def _select(self, folder: str, *, readonly: bool = False) -> dict[bytes, Any]:
        self._client.socket().settimeout(OPENING_SECONDS)
        state: dict[bytes, Any] = self._client.select_folder(folder, readonly=readonly)
        self._client.socket().settimeout(self._settings.timeout)
        self._opened, self._readonly, self._is_fresh = folder, readonly, True
        self._exists = int(state.get(b"EXISTS", 0))
        self._uidnext = int(state.get(b"UIDNEXT", 0))
        return state

    # ------------------------------------------------------------ what is there

    def windows(self) -> list[Window]:
        """Ranges of UIDs that hold all the folder has, each with a number of mails that can be asked for at once."""
        if self._exists > WINDOW and not self._is_fresh:  # it may have become smaller
            self._select(self._opened, readonly=self._readonly)
        self._is_fresh = False
        starts = [1]
        if self._exists > WINDOW:
            starts += self._uids_of(range(WINDOW + 1, self._exists + 1, WINDOW))
        return [(start, end - 1) for start, end in pairwise(starts)] + [(starts[-1], None)]

    def _uids_of(self, numbers: Sequence[int]) -> list[int]:
        """The UIDs of the mails with these sequence numbers."""
        self._client.use_uid = False
        try:
            found = self._client.fetch(numbers, ["UID"])
        finally:
            self._client.use_uid = True
        return sorted(int(data[b"UID"]) for data in found.values() if b"UID" in data)

    def new_mails(self, window: Window) -> list[int]:
        """The UIDs of what is there to be taken, oldest first."""
        return self._search(window, [*self._since(), *self._criteria()])

    def all_mails(self, window: Window) -> list[int]:
        """The UIDs of all that is not deleted and not too old to be taken."""
        return self._search(window, [*self._since(), "UNDELETED"])

    def _search(self, window: Window, criteria: list[object]) -> list[int]:
        first, last = window
        wanted = criteria if window == (1, None) else [*criteria, "UID", f"{first}:{'*' if last is None else last}"]
        # `n:*` holds the last mail of all even when its UID is below n (RFC 3501 section 6.4.8).
        return sorted(uid for uid in self._client.search(wanted) if uid >= first)

    def _since(self) -> list[object]:
        """SINCE knows days only, and of no zone (RFC 3501 section 6.4.4); sizes() tells the moment."""
        since = self._settings.since
        return [] if since is None else ["SINCE", (since.astimezone(UTC) - timedelta(days=1)).date()]

    def _criteria(self) -> list[object]:
        if self._settings.done:
            return ["UNDELETED"]
        return ["UNDELETED", "UNKEYWORD", KEYWORD] if self._can_keyword else ["UNDELETED", "UNSEEN"]

    def listed(self, uids: Sequence[int]) -> list[Listed]:
        """These mails, at most a batch, in their order, without those that have gone."""
        found = self._client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"]) if uids else {}
        return [
            Listed(uid, int(found[uid][b"RFC822.SIZE"]), found[uid].get(b"INTERNALDATE"))
            for uid in uids
            if b"RFC822.SIZE" in found.get(uid, {})
        ]

    def fetch(self, uids: Sequence[int]) -> dict[int, bytes]:
        """The bytes of these mails, leaving their flags as they are, without those that have gone."""
        found = self._client.fetch(uids, ["BODY.PEEK[]"])
        return {uid: bytes(found[uid][b"BODY[]"]) for uid in uids if found.get(uid, {}).get(b"BODY[]") is not None}

    # ------------------------------------------------------------ putting away

    def put_away(self, uids: Collection[int]) -> None:
        """Moves or marks mails so that they are new no more. To be called when they are durable. A UID that is not
        there does no harm (RFC 3501 section 6.4.8)."""
        every = sorted(uids)
        for start in range(0, len(every), BATCH):
            self._put_away(every[start : start + BATCH])

    def _put_away(self, uids: list[int]) -> None:
        done = self._settings.done
        if done is None:
            self._client.add_flags(uids, ["\\Seen", KEYWORD] if self._can_keyword else ["\\Seen"], silent=True)
        elif self._can_move:
            self._client.move(uids, done)
        else:
            self._client.copy(uids, done)
            self._client.delete_messages(uids, silent=True)
            # A plain EXPUNGE would also remove what other clients have marked (RFC 4315 section 2.1).
            if self._can_expunge_one:
                self._client.uid_expunge(uids)

    # ------------------------------------------------------------ waiting

    def wait(self, seconds: float, stopping: threading.Event, *, trusted: bool = True) -> bool:
        """Returns when there may be new mail: True when the server has told so, False after that many seconds or when
        stopping. Some servers do not tell of mail that came between the last search and IDLE: hence `seconds` with
        IDLE, too. Without `trusted`, IDLE is not used."""
        if self._can_idle and trusted:
            return idle(self._client, seconds, stopping)
        if not stopping.wait(seconds):
            self._client.noop()  # the server tells of new mail in its answer (RFC 3501 section 6.1.2)
        return False

    def is_stalled(self) -> bool:
        """Whether the server knows of mail that it does not show on this connection."""
        first = self._uidnext
        with contextlib.suppress(IMAPClientError):
            self._uidnext = self._status_uidnext()
        if not 0 < first < self._uidnext or self._search((first, None), ["ALL"]):
            return False
        self._select(self._settings.folder)
        return bool(self._search((first, None), ["ALL"]))

    def _status_uidnext(self) -> int:
        try:
            return int(self._client.folder_status(self._settings.folder, ["UIDNEXT"]).get(b"UIDNEXT", 0))
        except IMAPClientAbortError as error:  # the connection is lost, and that is another matter than a NO
            raise ConnectionError(str(error)) from error

    def cut(self) -> None:
        """Ends the connection from another thread, so that whoever reads from it wakes up."""
        with contextlib.suppress(OSError):
            self._client.socket().shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with contextlib.suppress(Exception):  # it is closed in any case; mostly because it was lost
            self._client.shutdown()
