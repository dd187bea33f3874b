"""Word lists: what clients and languages write around a quoted or forwarded mail. Each file names its sources."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """The content of one data file, read once."""
    return tomllib.loads(files(__name__).joinpath(name).read_text(encoding="utf-8"))
