"""Migrations (Alembic): `upgrade` brings any released database to today's tables."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

__all__ = ["Standing", "is_current", "standing", "upgrade"]

Standing = Literal["empty", "older", "current", "newer"]


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrates the database. Two nodes may do it at once: the second waits and finds nothing to do."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7341802)")  # any number, the same on each node
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def is_current(engine: Engine) -> bool:
    """Whether the database has all of today's tables."""
    with engine.connect() as connection:
        heads = MigrationContext.configure(connection).get_current_heads()
    return set(heads) == set(ScriptDirectory.from_config(_config()).get_heads())


def standing(engine: Engine) -> Standing:
    """How the database's tables stand to today's: none of ours, older ones, today's, or those of a later version."""
    with engine.connect() as connection:
        heads = set(MigrationContext.configure(connection).get_current_heads())
    script = ScriptDirectory.from_config(_config())
    if not heads:
        return "empty"
    if heads == set(script.get_heads()):
        return "current"
    return "older" if heads <= {revision.revision for revision in script.walk_revisions()} else "newer"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config
