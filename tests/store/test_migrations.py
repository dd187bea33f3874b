"""What the migrations make is what tables.py says, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from mailtix.store import fulltext, migrations
from mailtix.store.engine import open_engine
from mailtix.store.tables import metadata

# SQLite does not tell of expressions; the test of the indexes' definitions sees them.
pytestmark = pytest.mark.filterwarnings("ignore:.*expression-based index")


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    engine = open_engine(database)
    yield engine
    engine.dispose()


def is_described(name: str | None, _kind: str, _parents: object) -> bool:
    """Whether tables.py says what it is. The index of words is another thing on each database (store/fulltext.py)."""
    return name is None or fulltext.NAME not in name


OPTIONS = {"compare_type": True, "compare_server_default": True, "include_name": is_described}


def tables_of(engine: Engine) -> set[str]:
    """The tables that tables.py may describe."""
    return {name for name in inspect(engine).get_table_names() if is_described(name, "table", None)}


def indexes(engine: Engine) -> dict[str, str]:
    """The definition of each index, as SQLite or PostgreSQL keeps it."""
    on_postgresql = "SELECT indexname AS name, indexdef AS definition FROM pg_indexes WHERE schemaname = 'public'"
    on_sqlite = "SELECT name, sql AS definition FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    with engine.connect() as connection:
        rows = connection.execute(text(on_sqlite if engine.dialect.name == "sqlite" else on_postgresql))
        return {row.name: row.definition for row in rows}


def test_the_migrations_make_the_tables_as_they_are_described(engine: Engine) -> None:
    migrations.upgrade(engine)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=OPTIONS)
        assert compare_metadata(context, metadata) == []


def test_the_comparison_sees_a_table_a_column_and_an_index_that_no_migration_makes(engine: Engine) -> None:
    migrations.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE evidence"))
        connection.execute(text("DROP INDEX ix_journal_scan"))
        connection.execute(text("ALTER TABLE people DROP COLUMN language"))

    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection, opts=OPTIONS), metadata)
    assert {entry[0] for entry in found} == {"add_table", "add_index", "add_column"}


def test_each_index_is_the_one_that_is_described_with_its_condition_and_expression(engine: Engine) -> None:
    """compare_metadata looks at neither: the condition of a partial index, nor an expression on SQLite."""
    migrations.upgrade(engine)
    made = indexes(engine)
    with engine.begin() as connection:
        for index in (index for table in metadata.sorted_tables for index in table.indexes):
            index.drop(connection)
            index.create(connection)

    assert indexes(engine) == made
    assert "WHERE" in made["ix_journal_scan"]
    assert "upper" in made["ix_tickets_number"]


def test_migrating_twice_changes_nothing_and_the_database_is_current(engine: Engine) -> None:
    assert not migrations.is_current(engine)
    migrations.upgrade(engine)
    tables = tables_of(engine)
    migrations.upgrade(engine)

    assert migrations.is_current(engine)
    assert tables_of(engine) == tables == {*metadata.tables, "alembic_version"}
