"""The only place that asks what time it is; everyone else takes `now`."""

from __future__ import annotations

from datetime import UTC, datetime


def clock() -> datetime:
    """Now, as aware UTC."""
    return datetime.now(UTC)
