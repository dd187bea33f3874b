"""Looks into the database of a running mailtix from outside, reading only."""

from __future__ import annotations

import time
from types import TracebackType

from sqlalchemy import text

from bench.children import Failed
from mailtix.store.engine import open_engine, reading

# Often enough for rates over seconds, seldom enough not to be part of the load.
_LOOK_EVERY = 0.05


class Watch:
    """Counts what has come into the database since the watch began. `seconds` is how long anything may take."""

    def __init__(self, url: str, seconds: float) -> None:
        self._engine = reading(open_engine(url, 1))
        self._seconds = seconds
        self._last_mail = self._number("SELECT coalesce(max(id), 0) FROM journal")
        self._last_letter = self._number("SELECT coalesce(max(id), 0) FROM outbox")

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._engine.dispose()

    def until_done(self) -> tuple[float, float]:
        """When the journal was empty and when the outbox was too, on the monotonic clock. Raises Failed."""
        ticketed = self._until_none("journal", "new")
        return ticketed, self._until_none("outbox", "queued")

    def letters(self) -> int:
        """How many mails have left."""
        return self._number(f"SELECT count(*) FROM outbox WHERE id > {self._last_letter}")

    def left(self) -> int:
        """How many mails of the outbox have left, those of before the watch too."""
        return self._number("SELECT count(*) FROM outbox WHERE state = 'sent'")

    def outcomes(self, expected: int) -> dict[str, int]:
        """What became of the mails, by outcome. Raises Failed when a mail is missing, parked or unsent."""
        query = (
            f"SELECT state, outcome, count(*) FROM journal WHERE id > {self._last_mail} GROUP BY 1, 2 ORDER BY 3 DESC"
        )
        with self._engine.connect() as connection:
            found = {str(outcome or state): int(count) for state, outcome, count in connection.execute(text(query))}
        unsent = self._number(f"SELECT count(*) FROM outbox WHERE id > {self._last_letter} AND state = 'failed'")
        if sum(found.values()) != expected or "parked" in found or unsent:
            raise Failed(f"{expected} mails were accepted and became {found}; {unsent} of ours were refused")
        return found

    def _until_none(self, table: str, state: str) -> float:
        end = time.monotonic() + self._seconds
        while self._number(f"SELECT count(*) FROM {table} WHERE state = '{state}'"):
            if time.monotonic() > end:
                raise Failed(f"after {self._seconds:.0f} s the {table} is not empty yet")
            time.sleep(_LOOK_EVERY)
        return time.monotonic()

    def _number(self, query: str) -> int:
        with self._engine.connect() as connection:
            return int(connection.execute(text(query)).scalar_one())
