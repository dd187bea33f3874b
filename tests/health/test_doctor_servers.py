"""mailtix doctor and the servers outside: each trouble is named, with what to do, and no password is shown."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis as Client

from clamd import FakeClamd
from daemon.servers import Redis
from ingest.certificate import make_certificate
from ingest.journal import NOON
from mailtix.health import Finding, State, examine
from nameserver import Zone, serving
from running import Daemon, called, settings
from smarthost import Smarthost

SECRET = "correct-horse-battery"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def found(tmp_path: Path) -> Callable[..., dict[str, Finding]]:
    """The findings of an installation with these settings, by name; never with a secret in them."""

    def find(now: datetime = NOW, seconds: float = 15, **more: Any) -> dict[str, Finding]:
        calm: dict[str, Any] = {"listen": {"smtp": None}, "security": {"verify": "never"}}
        path = settings(tmp_path, f"sqlite:///{tmp_path}/mailtix.db", **(calm | more))
        findings = examine(path, {}, now, seconds)
        assert SECRET not in str(findings)
        return {finding.name: finding for finding in findings}

    return find


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def through(port: int, **more: Any) -> dict[str, Any]:
    return {"smtp": {"host": "127.0.0.1", "port": port, "tls": "none", **more}}


def test_an_installation_that_works_is_well_and_exits_0(tmp_path: Path, stack: ExitStack) -> None:
    smarthost = stack.enter_context(closing(Smarthost()))
    clamd = stack.enter_context(FakeClamd())
    redis = stack.enter_context(closing(Redis()))
    server = stack.enter_context(serving(Zone("desk.example. 60 IN MX 10 mx.desk.example.")))
    config = settings(
        tmp_path,
        f"sqlite:///{tmp_path}/mailtix.db",
        listen={"smtp": f"127.0.0.1:{closed_port()}", "lmtp": f"127.0.0.1:{closed_port()}"},
        outbound=smarthost.settings,
        redis=redis.url,
        attachments={"clamd": clamd.address},
        security={"resolver": [f"127.0.0.1:{server[1]}"]},
    )
    with closing(Daemon(config)) as daemon:
        daemon.wait("ready")
        said = called(config, "doctor")
        findings = json.loads(called(config, "doctor", "--json").out)

    names = ["daemon", "database", "dns", "clamd", "redis", "smarthost", "smtp", "lmtp", "integrity", "durability"]
    assert [f for f in findings if f["state"] == "bad"] == []
    assert {f["name"]: f["state"] for f in findings if f["name"] in names} == dict.fromkeys(names, "ok")
    assert (said.code, said.out.splitlines()[-1].endswith("0 bad")) == (0, True)
    assert smarthost.all() == []


def test_a_smarthost_that_is_not_there_is_told_with_its_place(found) -> None:
    port = closed_port()

    finding = found(outbound=through(port))["smarthost"]

    assert finding.state is State.BAD
    assert f"127.0.0.1:{port} cannot be used: " in finding.text
    assert "refused" in finding.text
    assert "see that it runs" in finding.advice


def test_a_wrong_password_is_told_and_not_shown(found, stack: ExitStack) -> None:
    smarthost = stack.enter_context(closing(Smarthost()))
    smarthost.password = "another one"

    finding = found(outbound=through(smarthost.port, username="desk", password=SECRET))["smarthost"]

    assert finding.state is State.BAD
    assert "check username and password" in finding.text
    assert "the right username and password" in finding.advice


def test_the_right_password_is_well(found, stack: ExitStack) -> None:
    smarthost = stack.enter_context(closing(Smarthost()))
    smarthost.password = SECRET

    finding = found(outbound=through(smarthost.port, username="desk", password=SECRET))["smarthost"]

    assert (finding.state, finding.text.endswith("signed in")) == (State.OK, True)


def test_a_smarthost_without_starttls_is_told(found, stack: ExitStack) -> None:
    smarthost = stack.enter_context(closing(Smarthost()))

    finding = found(outbound=through(smarthost.port) | {"smtp": {"host": "127.0.0.1", "port": smarthost.port}})[
        "smarthost"
    ]

    assert finding.state is State.BAD
    assert "does not offer STARTTLS" in finding.text
    assert "`tls` and `port`" in finding.advice


def test_a_server_that_never_answers_does_not_hold_the_doctor_up(found, stack: ExitStack) -> None:
    silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))  # takes connections, and says nothing
    began = time.monotonic()

    findings = found(seconds=0.5, outbound=through(silent.getsockname()[1]))

    assert time.monotonic() - began < 4
    assert findings["smarthost"].text == "no answer within 0.5 s"
    assert findings["settings"].state is State.OK


def test_a_database_that_takes_connections_and_never_answers_does_not_hold_the_doctor_up(
    tmp_path: Path, stack: ExitStack
) -> None:
    silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    url = f"postgresql://mailtix:{SECRET}@127.0.0.1:{silent.getsockname()[1]}/mailtix"
    path = settings(tmp_path, url, listen={"smtp": None}, security={"verify": "never"})

    findings = {finding.name: finding for finding in examine(path, {}, NOW, 1)}

    assert findings["database"].text == "no answer within 1 s"
    assert findings["rules"].state is State.OK
    assert SECRET not in str(findings)


@pytest.mark.parametrize("url", ["redis://127.0.0.1:{port}/0", f"redis://:{SECRET}@127.0.0.1:{{port}}/0"])
def test_a_redis_that_is_not_there_is_told_and_nothing_is_lost(found, url: str) -> None:
    finding = found(redis=url.format(port=closed_port()))["redis"]

    assert finding.state is State.BAD
    assert "nothing is lost" in finding.advice


def test_a_password_that_redis_does_not_want_is_told_and_not_shown(found, stack: ExitStack) -> None:
    redis = stack.enter_context(closing(Redis()))
    with Client.from_url(redis.url) as client:
        client.config_set("requirepass", "another one")

    finding = found(redis=f"redis://:{SECRET}@127.0.0.1:{redis.port}/0")["redis"]

    assert (finding.state, "password" in finding.text) == (State.BAD, True)


def test_dns_that_fails_is_told(found, stack: ExitStack) -> None:
    server = stack.enter_context(serving(Zone("desk.example. 60 IN MX 10 mx.desk.example.")))
    company = {"name": "Broken", "mailboxes": [{"address": "support@broken.example"}]}

    finding = found(security={"resolver": [f"127.0.0.1:{server[1]}"]}, companies=[company], agents=[])["dns"]

    assert (finding.state, "does not answer" in finding.text) == (State.BAD, True)
    assert "security.resolver" in finding.advice


@pytest.mark.parametrize("mood", ["hangs up", "babbles"])
def test_a_clamd_that_is_none_is_told(found, stack: ExitStack, mood: str) -> None:
    clamd = stack.enter_context(FakeClamd(mood=mood))

    assert found(attachments={"clamd": clamd.address})["clamd"].state is State.BAD


def test_a_port_that_somebody_else_has_is_told(found, stack: ExitStack) -> None:
    other = stack.enter_context(closing(Smarthost()))

    findings = found(listen={"smtp": f"127.0.0.1:{closed_port()}", "lmtp": f"127.0.0.1:{other.port}"})

    assert (findings["smtp"].state, "nothing answers" in findings["smtp"].text) == (State.BAD, True)
    assert findings["lmtp"].state is State.OK  # a server is there; whether it is ours, its greeting does not say


@pytest.mark.parametrize(
    ("greeting", "state", "said"),
    [
        (b"HTTP/1.0 400 Bad Request\r\n", State.BAD, "is not our door"),
        (b"421 4.7.0 Too many connections\r\n", State.WARN, "turns people away"),
    ],
)
def test_a_door_that_greets_in_another_way_is_told(
    found, stack: ExitStack, greeting: bytes, state: State, said: str
) -> None:
    greeter = stack.enter_context(Greeter(socket.create_server(("127.0.0.1", 0)), greeting))

    finding = found(listen={"smtp": f"127.0.0.1:{greeter.port}"})["smtp"]

    assert (finding.state, said in finding.text) == (state, True)


@pytest.mark.parametrize(
    ("left", "state"),
    [(timedelta(days=400), State.OK), (timedelta(days=10), State.WARN), (timedelta(days=2), State.BAD)],
)
def test_the_days_of_our_certificate_are_counted(found, tmp_path: Path, left: timedelta, state: State) -> None:
    made = make_certificate(tmp_path)

    tls = {"certificate": str(made.cert), "key": str(made.key)}
    finding = found(now=NOON + timedelta(days=3650) - left, listen={"smtp": None, "tls": tls})["certificate"]

    assert finding.state is state
    assert f"valid for {left.days} more days" in finding.text
    assert finding.advice == "" or "renew it" in finding.advice


def test_a_key_that_does_not_fit_its_certificate_is_told(found, tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    one, other = make_certificate(tmp_path / "one"), make_certificate(tmp_path / "other")

    finding = found(listen={"smtp": None, "tls": {"certificate": str(one.cert), "key": str(other.key)}})["certificate"]

    assert finding.state is State.BAD
    assert "belong together" in finding.advice


def test_a_smarthost_whose_certificate_nobody_vouches_for_is_told(found, tmp_path: Path, stack: ExitStack) -> None:
    made = make_certificate(tmp_path)
    listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    door = made.context().wrap_socket(listener, server_side=True, do_handshake_on_connect=True)
    greeter = stack.enter_context(Greeter(door))

    smtp = {"host": "127.0.0.1", "port": greeter.port, "tls": "ssl"}
    finding = found(outbound={"smtp": smtp})["smarthost"]

    assert finding.state is State.BAD
    assert "its certificate is not valid" in finding.text
    assert "see its certificate" in finding.advice


class Greeter:
    """Takes one connection, says something and goes; with TLS that may fail."""

    def __init__(self, door: socket.socket, greeting: bytes = b"") -> None:
        self.port = door.getsockname()[1]
        self._door = door
        self._greeting = greeting
        self._thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        try:
            connection, _ = self._door.accept()
            with connection:
                connection.sendall(self._greeting)
                connection.recv(100)
        except OSError:
            return

    def __enter__(self) -> Greeter:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()
        self._door.close()
