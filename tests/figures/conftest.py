"""A database of its own, with its tables, for each test about figures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from figures.past import Past, past
from mailtix.store import migrations
from mailtix.store.engine import open_engine


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    engine = open_engine(database)
    migrations.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def week(engine: Engine) -> Iterator[Past]:
    """An empty past of one company, to be filled."""
    with past(engine) as written:
        yield written
