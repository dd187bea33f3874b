"""What the verbs about rules share: rules from elsewhere, and how far back to look."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from mailtix.config import Config
from mailtix.verbs.wrong_use import WrongUse

_SINCE = re.compile(r"(\d{1,5})([dhw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


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
