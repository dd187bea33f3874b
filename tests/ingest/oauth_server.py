"""An authorization server (RFC 6749) on a free loopback port: it gives tokens, takes them back, and remembers."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

CLIENT, SECRET, CONSENT = "mailtix-client", "client-secret", "refresh-0"


@dataclass
class OAuthServer:
    """`rotates`: each refresh token is good once, and a new one comes with the answer. `failure` is answered instead of
    a token: a status and a body."""

    seconds: int | None = 3600
    rotates: bool = False
    gives_bad_tokens: bool = False
    failure: tuple[int, str] | None = None
    requests: list[dict[str, str]] = field(default_factory=list)
    good: set[str] = field(default_factory=set)
    consent: str = CONSENT

    def __post_init__(self) -> None:
        handler = type("Handler", (_Handler,), {"server_state": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/token"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def accepts(self, token: str) -> bool:
        return token in self.good

    def revoke_all(self) -> None:
        """No access token that was given is good any more."""
        self.good.clear()

    def answer(self, asked: Mapping[str, str]) -> tuple[int, str]:
        self.requests.append(dict(asked))
        if self.failure is not None:
            return self.failure
        if (asked.get("client_id"), asked.get("client_secret")) != (CLIENT, SECRET):
            return _error(401, "invalid_client", "Bad client.\r\nTrace 1234")
        if asked["grant_type"] == "refresh_token" and asked.get("refresh_token") != self.consent:
            return _error(400, "invalid_grant", "Token has been expired or revoked.")
        number = len(self.requests)
        if not self.gives_bad_tokens:
            self.good.add(f"access-{number}")
        given: dict[str, Any] = {"access_token": f"access-{number}", "token_type": "Bearer"}
        given |= {"expires_in": self.seconds} if self.seconds is not None else {}
        if self.rotates:
            self.consent = given["refresh_token"] = f"refresh-{number}"
        return 200, json.dumps(given)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _error(status: int, code: str, text: str) -> tuple[int, str]:
    return status, json.dumps({"error": code, "error_description": text})


class _Handler(BaseHTTPRequestHandler):
    server_state: OAuthServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        status, answer = self.server_state.answer({key: values[0] for key, values in parse_qs(body).items()})
        data = answer.encode()
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        """Dovecot asks whether a token is good, and whose it is (RFC 7662 in spirit)."""
        token = self.path.rpartition("=")[2]
        good = self.server_state.accepts(token)
        data = json.dumps({"active": good, "email": "support"} if good else {"error": "invalid_token"}).encode()
        self.send_response(200 if good else 400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: Any) -> None:
        """Nobody reads it."""
