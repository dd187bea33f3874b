"""Rules that tell other programs, with a real one that listens."""

from __future__ import annotations

import base64
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from desk import CONFIG, Desk
from mailtix.rules import BadRules

NewDesk = Callable[..., Desk]
SECRET = "a secret of the tests, long enough"


@dataclass
class Listener:
    """Answers with `status`, and remembers what it heard: (path, header fields, body)."""

    status: int = 204
    location: str = ""
    heard: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    host: str = ""


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.heard.append((self.path, dict(self.headers), body))
            self.send_response(found.status)
            if found.location:
                self.send_header("Location", found.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.host = f"127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def desk(new_desk: NewDesk, listener: Listener, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    rules: Path = tmp_path_factory.mktemp("rules") / "10.yaml"
    rules.write_text(
        f"- {{name: Pager, when: {{subject: down}}, then: {{tag: paged, webhook: 'http://{listener.host}/page?x=1'}}}}"
    )
    hooks = f"webhooks: {{hosts: ['{listener.host}'], secret: '{SECRET}'}}"
    return new_desk(f"rules: [{rules}]\n{hooks}\n{CONFIG}")


def test_another_program_is_told_once_of_the_ticket_and_can_tell_that_it_is_us(desk: Desk, listener: Listener) -> None:
    desk.receive("ann@example.org", "It burns.", subject="Down")
    desk.wait(days=1)

    [(path, headers, body)] = listener.heard
    assert path == "/page?x=1"
    signed = f"{headers['Webhook-Id']}.{headers['Webhook-Timestamp']}.".encode() + body
    signature = base64.b64encode(hmac.digest(SECRET.encode(), signed, "sha256")).decode()
    assert headers["Webhook-Signature"] == f"v1,{signature}"
    told = json.loads(body)
    assert (told["rule"], told["cause"], told["because"]) == ("Pager", "J1", "subject contains 'down'")
    assert (told["ticket"]["number"], told["ticket"]["tags"]) == (desk.ticket(1).number, ["paged"])


def test_who_does_not_answer_well_is_told_again_under_the_same_id(desk: Desk, listener: Listener) -> None:
    listener.status = 503
    desk.receive("ann@example.org", "It burns.", subject="Down")
    listener.status = 200
    desk.wait(minutes=1)
    desk.wait(hours=10)

    assert len({headers["Webhook-Id"] for _, headers, _ in listener.heard}) == 1
    assert len(listener.heard) == 2


def test_who_never_answers_well_is_given_up_and_the_history_says_so(desk: Desk, listener: Listener) -> None:
    listener.status, listener.location = 302, f"http://{listener.host}/elsewhere"
    desk.receive("ann@example.org", "It burns.", subject="Down")
    for _ in range(20):
        desk.wait(hours=7)

    assert {path for path, _, _ in listener.heard} == {"/page?x=1"}
    assert len(listener.heard) == 10
    assert f"http://{listener.host}/page?x=1 was not told of rule Pager: it answered 302" in desk.history(1)


def test_gone_ends_it_at_once(desk: Desk, listener: Listener) -> None:
    listener.status = 410
    desk.receive("ann@example.org", "It burns.", subject="Down")
    desk.wait(days=1)

    assert len(listener.heard) == 1
    assert any("it answered 410" in line for line in desk.history(1))


def test_only_hosts_of_the_settings_are_told_of_anything(
    new_desk: NewDesk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rules = tmp_path_factory.mktemp("rules") / "10.yaml"
    rules.write_text("- {name: R, then: {webhook: 'http://127.0.0.1:8080/'}}\n")

    with pytest.raises(BadRules, match=r"the host '127\.0\.0\.1:8080' may not be told of anything"):
        new_desk(f"rules: [{rules}]\n{CONFIG}")
