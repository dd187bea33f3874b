"""Access tokens for mail servers that take no passwords: fetched, kept while they are good, renewed (RFC 6749)."""

from __future__ import annotations

import json
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPMessage
from typing import IO, Any, Literal, Protocol
from urllib.parse import urlencode

_SECONDS = 30.0  # for the whole of one request, about
_LONGEST_ANSWER = 64 * 1024  # tokens have some kilobytes
_SHOWN = 200
# A token that is sent just before it expires may expire on the way.
_MARGIN = 60.0
# RFC 6749 section 5.1: a server need not say how long a token is good.
_UNSAID = 300.0

_WHAT_TO_DO = {  # RFC 6749 section 5.2
    "invalid_client": "check `client_id` and `client_secret`, and whether the secret has expired",
    "unauthorized_client": "the client may not use this grant; allow it where the client is registered",
    "invalid_scope": "check `scope`",
    "unsupported_grant_type": "check `grant` and `token_url`",
    "invalid_request": "check `token_url`, `grant` and `scope`",
}
_SIGN_IN_AGAIN = (
    "the refresh token has expired or was revoked; sign in to the account once more and put the new one into the "
    "settings as `refresh_token`"
)


@dataclass(frozen=True, slots=True)
class Client:
    """What an authorization server knows us by, and the grant that we ask it for tokens with."""

    token_url: str
    client_id: str
    grant: Literal["refresh_token", "client_credentials"] = "refresh_token"
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    scope: str = ""


class OAuthError(Exception):
    """There is no access token; the text says why and what to do. `is_refusal`: asking again will not help."""

    def __init__(self, text: str, *, is_refusal: bool = False) -> None:
        super().__init__(text)
        self.is_refusal = is_refusal


class Kept(Protocol):
    """Where the newest refresh token is kept: servers give a new one now and then, and let the old one expire."""

    def read(self) -> str: ...
    def write(self, token: str) -> None: ...


class Tokens:
    """The access tokens of one client. Safe for threads."""

    def __init__(
        self,
        client: Client,
        kept: Kept,
        *,
        tls: ssl.SSLContext | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._kept = kept
        self._tls = tls
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._token = ""
        self._good_until = 0.0

    def access_token(self) -> str:
        """A token that is good for a minute at least. Raises OAuthError."""
        with self._lock:
            if not self._token or self._monotonic() >= self._good_until:
                self._renew()
            return self._token

    def instead_of(self, refused: str) -> str:
        """Another token than that one, which the mail server did not take. Raises OAuthError."""
        with self._lock:
            if self._token == refused:
                self._renew()
            return self._token

    def _renew(self) -> None:
        self._token = ""
        answer = self._granted()
        self._token = str(answer["access_token"])
        seconds = answer.get("expires_in")
        good = float(seconds) if isinstance(seconds, int | float) and seconds > 0 else _UNSAID
        self._good_until = self._monotonic() + max(good - _MARGIN, good / 2)
        if isinstance(new := answer.get("refresh_token"), str) and new:
            self._kept.write(new)

    def _granted(self) -> dict[str, Any]:
        """The answer of the token endpoint: with the newest refresh token, or with the one in the settings, should it
        be that somebody has signed in anew."""
        if self._client.grant == "client_credentials":
            return self._asked({})  # RFC 6749 section 4.4.2
        newest = self._kept.read()
        if newest and newest != self._client.refresh_token:
            try:
                return self._asked({"refresh_token": newest})  # section 6
            except OAuthError as error:
                if not error.is_refusal:
                    raise
        return self._asked({"refresh_token": self._client.refresh_token})

    def _asked(self, more: dict[str, str]) -> dict[str, Any]:
        client = self._client
        fields = {"grant_type": client.grant, "client_id": client.client_id, **more}
        # RFC 6749 section 2.3.1: in the body, for that is what Google and Microsoft document.
        fields |= {"client_secret": client.client_secret} if client.client_secret else {}
        fields |= {"scope": client.scope} if client.scope else {}
        status, body = self._post(urlencode(fields).encode())
        try:
            answer = json.loads(body)
        except ValueError:
            answer = None
        if status == 200 and isinstance(answer, dict) and isinstance(answer.get("access_token"), str):
            return answer
        raise _refusal(client, status, answer if isinstance(answer, dict) else {})

    def _post(self, body: bytes) -> tuple[int, bytes]:
        head = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        request = urllib.request.Request(self._client.token_url, body, head | {"User-Agent": "mailtix"})
        handlers = (urllib.request.HTTPSHandler(context=self._tls), _NoRedirect, _AsItIs)
        try:
            with urllib.request.build_opener(*handlers).open(request, timeout=_SECONDS) as response:
                return int(response.status), bytes(response.read(_LONGEST_ANSWER))
        except (OSError, HTTPException, ValueError) as error:
            why = getattr(error, "reason", "") or error
            raise OAuthError(f"{self._client.token_url} gives no access token: {why}") from error


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """What we send is secret: it goes where the settings say and nowhere else."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


class _AsItIs(urllib.request.HTTPErrorProcessor):
    """Errors are answers, too: they say what is wrong."""

    def http_response(self, request: Any, response: Any) -> Any:
        return response

    https_response = http_response


def _refusal(client: Client, status: int, answer: dict[str, Any]) -> OAuthError:
    code = str(answer.get("error", ""))
    text = answer.get("error_description")
    said = text.strip().partition("\n")[0][:_SHOWN].strip() if isinstance(text, str) else ""
    what = f"{client.token_url} gives no access token: {code or f'it answered {status}'}"
    what = f"{what} ({said})" if said else what
    todo = _WHAT_TO_DO.get(code, "")
    if code == "invalid_grant":
        todo = _SIGN_IN_AGAIN if client.grant == "refresh_token" else _WHAT_TO_DO["unauthorized_client"]
    if not code and status in (301, 302, 303, 307, 308, 404, 405):
        todo = "check `token_url`"
    # 429 and 5xx pass by themselves.
    return OAuthError(f"{what}; {todo}" if todo else what, is_refusal=400 <= status < 500 and status != 429)


# ---------------------------------------------------------------- what a mail server is told


def xoauth2(user: str, token: str) -> bytes:
    """The initial response of XOAUTH2, as Google and Microsoft document it."""
    return f"user={user}\1auth=Bearer {token}\1\1".encode()


def oauthbearer(user: str, token: str, host: str, port: int) -> bytes:
    """The initial response of OAUTHBEARER (RFC 7628 section 3.1)."""
    name = user.replace("=", "=3D").replace(",", "=2C")  # RFC 5801 section 4: saslname
    return f"n,a={name},\1host={host}\1port={port}\1auth=Bearer {token}\1\1".encode()
