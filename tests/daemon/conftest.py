"""Daemons, smarthosts and servers, ended when their test is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from daemon.servers import PostgreSQL, Redis
from running import Daemon
from smarthost import Smarthost


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What is entered here is left at the end of the test, last first."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def smarthost(stack: ExitStack) -> Smarthost:
    return stack.enter_context(closing(Smarthost()))


@pytest.fixture
def start(stack: ExitStack) -> Callable[..., Daemon]:
    """Starts `mailtix serve` or another verb that stays."""

    def start(config: Path, verb: str = "serve", ready: bool = True) -> Daemon:
        daemon = stack.enter_context(closing(Daemon(config, verb)))
        if ready:
            daemon.wait("ready")
        return daemon

    return start


@pytest.fixture
def redis(stack: ExitStack) -> Redis:
    return stack.enter_context(closing(Redis()))


@pytest.fixture
def own_postgres(stack: ExitStack) -> PostgreSQL:
    """A PostgreSQL that the test may stop."""
    folder = stack.enter_context(TemporaryDirectory(prefix="mailtix-pg-"))
    return stack.enter_context(closing(PostgreSQL(Path(folder))))
