"""What the verbs about rules share: the database for reading, rules from elsewhere, and mail of the journal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from mailtix.config import Config
from mailtix.store import migrations
from mailtix.store.engine import Session, open_engine, reading, sessions
from mailtix.verbs.ingest import WrongUse

_SINCE = re.compile(r"(\d{1,5})([dhw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


@contextmanager
def reading_session(config: Config) -> Iterator[Session]:
    """The database of these settings, brought up to date and then only read."""
    engine = open_engine(config.database)
    try:
        migrations.upgrade(engine)
        with sessions(reading(engine))() as session:
            yield session
    finally:
        engine.dispose()


def rule_files(config: Config, folder: str | None) -> tuple[Path, ...]:
    """The rule files of that folder (or that file), else of the settings. Raises WrongUse when there are none."""
    if folder is None:
        return config.rule_files()
    path = Path(folder)
    found = (path,) if path.is_file() else tuple(sorted(path.glob("*.yaml")))
    if not found:
        raise WrongUse(f"{folder}: there are no rule files (*.yaml) there")
    return found


def since(text: str) -> timedelta:
    """How far back 30d, 12h or 4w is. Raises WrongUse for anything else."""
    found = _SINCE.fullmatch(text)
    if found is None:
        raise WrongUse(f"--since: {text!r} is no time; write 30d, 12h or 4w")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
