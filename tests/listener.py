"""A web server on loopback that remembers what it was told."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from smarthost import PATIENCE


class Listener:
    """Answers each POST with `status` (and `location`), and remembers (path, header fields, body)."""

    def __init__(self) -> None:
        self.status = 204
        self.location = ""
        self.heard: list[tuple[str, dict[str, str], bytes]] = []
        self._news = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.host = f"127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        found = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(found.status)
                if found.location:
                    self.send_header("Location", found.location)
                self.send_header("Content-Length", "0")
                self.end_headers()
                with found._news:
                    found.heard.append((self.path, dict(self.headers), body))
                    found._news.notify_all()

            def log_message(self, *args: Any) -> None:
                pass

        return Handler

    def wait(self, count: int = 1) -> list[tuple[str, dict[str, str], bytes]]:
        """What was heard, as soon as it is so much."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.heard) >= count, PATIENCE), (
                f"{len(self.heard)} of {count} calls"
            )
            return list(self.heard)

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
