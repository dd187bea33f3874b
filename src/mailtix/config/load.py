"""Loads the settings: the file, the environment over it, secrets fetched, everything checked at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mailtix.config.crosscheck import crosscheck
from mailtix.config.environment import fetch_secrets, override
from mailtix.config.schema import Config
from mailtix.yamltext import BadText, Mistake, read, validate

# A mistake shows its line, and lines reach logs, so secrets are blotted out of it, column for column.
_IN_LINE = re.compile(r"""((?:password|secrets)["']?\s*:\s*)(?!null|[\[\s]*\{)(.+)""", re.IGNORECASE)
_IN_URL = re.compile(r"(://[^:/@\s]*:)([^@\s]+)(?=@)")
_SECRET_KEYS = frozenset({"password", "secrets"})


class BadConfig(BadText):
    """Settings that cannot be used, with all their mistakes."""


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """The settings in the file at `path`, with MAILTIX_* of `environ` over them. Raises BadConfig with all mistakes."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        hint = "`mailtix init` writes one" if isinstance(error, FileNotFoundError) else ""
        text = f"the settings cannot be read: {error.strerror or error}"
        raise BadConfig([Mistake(str(path), 0, 0, text, hint)]) from error
    document = read(raw, str(path))
    if not document.readable:
        raise BadConfig(replace(m, source=_IN_LINE.sub(_stars, _blotted(m.source, ()))) for m in document.mistakes)
    secrets = tuple(_secrets(document.data))
    folder = path.absolute().parent
    document = fetch_secrets(override(document, environ, Config), environ, folder)
    config, mistakes = validate(document, Config, {"folder": folder})
    mistakes += crosscheck(document)
    if config is None or mistakes:
        in_order = sorted(dict.fromkeys(mistakes), key=lambda m: (m.line, m.column, m.file))
        raise BadConfig(replace(mistake, source=_blotted(mistake.source, secrets)) for mistake in in_order)
    return config


def _secrets(data: Any, *, below_key: bool = False) -> Iterator[str]:
    """Every text that stands under a key for secrets."""
    match data:
        case dict():
            for key, value in data.items():
                yield from _secrets(value, below_key=key in _SECRET_KEYS)
        case list():
            for item in data:
                yield from _secrets(item, below_key=below_key)
        case str() | int() | float() if below_key and not isinstance(data, bool):
            yield str(data)


def _blotted(line: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        line = line.replace(secret, "*" * len(secret))
    return _IN_URL.sub(_stars, line)


def _stars(found: re.Match[str]) -> str:
    return found[1] + "*" * len(found[2])
