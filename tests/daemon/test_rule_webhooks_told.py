"""A running daemon tells another program what a rule has seen, and goes on while that one is away."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

from listener import Listener
from running import Daemon, asked, letter, send, settings

SECRET = "a secret of the tests, long enough"


def test_a_daemon_calls_by_itself_and_signs_what_it_says(
    tmp_path: Path, start: Callable[..., Daemon], stack: ExitStack
) -> None:
    listener = stack.enter_context(closing(Listener()))
    url = f"http://{listener.host}/page"
    (tmp_path / "10.yaml").write_text(f"- {{name: Pager, when: {{subject: down}}, then: {{webhook: '{url}'}}}}")
    hooks = {"hosts": [listener.host], "secret": SECRET}
    config = settings(tmp_path, f"sqlite:///{tmp_path}/mailtix.db", rules=["10.yaml"], webhooks=hooks)
    daemon = start(config)

    assert send(daemon.port(), letter("ann@example.org", "Nothing to tell"))[0] == 250
    assert send(daemon.port(), letter("ann@example.org", "The shop is down"))[0] == 250

    [(path, fields, body)] = listener.wait()
    told = json.loads(body)
    [ticket] = [row for row in asked(config, "tickets", "list") if row["subject"] == "The shop is down"]
    assert (path, told["rule"], told["ticket"]["number"]) == ("/page", "Pager", ticket["number"])
    signed = f"{fields['Webhook-Id']}.{fields['Webhook-Timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(SECRET.encode(), signed, "sha256")).decode()
    assert fields["Webhook-Signature"] == f"v1,{expected}"
    assert daemon.stop() == 0
    assert len(listener.heard) == 1


def test_a_daemon_does_its_work_while_nobody_answers_its_calls(
    tmp_path: Path, start: Callable[..., Daemon], stack: ExitStack
) -> None:
    listener = stack.enter_context(closing(Listener()))
    listener.status = 503
    (tmp_path / "10.yaml").write_text(f"- {{name: Pager, then: {{webhook: 'http://{listener.host}/page'}}}}")
    hooks = {"hosts": [listener.host], "secret": SECRET}
    config = settings(tmp_path, f"sqlite:///{tmp_path}/mailtix.db", rules=["10.yaml"], webhooks=hooks)
    daemon = start(config)

    for number in range(3):
        assert send(daemon.port(), letter("ann@example.org", f"Mail {number}"))[0] == 250
    assert len(daemon.wait("opened", 3)) == 3
    assert len(listener.wait(3)) == 3
    assert daemon.stop() == 0
