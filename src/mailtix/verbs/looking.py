"""A look into the database, for verbs that change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mailtix.config import Config
from mailtix.store import migrations
from mailtix.store.engine import Session, open_engine, reading, sessions


@contextmanager
def looking(config: Config) -> Iterator[Session]:
    """A session that only reads; the database is brought to today's tables first."""
    engine = open_engine(config.database)
    try:
        migrations.upgrade(engine)
        with sessions(reading(engine))() as session:
            yield session
    finally:
        engine.dispose()
