"""Other programs are told what rules have done: book → call → record, as with mail (deliver.py).

The call and its signature are those of Standard Webhooks (its specification): whoever is called can tell
that it is us, and that he has heard it before.
"""

from __future__ import annotations

import base64
import hmac
import http.client
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from mailtix.outbound.backoff import next_attempt
from mailtix.store import hooks, tickets
from mailtix.store.engine import Sessions
from mailtix.store.hooks import Call
from mailtix.store.tickets import HistoryRow

# Longer than one call may take, whatever its time limit.
_BOOKED = timedelta(minutes=20)
# About a day: who was not there for so long looks for what he has missed by himself.
_TRIES = 10
# Calls that are over are kept for whoever asks what was told; some at a time go, so that no mail waits for it.
KEPT = timedelta(days=30)
_BITE = 100
_GONE = 410  # RFC 9110 section 15.5.11: it will not come back
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Hooks:
    """Calls what is due. `hosts` are those that may be called now, each with its port if it has one; `seconds` is how
    long one of them may take to answer."""

    sessions: Sessions
    secret: bytes
    hosts: frozenset[str]
    seconds: float
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def round(self) -> int:
        """Makes every call that is due. Returns how many were made."""
        made = 0
        while (call := self._book()) is not None:
            self._record(call, *self._call(call))
            made += 1
        with self.sessions.begin() as session:
            hooks.forget(session, self.clock() - KEPT, _BITE)
        return made

    def _book(self) -> Call | None:
        with self.sessions.begin() as session:
            return hooks.book(session, self.clock(), self.clock() + _BOOKED)

    def _call(self, call: Call) -> tuple[int, str]:
        """The status of the answer, 0 if there was none, and what is to be said of it."""
        parts = urlsplit(call.url)
        if parts.netloc not in self.hosts:
            return _GONE, f"the host {parts.netloc} may not be told of anything any more"
        secure = parts.scheme == "https"
        connection: http.client.HTTPConnection = (
            http.client.HTTPSConnection(parts.netloc, timeout=self.seconds, context=self.context)
            if secure
            else http.client.HTTPConnection(parts.netloc, timeout=self.seconds)
        )
        body = call.body.encode()
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, body, headers(call, body, self.secret, self.clock()))
            status = connection.getresponse().status  # a redirect leads where the settings may not allow: not followed
        except (OSError, http.client.HTTPException) as error:
            return 0, f"{type(error).__name__}: {error}"[:_SHOWN]
        finally:
            connection.close()
        return status, f"it answered {status}"

    def _record(self, call: Call, status: int, said: str) -> None:
        now = self.clock()
        with self.sessions.begin() as session:
            if 200 <= status < 300:
                hooks.done(session, call)
                return
            later = next_attempt(call.attempts, now, self.chance())
            if later is not None and call.attempts < _TRIES and status != _GONE:
                hooks.again(session, call, later, said)
                return
            hooks.given_up(session, call, said)
            text = f"{call.url} was not told of rule {call.rule}: {said}"
            line = HistoryRow(now, "mailtix", "webhook", "", "", text, said, f"H{call.id}")
            tickets.add_history(session, call.ticket_id, [line])


def headers(call: Call, body: bytes, secret: bytes, now: datetime) -> dict[str, str]:
    """The header fields of a call. The signature is a HMAC-SHA256 of its id, the time and the body."""
    name, at = f"mailtix_{call.id}", str(int(now.timestamp()))
    signature = hmac.digest(secret, f"{name}.{at}.".encode() + body, "sha256")
    return {
        "Content-Type": "application/json",
        "User-Agent": "mailtix",
        "Webhook-Id": name,
        "Webhook-Timestamp": at,
        "Webhook-Signature": f"v1,{base64.b64encode(signature).decode()}",
    }
