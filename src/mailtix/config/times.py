"""A file with nothing but calendars and service levels, to try other promises with."""

from __future__ import annotations

from pathlib import Path

from mailtix.config.crosstimes import crosstimes
from mailtix.config.load import BadConfig
from mailtix.config.timing import Accounts, Times, terms
from mailtix.sla import Terms
from mailtix.yamltext import Mistake, read, validate


def load_terms(path: Path, accounts: Accounts) -> Terms:
    """What the file at `path` promises in its sections `calendars` and `sla` to the customers of each company. Raises
    BadConfig with all mistakes."""
    try:
        document = read(path.read_bytes(), str(path))
    except OSError as error:
        raise BadConfig([Mistake(str(path), 0, 0, f"the file cannot be read: {error.strerror or error}")]) from error
    times, mistakes = validate(document, Times, {"folder": path.absolute().parent})
    mistakes += tuple(crosstimes(document)) if document.readable else ()
    if times is None or mistakes:
        raise BadConfig(sorted(dict.fromkeys(mistakes), key=lambda mistake: (mistake.line, mistake.column)))
    return terms(times.sla, times.calendars, accounts)
