"""What the doors tell the log."""

from __future__ import annotations

from typing import Protocol


class Events(Protocol):
    """Where a door says what happened. Fields may hold text from outside: whoever writes them quotes them."""

    def event(self, name: str, /, **fields: object) -> None: ...
