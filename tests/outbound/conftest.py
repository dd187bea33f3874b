from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from mailtix.outbound.smtp import Smarthost, SmtpCourier
from outbound.servers import RealServer, ScriptedServer


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def real_server(closing: ExitStack) -> Callable[..., RealServer]:
    def start(**options: Any) -> RealServer:
        server = RealServer(**options)
        closing.callback(server.close)
        return server

    return start


@pytest.fixture
def scripted_server(closing: ExitStack) -> Callable[..., ScriptedServer]:
    def start(*scripts: Mapping[str, bytes]) -> ScriptedServer:
        server = ScriptedServer(*scripts)
        closing.callback(server.close)
        return server

    return start


@pytest.fixture
def courier(closing: ExitStack) -> Callable[..., SmtpCourier]:
    def make(port: int, **settings: Any) -> SmtpCourier:
        defaults: dict[str, Any] = {"host": "127.0.0.1", "tls": "none", "timeout": 5.0, "final_timeout": 5.0}
        made = SmtpCourier(Smarthost(port=port, **(defaults | settings)))
        closing.callback(made.close)
        return made

    return make
